/** Checkpoints: when they are taken, what they cut, what they recover, and what keeps them from being taken. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LoadedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { snapshotKey } from '../../../packages/runtime/src/store/key-layout.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { buildEchoWith } from '../../fixtures/components/wat.ts';
import { DurableEcho } from '../../support/durable.ts';
import type { DurableEchoOptions } from '../../support/durable.ts';
import { countOf, loadEcho, SERVICE } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { readJournal } from '../../support/journal-edits.ts';
import { until } from '../../support/until.ts';

const ACTOR = { service: SERVICE, key: 'default' };
const NEVER = 1_000_000;
const EVERY_TEN: DurableEchoOptions = { checkpoints: { everyMessages: 10, everyMs: NEVER } };

let echo: EchoComponent;
let forgetful: EchoComponent;
let unsaved: EchoComponent;
let store: MemoryStore;

beforeAll(async () => {
  echo = await loadEcho();
  forgetful = await loadEcho(await buildEchoWith('(i32.eq (local.get $length) (i32.const 4))', '(i32.const 0)'));
  unsaved = await loadEcho(
    await buildEchoWith('(i32.store8 (i32.const 4) (i32.const 1))', '(i32.store8 (i32.const 4) (i32.const 0))'),
  );
});

afterAll(async () => {
  await Promise.all([echo, forgetful, unsaved].map((component) => component[Symbol.asyncDispose]()));
});

beforeEach(() => {
  store = new MemoryStore();
});

/** `count` so often, on actors that are then killed. */
async function countAndKill(component: LoadedComponent, times: number, options: DurableEchoOptions): Promise<void> {
  const durable = await DurableEcho.start(component, store, options);
  for (let count = 0; count < times; count += 1) await durable.invoke('count');
  await durable.kill();
}

async function restart(component: LoadedComponent, options: DurableEchoOptions): Promise<DurableEcho> {
  return DurableEcho.start(component, store, { ...options, epoch: 2n });
}

/** The numbers of the messages that the journal still holds. */
async function journaledSequences(): Promise<number[]> {
  const entries = await readJournal(store, ACTOR);
  return [...new Set(entries.map(({ record }) => Number(record.sequence)))];
}

describe('a checkpoint every 10 messages', () => {
  it('is what a kill is recovered from, with the messages behind it', async () => {
    await countAndKill(echo.component, 25, EVERY_TEN);
    await using after = await restart(echo.component, EVERY_TEN);
    expect(countOf(await after.invoke('count'))).toBe(26);
    expect(after.actors.statusOf('default')).toMatchObject({ snapshotSequence: 20n, replayed: 5, sequence: 26n });
  });

  it('without checkpoints the same is replayed whole (control)', async () => {
    const none = { checkpoints: { everyMessages: NEVER, everyMs: NEVER } };
    await countAndKill(echo.component, 25, none);
    await using after = await restart(echo.component, none);
    expect(countOf(await after.invoke('count'))).toBe(26);
    expect(after.actors.statusOf('default')).toMatchObject({ snapshotSequence: undefined, replayed: 25 });
  });

  it('cuts the journal behind the oldest snapshot that is kept', async () => {
    await countAndKill(echo.component, 35, EVERY_TEN);
    // Snapshots behind 10, 20 and 30 were taken, two are kept.
    expect(await store.get(snapshotKey(ACTOR, 10n))).toBeUndefined();
    expect(await journaledSequences()).toEqual(Array.from({ length: 15 }, (_none, index) => 21 + index));
  });

  it('a damaged snapshot is passed over for the one before, and told', async () => {
    await countAndKill(echo.component, 25, EVERY_TEN);
    const key = snapshotKey(ACTOR, 20n);
    const damaged = (await store.get(key))?.slice() ?? new Uint8Array();
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    await store.batch([{ type: 'put', key, value: damaged }]);
    await using after = await restart(echo.component, EVERY_TEN);
    expect(countOf(await after.invoke('count'))).toBe(26);
    expect(after.actors.statusOf('default')).toMatchObject({ replayed: 15 });
    expect(after.log.lines).toContainEqual(expect.objectContaining({ msg: 'damaged snapshot' }));
  });

  it('all of them damaged, what is left of the journal is no state: DATA_LOSS', async () => {
    await countAndKill(echo.component, 25, EVERY_TEN);
    for (const sequence of [10n, 20n]) {
      await store.batch([{ type: 'put', key: snapshotKey(ACTOR, sequence), value: new Uint8Array(9) }]);
    }
    await using after = await restart(echo.component, EVERY_TEN);
    await expect(after.invoke('count')).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });

  it('gives the same state hash as before the kill', async () => {
    const before = await DurableEcho.start(echo.component, store, EVERY_TEN);
    for (let count = 0; count < 25; count += 1) await before.invoke('count');
    const taken = await before.actors.checkpoint('default', AbortSignal.timeout(5000));
    await before.kill();
    await using after = await restart(echo.component, EVERY_TEN);
    expect(await after.actors.checkpoint('default', AbortSignal.timeout(5000))).toEqual(taken);
  });
});

