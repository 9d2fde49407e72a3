/**
 * Actors in TypeScript on a node: the same answers as their twins in Python, the author's line in an error, and after
 * a kill -9 the state, the time and the randomness that were there.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtApplication, builtFixture } from '../support/built-actors.ts';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import { startDaemon } from '../support/daemon.ts';
import type { Daemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { until } from '../support/until.ts';

const APPLICATIONS = ['echo', 'counter', 'calculator', 'tuplespace_calculator', 'word_count', 'poller'] as const;
const PYTHON = ['durable_calculator', 'tuplespace_calculator'] as const;
/** Ten deployments, on a slow machine each behind its build. */
const SET_UP_TIMEOUT_MS = 600_000;
const LOOKS = 4;
const CHECKPOINT_BEHIND = 2;
const ANY = { '?': 'any' } as const;

let daemon: Daemon;
let client: PlexSpacesClient;

beforeAll(async () => {
  daemon = await startDaemon(await makeScratchDirectory());
  client = await daemon.connect();
  for (const name of PYTHON) await deploy(await builtApplication(name));
  for (const name of APPLICATIONS) await deploy(await builtApplication(name, 'typescript'));
  const witness = ['--name', 'witness', '--kind', 'durable'];
  await deploy(await builtFixture('witness', 'typescript'), ...witness);
  await deploy(await builtFixture('unruly', 'typescript'), '--name', 'unruly', '--kind', 'service');
}, SET_UP_TIMEOUT_MS);

afterAll(async () => {
  client.close();
  await daemon.kill();
});

describe('the command build', () => {
  it('says what was made, and of what', async () => {
    const directory = await builtApplication('echo', 'typescript');
    const built = await plexspacesJson(['build', directory]);
    expect(built).toMatchObject({ language: 'typescript', cached: true, path: join(directory, 'dist', 'echo.wasm') });
    const { imports, exports } = built as { imports: string[]; exports: string[] };
    expect(imports).toEqual(expect.arrayContaining(['plexspaces:actor/host@0.1.0', 'wasi:random/random@0.2.12']));
    expect(exports).toContain('plexspaces:actor/actor@0.1.0');
    const { stdout } = await plexspaces(['build', directory]);
    expect(stdout).toMatch(/echo\.wasm {2}typescript {2}1\.\d\d MB {2}sha256 [0-9a-f]{12}… {2}\d+\.\d s, unchanged\n/);
    expect(stdout).toContain('  exports plexspaces:actor@0.1.0: actor\n');
  });
});

describe('the calculators', () => {
  it.each([
    ['add', [1, 2, 3]],
    ['add', Array.from({ length: 10 }, () => 0.1)],
    ['add', [1e308, 1e308]],
    ['add', { operands: [1, 2.5] }],
    ['subtract', [10, 0.1, 0.2]],
    ['multiply', [94_906_267, 94_906_267]],
    ['multiply', [0.1, 3]],
    ['divide', [1, 3]],
    ['divide', [7]],
    ['divide', [1, 2, 0]],
    ['add', []],
    ['add', { other: 1 }],
    ['add', [1, 'ü', null]],
    ['add', [true]],
    ['add', { operands: { a: [1, 'b'] } }],
    ['power', [2, 3]],
    ['count', {}],
    ['history', {}],
  ])('answer %s of %j as in Python', async (method, input) => {
    const [python, typescript] = [
      await answerOf('demo.DurableCalculator.v1', method, input),
      await answerOf('demo.typescript.Calculator.v1', method, input),
    ];
    expect(typescript).toEqual(python);
  });

  it('give the first answer, exactly', async () => {
    const first = client.invoke('demo.typescript.Calculator.v1/first', 'add', [1, 2, 3]);
    await expect(first).resolves.toEqual({ result: 6, operation: 'add', operation_count: 1, durable: true });
  });

  it.each([
    ['add', [1, 2]],
    ['divide', [1, 4]],
    ['count_results', {}],
    ['count_results', { operation: 'add' }],
    ['read_result', 'divide'],
    ['add', ["it's"]],
    ['multiply', [{ a: null }, true]],
    ['divide', [1, 0]],
    ['take_result', 'add'],
    ['take_result', { operation: 'divide' }],
    ['take_result', 'divide'],
  ])('leave and find the same tuples: %s of %j', async (method, input) => {
    const python = await answerOf('demo.TupleSpaceCalculator.v1', method, input);
    const ofPython = await client.tuples.readAll(['calculator_result', ANY, ANY, ANY, ANY]);
    for (const tuple of ofPython) await client.tuples.take(tuple);
    for (const tuple of typescriptTuples) await client.tuples.write(tuple);
    const typescript = await answerOf('demo.typescript.TupleSpaceCalculator.v1', method, input);
    typescriptTuples = await client.tuples.readAll(['calculator_result', ANY, ANY, ANY, ANY]);
    for (const tuple of typescriptTuples) await client.tuples.take(tuple);
    for (const tuple of ofPython) await client.tuples.write(tuple);
    expect(typescript).toEqual(python);
    expect(typescriptTuples).toEqual(ofPython);
  });
});

