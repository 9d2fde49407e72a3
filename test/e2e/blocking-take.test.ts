/**
 * Takes that wait, from outside: served first come, first served, when a tuple comes; given up at their time; and whoever
 * has gone takes nothing along. How long it took is judged in the long form only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { PlexSpacesClient, PoolFigures } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../support/built-actors.ts';
import { environment, plexspacesJson } from '../support/command-line.ts';
import { startDaemon } from '../support/daemon.ts';
import type { Daemon, DaemonOptions } from '../support/daemon.ts';
import { wronging } from '../support/faulty-program.ts';
import { cpuMs } from '../support/process-figures.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { IS_SOAK, quickOrLong, tellFigures } from '../support/soak.ts';
import { until } from '../support/until.ts';

const WAITING_CLIENT = fileURLToPath(new URL('../support/waiting-client.ts', import.meta.url));
const LONG_WAIT_MS = 5_000;
const BEFORE_WRITE_MS = quickOrLong(200, 1_000);
const TIMEOUT_MS = 500;
/** The long form has a machine that does nothing else; the quick one judges what came, not when. */
const TOLERANCE_MS = quickOrLong(4_000, 100);
const MAX_IDLE_CPU_MS = quickOrLong(4_000, 100);
const ROUNDS = quickOrLong(1, 20);
const ANY = { '?': 'any' } as const;

interface Scene {
  readonly daemon: Daemon;
  readonly client: PlexSpacesClient;
}

/** The guest as a service of one worker, and of two. */
const APPLICATIONS = { one: 1, two: 2 } as const;
type Application = keyof typeof APPLICATIONS;

let scene: Scene;
let lifo: Scene;
let deaf: Scene;

beforeAll(async () => {
  scene = await open(await makeScratchDirectory());
  const component = await readFile(await builtFixture('space_user'));
  for (const [name, max] of Object.entries(APPLICATIONS)) {
    const manifest = { kind: 'service', workers: { min: max, max } } as const;
    await scene.client.deploy({ name, version: '1.0.0', component, manifest });
  }
  lifo = await open(await copied(), wronging('lifo'));
  deaf = await open(await copied(), wronging('deaf'));
});

afterAll(async () => {
  for (const { client, daemon } of [scene, lifo, deaf]) {
    client.close();
    await daemon.kill();
  }
});

async function open(dataDirectory: string, options: DaemonOptions = {}): Promise<Scene> {
  const daemon = await startDaemon(dataDirectory, options);
  return { daemon, client: await daemon.connect() };
}

/** Of the first node's directory, with the applications. */
async function copied(): Promise<string> {
  const dataDirectory = await makeScratchDirectory();
  await scene.daemon.stop();
  await cp(scene.daemon.dataDirectory, dataDirectory, { recursive: true });
  scene.client.close();
  scene = await open(scene.daemon.dataDirectory);
  return dataDirectory;
}

describe('a take that waits', () => {
  it.each(['client', 'guest'] as const)(
    'of a %s gets what is written meanwhile, at once and without work',
    async (who) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const { tuple, elapsedMs, idleMs } = await waitAndWrite(scene, who, `m${round}`);
        expect(tuple).toEqual([`m${round}`, 1]);
        expect(elapsedMs).toBeGreaterThanOrEqual(BEFORE_WRITE_MS);
        expect(elapsedMs).toBeLessThan(BEFORE_WRITE_MS + TOLERANCE_MS);
        expect(idleMs).toBeLessThan(MAX_IDLE_CPU_MS);
        tellFigures(`a waiting ${who}`, { elapsedMs: Math.round(elapsedMs), cpuMs: idleMs });
      }
    },
  );

  it.each(['client', 'guest'] as const)('of a %s finds nothing when its time is up', async (who) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedAt = performance.now();
      expect(await take(scene.client, who, 'never', TIMEOUT_MS)).toBeNull();
      const elapsedMs = performance.now() - startedAt;
      expect(elapsedMs).toBeGreaterThanOrEqual(TIMEOUT_MS);
      expect(elapsedMs).toBeLessThan(TIMEOUT_MS + TOLERANCE_MS);
      tellFigures(`a ${who} that gives up`, { elapsedMs: Math.round(elapsedMs) });
    }
  });

  it.runIf(IS_SOAK)('control: asking again and again is work', async () => {
    const { client, daemon } = scene;
    const before = cpuMs(daemon.pid);
    const endsAt = performance.now() + BEFORE_WRITE_MS;
    while (performance.now() < endsAt) expect(await client.tuples.take(['asked', ANY])).toBeNull();
    expect(cpuMs(daemon.pid) - before).toBeGreaterThan(MAX_IDLE_CPU_MS);
  });

  it('is served in its turn, clients and guests alike', async () => {
    expect(await serveFour(scene)).toEqual([1, 2, 3, 4]);
  });

  it('control: served last come, first served, they get others', async () => {
    expect(await serveFour(lifo)).toEqual([4, 3, 2, 1]);
  });
});

