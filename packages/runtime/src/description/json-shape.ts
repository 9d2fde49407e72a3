/** What can be told of a JSON text without understanding it. */

export const MAX_DEPTH = 64;

export interface JsonShape {
  /** Of brackets in brackets. */
  readonly depth: number;
  /** Colons outside of strings, which are one for each field of each object. */
  readonly members: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const BRACKETS: Readonly<Record<number, number>> = { 0x5b: 1, 0x7b: 1, 0x5d: -1, 0x7d: -1 };

/** It ends behind MAX_DEPTH. Of what is no JSON it says something, but nothing that matters. */
export function shapeOf(text: Uint8Array): JsonShape {
  let depth = 0;
  let most = 0;
  let members = 0;
  for (let at = 0; at < text.length && most <= MAX_DEPTH; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) at = endOfString(text, at);
    else if (byte === COLON) members += 1;
    else if (byte !== undefined && byte >= 0x5b) depth += BRACKETS[byte] ?? 0;
    if (depth > most) most = depth;
  }
  return { depth: most, members };
}

/** @returns where its closing quote is, or the text ends. */
function endOfString(text: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return at;
}
