/** What a program injects, as Python guests use it: state, timers, subscriptions; and what a singleton does by itself. */
import { SharedState, TupleSpace, WASMActor, WASMSingletonActor } from '@plexspaces/runtime';
import type { HostApis, SingletonOptions } from '@plexspaces/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../../support/built-actors.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';
import { until } from '../../support/until.ts';

const BUILD_TIMEOUT_MS = 120_000;
const ANY = { '?': 'any' } as const;
const HEARD = ['heard', ANY, ANY, ANY, ANY] as const;
const LONG = { waitMs: 20_000 };

let alarm: string;
let puppet: string;
let table: string;
let cacheDirectory: string;

beforeAll(async () => {
  alarm = await builtFixture('alarm');
  puppet = await builtFixture('puppet');
  table = await builtFixture('tuple_table');
  cacheDirectory = await makeScratchDirectory();
  for (const component of [alarm, puppet, table]) {
    await (await WASMActor.start(component, { cacheDirectory })).shutdown(); // prepared now for all that follow
  }
}, BUILD_TIMEOUT_MS);

describe('state', () => {
  it('is one for all actors and the program that have the same, and nobody else’s', async () => {
    const state = new SharedState();
    await using one = await startAlarm({ state }, 'test.One');
    await using other = await startAlarm({ state }, 'test.Other');
    await using stranger = await startAlarm({ state: new SharedState() });
    const version = await one.invoke('put', { key: 'k', value: 'one', if_version: 0 });
    await expect(other.invoke('get', { key: 'k' })).resolves.toEqual(['one', version]);
    await expect(other.invoke('put', { key: 'k', value: 'two', if_version: 0 })).resolves.toBeNull();
    expect(state.put('k', Buffer.from('program'), { ifVersion: BigInt(Number(version)) })).toBeTypeOf('bigint');
    await expect(one.invoke('get', { key: 'k' })).resolves.toMatchObject(['program', expect.any(Number)]);
    await expect(stranger.invoke('get', { key: 'k' })).resolves.toBeNull();
    await expect(other.invoke('list', {})).resolves.toEqual(['k']);
    await expect(other.invoke('delete', { key: 'k' })).resolves.toBe(true);
    expect(state.get('k')).toBeUndefined();
  });
});

describe('what was not injected', () => {
  it.each([
    ['state-get', 'get', { key: 'k' }],
    ['state-put', 'put', { key: 'k', value: 'v' }],
    ['send-after', 'set', { delays: [1], name: 'n' }],
    ['cancel-timer', 'cancel', { timer: 1 }],
  ])('%s is PERMISSION_DENIED', async (name, method, input) => {
    await using actor = await startAlarm({ tuplespace: new TupleSpace() });
    await expect(actor.invoke(method, input)).rejects.toMatchObject({
      code: 'EXECUTION_ERROR',
      message: expect.stringContaining(`PERMISSION_DENIED: ${name}`),
    });
  });

  it.each([
    ['send-message', ['tell', 'test.Puppet', 'x', []]],
    ['ask', ['ask', 'test.Puppet', []]],
  ])('%s is PERMISSION_DENIED: messages to others take a node', async (name, step) => {
    const hostApis = { tuplespace: new TupleSpace(), state: new SharedState(), timers: true };
    await using actor = await WASMActor.start(puppet, { cacheDirectory, hostApis });
    const denied = [{ error: expect.stringContaining(`PERMISSION_DENIED: ${name}`) }];
    await expect(actor.invoke('do', [step])).resolves.toEqual(denied);
  });
});

describe('a singleton without a client', () => {
  it('goes on by its own timers, and keeps its state', async () => {
    const tuplespace = new TupleSpace();
    await using singleton = await startAlarm({ tuplespace, timers: true });
    await singleton.invoke('set', { delays: [300, 100, 200], name: 'w' });
    const taken = [1, 2, 3].map(() => tuplespace.take(HEARD, LONG));
    const payloads = (await Promise.all(taken)).map((tuple) => tuple?.[4]);
    expect(payloads).toEqual(['w.1', 'w.2', 'w.0']);
    await expect(singleton.invoke('heard')).resolves.toHaveLength(3);
  });

  it('is told at intervals, one message at a time; nobody else is', async () => {
    const [tuplespace, quiet] = [new TupleSpace(), new TupleSpace()];
    const every = [{ intervalMs: 10, messageType: 'slow', payload: { n: 1 } }];
    await using control = await startAlarm({ tuplespace: quiet });
    await using singleton = await startAlarm({ tuplespace }, 'test.Poller', { every });
    for (let tick = 0; tick < 5; tick += 1) {
      const tuple = await tuplespace.take(HEARD, LONG);
      expect(tuple).toEqual(['heard', 'test.Poller', 'timer/every/0', 'slow', '{"n":1}']);
    }
    expect(singleton.stats().queued).toBeLessThanOrEqual(1);
    expect([quiet.count(HEARD), control.stats().completed]).toEqual([0, 0]);
  });

  it('is told of nothing any more when it has been shut down', async () => {
    const tuplespace = new TupleSpace();
    const every = [{ intervalMs: 10, messageType: 'tick' }];
    const singleton = await startAlarm({ tuplespace }, 'test.Ended', { every });
    await tuplespace.take(HEARD, LONG);
    await singleton.shutdown();
    while ((await tuplespace.take(HEARD)) !== undefined);
    await expect(tuplespace.take(HEARD, { waitMs: 50 })).resolves.toBeUndefined();
  });
});

describe('subscriptions', () => {
  it('bring later tuples, of actors and of the program, as messages', async () => {
    const tuplespace = new TupleSpace();
    await using actor = await WASMSingletonActor.start(table, { cacheDirectory, hostApis: { tuplespace } });
    await using writer = await startAlarm({ tuplespace }, 'test.Writer');
    tuplespace.write(['heard', 'before', 'it', 'subscribed', '']);
    const { id } = (await actor.invoke('subscribe', { pattern: HEARD })) as { id: number };
    tuplespace.write(['heard', 'of', 'the', 'program', '']);
    tuplespace.write(['unheard']);
    writer.tell('t', 'p');
    await until(
      () => actor.invoke('recall'),
      (seen) => (seen as { told: unknown[] }).told.length === 2,
    );
    const from = `tuplespace/${id}`;
    await expect(actor.invoke('recall')).resolves.toEqual({
      told: [
        [from, 'heard', 'of', 'the', 'program', ''],
        [from, 'heard', 'test.Writer', 'client', 't', '"p"'],
      ],
    });
  });
});

describe('what fails in the background', () => {
  it('is in the log', async () => {
    const { logger, lines } = recordingLogger();
    await using actor = await startAlarm({ logging: logger }, 'test.Failing');
    actor.tell('tick'); // it writes to a tuple space that it has not
    await until(
      () => lines.filter(({ msg }) => msg === 'a message was not handled'),
      ({ length }) => length === 1,
    );
    expect(lines.at(-1)).toMatchObject({ actor: 'test.Failing', messageType: 'tick', fromActor: 'client' });
    expect(lines.at(-1)?.['error']).toContain('PERMISSION_DENIED: tuplespace-write');
  });
});

function startAlarm(
  hostApis: HostApis = {},
  service?: string,
  options: SingletonOptions = {},
): Promise<WASMSingletonActor> {
  return WASMSingletonActor.start(alarm, { cacheDirectory, hostApis, service, ...options });
}