/** What the space would hold if the actors in TypeScript alone used it. */
let typescriptTuples: Awaited<ReturnType<PlexSpacesClient['tuples']['readAll']>> = [];

describe('an echo', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no text', Buffer.from([0, 0xff, 0xfe])],
    ['JSON with blanks', Buffer.from(' { "a" : 1 } ')],
  ])('gives back %s', async (_, payload) => {
    const { bytes } = await client.call('demo.typescript.Echo.v1', 'any', payload);
    expect(Buffer.from(bytes)).toEqual(payload);
  });
});

describe('a counter', () => {
  it('counts, and says what it does not take', async () => {
    const counter = 'demo.typescript.Counter.v1';
    expect(await client.invoke(counter, 'increment')).toEqual({ count: 1 });
    expect(await client.invoke(counter, 'increment', { by: 5 })).toEqual({ count: 6 });
    expect(await client.invoke(counter, 'get')).toEqual({ count: 6 });
    await expect(client.invoke(counter, 'increment', { by: 'x' })).rejects.toThrow(
      /^by: expected an integer, found "x"$/,
    );
    await expect(client.invoke(counter, 'decrement')).rejects.toThrow(/^unknown method: decrement$/);
  });
});

describe('a word count', () => {
  it.each([1, 4, 16])('in %i parts counts what is there, and leaves nothing behind', async (parts) => {
    const text = 'The cat, the dog; THE END. constructor __proto__ cat2 '.repeat(50);
    const counted = await client.invoke('demo.typescript.WordCount.v1', 'count', { text, parts });
    const top = [
      ['the', 150],
      ['cat', 50],
      ['cat2', 50],
      ['constructor', 50],
      ['dog', 50],
      ['end', 50],
      ['proto', 50],
    ];
    expect(counted).toEqual({ words: 450, distinct: 7, top });
    for (const kind of ['wc-task', 'wc-done']) expect(await client.tuples.count([kind, ANY, ANY, ANY])).toBe(0);
  });

  it('refuses what it cannot split', async () => {
    const count = client.invoke('demo.typescript.WordCount.v1', 'count', { text: 'a', parts: 17 });
    await expect(count).rejects.toThrow(/^parts: expected an integer from 1 to 16, found 17$/);
  });
});

describe('a poller', () => {
  it('takes jobs by itself', async () => {
    for (let job = 0; job < 3; job += 1) await client.tuples.write(['poll-job', job]);
    for (let job = 0; job < 3; job += 1) {
      expect(await client.tuples.take(['poll-result', job], { waitMs: 30_000 })).toEqual(['poll-result', job]);
    }
    const status = await client.invoke('demo.typescript.Poller.v1', 'status');
    expect(status).toMatchObject({ seen: 3 });
    expect((status as { polls: number }).polls).toBeGreaterThan(0);
  });
});

