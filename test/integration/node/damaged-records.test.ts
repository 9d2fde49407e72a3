/** Records that bit rot damaged: what stops at each of them and says its name, and what goes on. */
import { join } from 'node:path';
import { patternToMessage, tupleToMessage } from '@plexspaces/proto';
import { examineDataDirectory } from '@plexspaces/runtime';
import { Status } from 'nice-grpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LevelStore } from '../../../packages/runtime/src/store/level-store.ts';
import type { KeyRange } from '../../../packages/runtime/src/store/store.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { copyDirectory } from '../../support/damage.ts';
import { countOf } from '../../support/echo.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { RunningNode } from './running-node.ts';

const CALLS = 25;
const KEYED = { idempotencyKey: 'order 1' };
const TUPLE = tupleToMessage([{ type: 'string', value: 'kept' }]);
const DATA_LOSS = { code: Status.DATA_LOSS };

let temporary: TemporaryDirectory;
let whole: string;
let copy: string;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  whole = join(temporary.path, 'whole');
  copy = join(temporary.path, 'copy');
  const running = await RunningNode.start(whole);
  for (const [applicationId, keepSnapshots] of [
    ['echo', 2],
    ['brief', 1],
  ] as const) {
    await running.applications.deployApplication({
      applicationId,
      version: '1',
      wasmModule: { moduleBytes: readEcho() },
      manifest: { workers: { min: 1, max: 3 }, durability: { checkpointEvery: 10, keepSnapshots } },
    });
  }
  for (let call = 1; call <= 10; call += 1) await running.invoke('brief/one', 'count');
  for (const id of ['echo/one', 'echo/two']) {
    for (let call = 1; call < CALLS; call += 1) await running.invoke(id, 'count');
    await running.invoke(id, 'count', KEYED);
  }
  await running.tuples.write({ tuple: TUPLE });
  // Not closed: a clean stop would take another checkpoint, and nothing would be left in the journals.
  await running.node.close({ deadlineMs: 0 });
  await running.close();
});

afterAll(async () => {
  await temporary[Symbol.asyncDispose]();
});

/** Flips a bit in the values of the keys that are chosen from a range. @returns these keys. */
async function damage(range: KeyRange, choose: (keys: readonly string[]) => readonly string[]): Promise<string[]> {
  copyDirectory(whole, copy);
  const store = await LevelStore.open(join(copy, 'db'));
  const keys = [...choose(await Array.fromAsync(store.range(range), ([key]) => key))];
  for (const key of keys) {
    const value = Buffer.from((await store.get(key)) ?? []);
    value.writeUInt8(value.readUInt8(value.length - 1) ^ 1, value.length - 1);
    await store.batch([{ type: 'put', key, value }], { sync: true });
  }
  await store.close();
  expect(keys).not.toEqual([]);
  return keys;
}

async function problems(): Promise<string[]> {
  const findings = await Array.fromAsync(examineDataDirectory(copy));
  return findings.flatMap((finding) => finding.problems);
}

const recordsOf = (kind: string, key: string, service = 'echo'): KeyRange => ({
  from: `${kind}/${service}\0${key}\0`,
  to: `${kind}/${service}\0${key}\u0001`,
});
const first = (keys: readonly string[]): readonly string[] => keys.slice(0, 1);
const last = (keys: readonly string[]): readonly string[] => keys.slice(-1);
const all = (keys: readonly string[]): readonly string[] => keys;
/** Behind the newest snapshot, and not the newest message. */
const inTail = (keys: readonly string[]): readonly string[] => keys.slice(-4, -3);

describe('a start', () => {
  it.each<[string, KeyRange]>([
    ['tuple', { from: 't/', to: 't0' }],
    ['application', { from: 'a/', to: 'a0' }],
  ])('is refused at a damaged %s, by database and record', async (_what, range) => {
    const [key = ''] = await damage(range, first);
    await expect(RunningNode.start(copy)).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining(`${join(copy, 'db')}: record ${JSON.stringify(key)}`),
    });
    expect(await problems()).toEqual([expect.stringContaining(JSON.stringify(key))]);
  });

  it('finds everything where nothing is damaged (control)', async () => {
    copyDirectory(whole, copy);
    expect(await problems()).toEqual([]);
    await using running = await RunningNode.start(copy);
    await expectRest(running, ['echo/one', 'echo/two']);
  });
});

describe('a damaged actor', () => {
  it('is refused at a damaged record behind its snapshot; the others serve on', async () => {
    const [key = ''] = await damage(recordsOf('j', 'one'), inTail);
    expect(await problems()).toEqual([expect.stringContaining(JSON.stringify(key))]);
    await using running = await RunningNode.start(copy);
    const refused = { ...DATA_LOSS, details: expect.stringContaining(JSON.stringify(key)) };
    await expect(running.invoke('echo/one', 'count')).rejects.toMatchObject(refused);
    await expect(running.invoke('echo/one', 'count')).rejects.toMatchObject(refused);
    await expectRest(running, ['echo/two']);
  });

  it('recovers from the snapshot before a damaged one, which is told', async () => {
    const [key = ''] = await damage(recordsOf('s', 'one'), last);
    expect(await problems()).toEqual([expect.stringContaining(JSON.stringify(key))]);
    await using running = await RunningNode.start(copy);
    await expectRest(running, ['echo/one', 'echo/two']);
    expect(running.lines).toContainEqual(expect.objectContaining({ msg: 'damaged snapshot' }));
  });

  it('does not begin anew where every snapshot is damaged', async () => {
    // A journal that was cut behind the only snapshot looks like one of an actor that never lived.
    const [key = ''] = await damage(recordsOf('s', 'one', 'brief'), all);
    expect(await problems()).toEqual([expect.stringContaining(JSON.stringify(key))]);
    await using running = await RunningNode.start(copy);
    await expect(running.invoke('brief/one', 'count')).rejects.toMatchObject(DATA_LOSS);
    await expectRest(running, ['echo/one', 'echo/two']);
  });

  it('does not run a message again whose idempotency record is damaged', async () => {
    const [key = ''] = await damage(recordsOf('i', 'one'), first);
    expect(await problems()).toEqual([expect.stringContaining(JSON.stringify(key))]);
    await using running = await RunningNode.start(copy);
    await expect(running.invoke('echo/one', 'count', KEYED)).rejects.toMatchObject(DATA_LOSS);
    await expectRest(running, ['echo/one', 'echo/two']);
  });
});

/** They count on from where they were, and the tuple is there. */
async function expectRest(running: RunningNode, ids: readonly string[]): Promise<void> {
  for (const id of ids) expect(countOf((await running.invoke(id, 'count')).output)).toBe(CALLS + 1);
  const pattern = patternToMessage([{ match: 'any' }]);
  expect(await running.tuples.count({ pattern })).toEqual({ count: 1n });
}
