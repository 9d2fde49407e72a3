/**
 * Guests that never end, trap, overflow, grow and lie, mixed at random among good ones: every call settles as what it
 * was, what was replaced is back, and neighbours notice nothing. What a guest finds of the host is sandbox.test.ts'.
 */
import { readFile } from 'node:fs/promises';
import type { PlexSpacesClient } from '@plexspaces/client';
import { codeOfGrpcStatus, PlexSpacesError } from '@plexspaces/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtFixture } from '../support/built-actors.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { countOf } from '../support/echo.ts';
import { UNWATCHED } from '../support/faulty-program.ts';
import { codeOf, tally } from '../support/outcomes.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { SeededRandom } from '../support/seeded-random.ts';
import { IS_SOAK, PATIENT, quickOrLong, tellFigures, TEST_TIMEOUT_MS } from '../support/soak.ts';
import { openWire, Refusal } from '../support/wire.ts';
import type { Wire } from '../support/wire.ts';

const CALLS = quickOrLong(60, 1_000);
const AT_ONCE = 6;
/** A short run says nothing of what stays. */
const MAX_GROWTH = quickOrLong(Infinity, 0.1);
const MIB = 1_048_576;
const NOTHING = new Uint8Array();
const GARBAGE = Uint8Array.from([0xff, 0xfe, 0x00, 0x7b, 0x80]);
const MODULE_HEADER = Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
const LIMITS = { callMs: 20_000, cpuMs: 300, memoryBytes: 48 * MIB, payloadBytes: 65_536 };
const POOLS = ['echo', 'impatient', 'python', 'neighbour'];
const MIN = 1;
const MAX = 2;

/** What is done, and every way in which it may end. */
interface Deed {
  readonly what: string;
  readonly ends: readonly string[];
  readonly run: () => Promise<unknown>;
}

let daemon: Daemon;
let client: PlexSpacesClient;
let wire: Wire;

beforeAll(async () => {
  daemon = await startFreshDaemon();
  client = await daemon.connect(PATIENT);
  wire = await openWire(daemon.grpc);
  await deployEcho(client, 'echo', { limits: LIMITS });
  await deployEcho(client, 'impatient', { limits: { ...LIMITS, callMs: 100, cpuMs: 20_000 } });
  await deployEcho(client, 'neighbour', {});
  await deployEcho(client, 'durable', { kind: 'durable', durability: { maxAttempts: 2 } });
  const component = await readFile(await builtFixture('probe'));
  const workers = { min: MIN, max: MAX, idleTimeoutMs: 200 };
  const manifest = { kind: 'service', workers, limits: { ...LIMITS, cpuMs: 5_000 } } as const;
  await client.deploy({ name: 'python', version: '1', component, manifest });
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  wire.close();
  client.close();
  await daemon.kill();
});

