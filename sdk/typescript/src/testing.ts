/**
 * Runs actors in plain Node: a host in memory where the node's would be, and an actor driven by values.
 *
 * What is not here (waits that another actor would end, time that passes, leases that run out, subscriptions) needs a
 * node.
 */
import type { Actor } from './actor.ts';
import { FakeHost } from './fake-host.ts';
import { useHost } from './host.ts';
import { decodeJson, toPayload } from './values.ts';

export { FakeHost } from './fake-host.ts';

export interface RunningActor {
  /** The reply's JSON value. @throws what the handler throws. */
  request(method: string, input?: unknown, from?: string): unknown;
  message(method: string, input?: unknown, from?: string): void;
  /** The snapshot's JSON value, `undefined` where there is none. */
  snapshot(): unknown;
  shutdown(): void;
}

const CLIENT = 'client';

/** A fresh host that every actor of this process sees from now on. */
export function useFakeHost(): FakeHost {
  const host = new FakeHost();
  useHost(host, true);
  return host;
}

/** @param saved what a snapshot gave, or the initial state of a deployment. */
export function startActor(actor: Actor, saved?: unknown): RunningActor {
  actor.init(toBytes(saved));
  return {
    request: (method, input, from = CLIENT) => decodeJson(actor.handleRequest(from, method, toBytes(input)), 'reply'),
    message: (method, input, from = CLIENT) => actor.handleMessage(from, method, toBytes(input)),
    snapshot: () => decodeJson(actor.snapshotState() ?? new Uint8Array(), 'snapshot'),
    shutdown: () => actor.shutdown(),
  };
}

function toBytes(value: unknown): Uint8Array {
  return value === undefined ? new Uint8Array() : toPayload(value);
}
