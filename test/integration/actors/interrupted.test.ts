/** Messages that the death of the process interrupted: finished at the next start, or put into quarantine. */
import { PlexSpacesError } from '@plexspaces/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { UnfinishedMessages } from '../../../packages/runtime/src/store/unfinished-messages.ts';
import type { QuarantinedMessage } from '../../../packages/runtime/src/store/quarantine-records.ts';
import { buildEchoWith } from '../../fixtures/components/wat.ts';
import { DurableEcho } from '../../support/durable.ts';
import type { DurableEchoOptions } from '../../support/durable.ts';
import { countOf, loadEcho, milliseconds, SERVICE } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { readJournal } from '../../support/journal-edits.ts';
import { outcomesOf } from '../../support/outcomes.ts';
import { until } from '../../support/until.ts';

const ACTOR = { service: SERVICE, key: 'default' };
const ECHOES = [{ match: 'exact', field: { type: 'string', value: 'echo' } }, { match: 'any' }] as const;
const WRITE = '(then (return (call $do_write (local.get $payload) (local.get $length)))))';

/** What `write` does behind its host call. */
type Behind = 'answers' | 'traps' | 'loops';
const echoes = new Map<Behind, EchoComponent>();
let store: MemoryStore;

beforeAll(async () => {
  const written = '(then (drop (call $do_write (local.get $payload) (local.get $length)))';
  echoes.set('answers', await loadEcho());
  echoes.set('traps', await loadEcho(await buildEchoWith(WRITE, `${written} unreachable))`)));
  echoes.set('loops', await loadEcho(await buildEchoWith(WRITE, `${written} (loop $on (br $on)) unreachable))`)));
});

afterAll(async () => {
  for (const echo of echoes.values()) await echo[Symbol.asyncDispose]();
});

beforeEach(() => {
  store = new MemoryStore();
});

describe('a message that fails', () => {
  it('tells its caller what it had done, and so does a repeated key, and the journal', async () => {
    await using durable = await start('traps');
    const effects = '["tuplespace-write [\\"echo\\",{\\"bytes\\":\\"eA==\\"}]"]';
    for (const idempotencyKey of ['key', 'key']) {
      await expect(durable.invoke('write', { payload: 'x', idempotencyKey })).rejects.toMatchObject({
        code: 'INTERNAL',
        details: { reason: 'TRAP', effects },
      });
    }
    expect(durable.ports.spaces.count('default', ECHOES)).toBe(1);
    await durable.ports.writer.stored(durable.ports.writer.lsn);
    expect((await readJournal(store, ACTOR)).at(-1)?.record.body).toMatchObject({
      $case: 'failed',
      value: { reason: 'TRAP', effects: ['tuplespace-write ["echo",{"bytes":"eA=="}]'] },
    });
  });

  it('and did nothing tells of nothing', async () => {
    await using durable = await start('answers');
    const failure = await durable.invoke('trap').catch((thrown: unknown) => PlexSpacesError.from(thrown));
    expect(failure).toMatchObject({ details: { reason: 'TRAP' } });
    expect(failure).not.toHaveProperty('details.effects');
  });
});

describe('the index of unfinished messages', () => {
  it('has a message from its first effect to its end', async () => {
    const before = await start('answers');
    await before.invoke('count');
    expect(await unfinished(before)).toEqual([]);
    await before.kill();
    await interrupt();
    expect(await Array.fromAsync(new UnfinishedMessages(store).keys(SERVICE))).toEqual(['default']);
    await using after = await start('answers', { epoch: 3n });
    await ended(after, 2);
    expect(await unfinished(after)).toEqual([]);
  });

  it('is what finishes it at the start: without its entry nothing happens before the next call', async () => {
    await interrupt();
    await store.batch([{ type: 'del', key: `u/${SERVICE}\0default` }]);
    await using after = await start('answers', { epoch: 2n });
    await after.invoke('count', { key: 'other' });
    expect(after.actors.statusOf('default')).toBeUndefined();
    expect(countOf(await after.invoke('count'))).toBe(1);
    await ended(after, 2);
  });
});