describe('the only worker waits for what a queued call would write', () => {
  it('ends in POOL_STARVED, and the next calls run', async () => {
    const { client } = scene;
    const waits = client.invoke('one', 'take', { pattern: ['mine', null], wait_ms: 1_000 });
    const caught = waits.catch((thrown: unknown) => thrown);
    await blocked(client, 'one', 1);
    const writes = client.invoke('one', 'write', { tuple: ['mine', 1] });
    await until(
      () => client.pool('one'),
      ({ queued }) => queued === 1,
    );
    const figures = (await plexspacesJson(['pool', 'one'], { node: scene.daemon.grpc })) as PoolFigures;
    expect(figures).toMatchObject({ active: 1, queued: 1, blockedOnTuplespace: 1 });
    expect(String(await caught)).toContain('POOL_STARVED');
    await writes;
    await expect(client.invoke('one', 'take', { pattern: ['mine', null] })).resolves.toEqual(['mine', 1]);
    await expect(client.pool('one')).resolves.toMatchObject({ active: 0, queued: 0, blockedOnTuplespace: 0 });
  });

  it('control: with one worker more it gets its tuple', async () => {
    const { client } = scene;
    const waits = client.invoke('two', 'take', { pattern: ['ours', null], wait_ms: LONG_WAIT_MS });
    await blocked(client, 'two', 1);
    await client.invoke('two', 'write', { tuple: ['ours', 1] });
    await expect(waits).resolves.toEqual(['ours', 1]);
  });
});

/** Each waits, and is gone when it resolves. */
const GONE: Readonly<Record<string, (scene: Scene, name: string) => Promise<void>>> = {
  'whose time was up': async ({ client }, name) => {
    expect(await client.tuples.take([name, ANY], { waitMs: 50 })).toBeNull();
  },
  'that its client cancelled': async ({ client }, name) => {
    const cancel = new AbortController();
    const waits = client.tuples.take([name, ANY], { waitMs: 60_000, signal: cancel.signal });
    await client.tuples.count([name, ANY]); // sent behind it
    cancel.abort();
    await expect(waits).rejects.toMatchObject({ code: 'CANCELLED' });
    await client.tuples.count([name, ANY]); // behind the cancellation
  },
  'whose client was killed': async ({ daemon, client }, name) => {
    const flags = ['--conditions=@plexspaces/source', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, WAITING_CLIENT, daemon.grpc, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: environment(),
    });
    const [line]: unknown[] = await once(child.stdout, 'data');
    expect(String(line)).toBe('waiting\n');
    child.kill('SIGKILL');
    await once(child, 'exit');
    for (let times = 0; times < 3; times += 1) await client.tuples.count([name]); // the node has seen its connection go
  },
  'of a guest whose time was up': async ({ client }, name) => {
    expect(await client.invoke('one', 'take', { pattern: [name, null], wait_ms: 50 })).toBeNull();
  },
  'of a guest whose call was past its deadline': async ({ client }, name) => {
    const input = { pattern: [name, null], wait_ms: 60_000 };
    const waits = client.invoke('one', 'take', input, { deadlineMs: 500 });
    await blocked(client, 'one', 1);
    await waits.catch(() => undefined);
    await blocked(client, 'one', 0);
  },
  'of a guest whose thread was ended': async ({ client }, name) => {
    const input = { pattern: [name, null], wait_ms: 60_000 };
    const waits = client.invoke('one', 'take', input);
    await blocked(client, 'one', 1);
    const ended = waits.catch((thrown: unknown) => thrown);
    await client.stop('one', { force: true });
    expect(await ended).toMatchObject({ code: 'UNAVAILABLE' });
    await client.start('one');
  },
};

describe('a waiter', () => {
  it.each(Object.entries(GONE))('%s takes nothing along', async (name, waitAndGo) => {
    await waitAndGo(scene, name);
    expect(await leftOfOne(scene, name)).toBe(1);
  });

  it.each(Object.entries(GONE))('%s does, where it stays: control', async (name, waitAndGo) => {
    await waitAndGo(deaf, name);
    expect(await leftOfOne(deaf, name)).toBe(0);
  });
});

interface Waited {
  readonly tuple: unknown;
  readonly elapsedMs: number;
  /** CPU time of the node between the begin of the wait and the write. */
  readonly idleMs: number;
}

async function waitAndWrite({ daemon, client }: Scene, who: 'client' | 'guest', name: string): Promise<Waited> {
  const startedAt = performance.now();
  const waits = take(client, who, name, LONG_WAIT_MS);
  if (who === 'guest') await blocked(client, 'one', 1);
  else await client.tuples.count([name, ANY]); // sent behind it
  const before = cpuMs(daemon.pid);
  await setTimeout(BEFORE_WRITE_MS - (performance.now() - startedAt));
  const idleMs = cpuMs(daemon.pid) - before;
  await client.tuples.write([name, 1]);
  const tuple = await waits;
  return { tuple, elapsedMs: performance.now() - startedAt, idleMs };
}

async function take(
  client: PlexSpacesClient,
  who: 'client' | 'guest',
  name: string,
  waitMs: number,
  application: Application = 'one',
): Promise<unknown> {
  if (who === 'client') return client.tuples.take([name, ANY], { waitMs });
  return client.invoke(application, 'take', { pattern: [name, null], wait_ms: waitMs });
}

/** Two guests and two clients wait, one after the other. @returns what each of them got. */
async function serveFour({ client }: Scene): Promise<unknown[]> {
  const waiting: Promise<unknown>[] = [];
  for (const [at, who] of (['guest', 'client', 'guest', 'client'] as const).entries()) {
    waiting.push(take(client, who, 'turn', 60_000, 'two'));
    if (who === 'guest') await blocked(client, 'two', at / 2 + 1);
    else await client.tuples.count(['turn', ANY]); // sent behind it
  }
  for (const number of [1, 2, 3, 4]) await client.tuples.write(['turn', number]);
  const got = await Promise.all(waiting);
  return got.map((tuple) => (tuple as unknown[])[1]);
}

async function leftOfOne({ client }: Scene, name: string): Promise<number> {
  await client.tuples.write([name, 1]);
  return client.tuples.count([name, ANY]);
}

async function blocked(client: PlexSpacesClient, application: Application, workers: number): Promise<void> {
  await until(
    () => client.pool(application),
    ({ blockedOnTuplespace }) => blockedOnTuplespace === workers,
  );
}
