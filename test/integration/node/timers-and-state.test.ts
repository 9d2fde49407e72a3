/** Timers, messages that come again and shared state, of Python actors on a whole node, over stops and restarts. */
import { readFile } from 'node:fs/promises';
import { connect } from '@plexspaces/client';
import type { ApplicationManifest, PlexSpacesClient } from '@plexspaces/client';
import type { NodeOptions } from '@plexspaces/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../packages/runtime/src/store/store.ts';
import { builtFixture } from '../../support/built-actors.ts';
import { OutstandingStore } from '../../support/outstanding-store.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';
import { RunningNode } from './running-node.ts';

const BUILD_TIMEOUT_MS = 120_000;
const ANY = { '?': 'any' } as const;
const ONE_WORKER = { min: 1, max: 1 };
const LATER_MS = 3_600_000;

let component: Uint8Array;
let temporary: TemporaryDirectory;
let running: RunningNode;
let client: PlexSpacesClient;

beforeAll(async () => {
  component = await readFile(await builtFixture('alarm'));
  temporary = await makeTemporaryDirectory();
  await start();
  await deploy('other', { kind: 'service', workers: ONE_WORKER });
  await deploy('alarm', { kind: 'durable', workers: { ...ONE_WORKER, idleTimeoutMs: 100 } });
}, BUILD_TIMEOUT_MS);

afterAll(async () => {
  await stop();
  await temporary[Symbol.asyncDispose]();
});

describe('shared state', () => {
  it('is one store for all keys of a service, with conditions on versions, and outlives the node', async () => {
    await deploy('vault', { kind: 'durable', workers: { min: 1, max: 2 } });
    const version = await ask('vault/a', 'put', { key: 'k', value: 'one', if_version: 0 });
    expect(await ask('vault/b', 'get', { key: 'k' })).toEqual(['one', version]);
    expect(await ask('vault/b', 'put', { key: 'k', value: 'two', if_version: 0 })).toBeNull();
    const second = await ask('vault/b', 'put', { key: 'k', value: 'two', if_version: version });
    await ask('vault/a', 'put', { key: 'ka', value: '', ttl_ms: LATER_MS });
    await restart();
    expect(await ask('vault/a', 'get', { key: 'k' })).toEqual(['two', second]);
    expect(await ask('vault/a', 'list', { prefix: 'k' })).toEqual(['k', 'ka']);
    expect(await ask('vault/a', 'delete', { key: 'k', if_version: version })).toBe(false);
    expect(await ask('vault/a', 'delete', { key: 'k' })).toBe(true);
    expect(await ask('vault/a', 'put', { key: 'k', value: 'again', if_version: 0 })).toBeGreaterThan(Number(second));
  });

  it('is no other service’s, and goes with a purge alone', async () => {
    await deploy('safe', { kind: 'service', workers: ONE_WORKER });
    await ask('safe', 'put', { key: 'k', value: 'kept' });
    expect(await ask('other', 'get', { key: 'k' })).toBeNull();
    await client.undeploy('safe');
    await deploy('safe', { kind: 'service', workers: ONE_WORKER });
    expect(await ask('safe', 'get', { key: 'k' })).toMatchObject(['kept', expect.any(Number)]);
    await client.undeploy('safe', { purge: true });
    await deploy('safe', { kind: 'service', workers: ONE_WORKER });
    expect(await ask('safe', 'list')).toEqual([]);
    await restart();
    expect(await ask('safe', 'list')).toEqual([]);
  });

  it('is refused to whoever has not the capability', async () => {
    await deploy('poor', { kind: 'durable', workers: ONE_WORKER, capabilities: ['tuplespace', 'log'] });
    await expect(client.call('poor', 'list')).rejects.toMatchObject({
      code: 'EXECUTION_ERROR',
      message: expect.stringMatching(/PERMISSION_DENIED: state-list/),
    });
    await expect(client.call('poor', 'set', { delays: [1], name: 'x' })).rejects.toMatchObject({
      message: expect.stringMatching(/PERMISSION_DENIED: send-after/),
    });
  });
});