describe('an interrupted message', () => {
  it('is finished in the background, without a call, and its effects are there once', async () => {
    await interrupt();
    expect((await readJournal(store, ACTOR)).at(-1)?.record.body?.$case).toBe('hostCall');
    await using after = await start('answers', { epoch: 2n });
    await ended(after, 1);
    expect(after.ports.spaces.count('default', ECHOES)).toBe(1);
    expect(after.actors.statusOf('default')).toMatchObject({ status: 'active', sequence: 1n });
  });

  it('comes before whatever is called at once', async () => {
    await interrupt();
    await using after = await start('answers', { epoch: 2n });
    await after.invoke('count');
    const ends = (await readJournal(store, ACTOR)).filter(({ record }) => record.body?.$case === 'processed');
    expect(ends.map(({ record }) => record.sequence)).toEqual([0n, 1n, 2n]);
  });

  it('sleeps what was left of its sleep', async () => {
    const before = await start('answers');
    const startedAt = performance.now();
    const cut = outcomesOf([before.invoke('sleep', { payload: milliseconds(1500) })]);
    await until(
      () => unfinished(before),
      (keys) => keys.length === 1,
    );
    await before.kill();
    expect(await cut).toEqual(['UNAVAILABLE']);
    await using after = await start('answers', { epoch: 2n });
    await ended(after, 1);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(1490);
    const resumed = (await readJournal(store, ACTOR)).filter(({ record }) => record.body?.$case === 'hostCall');
    expect(resumed).toHaveLength(1); // it went on with the sleep that was recorded, and began no other
  });

  it.each([
    ['traps', 3],
    ['loops', 2],
  ] as const)(
    'that %s each time is in quarantine after %i attempts; the actor serves on',
    async (behind, maxAttempts) => {
      await interrupt();
      await using after = await start(behind, { epoch: 2n, maxAttempts, limits: { callMs: 300 } });
      expect(countOf(await after.invoke('count'))).toBe(1);
      expect(after.ports.spaces.count('default', ECHOES)).toBe(1);
      const [set, ...more] = await quarantined(after);
      expect(more).toEqual([]);
      expect(set).toMatchObject({ actor: ACTOR, record: { sequence: 1n, attempts: maxAttempts } });
      expect(set?.record.received).toMatchObject({ messageType: 'write' });
      expect(set?.record.hostCalls.map((call) => call.function)).toEqual(['tuplespace-write']);
      expect(await unfinished(after)).toEqual([]);
      await after.kill();
      await using again = await start('answers', { epoch: 3n });
      expect(countOf(await again.invoke('count'))).toBe(2); // replay skips it
    },
  );

  it('that ended the process as often as it may is not tried again', async () => {
    await interrupt();
    const { ports } = await start('answers', { epoch: 2n, maxAttempts: 1 });
    await until(
      () => quarantined({ ports }),
      (messages) => messages.length === 1,
    );
    expect((await quarantined({ ports }))[0]?.record).toMatchObject({
      attempts: 1,
      lastFailure: { code: 'ABORTED', message: 'attempts that ended with the process: 1' },
    });
  });

  it('counts an attempt before it begins: one more start, one more attempt', async () => {
    await interrupt();
    for (const attempts of [2, 3]) {
      const again = await start('loops', { epoch: BigInt(attempts) });
      const counted = await until(
        () => again.ports.unfinished.get(ACTOR),
        (record) => record?.attempts === attempts,
      );
      expect(counted?.sequence).toBe(1n);
      await again.kill();
    }
  });
});

