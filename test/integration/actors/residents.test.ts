/** Several durable actors in one thread: what they share, and what one of them cannot do to the others. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LoadedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { DurableEcho } from '../../support/durable.ts';
import type { DurableEchoOptions } from '../../support/durable.ts';
import { countOf, loadEcho, milliseconds, SERVICE, text } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { readJournal } from '../../support/journal-edits.ts';
import { outcomesOf } from '../../support/outcomes.ts';
import { until } from '../../support/until.ts';

const KEYS = ['a', 'b', 'c', 'd'];

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

describe('residents of one thread', () => {
  it('keep their instances, each its own', async () => {
    await using durable = await start({ residentActors: 4 });
    for (let round = 1; round <= 3; round += 1) expect(await countAll(durable)).toEqual(KEYS.map(() => round));
    expect(durable.actors.actorCount()).toBe(4);
    for (const key of KEYS) expect(durable.actors.statusOf(key)).toMatchObject({ status: 'active', replayed: 0 });
    expect(durable.actors.stats()).toMatchObject({ total: 1, replaced: 0 });
  });

  it('make room for one more, the one that was used longest ago first, with a checkpoint', async () => {
    await using durable = await start({ residentActors: 4 });
    await countAll(durable);
    await durable.invoke('count', { key: 'a' });
    await durable.invoke('count', { key: 'e' });
    expect(durable.actors.statusOf('b')).toBeUndefined();
    expect((await durable.ports.snapshots.load({ service: SERVICE, key: 'b' })).newest?.sequence).toBe(1n);
    expect(KEYS.map((key) => durable.actors.statusOf(key)?.status)).toEqual(['active', undefined, 'active', 'active']);
    expect(countOf(await durable.invoke('count', { key: 'b' }))).toBe(2);
  });

  it('handle hundreds of keys, more than there are places, and each counts right', async () => {
    await using durable = await start({ residentActors: 20, workers: { max: 2 } });
    const keys = Array.from({ length: 200 }, (_none, index) => `key-${index}`);
    for (let round = 1; round <= 2; round += 1) {
      const counts = await Promise.all(keys.map((key) => durable.invoke('count', { key })));
      expect(new Set(counts.map(countOf))).toEqual(new Set([round]));
    }
    expect(durable.actors.actorCount()).toBeLessThanOrEqual(40);
  });

  it('a trap costs one of them its instance, and the others nothing', async () => {
    await using durable = await start({ residentActors: 4 });
    await countAll(durable);
    expect(await outcomesOf([durable.invoke('trap', { key: 'b' })])).toEqual(['INTERNAL TRAP']);
    expect(durable.actors.statusOf('b')).toBeUndefined();
    expect(await countAll(durable)).toEqual([2, 2, 2, 2]);
    expect(durable.actors.statusOf('a')).toMatchObject({ replayed: 0 });
    expect(durable.actors.statusOf('b')).toMatchObject({ replayed: 2 });
    expect(durable.actors.stats()).toMatchObject({ replaced: 0, failed: 1 });
    expect(KEYS.map((key) => durable.actors.restartsOf(key))).toEqual([0, 1, 0, 0]);
  });

  it('one that does not end takes the thread with it; what waited behind it is handled elsewhere, once', async () => {
    await using durable = await start({ residentActors: 4, limits: { callMs: 300 } });
    await countAll(durable);
    const looping = outcomesOf([durable.invoke('loop', { key: 'a' })]);
    const behind = ['b', 'c', 'd', 'b', 'c', 'd'].map((key) => durable.invoke('count', { key }));
    expect(await looping).toEqual(['DEADLINE_EXCEEDED']);
    expect((await Promise.all(behind)).map(countOf)).toEqual([2, 2, 2, 3, 3, 3]);
    expect(durable.actors.stats()).toMatchObject({ failed: 1 });
    expect(KEYS.map((key) => durable.actors.restartsOf(key))).toEqual([1, 0, 0, 0]);
    const failed = (await readJournal(store, { service: SERVICE, key: 'b' })).filter(
      ({ record }) => record.body?.$case === 'failed',
    );
    expect(failed).toEqual([]);
  });

  it('an answer does not wait for the sleep of another', async () => {
    await using durable = await start({ residentActors: 2 });
    await durable.invoke('count', { key: 'a' });
    await durable.invoke('count', { key: 'b' });
    for (let warm = 0; warm < 20; warm += 1) await durable.invoke('count', { key: 'a' }); // calls are short
    const order: string[] = [];
    await Promise.all([
      durable.invoke('count', { key: 'a' }).then(() => order.push('counted')),
      durable.invoke('sleep', { key: 'b', payload: milliseconds(200) }).then(() => order.push('slept')),
    ]);
    expect(order).toEqual(['counted', 'slept']);
  });

  it('a call that waits for the thread leaves it when its caller goes', async () => {
    await using durable = await start({ residentActors: 4 });
    await countAll(durable);
    const sleeping = durable.invoke('sleep', { key: 'a', payload: milliseconds(150) });
    const behind = durable.invoke('echo', { key: 'b', payload: 'runs' });
    const late = durable.invoke('count', { key: 'c', timeoutMs: 30 });
    expect(await outcomesOf([sleeping, behind, late])).toEqual(['ok ', 'ok runs', 'DEADLINE_EXCEEDED']);
    expect(await countAll(durable)).toEqual([2, 2, 2, 2]);
  });
});

describe('passivation', () => {
  it('sends an idle actor away, with a checkpoint, and leaves the one that is used', async () => {
    await using durable = await start({ residentActors: 2, workers: { idleTimeoutMs: 200 } });
    await durable.invoke('count', { key: 'a' });
    const over = new AbortController();
    const busy = (async () => {
      while (!over.signal.aborted) await durable.invoke('count', { key: 'b' });
    })();
    await until(
      () => durable.actors.statusOf('a'),
      (status) => status === undefined,
    );
    expect(durable.actors.statusOf('b')?.status).toBe('active');
    over.abort();
    await busy;
    expect((await durable.ports.snapshots.load({ service: SERVICE, key: 'a' })).newest?.sequence).toBe(1n);
    expect(countOf(await durable.invoke('count', { key: 'a' }))).toBe(2);
  });

  it('keeps the live actors of all applications within the limit of the node', async () => {
    await using durable = await start({ residentActors: 10, maxLiveActors: 3 });
    for (let round = 1; round <= 3; round += 1) {
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
        expect(countOf(await durable.invoke('count', { key }))).toBe(round);
      }
    }
    await until(
      () => durable.actors.actorCount(),
      (count) => count <= 3,
    );
    expect(durable.actors.statusOf('f')?.status).toBe('active');
    expect(text(await durable.invoke('echo', { key: 'f', payload: 'still' }))).toBe('still');
  });

  it('without the limit all of them stay', async () => {
    await using durable = await start({ residentActors: 10 });
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await durable.invoke('count', { key });
    expect(durable.actors.actorCount()).toBe(6);
  });
});

function start(options: DurableEchoOptions): Promise<DurableEcho> {
  return DurableEcho.start(component, store, options);
}

async function countAll(durable: DurableEcho): Promise<number[]> {
  return (await Promise.all(KEYS.map((key) => durable.invoke('count', { key })))).map(countOf);
}