describe('a timer of a durable actor', () => {
  it('brings a passivated actor its message, once, unless it was cancelled', async () => {
    const [cancelled, first = 0, last = 0] = await set('alarm/a', [LATER_MS, 800, 900], 't');
    expect(await ask('alarm/b', 'cancel', { timer: cancelled })).toBe(false);
    expect(await ask('alarm/a', 'cancel', { timer: cancelled })).toBe(true);
    expect(await ask('alarm/a', 'cancel', { timer: cancelled })).toBe(false);
    await until(
      () => statusOf('alarm/a'),
      (status) => status === 'passive',
    );
    await untilHeard('alarm/a', 't.2');
    expect(await ask('alarm/a', 'heard')).toEqual([
      [`timer/${first}`, 'wake', 't.1'],
      [`timer/${last}`, 'wake', 't.2'],
    ]);
    expect(await ask('alarm/a', 'cancel', { timer: first })).toBe(false);
  });

  it('waits for its application, and comes when that runs again', async () => {
    const ofC = ['heard', 'alarm/c', ANY, ANY, ANY] as const;
    await set('alarm/c', [400, 450], 'stopped');
    await client.stop('alarm');
    const before = await client.tuples.count(ofC);
    await set('other', [500], 'behind them');
    await untilHeard('other', 'behind them.0');
    expect(await client.tuples.count(ofC)).toBe(before);
    expect(refusedDeliveries()).toEqual([]);
    await client.start('alarm');
    await untilHeard('alarm/c', 'stopped.1');
    expect(await ask('alarm/c', 'heard')).toHaveLength(2);
  });

  it('outlives the node, and fires right after the start where it became due meanwhile', async () => {
    const [due = 0, later] = await set('alarm/d', [50, LATER_MS], 'down');
    await restart();
    await untilHeard('alarm/d', 'down.0');
    await restart();
    expect(await ask('alarm/d', 'heard')).toEqual([[`timer/${due}`, 'wake', 'down.0']]);
    expect(await ask('alarm/d', 'cancel', { timer: later })).toBe(true);
  });

  it('stands where a rewind cuts the message that set it, and is told', async () => {
    expect(await ask('alarm/e', 'heard')).toEqual([]);
    const { sequence } = await client.checkpoint('alarm/e');
    const [timer] = await set('alarm/e', [LATER_MS], 'cut');
    expect(await client.rewind('alarm/e', sequence)).toMatchObject({
      standingEffects: [{ sequence: sequence + 1, function: 'send-after' }],
    });
    expect(await ask('alarm/e', 'cancel', { timer })).toBe(true);
  });

  it('goes with a purge', async () => {
    await set('alarm/f', [300], 'purged');
    await client.undeploy('alarm', { purge: true });
    await deploy('alarm', { kind: 'durable', workers: ONE_WORKER });
    await set('alarm/f', [300], 'mine');
    await untilHeard('alarm/f', 'mine.0');
    expect(await ask('alarm/f', 'heard')).toHaveLength(1);
  });

  it('is refused with a payload that its actor would not be given', async () => {
    await deploy('small', { kind: 'durable', workers: ONE_WORKER, limits: { payloadBytes: 100 } });
    const much = client.call('small', 'set', { delays: [1], name: 'x', times: 99 });
    await expect(much).rejects.toThrow(/RESOURCE_EXHAUSTED: payload: expected at most 100 bytes, found 101/);
    expect(await set('small', [1], 'x')).toHaveLength(1);
  });
});

describe('a timer of another actor', () => {
  it('of a singleton comes to its instance, and goes with the process', async () => {
    await deploy('single', { kind: 'singleton' });
    await set('single', [1], 'here');
    await untilHeard('single', 'here.0');
    await set('single', [LATER_MS], 'lost');
    expect(await ask('single', 'heard')).toHaveLength(1);
    const [lost] = await set('single', [LATER_MS], 'lost');
    await restart();
    expect(await ask('single', 'cancel', { timer: lost })).toBe(false);
  });
});

describe('every', () => {
  it.each(['service', 'singleton', 'durable'] as const)(
    'comes to a %s again and again, with its payload',
    async (kind) => {
      const name = `ticked-${kind}`;
      const address = kind === 'durable' ? `${name}/default` : name;
      await deploy(name, {
        kind,
        workers: ONE_WORKER,
        every: [{ intervalMs: 20, messageType: 'tick', payload: { a: 1 } }],
      });
      const pattern = ['heard', address, 'timer/every/0', 'tick', '{"a":1}'];
      await until(
        () => client.tuples.count(pattern),
        (count) => count >= 3,
      );
      await client.stop(name);
      const count = await client.tuples.count(pattern);
      await set('other', [100], name);
      await untilHeard('other', `${name}.0`);
      expect(await client.tuples.count(pattern)).toBe(count);
      expect(refusedDeliveries()).toEqual([]);
      await client.start(name);
      await until(
        () => client.tuples.count(pattern),
        (more) => more > count,
      );
      await client.undeploy(name, { purge: true });
    },
  );

  it('queues none behind one that waits or is being handled', async () => {
    let store: OutstandingStore | undefined;
    await using own = await makeTemporaryDirectory();
    await using node = await RunningNode.start(own.path, {
      decorateStore: (inner: Store) => (store = new OutstandingStore(inner)),
    });
    const slow = await connect(node.node.addresses.grpc);
    const every = [{ intervalMs: 10, messageType: 'slow', payload: '' }];
    await slow.deploy({ name: 'slow', version: '1', component, manifest: { workers: ONE_WORKER, every } });
    await until(
      () => slow.tuples.count(['heard', ANY, ANY, 'slow', ANY]),
      (count) => count >= 5,
    );
    slow.close();
    expect(store?.most).toBe(1);
  });
});

async function start(options: Partial<NodeOptions> = {}): Promise<void> {
  running = await RunningNode.start(temporary.path, options);
  client = await connect(running.node.addresses.grpc);
}

async function stop(): Promise<void> {
  client.close();
  await running.close();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function deploy(name: string, manifest: ApplicationManifest): Promise<void> {
  await client.deploy({ name, version: '1', component, manifest });
}

async function ask(address: string, method: string, input: object = {}): Promise<unknown> {
  return (await client.call(address, method, input)).value;
}

async function set(address: string, delays: readonly number[], name: string): Promise<number[]> {
  const timers = await ask(address, 'set', { delays, name });
  return Array.isArray(timers) ? timers.map(Number) : [];
}

/** None was tried where it could not come about. */
function refusedDeliveries(): string[] {
  return running.lines.map(({ msg }) => msg).filter((msg) => /waits for room|is left out/.test(msg));
}

async function statusOf(id: string): Promise<string | undefined> {
  return (await client.actors()).find((actor) => actor.id === id)?.status;
}

async function untilHeard(address: string, payload: string): Promise<void> {
  await until(
    () => client.tuples.count(['heard', address, ANY, ANY, payload]),
    (count) => count > 0,
  );
}