describe('a message in quarantine', () => {
  it('that is tried again goes on where it was: what it had done is not done again', async () => {
    await quarantine();
    await using after = await start('answers', { epoch: 3n });
    expect(await retry(after, 1n)).toHaveLength(0);
    expect(after.ports.spaces.count('default', ECHOES)).toBe(1);
    expect(await quarantined(after)).toEqual([]);
    await expect(retry(after, 1n)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await after.kill();
    await using again = await start('answers', { epoch: 4n });
    expect(countOf(await again.invoke('count'))).toBe(2);
    expect(again.ports.spaces.count('default', ECHOES)).toBe(1);
  });

  it('that fails again is in quarantine again, under its new number', async () => {
    await quarantine();
    await using after = await start('traps', { epoch: 3n, maxAttempts: 2 });
    await expect(retry(after, 1n)).rejects.toMatchObject({ code: 'ABORTED', reason: 'QUARANTINED' });
    expect((await quarantined(after)).map(({ record }) => record.sequence)).toEqual([3n]);
    expect(countOf(await after.invoke('count'))).toBe(2);
    expect(after.ports.spaces.count('default', ECHOES)).toBe(1);
  });

  it('that is dropped is gone', async () => {
    await quarantine();
    await using after = await start('answers', { epoch: 3n });
    await after.actors.dropQuarantined('default', 1n, AbortSignal.timeout(5000));
    expect(await quarantined(after)).toEqual([]);
    expect(countOf(await after.invoke('count'))).toBe(2);
  });

  it('answers its idempotency key with the failure, and after a further try with the answer', async () => {
    await interrupt('key');
    const failing = await start('traps', { epoch: 2n, maxAttempts: 2 });
    const keyed = { payload: 'x', idempotencyKey: 'key' };
    await expect(failing.invoke('write', keyed)).rejects.toMatchObject({ reason: 'QUARANTINED' });
    await failing.kill();
    await using after = await start('answers', { epoch: 3n });
    await expect(after.invoke('write', keyed)).rejects.toMatchObject({ reason: 'QUARANTINED' });
    await retry(after, 1n);
    expect(await after.invoke('write', keyed)).toHaveLength(0);
    expect(after.ports.spaces.count('default', ECHOES)).toBe(1);
  });
});

function start(behind: Behind, options: DurableEchoOptions = {}): Promise<DurableEcho> {
  const echo = echoes.get(behind);
  if (echo === undefined) throw new Error(`no echo that ${behind}`);
  return DurableEcho.start(echo.component, store, options);
}

/** Leaves a write that has written, and not ended when the process was killed. */
async function interrupt(idempotencyKey?: string): Promise<void> {
  const durable = await start('loops');
  const cut = durable.invoke('write', { payload: 'x', ...(idempotencyKey === undefined ? {} : { idempotencyKey }) });
  const failed = outcomesOf([cut]);
  await until(
    () => durable.ports.spaces.count('default', ECHOES),
    (count) => count > 0,
  );
  await durable.kill();
  const [outcome] = await failed;
  if (outcome !== 'UNAVAILABLE') throw new Error(`expected an interrupted call, found ${outcome}`);
}

/** The same, given up, with one count behind it. */
async function quarantine(): Promise<void> {
  await interrupt();
  const failing = await start('traps', { epoch: 2n, maxAttempts: 2 });
  await failing.invoke('count');
  expect(await quarantined(failing)).toHaveLength(1);
  await failing.kill();
}

function retry(durable: DurableEcho, sequence: bigint): Promise<Uint8Array> {
  return durable.actors.retryQuarantined('default', sequence, AbortSignal.timeout(10_000));
}

async function quarantined({ ports }: Pick<DurableEcho, 'ports'>): Promise<QuarantinedMessage[]> {
  await ports.writer.stored(ports.writer.lsn);
  return Array.fromAsync(ports.quarantine.list(SERVICE));
}

async function unfinished({ ports }: Pick<DurableEcho, 'ports'>): Promise<string[]> {
  await ports.writer.stored(ports.writer.lsn);
  return Array.fromAsync(ports.unfinished.keys(SERVICE));
}

/** Waits until that many messages behind init have ended well. */
async function ended({ ports }: Pick<DurableEcho, 'ports'>, count: number): Promise<void> {
  await until(
    async () => {
      await ports.writer.stored(ports.writer.lsn);
      return (await readJournal(store, ACTOR)).filter(({ record }) => record.body?.$case === 'processed').length;
    },
    (found) => found === count + 1,
  );
}
