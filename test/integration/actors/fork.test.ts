/** A fork: which state it has, what it does not copy, what it refuses, and what a copied message sees. */
import { formatActorAddress } from '@plexspaces/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { snapshotKey } from '../../../packages/runtime/src/store/key-layout.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { buildEchoWith } from '../../fixtures/components/wat.ts';
import { DurableEcho } from '../../support/durable.ts';
import { countOf, loadEcho, milliseconds, SERVICE, text } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { changeReceived, forgetLast, readJournal, tamperDigest } from '../../support/journal-edits.ts';
import { outcomesOf } from '../../support/outcomes.ts';
import { until } from '../../support/until.ts';
import {
  ACTOR,
  addressOf,
  count,
  ECHOES,
  EVERY_SEVEN,
  forkOf,
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

async function stateHash(durable: DurableEcho, key: string): Promise<string | undefined> {
  const taken = await durable.actors.checkpoint(key, AbortSignal.timeout(5000));
  return taken.kind === 'taken' ? taken.stateHash : undefined;
}

describe('a fork', () => {
  it('has the state behind its message, wherever snapshots and journal reach; the first one goes on by itself', async () => {
    await using durable = await start(EVERY_SEVEN);
    const counts = await mixedLife(durable);
    const tuples = durable.ports.spaces.count('default', ECHOES);
    const oldest = Math.min(...(await sequencesOf(store, 'default'))) - 1;
    expect(oldest).toBeGreaterThan(0);
    for (let at = oldest; at <= 30; at += 1) {
      expect(await forkOf(durable, at, `at-${at}`)).toMatchObject({ sequence: BigInt(at) });
      expect(await count(durable, 1, `at-${at}`)).toBe((counts[at] ?? 0) + 1);
    }
    expect(durable.ports.spaces.count('default', ECHOES)).toBe(tuples); // nothing was done again
    expect(await count(durable, 1)).toBe((counts[30] ?? 0) + 1);
    for (const at of [oldest - 1, 32]) {
      await expect(forkOf(durable, at, 'other')).rejects.toMatchObject({
        code: 'OUT_OF_RANGE',
        message: `fork of ${SERVICE}/default: expected a message from ${oldest} to 31, found ${at}`,
      });
    }
  });

  it('has the same state hash as an actor with those messages, and another one than with one more', async () => {
    // Room for all: a key that makes room for another takes a checkpoint, and cuts its journal.
    await using durable = await start({ ...NO_CHECKPOINTS, workers: { max: 4 } });
    await count(durable, 9);
    await count(durable, 4, 'four');
    await forkOf(durable, 4);
    await forkOf(durable, 5, 'five');
    const expected = await stateHash(durable, 'four');
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    expect(await stateHash(durable, 'copy')).toBe(expected);
    expect(await stateHash(durable, 'five')).not.toBe(expected);
  });

  it('of message 0 is an actor that was just made', async () => {
    await using durable = await start();
    await count(durable, 3);
    expect(await forkOf(durable, 0)).toEqual({ sequence: 0n, replayed: 0 });
    expect(await count(durable, 1, 'copy')).toBe(1);
  });

  it('is there after a kill, and can be forked and rewound itself', async () => {
    const before = await start(EVERY_SEVEN);
    await count(before, 20);
    await forkOf(before, 18);
    await before.kill();
    await using after = await start(EVERY_SEVEN, 2n);
    expect(await count(after, 1, 'copy')).toBe(19);
    await rewindOf(after, 17, { key: 'copy' });
    expect(await count(after, 1, 'copy')).toBe(18);
    expect(await count(after, 1)).toBe(21);
  });

  it('knows no idempotency key of the first one', async () => {
    await using durable = await start();
    const keyed = (key: string): Promise<number> =>
      durable.invoke('count', { key, idempotencyKey: 'once' }).then(countOf);
    expect(await keyed('default')).toBe(1);
    await forkOf(durable, 1);
    expect(await keyed('copy')).toBe(2);
    expect(await keyed('default')).toBe(1); // the control
  });

  it('leaves a message that a crash interrupted alone', async () => {
    const before = await start();
    await count(before, 2);
    await before.invoke('write', { payload: 'x' });
    await before.kill();
    await forgetLast(store, ACTOR, 'processed');
    await using after = await start(NO_CHECKPOINTS, 2n);
    await expect(forkOf(after, 3)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    await forkOf(after, 2);
    expect(await sequencesOf(store, 'copy')).toEqual([0, 1, 2]);
    expect(await count(after, 1, 'copy')).toBe(3);
    expect(after.ports.spaces.count('default', ECHOES)).toBe(1);
  });

  it('is refused where there is an actor, live, kept, or being made', async () => {
    await using durable = await start({ ...NO_CHECKPOINTS, workers: { max: 2 } });
    await count(durable, 1);
    await count(durable, 1, 'kept');
    const kept = await keptOf(store, 'kept');
    await expect(forkOf(durable, 1, 'kept')).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: `fork: there is an actor ${SERVICE}/kept`,
    });
    await expect(forkOf(durable, 1, 'default')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(await keptOf(store, 'kept')).toEqual(kept);
    const made = durable.invoke('count', { key: 'made' });
    await expect(forkOf(durable, 1, 'made')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    expect(countOf(await made)).toBe(1);
    const both = await outcomesOf([1, 1].map((at) => forkOf(durable, at, 'twice').then(() => new Uint8Array())));
    expect(both.toSorted()).toEqual(['ALREADY_EXISTS', 'ok ']);
  });

  it('that would not replay is removed, and the reason told; nothing else is touched', async () => {
    const before = await start();
    await count(before, 2);
    await before.invoke('write', { payload: 'x' });
    await count(before, 1);
    await before.kill();
    await tamperDigest(store, ACTOR, 3n);
    const kept = await keptOf(store, 'default');
    await using after = await start(NO_CHECKPOINTS, 2n);
    await expect(forkOf(after, 4)).rejects.toMatchObject({ reason: 'REPLAY_DIVERGED' });
    expect(await keptOf(store, 'copy')).toEqual([]);
    expect(await keptOf(store, 'default')).toEqual(kept);
    await forkOf(after, 2);
    expect(await count(after, 1, 'copy')).toBe(3);
  });

  it('whose caller goes before it could be proven is removed', async () => {
    await using durable = await start();
    await count(durable, 2);
    const busy = durable.invoke('sleep', { key: 'busy', payload: milliseconds(200) });
    const gone = new AbortController();
    const forked = outcomesOf([forkOf(durable, 2, 'copy', { signal: gone.signal }).then(() => new Uint8Array())]);
    await until(
      () => durable.actors.isInUse('copy'),
      (isInUse) => isInUse,
    );
    gone.abort();
    expect(await forked).toEqual(['CANCELLED']);
    await busy;
    await until(
      () => durable.actors.isInUse('copy'),
      (isInUse) => !isInUse,
    );
    expect(await keptOf(store, 'copy')).toEqual([]);
    await forkOf(durable, 2);
    expect(await count(durable, 1, 'copy')).toBe(3);
  });

  it('that would be too large is refused, and leaves nothing', async () => {
    await using durable = await start();
    await durable.invoke('echo', { payload: 'x'.repeat(10_000) });
    await expect(forkOf(durable, 1, 'copy', { maxBytes: 10_000 })).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: `copy of ${SERVICE}/default: expected at most 10000 bytes, found more`,
    });
    expect(await keptOf(store, 'copy')).toEqual([]);
    expect(text(await durable.invoke('echo', { payload: 'y' }))).toBe('y');
    await forkOf(durable, 1, 'copy', { maxBytes: 30_000 });
  });

  it('needs no snapshot that is damaged, and is refused where a message is', async () => {
    const before = await start(EVERY_SEVEN);
    await count(before, 25);
    await before.kill();
    await store.batch([{ type: 'put', key: snapshotKey(ACTOR, 21n), value: new Uint8Array(9) }]);
    await using after = await start(EVERY_SEVEN, 2n);
    await forkOf(after, 24);
    expect(await store.get(snapshotKey(addressOf('copy'), 21n))).toBeUndefined();
    expect(await count(after, 1, 'copy')).toBe(25);
    const damaged = (await readJournal(store, ACTOR)).find(({ record }) => record.sequence === 20n);
    await store.batch([{ type: 'put', key: damaged?.key ?? '', value: new Uint8Array(9) }]);
    await forkOf(after, 19, 'whole');
    await expect(forkOf(after, 20, 'damaged')).rejects.toMatchObject({ code: 'DATA_LOSS' });
    expect(await keptOf(store, 'damaged')).toEqual([]);
  });
});

