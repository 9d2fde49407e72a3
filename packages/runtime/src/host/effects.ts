/** What a message had done outside of its actor's state, in words: told to the caller of a message that failed. */
import { quote, tupleToOutput } from '@plexspaces/core';
import type { Tuple } from '@plexspaces/core';
import type { HostCall as HostCallRecord } from '@plexspaces/proto';
import { decodeHostCall, decodeHostReply } from '@plexspaces/worker';
import { changedSomething } from './standing-effects.ts';

/** A host call that was answered. */
export interface AnsweredHostCall {
  readonly record: HostCallRecord;
  /** Of which the journal keeps the digest only. */
  readonly request: Uint8Array;
}

const MAX_EFFECTS = 20;
const MAX_TEXT_LENGTH = 200;

/** One line each, oldest first; of more than 20 the last line says how many. */
export function describeEffects(calls: readonly AnsweredHostCall[]): string[] {
  const effects = calls.filter(({ record }) => changedSomething(record)).map(describeEffect);
  if (effects.length <= MAX_EFFECTS) return effects;
  return [...effects.slice(0, MAX_EFFECTS - 1), `${effects.length - MAX_EFFECTS + 1} more`];
}

function describeEffect({ record, request }: AnsweredHostCall): string {
  const { function: name } = record;
  const reply = decodeHostReply(record.reply);
  if (reply.ok && reply.value.type === 'tuple') return withTuple(name, reply.value.tuple);
  const call = decodeHostCall(request);
  switch (call.function) {
    case 'tuplespace-write':
    case 'tuplespace-write-with-ttl':
      return withTuple(name, call.tuple);
    case 'tuplespace-compare-and-swap':
      return withTuple(name, call.replacement);
    case 'send-message':
    case 'ask':
      return `${name} ${quote(call.messageType)} to ${quote(call.to)}`;
    case 'state-put':
    case 'state-delete':
      return `${name} ${quote(call.key)}`;
    case 'send-after':
      return `${name} ${quote(call.messageType)} in ${call.delayMs} ms`;
    case 'cancel-timer':
      return `${name} ${call.timer}`;
    default:
      return name;
  }
}

function withTuple(name: string, tuple: Tuple): string {
  const text = JSON.stringify(tupleToOutput(tuple));
  return `${name} ${text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text}`;
}