describe('a checkpoint comes also', () => {
  it('after the time without one', async () => {
    await using durable = await DurableEcho.start(echo.component, store, { checkpoints: { everyMs: 20 } });
    await durable.invoke('count');
    const taken = await until(
      () => durable.actors.statusOf('default'),
      (status) => status?.snapshotSequence !== undefined,
    );
    expect(taken).toMatchObject({ snapshotSequence: 1n, sequence: 1n });
  });

  it('after the bytes', async () => {
    const options = { checkpoints: { everyBytes: 1000, everyMs: NEVER } };
    await using durable = await DurableEcho.start(echo.component, store, options);
    await durable.invoke('echo', { payload: 'x'.repeat(2000) });
    expect(durable.actors.statusOf('default')).toMatchObject({ snapshotSequence: 1n });
  });

  it('when another key takes the worker, and at a clean stop', async () => {
    const durable = await DurableEcho.start(echo.component, store, { checkpoints: { everyMs: NEVER } });
    await durable.invoke('count', { key: 'a' });
    await durable.invoke('count', { key: 'b' });
    await durable.actors.stop({ deadlineMs: 5000 });
    await durable.ports.writer.close();
    for (const key of ['a', 'b']) {
      expect(await store.get(snapshotKey({ service: SERVICE, key }, 1n))).toBeDefined();
    }
    await using after = await restart(echo.component, {});
    expect(countOf(await after.invoke('count', { key: 'a' }))).toBe(2);
    expect(after.actors.statusOf('a')).toMatchObject({ replayed: 0 });
  });
});

describe('nothing is cut and nothing is lost', () => {
  it('where a snapshot does not restore itself; status and log say so', async () => {
    await countAndKill(forgetful.component, 25, EVERY_TEN);
    expect(await journaledSequences()).toHaveLength(26);
    await using after = await restart(forgetful.component, EVERY_TEN);
    expect(countOf(await after.invoke('count'))).toBe(26);
    const { refusal, snapshotSequence } = after.actors.statusOf('default') ?? {};
    expect({ refusal, snapshotSequence }).toEqual({
      refusal: expect.stringContaining('does not restore itself'),
      snapshotSequence: undefined,
    });
    expect(after.log.lines).toContainEqual(expect.objectContaining({ msg: 'checkpoint refused' }));
  });

  it('where the actor keeps no snapshot', async () => {
    await countAndKill(unsaved.component, 200, EVERY_TEN);
    await using after = await restart(unsaved.component, EVERY_TEN);
    expect(countOf(await after.invoke('count'))).toBe(201);
    expect(after.actors.statusOf('default')?.refusal).toContain('keeps no snapshot');
  });

  it('with five keys on one worker, each passivated again and again', async () => {
    await using durable = await DurableEcho.start(echo.component, store, EVERY_TEN);
    const keys = ['a', 'b', 'c', 'd', 'e'];
    for (let round = 1; round <= 5; round += 1) {
      const counts = await Promise.all(keys.map((key) => durable.invoke('count', { key })));
      expect(counts.map(countOf)).toEqual(keys.map(() => round));
    }
  });
});
