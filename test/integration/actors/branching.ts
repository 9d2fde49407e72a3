/** Durable echo actors that are forked and rewound, and what the store holds of them then. */
import type { ActorAddress } from '@plexspaces/core';
import { fork, rewind } from '../../../packages/runtime/src/actors/branches.ts';
import type { BranchPorts, Forked, Rewound } from '../../../packages/runtime/src/actors/branches.ts';
import { Branches } from '../../../packages/runtime/src/store/branches.ts';
import { actorState } from '../../../packages/runtime/src/store/key-layout.ts';
import type { Store } from '../../../packages/runtime/src/store/store.ts';
import type { DurableEcho, DurableEchoOptions } from '../../support/durable.ts';
import { countOf, SERVICE } from '../../support/echo.ts';
import { readJournal } from '../../support/journal-edits.ts';

const LONG_MS = 1_000_000;
const LIMIT_MS = 10_000;

/** No checkpoint but those that are asked for, or that make room for another key. */
export const NO_CHECKPOINTS: DurableEchoOptions = { checkpoints: { everyMs: LONG_MS, everyMessages: LONG_MS } };
export const EVERY_SEVEN: DurableEchoOptions = {
  checkpoints: { everyMs: LONG_MS, everyMessages: 7, keepSnapshots: 3 },
};
export const ECHOES = [{ match: 'exact', field: { type: 'string', value: 'echo' } }, { match: 'any' }] as const;
export const ACTOR: ActorAddress = addressOf('default');

export interface BranchCall {
  /** Of the actor. */
  readonly key?: string;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

export function addressOf(key: string): ActorAddress {
  return { service: SERVICE, key };
}

export function forkOf(durable: DurableEcho, at: number, to = 'copy', call: BranchCall = {}): Promise<Forked> {
  const { key = 'default', signal = AbortSignal.timeout(LIMIT_MS) } = call;
  return fork(portsOf(durable, call), durable.actors, addressOf(key), BigInt(at), addressOf(to), signal);
}

export function rewindOf(durable: DurableEcho, to: number, call: BranchCall = {}): Promise<Rewound> {
  const { key = 'default', signal = AbortSignal.timeout(LIMIT_MS) } = call;
  return rewind(portsOf(durable, call), durable.actors, addressOf(key), BigInt(to), signal);
}

/** @returns the last count. */
export async function count(durable: DurableEcho, times: number, key = 'default'): Promise<number> {
  let last = 0;
  for (let index = 0; index < times; index += 1) last = countOf(await durable.invoke('count', { key }));
  return last;
}

/** Thirty messages of every sort, with the count behind each of them; message 0 is `init`. */
export async function mixedLife(durable: DurableEcho): Promise<number[]> {
  const methods = ['count', 'write', 'count', 'fail', 'trap', 'now', 'take', 'count'];
  const counts = [0];
  for (let index = 0; index < 30; index += 1) {
    const method = methods[index % methods.length] ?? '';
    await durable.invoke(method, { payload: `${index}` }).catch(() => undefined);
    counts.push((counts.at(-1) ?? 0) + (method === 'count' ? 1 : 0));
  }
  return counts;
}

/** The names of all records that the store holds of an actor. */
export async function keptOf(store: Store, key: string): Promise<string[]> {
  const found: string[] = [];
  for (const range of actorState(addressOf(key))) for await (const [name] of store.range(range)) found.push(name);
  return found;
}

/** The numbers of the messages that an actor's journal still holds. */
export async function sequencesOf(store: Store, key: string): Promise<number[]> {
  const entries = await readJournal(store, addressOf(key));
  return [...new Set(entries.map(({ record }) => Number(record.sequence)))];
}

function portsOf({ ports }: DurableEcho, { maxBytes }: BranchCall): BranchPorts {
  return { branches: new Branches(ports.store, ports.journal, maxBytes), writer: ports.writer };
}
