/** What a component made of TypeScript does in a thread: errors with their place, UTF-8, limits of the engine. */
import { readFile } from 'node:fs/promises';
import { TupleSpace, WASMSingletonActor } from '@plexspaces/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../../support/built-actors.ts';
import { recordingLogger } from '../../support/recording-logger.ts';

const MEMORY_BYTES = 32 * 1024 * 1024;
const START_TIMEOUT_MS = 120_000;
const log = recordingLogger();
const space = new TupleSpace();
let actor: WASMSingletonActor;

beforeAll(async () => {
  const component = await readFile(await builtFixture('unruly', 'typescript'));
  const hostApis = { tuplespace: space, logging: log.logger };
  actor = await WASMSingletonActor.start(component, { hostApis, limits: { memoryBytes: MEMORY_BYTES } });
}, START_TIMEOUT_MS);

afterAll(() => actor.shutdown());

describe('what is thrown', () => {
  it.each([
    ['three functions deep, in another file', 'deep', /^TypeError: .*'name'.* \(unruly-parts\.ts:16 in inner\)$/],
    ['in a callback of a chain', 'chain', /^RangeError: in a callback at 1 \(unruly\.ts:17\)$/],
    ['by the actor as its answer', 'no', /^no, for a reason: grüße$/],
    ['with half a character', 'surrogate', /^half a character: \ufffd$/],
    ['and is no error', 'object', /^thrown: {"code":7}$/],
    ['by the host', 'refused', /^INVALID_ARGUMENT: tuple: expected at most 64 fields, found 100$/],
    ['for a promise', 'later', /^TypeError: later: expected a value, found a Promise/],
  ])('reaches the caller: %s', async (_, method, message) => {
    const before = await actor.invoke('calls');
    await expect(actor.invoke(method)).rejects.toMatchObject({
      code: 'EXECUTION_ERROR',
      message: expect.stringMatching(message),
    });
    expect(await actor.invoke('calls')).toBe(Number(before) + 1); // the same instance
  });

  it('is in the log with the author’s lines', async () => {
    await expect(actor.invoke('deep')).rejects.toThrow('TypeError');
    const text = log.lines.map((line) => JSON.stringify(line)).join('\n');
    expect(text).toContain('at inner (unruly-parts.ts:16)');
    expect(text).toContain('at middle (unruly-parts.ts:11)');
    expect(text).toContain('at outer (unruly-parts.ts:7)');
    expect(text).not.toContain('nobody hears this');
  });

  it.each([
    ['memory that ran out', 'memory', { code: 'RESOURCE_EXHAUSTED', details: { reason: 'MEMORY_LIMIT' } }],
    ['a recursion without end', 'recursion', { code: 'INTERNAL', details: { reason: 'TRAP' } }],
  ])('ends the instance: %s', async (_, method, error) => {
    await actor.invoke('calls');
    await expect(actor.invoke(method)).rejects.toMatchObject(error);
    expect(await actor.invoke('calls')).toBe(1);
  });
});

describe('values', () => {
  it('are UTF-8 on each way', async () => {
    const text = 'grüße 🎉\u0000';
    expect(await actor.invoke('text', text)).toEqual({
      bytes: [...Buffer.from(text)],
      decoded: text,
      lossy: '\ufffdA\ufffd',
      tuple: text,
    });
  });

  it('are integers as far as the engine has them, and refused beyond', async () => {
    expect(await actor.invoke('exact', Number.MAX_SAFE_INTEGER)).toEqual(['n', Number.MAX_SAFE_INTEGER]);
    expect(await actor.invoke('exact', -5)).toEqual(['n', -5]);
    space.write([2n ** 60n]);
    await expect(actor.invoke('large')).rejects.toThrow('expected an integer within ±(2^53 − 1)');
  });

  it('are printed as lines of the log', async () => {
    await actor.invoke('log', { b: 'ü' });
    const text = log.lines.map((line) => JSON.stringify(line)).join('\n');
    expect(text).toContain(JSON.stringify('logged {"b":"ü"} [1,{"a":null}]').slice(1, -1));
    expect(text).toContain('Error: told in the log\\n    at log (unruly.ts:');
  });
});
