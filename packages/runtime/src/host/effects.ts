/** What a message had done outside of its actor's state, in words: told to the caller of a message that failed. */
import { tupleToOutput } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import { decodeHostCall, decodeHostReply } from '@plexspaces/worker';

/** A host call that was answered. */
export interface AnsweredHostCall {
  readonly function: string;
  /** Not kept in the journal. */
  readonly request: Uint8Array | undefined;
  readonly reply: Uint8Array;
}

const MAX_EFFECTS = 20;
const MAX_TEXT_LENGTH = 200;

/** One line each, oldest first; of more than 20 the last line says how many. */
export function describeEffects(calls: readonly AnsweredHostCall[]): string[] {
  const effects = calls.map(describeEffect).filter((text) => text !== undefined);
  if (effects.length <= MAX_EFFECTS) return effects;
  return [...effects.slice(0, MAX_EFFECTS - 1), `${effects.length - MAX_EFFECTS + 1} more`];
}

/** Undefined: it changed nothing. */
function describeEffect({ function: name, request, reply: bytes }: AnsweredHostCall): string | undefined {
  const reply = decodeHostReply(bytes);
  if (!reply.ok) return undefined;
  if (name === 'tuplespace-take') return reply.value.type === 'tuple' ? withTuple(name, reply.value.tuple) : undefined;
  if (name !== 'tuplespace-write') return undefined;
  const call = request && decodeHostCall(request);
  return call?.function === 'tuplespace-write' ? withTuple(name, call.tuple) : name;
}

function withTuple(name: string, tuple: Tuple): string {
  const text = JSON.stringify(tupleToOutput(tuple));
  return `${name} ${text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text}`;
}
