/** Idempotency keys: a repeated one gets the first outcome, over kills, checkpoints and passivation. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LoadedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { idempotencyKey } from '../../../packages/runtime/src/store/key-layout.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { DurableEcho } from '../../support/durable.ts';
import type { EchoCallOptions } from '../../support/durable.ts';
import { countOf, loadEcho, SERVICE } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { GatedStore } from '../../support/gated-store.ts';
import { forgetLast } from '../../support/journal-edits.ts';
import { outcomesOf } from '../../support/outcomes.ts';
import { until } from '../../support/until.ts';

const ACTOR = { service: SERVICE, key: 'default' };
const KEYED: EchoCallOptions = { idempotencyKey: 'order 1' };

let echo: EchoComponent;
let component: LoadedComponent;
let store: MemoryStore;

beforeAll(async () => {
  echo = await loadEcho();
  component = echo.component;
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
});

beforeEach(() => {
  store = new MemoryStore();
});

describe('a repeated key', () => {
  it('gets the recorded reply; another key, and none, count on (control)', async () => {
    await using durable = await DurableEcho.start(component, store);
    const counts = [KEYED, KEYED, { idempotencyKey: 'order 2' }, {}, {}, KEYED];
    const replies = [];
    for (const options of counts) replies.push(countOf(await durable.invoke('count', options)));
    expect(replies).toEqual([1, 1, 2, 3, 4, 1]);
  });

  it('is one of its actor: the same key of another actor is another', async () => {
    await using durable = await DurableEcho.start(component, store);
    await durable.invoke('count', { ...KEYED, key: 'a' });
    expect(countOf(await durable.invoke('count', { ...KEYED, key: 'b' }))).toBe(1);
    expect(countOf(await durable.invoke('count', { key: 'a' }))).toBe(2);
  });

  it('gets it also while the first still runs, and while the disk is slow', async () => {
    const slow = new GatedStore(store);
    slow.batchMs = 50;
    await using durable = await DurableEcho.start(component, slow);
    const replies = await Promise.all(Array.from({ length: 10 }, () => durable.invoke('count', KEYED)));
    expect(replies.map(countOf)).toEqual(Array.from({ length: 10 }, () => 1));
    expect(countOf(await durable.invoke('count'))).toBe(2);
  });

  it('with another method or payload is a mistake, and changes nothing', async () => {
    await using durable = await DurableEcho.start(component, store);
    await durable.invoke('count', KEYED);
    const outcomes = await outcomesOf([
      durable.invoke('echo', KEYED),
      durable.invoke('count', { ...KEYED, payload: 'more' }),
    ]);
    expect(outcomes).toEqual(['INVALID_ARGUMENT', 'INVALID_ARGUMENT']);
    expect(countOf(await durable.invoke('count'))).toBe(2);
  });

  it("gets the guest's no and a trap again, without another run", async () => {
    await using durable = await DurableEcho.start(component, store);
    for (const [method, code] of [
      ['fail', 'EXECUTION_ERROR'],
      ['trap', 'INTERNAL'],
    ] as const) {
      const call = (): Promise<unknown> =>
        durable.invoke(method, { idempotencyKey: method }).then(undefined, (error: unknown) => error);
      const [first, again] = [await call(), await call()];
      expect(first).toMatchObject({ code });
      expect(again).toEqual(first);
    }
    expect(durable.actors.stats().failed).toBe(1);
  });
});

describe('a key is kept', () => {
  it('over a kill', async () => {
    const before = await DurableEcho.start(component, store);
    await before.invoke('count', KEYED);
    await before.kill();
    await using after = await DurableEcho.start(component, store, { epoch: 2n });
    expect(countOf(await after.invoke('count', KEYED))).toBe(1);
    expect(after.actors.actorCount()).toBe(0); // no instance was made for it
    expect(countOf(await after.invoke('count'))).toBe(2);
  });

  it('over truncation and passivation', async () => {
    const checkpoints = { everyMessages: 1, keepSnapshots: 1 };
    await using durable = await DurableEcho.start(component, store, { checkpoints });
    await durable.invoke('count', KEYED);
    await durable.invoke('count');
    await durable.invoke('count', { key: 'other' });
    expect(countOf(await durable.invoke('count', KEYED))).toBe(1);
  });

  it('by the message that a kill interrupted: its retry gets the reply of the one run', async () => {
    const before = await DurableEcho.start(component, store);
    await before.invoke('count', { idempotencyKey: 'before' });
    await before.invoke('write', { ...KEYED, payload: 'x' });
    await before.kill();
    await forgetLast(store, ACTOR, 'processed');
    await store.batch([{ type: 'del', key: idempotencyKey(ACTOR, 'order 1') }]);
    await using after = await DurableEcho.start(component, store, { epoch: 2n });
    await after.invoke('write', { ...KEYED, payload: 'x' });
    const { spaces } = after.ports;
    expect(spaces.count('default', [{ match: 'any' }, { match: 'any' }])).toBe(1);
  });

  it('until it expires', async () => {
    await using durable = await DurableEcho.start(component, store, { idempotencyMs: 1 });
    await durable.invoke('count', KEYED);
    const recordedAt = Date.now();
    await until(Date.now, (now) => now > recordedAt + 1);
    expect(countOf(await durable.invoke('count', KEYED))).toBe(2);
  });

  it('and what has expired can be removed', async () => {
    await using durable = await DurableEcho.start(component, store);
    await durable.invoke('count', KEYED);
    const { idempotency, writer } = durable.ports;
    await writer.synced(writer.lsn);
    expect(await idempotency.expired(new Date(), 10)).toEqual({ operations: [], damaged: [] });
    const tomorrow = new Date(Date.now() + 25 * 3_600_000);
    const operations = [{ type: 'del', key: idempotencyKey(ACTOR, 'order 1') }];
    expect(await idempotency.expired(tomorrow, 10)).toEqual({ operations, damaged: [] });
  });
});
