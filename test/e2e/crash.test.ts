/** What a kill -9 leaves: every acknowledged call of a durable actor, every tuple; of a service's state, nothing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtApplication } from '../support/built-actors.ts';
import { plexspacesJson } from '../support/command-line.ts';
import type { Daemon } from '../support/daemon.ts';
import { startDaemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const DURABLE = 'demo.DurableCalculator.v1';
const LOAD_CALLERS = 16;
const LEAST_ACKNOWLEDGED = 150;

let daemon: Daemon;
let client: PlexSpacesClient;

beforeAll(async () => {
  daemon = await startDaemon(await makeScratchDirectory());
  client = await daemon.connect();
  const directory = await builtApplication('durable_calculator');
  await plexspacesJson(['deploy', directory], { node: daemon.grpc });
  // The control: the same component as a service, which keeps nothing.
  const component = await readFile(join(directory, 'dist', 'durable_calculator.wasm'));
  const manifest = { kind: 'service', workers: { min: 1, max: 1 } } as const;
  await client.deploy({ name: 'forgetful', version: '1.0.0', component, manifest });
});

afterAll(async () => {
  client.close();
  await daemon.kill();
});

describe('kill -9 between calls', () => {
  it('loses no count of a durable actor, and no tuple', async () => {
    for (const value of [1, 2, 3]) {
      await add(DURABLE, value);
      await add(`${DURABLE}/other key, 'quoted' / ü`, value);
      await add('forgetful', value);
    }
    await client.tuples.write(['kept', 1, { float: 1 }, { bytes: 'AAE=' }, true, null]);
    await client.tuples.write(['taken', 1]);
    await expect(client.tuples.take(['taken', 1])).resolves.toEqual(['taken', 1]);
    await restart();
    await expect(add(DURABLE, 4)).resolves.toBe(4);
    await expect(add(`${DURABLE}/other key, 'quoted' / ü`, 4)).resolves.toBe(4);
    await expect(add(`${DURABLE}/third`, 4)).resolves.toBe(1);
    await expect(add('forgetful', 4)).resolves.toBe(1);
    await expect(
      client.tuples.read(['kept', { '?': 'any' }, { '?': 'float' }, { '?': 'any' }, true, null]),
    ).resolves.toEqual(['kept', 1, { float: 1 }, { bytes: 'AAE=' }, true, null]);
    await expect(client.tuples.take(['taken', 1])).resolves.toBeNull();
  });

  it('brings back the state that was there, by replaying', async () => {
    const before = await client.invoke(DURABLE, 'history');
    expect(before).toMatchObject({ history: [{ result: 1 }, { result: 2 }, { result: 3 }, { result: 4 }] });
    await restart();
    await expect(client.invoke(DURABLE, 'history')).resolves.toEqual(before);
  });
});

describe.each([1, 2, 3])('kill -9 under load, round %i', (round) => {
  it('counts every acknowledged call, and none that was not sent', async () => {
    const address = `${DURABLE}/round-${round}`;
    const enough = Promise.withResolvers<void>();
    const tally = { sent: 0, acknowledged: 0, highest: 0, tuples: 0, tuplesSent: 0, isOver: false };
    const caller = async (): Promise<void> => {
      while (!tally.isOver) {
        tally.sent += 1;
        tally.highest = Math.max(tally.highest, await add(address, 1));
        tally.acknowledged += 1;
        tally.tuplesSent += 1;
        await client.tuples.write(['round', round, tally.tuplesSent]);
        tally.tuples += 1;
        if (tally.acknowledged >= LEAST_ACKNOWLEDGED) enough.resolve();
      }
    };
    const callers = Array.from({ length: LOAD_CALLERS }, () => caller().finally(() => (tally.isOver = true)));
    await Promise.race([enough.promise, ...callers]);
    await daemon.kill();
    const ends = await Promise.allSettled(callers);
    expect(ends.map(({ status }) => status)).toContain('rejected');
    await restart();
    const { operation_count: count } = (await client.invoke(address, 'count')) as { operation_count: number };
    expect(count).toBeGreaterThanOrEqual(LEAST_ACKNOWLEDGED);
    expect(count).toBeGreaterThanOrEqual(tally.acknowledged);
    expect(count).toBeGreaterThanOrEqual(tally.highest);
    expect(count).toBeLessThanOrEqual(tally.sent);
    const tuples = await client.tuples.count(['round', round, { '?': 'int' }]);
    expect(tuples).toBeGreaterThanOrEqual(tally.tuples);
    expect(tuples).toBeLessThanOrEqual(tally.tuplesSent);
  });
});

describe.each([1, 2, 3])('kill -9 under load of calls with idempotency keys, round %i', (round) => {
  it('every key ran once, and gets the reply that it got first, if it got one', async () => {
    const address = `${DURABLE}/keyed-${round}`;
    const replies = new Map<string, number>();
    const keys: string[] = [];
    const enough = Promise.withResolvers<void>();
    const caller = async (name: number): Promise<void> => {
      for (let call = 0; ; call += 1) {
        const key = `${name}.${call}`;
        keys.push(key);
        replies.set(key, await add(address, 1, key));
        if (replies.size >= LEAST_ACKNOWLEDGED) enough.resolve();
      }
    };
    const callers = Array.from({ length: LOAD_CALLERS }, (_none, name) => caller(name));
    await Promise.race([enough.promise, ...callers]);
    await daemon.kill();
    await Promise.allSettled(callers);
    await restart();
    for (const key of keys) {
      const again = await add(address, 1, key);
      expect(again).toBe(replies.get(key) ?? again);
    }
    expect(await client.invoke(address, 'count')).toEqual({ operation_count: keys.length });
    for (let call = 0; call < keys.length; call += 1) await add(address, 1); // control: repeated without their keys they run again
    expect(await client.invoke(address, 'count')).toEqual({ operation_count: 2 * keys.length });
  });
});

async function add(address: string, value: number, idempotencyKey?: string): Promise<number> {
  const reply = await client.invoke(address, 'add', [value], { idempotencyKey });
  const { operation_count: count } = reply as { operation_count: number };
  return count;
}

/** kill -9, which may have happened already, and a new process on the same directory. */
async function restart(): Promise<void> {
  expect(await daemon.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  client.close();
  daemon = await startDaemon(daemon.dataDirectory);
  client = await daemon.connect();
}
