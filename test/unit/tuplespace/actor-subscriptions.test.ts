/** Actors' subscriptions: what they are sent, what outlives a restart, and that no end goes unsaid. */
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress, Pattern, Tuple } from '@plexspaces/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../../packages/runtime/src/host/deliveries.ts';
import { serviceState } from '../../../packages/runtime/src/store/key-layout.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { Numbers } from '../../../packages/runtime/src/store/numbers.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { ActorSubscriptions } from '../../../packages/runtime/src/tuplespace/actor-subscriptions.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';

const ANY: Pattern = [{ match: 'any' }];
const DURABLE = { address: { service: 'test.Durable', key: 'one' }, isDurable: true };
const SERVICE = { address: { service: 'test.Service', key: 'default' }, isDurable: false };
const INBOX: StoreOperation = { type: 'put', key: 'x/message', value: Uint8Array.of(1) };
const FULL = new PlexSpacesError('RESOURCE_EXHAUSTED', 'the inbox is full');
const STOPPED = new PlexSpacesError('FAILED_PRECONDITION', 'application durable is stopped');

/** Records what is delivered, or refuses it. */
class RecordingDeliveries {
  readonly delivered: string[] = [];
  refusal: PlexSpacesError | undefined;

  deliver(to: ActorAddress, { fromActor, messageType, payload }: Delivery): readonly StoreOperation[] {
    if (this.refusal !== undefined) throw this.refusal;
    this.delivered.push(`${to.service}/${to.key} ${fromActor} ${messageType} ${Buffer.from(payload).toString()}`);
    return [INBOX];
  }
}

let store: MemoryStore;
let deliveries: RecordingDeliveries;
let spaces: Spaces;
let subscriptions: ActorSubscriptions;

beforeEach(async () => {
  store = new MemoryStore();
  deliveries = new RecordingDeliveries();
  await restart(1n);
});

describe('a subscription', () => {
  it('is sent each later match as JSON, in the append of the write', async () => {
    spaces.write('one', [{ type: 'int', value: 0n }], '');
    const id = await subscribe(DURABLE, [{ match: 'type', type: 'float' }]);
    const { operations } = spaces.write('one', [{ type: 'float', value: 6 }], '');
    spaces.write('one', [{ type: 'int', value: 6n }], '');
    spaces.write('two', [{ type: 'float', value: 6 }], '');
    expect(deliveries.delivered).toEqual([`test.Durable/one tuplespace/${id} tuple [{"float":6}]`]);
    expect(operations).toMatchObject([{ key: expect.stringMatching(/^t\//) }, INBOX]);
  });

  it('of a durable actor goes on behind a restart, another one does not', async () => {
    const id = await subscribe(DURABLE);
    await subscribe(SERVICE);
    await restart(2n);
    spaces.write('one', int(1), '');
    expect(deliveries.delivered).toEqual([`test.Durable/one tuplespace/${id} tuple [1]`]);
    expect(await subscribe(DURABLE)).toBeGreaterThan(id);
  });

  it('is ended by its own actor alone, and stays ended', async () => {
    const id = await subscribe(DURABLE);
    expect(subscriptions.unsubscribe({ service: 'test.Durable', key: 'two' }, id)).toBeUndefined();
    await append(subscriptions.unsubscribe(DURABLE.address, id) ?? []);
    expect(subscriptions.unsubscribe(DURABLE.address, id)).toBeUndefined();
    spaces.write('one', int(1), '');
    await restart(2n);
    spaces.write('one', int(1), '');
    expect(deliveries.delivered).toEqual([]);
  });

  it('is refused past 100 of an actor', async () => {
    const ids: bigint[] = [];
    for (let count = 0; count < 100; count += 1) ids.push(await subscribe(DURABLE));
    await expect(subscribe(DURABLE)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await subscribe(SERVICE);
    await append(subscriptions.unsubscribe(DURABLE.address, ids[0] ?? 0n) ?? []);
    await subscribe(DURABLE);
  });
});

describe('what cannot be delivered', () => {
  it('ends the subscription, which the actor is told once there is room', async () => {
    const id = await subscribe(DURABLE);
    deliveries.refusal = FULL;
    await append(spaces.write('one', int(1), '').operations);
    await append(subscriptions.tellEnded());
    deliveries.refusal = undefined;
    spaces.write('one', int(2), '');
    expect(deliveries.delivered).toEqual([]);
    const told = subscriptions.tellEnded();
    expect(told).toMatchObject([INBOX, { type: 'del', key: expect.stringMatching(/^b\//) }]);
    await append(told);
    expect(subscriptions.tellEnded()).toEqual([]);
    expect(deliveries.delivered).toEqual([
      `test.Durable/one tuplespace/${id} subscription-ended {"reason":"the inbox is full"}`,
    ]);
  });

  it('is told behind a restart, too, also where the application was stopped', async () => {
    const id = await subscribe(DURABLE);
    deliveries.refusal = STOPPED;
    await append(spaces.write('one', int(1), '').operations);
    await restart(2n);
    deliveries.refusal = undefined;
    spaces.write('one', int(2), '');
    await append(subscriptions.tellEnded());
    await restart(3n);
    expect(subscriptions.tellEnded()).toEqual([]);
    expect(deliveries.delivered).toEqual([
      `test.Durable/one tuplespace/${id} subscription-ended {"reason":"${STOPPED.message}"}`,
    ]);
  });

  it('because its application is gone ends that of an actor without a journal, with nobody to tell', async () => {
    await subscribe(SERVICE);
    deliveries.refusal = STOPPED;
    spaces.write('one', int(1), '');
    deliveries.refusal = undefined;
    spaces.write('one', int(2), '');
    expect([deliveries.delivered, subscriptions.tellEnded()]).toEqual([[], []]);
  });
});

describe('an application that goes', () => {
  it('takes along what lives in memory, and purged all', async () => {
    const id = await subscribe(DURABLE);
    const other = { ...DURABLE, isDurable: false };
    await subscribe(other);
    await subscribe(SERVICE);
    subscriptions.forget('test.Durable', { purge: false });
    spaces.write('one', int(1), '');
    const own = `test.Durable/one tuplespace/${id} tuple [1]`;
    expect(deliveries.delivered.toSorted()).toEqual([own, expect.stringMatching(/^test\.Service/)]);
    subscriptions.forget('test.Durable', { purge: true });
    spaces.write('one', int(2), '');
    expect(deliveries.delivered).toHaveLength(3);
    expect(await keptBy('test.Durable')).toEqual([expect.stringMatching(/^b\/test\.Durable\0one\0/)]);
  });
});

async function subscribe(actor: typeof DURABLE, pattern: Pattern = ANY): Promise<bigint> {
  const { id, operations } = subscriptions.subscribe(actor, 'one', pattern);
  await append(operations);
  return id;
}

function append(operations: readonly StoreOperation[]): Promise<void> {
  return store.batch(operations);
}

async function restart(epoch: bigint): Promise<void> {
  spaces = await Spaces.load(store);
  subscriptions = await ActorSubscriptions.load(store, { spaces, numbers: new Numbers(epoch), deliveries });
}

/** What a purge of the service removes. */
async function keptBy(service: string): Promise<string[]> {
  const entries = await Promise.all(serviceState(service).map((range) => Array.fromAsync(store.range(range))));
  return entries.flat().map(([key]) => key);
}

function int(value: number): Tuple {
  return [{ type: 'int', value: BigInt(value) }];
}