describe(`${CALLS} hostile and good calls in any order`, () => {
  it(
    'end as what they were, one by one, and leave the node as it was',
    async () => {
      const random = seededRandom();
      if (IS_SOAK) await runAll(random, deeds(), CALLS); // memory that is taken once is no leak
      const before = daemon.rssBytes();
      const outcomes = await runAll(random, deeds(), CALLS);
      expect(outcomes.filter(({ isExpected }) => !isExpected).map(({ text }) => text)).toEqual([]);
      expect(outcomes).toHaveLength(CALLS);
      for (const name of POOLS) await untilAtRest(name);
      const growth = daemon.rssBytes() / before - 1;
      expect(growth).toBeLessThan(MAX_GROWTH);
      const text = tally(outcomes.map((outcome) => outcome.text));
      tellFigures('hostile', { seed: random.seed, calls: CALLS, growthPercent: Math.round(growth * 100), ...text });
      expect(daemon.isRunning).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );

  it('are counted: what was replaced had failed', async () => {
    const pool = await client.pool('impatient');
    expect(pool.failed).toBe(pool.replaced);
    const text = await (await fetch(`http://${daemon.http}/metrics`)).text();
    expect(text).toContain(`plexspaces_pool_workers_replaced_total{application="impatient"} ${pool.replaced}`);
  });
});

describe('a message that always traps', () => {
  it('is put into quarantine; its actor and the others are served', async () => {
    await client.tell('durable/victim', 'trap', NOTHING);
    expect(countOf((await client.call('durable/other', 'count', NOTHING)).bytes)).toBe(1);
    // The actor's next activation tries it again and gives it up.
    expect(countOf((await client.call('durable/victim', 'count', NOTHING)).bytes)).toBe(1);
    await vi.waitFor(async () => expect(await client.quarantine.list('durable')).toHaveLength(1), { timeout: 10_000 });
    const [message] = await client.quarantine.list('durable');
    expect(message).toMatchObject({ id: 'durable/victim', messageType: 'trap', attempts: 2 });
    expect(countOf((await client.call('durable/victim', 'count', NOTHING)).bytes)).toBe(2);
  });
});

describe('a guest that never ends', () => {
  it('has its thread for as long as it may, and then whoever waits has it', async () => {
    await expect(loopThenCall(client)).resolves.toEqual(['RESOURCE_EXHAUSTED CPU_LIMIT', 'ok']);
    await untilAtRest('echo');
  });

  it('the control: without limits it keeps its thread, and the next call waits for ever', async () => {
    await using unwatched = await startFreshDaemon(UNWATCHED);
    const connected = await unwatched.connect();
    try {
      await deployEcho(connected, 'echo', { limits: LIMITS });
      expect(await loopThenCall(connected)).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
      expect(await connected.pool('echo')).toMatchObject({ active: MAX, idle: 0, replaced: 0 });
    } finally {
      connected.close();
    }
  });
});

/** One of each kind that a hostile client or guest can do. */
function deeds(): Deed[] {
  const call =
    (to: string, method: string, payload: Uint8Array | object = NOTHING) =>
    (): Promise<unknown> =>
      client.call(to, method, payload);
  const hash = '00'.repeat(32);
  const upload = (bytes: number) => (): Promise<unknown> =>
    wire
      .upload('plexspaces.v1.ModuleService', 'UploadModule', [{ header: { hash, size_bytes: bytes } }])
      .catch(refused);
  let deployed = 0;
  const deploy = (start: Uint8Array) => (): Promise<unknown> => {
    deployed += 1; // each is another module
    const component = Uint8Array.from([...start, 0, 5, 1, 0x61, deployed >> 8, deployed & 0xff, 0]); // in a section that says nothing
    return client.deploy({ name: `garbage-${deployed}`, version: '1', component, manifest: { kind: 'service' } });
  };
  return [
    { what: 'a loop past its CPU time', ends: ['RESOURCE_EXHAUSTED CPU_LIMIT'], run: call('echo', 'loop') },
    { what: 'a loop past its deadline', ends: ['DEADLINE_EXCEEDED'], run: call('impatient', 'loop') },
    { what: 'a trap', ends: ['INTERNAL TRAP'], run: call('echo', 'trap') },
    { what: 'a stack overflow', ends: ['RESOURCE_EXHAUSTED STACK_OVERFLOW'], run: call('echo', 'recurse') },
    { what: 'a memory that grows until it cannot', ends: ['ok'], run: call('echo', 'grow') },
    { what: "the guest's no", ends: ['EXECUTION_ERROR'], run: call('echo', 'fail') },
    { what: 'too large a payload', ends: ['RESOURCE_EXHAUSTED PAYLOAD_TOO_LARGE'], run: call('echo', 'echo', big()) },
    { what: 'a Python exception', ends: ['EXECUTION_ERROR'], run: call('python', 'boom') },
    { what: 'Python without memory', ends: ['RESOURCE_EXHAUSTED MEMORY_LIMIT'], run: call('python', 'exhaust') },
    { what: 'Python that leaves', ends: ['INTERNAL GUEST_EXIT'], run: call('python', 'exit') },
    { what: 'garbage for Python', ends: ['EXECUTION_ERROR'], run: call('python', 'echo', GARBAGE) },
    { what: 'a good call of Python', ends: ['ok'], run: call('python', 'echo', { value: 1 }) },
    { what: 'a module of garbage', ends: ['INVALID_ARGUMENT NOT_A_COMPONENT'], run: deploy(GARBAGE) },
    { what: 'a core module', ends: ['INVALID_ARGUMENT NOT_A_COMPONENT'], run: deploy(MODULE_HEADER) },
    { what: 'an upload of 1 GiB', ends: ['RESOURCE_EXHAUSTED'], run: upload(1024 * MIB) },
    { what: 'a good call', ends: ['ok'], run: call('neighbour', 'echo') },
  ];
}

function refused(thrown: unknown): never {
  throw thrown instanceof Refusal ? new PlexSpacesError(codeOfGrpcStatus(thrown.code), thrown.message) : thrown;
}

function big(): Uint8Array {
  return new Uint8Array(LIMITS.payloadBytes + 1);
}

interface Ended {
  readonly text: string;
  readonly isExpected: boolean;
}

/** A few at once, drawn one after the other; a good call of a neighbour beside each. */
async function runAll(random: SeededRandom, all: readonly Deed[], calls: number): Promise<Ended[]> {
  const ended: Ended[] = [];
  let left = calls;
  const runner = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const deed = all[random.below(all.length)];
      if (deed === undefined) throw new Error('expected a deed, found none');
      const [outcome, neighbour] = await Promise.all([
        howItEnds(deed.run()),
        howItEnds(client.call('neighbour', 'echo', GARBAGE)),
      ]);
      const isExpected = deed.ends.includes(outcome) && neighbour === 'ok';
      ended.push({
        text: `${deed.what}: ${outcome}${neighbour === 'ok' ? '' : `, neighbour: ${neighbour}`}`,
        isExpected,
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
  return ended;
}

async function howItEnds(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (thrown) {
    if (!(thrown instanceof PlexSpacesError)) throw thrown;
    return thrown.reason === thrown.code ? thrown.code : codeOf(thrown);
  }
}

/** How a loop ends, and a call that waits behind as many of them as there are threads. */
async function loopThenCall(to: PlexSpacesClient): Promise<(string | undefined)[]> {
  const loops = Array.from({ length: MAX }, () => howItEnds(to.call('echo', 'loop', NOTHING, { deadlineMs: 3_000 })));
  const next = howItEnds(to.call('echo', 'echo', NOTHING, { deadlineMs: 3_000 }));
  const [loop] = await Promise.all(loops);
  return [loop, await next];
}

async function untilAtRest(name: string): Promise<void> {
  const rest = { total: MIN, active: 0, idle: MIN, queued: 0 };
  await vi.waitFor(async () => expect(await client.pool(name)).toMatchObject(rest), { timeout: 30_000 });
}

async function deployEcho(to: PlexSpacesClient, name: string, manifest: object): Promise<void> {
  const workers = { min: MIN, max: MAX, idleTimeoutMs: 200 };
  const component = await readFile(ECHO_FILE);
  await to.deploy({ name, version: '1', component, manifest: { kind: 'service', workers, ...manifest } });
}
