/** What a message had done outside of its actor's state, in words: told to the caller of a message that failed. */
import { tupleToOutput } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import { decodeHostCall, decodeHostReply } from '@plexspaces/worker';
import { changedSomething } from './standing-effects.ts';

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
  const effects = calls.filter(changedSomething).map(describeEffect);
  if (effects.length <= MAX_EFFECTS) return effects;
  return [...effects.slice(0, MAX_EFFECTS - 1), `${effects.length - MAX_EFFECTS + 1} more`];
}

function describeEffect({ function: name, request, reply: bytes }: AnsweredHostCall): string {
  const reply = decodeHostReply(bytes);
  if (reply.ok && reply.value.type === 'tuple') return withTuple(name, reply.value.tuple);
  const call = request && decodeHostCall(request);
  return call?.function === 'tuplespace-write' ? withTuple(name, call.tuple) : name;
}

function withTuple(name: string, tuple: Tuple): string {
  const text = JSON.stringify(tupleToOutput(tuple));
  return `${name} ${text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text}`;
}
