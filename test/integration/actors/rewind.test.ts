/** A rewind: which state it gives back, what it keeps, what it refuses, what it repairs. */
import { MAX_KEY_LENGTH } from '@plexspaces/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { journalKey, quarantineKey, snapshotKey } from '../../../packages/runtime/src/store/key-layout.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { DurableEcho } from '../../support/durable.ts';
import { countOf, loadEcho, SERVICE } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { GatedStore } from '../../support/gated-store.ts';
import { forgetLast, readJournal, tamperDigest } from '../../support/journal-edits.ts';
import { outcomesOf } from '../../support/outcomes.ts';
import { until } from '../../support/until.ts';
import {
  ACTOR,
  addressOf,
  count,
  ECHOES,
  EVERY_SEVEN,
  keptOf,
  mixedLife,
  NO_CHECKPOINTS,
  rewindOf,
  sequencesOf,
} from './branching.ts';

let echo: EchoComponent;
let store: MemoryStore;

beforeAll(async () => {
  echo = await loadEcho();
});

afterAll(() => echo[Symbol.asyncDispose]());

beforeEach(() => {
  store = new MemoryStore();
});

function start(options = NO_CHECKPOINTS, epoch = 1n): Promise<DurableEcho> {
  return DurableEcho.start(echo.component, store, { ...options, epoch });
}

