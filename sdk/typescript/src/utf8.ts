/**
 * UTF-8, for an engine without TextEncoder and TextDecoder.
 *
 * QuickJS has base64 built in, and escapes; together they do a megabyte in some 8 ms, where a loop takes 60.
 */

const native = typeof TextEncoder === 'undefined' ? undefined : { encoder: new TextEncoder(), Decoder: TextDecoder };
const REPLACEMENT = 0xfffd;

/** Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  if (native !== undefined) return native.encoder.encode(text);
  return Uint8Array.fromBase64(btoa(unescape(encodeURIComponent(text.toWellFormed()))));
}

/** @throws TypeError for bytes that are no UTF-8. A byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (native !== undefined) return new native.Decoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  try {
    return decodeURIComponent(escape(atob(bytes.toBase64())));
  } catch {
    throw new TypeError(`expected UTF-8, found ${bytes.length} bytes that are none`);
  }
}

/** What is no UTF-8 becomes U+FFFD, as the Encoding Standard's decoder has it. */
export function decodeUtf8Lossy(bytes: Uint8Array): string {
  const characters: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const { codePoint, length } = readCodePoint(bytes, at);
    characters.push(String.fromCodePoint(codePoint));
    at += length;
  }
  return characters.join('');
}

/** One code point, or U+FFFD for the longest beginning of one. */
function readCodePoint(bytes: Uint8Array, at: number): { codePoint: number; length: number } {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return { codePoint: lead, length: 1 };
  const size = sequenceLength(lead);
  let codePoint = lead & (0xff >> (size + 1));
  for (let index = 1; index < size; index += 1) {
    const next = bytes[at + index] ?? 0;
    const [low, high] = index === 1 ? secondByte(lead) : [0x80, 0xbf];
    if (next < low || next > high) return { codePoint: REPLACEMENT, length: index };
    codePoint = (codePoint << 6) | (next & 0x3f);
  }
  return size === 1 ? { codePoint: REPLACEMENT, length: 1 } : { codePoint, length: size };
}

/** 1 for a byte that begins nothing. */
function sequenceLength(lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Neither overlong forms nor surrogates nor what is beyond Unicode. */
function secondByte(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  return lead === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}