describe('what a copied message reads as its own address', () => {
  let named: EchoComponent;

  /** `now` answers the last eight characters of self-id. */
  beforeAll(async () => {
    named = await loadEcho(
      await buildEchoWith(
        `(import "plexspaces:actor/host@0.1.0" "now-millis" (func $now (result i64)))
  (import "plexspaces:actor/host@0.1.0" "sleep-millis" (func $sleep (param i64)))
`,
        `(import "plexspaces:actor/host@0.1.0" "self-id" (func $self (param i32)))
  (import "plexspaces:actor/host@0.1.0" "sleep-millis" (func $sleep (param i64)))
  (func $now (result i64)
    (call $self (i32.const 64))
    (i64.load (i32.sub (i32.add (i32.load (i32.const 64)) (i32.load (i32.const 68))) (i32.const 8))))
`,
      ),
    );
  });

  afterAll(() => named[Symbol.asyncDispose]());

  it('is the one that it was handled under; a new message reads the new one, and so does a fork of the fork', async () => {
    await using durable = await DurableEcho.start(named.component, store, NO_CHECKPOINTS);
    expect(text(await durable.invoke('now'))).toBe('/default');
    await forkOf(durable, 1, 'copy-one');
    expect(text(await durable.invoke('now', { key: 'copy-one' }))).toBe('copy-one');
    expect(await forkOf(durable, 2, 'copy-two', { key: 'copy-one' })).toEqual({ sequence: 2n, replayed: 2 });
    expect(text(await durable.invoke('now', { key: 'copy-two' }))).toBe('copy-two');
  });

  it('would be another one without that record, and the replay would diverge (control)', async () => {
    const before = await DurableEcho.start(named.component, store, NO_CHECKPOINTS);
    await before.invoke('now');
    await forkOf(before, 1);
    await before.kill();
    for (const { key, record } of await readJournal(store, addressOf('copy'))) {
      if (record.body?.$case !== 'received') continue;
      expect(record.body.value.selfId).toBe(formatActorAddress(ACTOR));
      await changeReceived(store, key, (received) => ({ ...received, selfId: undefined }));
    }
    await using after = await DurableEcho.start(named.component, store, { ...NO_CHECKPOINTS, epoch: 2n });
    await expect(after.invoke('now', { key: 'copy' })).rejects.toMatchObject({ reason: 'REPLAY_DIVERGED' });
  });
});