describe('a rewind', () => {
  it('gives back the state behind its message, wherever it can; what was cut is still there as a branch', async () => {
    await using durable = await start(EVERY_SEVEN);
    const counts = await mixedLife(durable);
    const tuples = durable.ports.spaces.count('default', ECHOES);
    const oldest = Math.min(...(await sequencesOf(store, 'default'))) - 1;
    await expect(rewindOf(durable, oldest - 1)).rejects.toMatchObject({
      code: 'OUT_OF_RANGE',
      message: `rewind of ${SERVICE}/default: expected a message from ${oldest} to 30, found ${oldest - 1}`,
    });
    const branches = new Set<string | undefined>();
    for (let to = 29; to >= oldest; to -= 1) {
      const { sequence, branch } = await rewindOf(durable, to);
      expect(sequence).toBe(BigInt(to));
      branches.add(branch?.key);
      expect(await count(durable, 1)).toBe((counts[to] ?? 0) + 1);
    }
    expect([...branches].slice(0, 3)).toEqual(['30', '30-2', '29'].map((name) => `default.rewound-${name}`));
    expect(branches.size).toBe(30 - oldest);
    expect(durable.ports.spaces.count('default', ECHOES)).toBe(tuples);
    expect(await count(durable, 1, 'default.rewound-30')).toBe((counts[30] ?? 0) + 1);
    expect(durable.ports.spaces.count('default', ECHOES)).toBe(tuples);
  });

  it('says how many messages it cut, and which of their effects stand', async () => {
    await using durable = await start();
    await durable.invoke('write', { payload: 'before' });
    await count(durable, 1);
    for (const method of ['write', 'take', 'take', 'take']) await durable.invoke(method);
    expect(await rewindOf(durable, 2)).toEqual({
      sequence: 2n,
      branch: addressOf('default.rewound-6'),
      cutMessages: 4,
      // The last take found nothing.
      effects: [
        { sequence: 3n, function: 'tuplespace-write' },
        { sequence: 4n, function: 'tuplespace-take' },
        { sequence: 5n, function: 'tuplespace-take' },
      ],
      effectCount: 3,
    });
  });

  it('lists a hundred effects at most, and counts them all', async () => {
    await using durable = await start();
    for (let index = 0; index < 120; index += 1) await durable.invoke('write');
    const { effects, effectCount, cutMessages } = await rewindOf(durable, 0);
    expect([effects.length, effectCount, cutMessages]).toEqual([100, 120, 120]);
  });

  it('to where the actor stands does nothing', async () => {
    await using durable = await start(EVERY_SEVEN);
    await count(durable, 9);
    const kept = await keptOf(store, 'default');
    const nothing = { branch: undefined, cutMessages: 0, effects: [], effectCount: 0 };
    expect(await rewindOf(durable, 9)).toEqual({ sequence: 9n, ...nothing });
    expect(await keptOf(store, 'default')).toEqual(kept);
    expect(durable.actors.statusOf('default')).toMatchObject({ status: 'active' }); // its instance stays
  });

  it('forgets the idempotency keys of what it cut, and those only', async () => {
    await using durable = await start();
    const keyed = (idempotencyKey: string): Promise<number> =>
      durable.invoke('count', { idempotencyKey }).then(countOf);
    expect([await keyed('a'), await keyed('b'), await keyed('c')]).toEqual([1, 2, 3]);
    await rewindOf(durable, 1);
    expect([await keyed('c'), await keyed('a'), await keyed('c'), await keyed('b')]).toEqual([2, 1, 2, 3]);
  });

  it('takes snapshots and messages in quarantine of what it cut along, and those only', async () => {
    await using durable = await start(EVERY_SEVEN);
    await count(durable, 22);
    const records = [10n, 20n].map((sequence) =>
      durable.ports.quarantine.put(ACTOR, {
        sequence,
        received: undefined,
        hostCalls: [],
        attempts: 5,
        lastFailure: undefined,
        quarantinedAt: undefined,
      }),
    );
    await store.batch(records);
    const { branch } = await rewindOf(durable, 15);
    const behind = [snapshotKey(ACTOR, 21n), quarantineKey(ACTOR, 20n)];
    const before = [snapshotKey(ACTOR, 14n), quarantineKey(ACTOR, 10n)];
    const kept = await keptOf(store, 'default');
    expect(behind.map((key) => kept.includes(key))).toEqual([false, false]);
    expect(before.map((key) => kept.includes(key))).toEqual([true, true]);
    const copied = await keptOf(store, branch?.key ?? '');
    for (const key of [...behind, ...before]) expect(copied).toContain(key.replace('default', branch?.key ?? ''));
  });

  it('comes between the messages before and behind it', async () => {
    await using durable = await start();
    const before = [durable.invoke('count'), durable.invoke('count'), durable.invoke('count')];
    const rewound = rewindOf(durable, 1);
    const behind = [durable.invoke('count'), durable.invoke('count')];
    expect((await Promise.all(before)).map(countOf)).toEqual([1, 2, 3]);
    expect(await rewound).toMatchObject({ sequence: 1n, cutMessages: 2 });
    expect((await Promise.all(behind)).map(countOf)).toEqual([2, 3]);
  });

  it('finds another name for each branch, however long the key is', async () => {
    await using durable = await start();
    const long = 'ä'.repeat(MAX_KEY_LENGTH);
    const names: (string | undefined)[] = [];
    for (const key of ['short', 'short', long, long]) {
      await count(durable, 2, key);
      names.push((await rewindOf(durable, 1, { key })).branch?.key);
      await count(durable, 1, key);
      await rewindOf(durable, 1, { key });
      await rewindOf(durable, 0, { key }); // so that the next round rewinds from message 2 as well
    }
    expect(names.slice(0, 2)).toEqual(['short.rewound-2', 'short.rewound-2-3']);
    expect(names[2]).toMatch(/^ä+~[0-9a-f]{16}\.rewound-2$/u);
    expect(new Set(names).size).toBe(4);
    expect(names.slice(2).map((name) => [...(name ?? '')].length)).toEqual([MAX_KEY_LENGTH, MAX_KEY_LENGTH]);
  });

  it('that would have too much to copy is refused, and cuts nothing', async () => {
    await using durable = await start();
    await durable.invoke('echo', { payload: 'x'.repeat(10_000) });
    await count(durable, 1);
    const kept = await keptOf(store, 'default');
    await expect(rewindOf(durable, 1, { maxBytes: 10_000 })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(await keptOf(store, 'default')).toEqual(kept);
    expect(await count(durable, 1)).toBe(2);
  });

  it('is one batch of the store, which is there before the next message looks for its idempotency key', async () => {
    const slow = new GatedStore(store);
    await using durable = await DurableEcho.start(echo.component, slow, NO_CHECKPOINTS);
    const keyed = (idempotencyKey: string): Promise<number> =>
      durable.invoke('count', { idempotencyKey }).then(countOf);
    expect([await keyed('a'), await keyed('b')]).toEqual([1, 2]);
    await durable.ports.writer.synced(durable.ports.writer.lsn);
    const before = slow.batches.length;
    slow.batchMs = 50;
    const [rewound, again] = await Promise.all([rewindOf(durable, 1), keyed('b')]);
    const [batch = []] = slow.batches.slice(before);
    const names = (type: string): string[] => batch.filter((done) => done.type === type).map(({ key }) => key);
    expect(names('del')).toContain(journalKey(ACTOR, 2n, 0));
    expect(names('put')).toContain(journalKey(rewound.branch ?? ACTOR, 2n, 0));
    expect(again).toBe(2);
    expect(await count(durable, 1)).toBe(3); // it was handled again, not answered from what was cut
  });

  it('that the disk refuses has cut nothing', async () => {
    const bad = new GatedStore(store);
    const before = await DurableEcho.start(echo.component, bad, NO_CHECKPOINTS);
    await count(before, 4);
    await before.ports.writer.synced(before.ports.writer.lsn);
    bad.failWith(new Error('no space'));
    await expect(rewindOf(before, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await before.kill();
    await using after = await start(NO_CHECKPOINTS, 2n);
    expect(await keptOf(store, 'default.rewound-4')).toEqual([]);
    expect(await count(after, 1)).toBe(5);
  });

  it('is there after a kill', async () => {
    const before = await start(EVERY_SEVEN);
    await count(before, 20);
    await rewindOf(before, 16);
    await before.kill();
    await using after = await start(EVERY_SEVEN, 2n);
    expect(await count(after, 1)).toBe(17);
    expect(await count(after, 1, 'default.rewound-20')).toBe(21);
  });

  it('of an actor that was never there makes none', async () => {
    await using durable = await start();
    await expect(rewindOf(durable, 0, { key: 'nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await keptOf(store, 'nobody')).toEqual([]);
    expect(durable.actors.isInUse('nobody')).toBe(false);
  });
});

describe('a rewind repairs', () => {
  it('an actor whose replay diverges', async () => {
    const before = await start();
    await count(before, 2);
    await before.invoke('write', { payload: 'x' });
    await count(before, 1);
    await before.kill();
    await tamperDigest(store, ACTOR, 3n);
    await using after = await start(NO_CHECKPOINTS, 2n);
    expect(await outcomesOf([after.invoke('count')])).toEqual(['ABORTED REPLAY_DIVERGED']);
    expect(after.actors.statusOf('default')).toMatchObject({ status: 'failed' });
    await rewindOf(after, 3); // not far enough: message 3 is the one that diverges
    expect(await outcomesOf([after.invoke('count')])).toEqual(['ABORTED REPLAY_DIVERGED']);
    await rewindOf(after, 2);
    expect(await count(after, 1)).toBe(3);
  });

  it('an actor with a damaged journal, if the damage lies behind the message; the branch keeps it as it is', async () => {
    const before = await start();
    await count(before, 6);
    await before.kill();
    const damaged = (await readJournal(store, ACTOR)).find(({ record }) => record.sequence === 4n)?.key ?? '';
    await store.batch([{ type: 'put', key: damaged, value: Uint8Array.of(1, 2, 3, 4, 5) }]);
    await using after = await start(NO_CHECKPOINTS, 2n);
    expect(await outcomesOf([after.invoke('count')])).toEqual(['DATA_LOSS']);
    await expect(rewindOf(after, 4)).rejects.toMatchObject({ code: 'DATA_LOSS' });
    expect(await rewindOf(after, 3)).toMatchObject({ cutMessages: 3 });
    expect(await count(after, 1)).toBe(4);
    expect(await store.get(damaged.replace('default', 'default.rewound-6'))).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  });

  it('an actor that an interrupted message keeps: it is cut, and no branch goes on with it', async () => {
    const before = await start();
    await count(before, 2);
    await before.invoke('write', { payload: 'x' });
    await before.kill();
    await forgetLast(store, ACTOR, 'processed');
    await using after = await start(NO_CHECKPOINTS, 2n);
    await store.batch([after.ports.unfinished.put(ACTOR, { sequence: 3n, attempts: 1 })]);
    expect(await rewindOf(after, 2)).toMatchObject({
      branch: addressOf('default.rewound-2'),
      cutMessages: 1,
      effects: [{ sequence: 3n, function: 'tuplespace-write' }],
    });
    expect(await sequencesOf(store, 'default')).toEqual([0, 1, 2]);
    expect(await after.ports.unfinished.get(ACTOR)).toBeUndefined();
    expect(await count(after, 1)).toBe(3);
    const entries = await readJournal(store, addressOf('default.rewound-2'));
    expect(entries.slice(-3).map(({ record }) => [record.sequence, record.index, record.body?.$case])).toEqual([
      [3n, 0, 'received'],
      [3n, 1, 'hostCall'],
      [3n, 2, 'failed'],
    ]);
  });

  it('and no branch goes on with a message that an interruption kept from what it was about to do', async () => {
    const before = await start();
    await before.invoke('write', { payload: 'x' });
    await before.kill();
    await forgetLast(store, ACTOR, 'processed');
    await forgetLast(store, ACTOR, 'hostCall');
    await using after = await start(NO_CHECKPOINTS, 2n);
    const { branch } = await rewindOf(after, 0);
    expect(await count(after, 1, branch?.key)).toBe(1);
    expect(after.ports.spaces.count('default', ECHOES)).toBe(1);
    expect(await count(after, 1)).toBe(1);
    // The control: an actor that is not rewound does go on.
    await after.invoke('write', { payload: 'y' });
    await after.kill();
    await forgetLast(store, ACTOR, 'processed');
    await forgetLast(store, ACTOR, 'hostCall');
    await using again = await start(NO_CHECKPOINTS, 3n);
    expect(await count(again, 1)).toBe(2);
    expect(again.ports.spaces.count('default', ECHOES)).toBe(3);
  });
});

describe('a checkpoint that is due', () => {
  it('finds no instance to take behind a rewind, and takes the next one at the right place', async () => {
    await using durable = await start({ checkpoints: { everyMs: 20, everyMessages: 1_000_000 } });
    await count(durable, 5);
    await rewindOf(durable, 3);
    expect(await count(durable, 1)).toBe(4);
    const status = await until(
      () => durable.actors.statusOf('default'),
      (seen) => seen?.snapshotSequence === 4n,
    );
    expect(status).toMatchObject({ sequence: 4n, refusal: undefined });
  });
});