describe('a throw three functions deep', () => {
  it('reaches the caller with message and place, and the log with its stack', async () => {
    const { code, message } = await answerOf('unruly', 'deep', {});
    expect({ code, message }).toEqual({
      code: 'EXECUTION_ERROR',
      message: "TypeError: cannot read property 'name' of undefined (unruly-parts.ts:16 in inner)",
    });
    await until(
      () => daemon.log,
      (text) => text.includes('at outer (unruly-parts.ts:7)'),
    );
  });
});

describe('kill -9', () => {
  it('loses no count, no history, and not the state’s bytes', async () => {
    const address = 'demo.typescript.Calculator.v1/kept';
    for (let call = 1; call <= 12; call += 1) await client.invoke(address, 'add', [call, 0.5]);
    await client.checkpoint(address);
    for (let call = 1; call <= 3; call += 1) await client.invoke(address, 'multiply', [call, 2]);
    const before = (await client.invoke(address, 'history')) as { history: unknown };
    await restart();
    expect(await client.invoke(address, 'history')).toEqual(before);
    const state = JSON.stringify({ operation_count: 15, history: before.history });
    expect(await client.checkpoint(address)).toMatchObject({ stateHash: hash('sha256', state, 'hex') });
    expect(await client.invoke(address, 'add', [1])).toMatchObject({ operation_count: 16 });
    // The control: an actor that is no longer there.
    expect(await client.invoke(`${address} not`, 'add', [1])).toMatchObject({ operation_count: 1 });
  });

  it('replays time and randomness to what they were, from the first message and from a snapshot', async () => {
    const told = new Map<string, unknown[]>();
    for (let number = 1; number <= LOOKS; number += 1) {
      await client.tuples.take(['price', ANY]);
      await client.tuples.write(['price', number]);
      for (const key of ['whole', 'cut']) {
        told.set(key, [...(told.get(key) ?? []), await client.invoke(`witness/${key}`, 'look')]);
      }
      if (number === CHECKPOINT_BEHIND) await client.checkpoint('witness/cut');
    }
    await restart();
    await client.tuples.take(['price', ANY]);
    for (const [key, before] of told) {
      expect(await client.invoke(`witness/${key}`, 'recall')).toEqual(before);
      // The control: drawn again, every value is another one.
      const again = Object.entries((await client.invoke(`witness/${key}`, 'look')) as object);
      expect(again).toHaveLength(9);
      for (const line of before as Record<string, unknown>[]) {
        for (const [source, value] of again) expect({ source, value }).not.toEqual({ source, value: line[source] });
      }
    }
    const { stateHash } = await client.checkpoint('witness/whole');
    expect(stateHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('control: a generator that outlives its message is not replayed, and that is noticed', async () => {
    await client.invoke('witness/kept', 'forget');
    await client.checkpoint('witness/kept');
    await client.invoke('witness/kept', 'forget');
    await restart();
    await expect(client.invoke('witness/kept', 'recall')).rejects.toMatchObject({
      details: { reason: 'REPLAY_DIVERGED' },
    });
  });
});

interface Answer {
  readonly code: string;
  readonly message: string;
  readonly value: unknown;
}

async function answerOf(address: string, method: string, input: unknown): Promise<Answer> {
  try {
    return { code: 'OK', message: '', value: await client.invoke(address, method, input) };
  } catch (error) {
    const { code, message } = error as Answer;
    return { code, message, value: undefined };
  }
}

function deploy(application: string, ...options: string[]): Promise<unknown> {
  return plexspacesJson(['deploy', application, ...options], { node: daemon.grpc });
}

/** kill -9, and a new process on the same directory. */
async function restart(): Promise<void> {
  expect(await daemon.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  client.close();
  daemon = await startDaemon(daemon.dataDirectory);
  client = await daemon.connect();
}
