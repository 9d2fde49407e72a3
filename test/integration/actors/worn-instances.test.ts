/** Instances whose memory many calls use up: renewed between two calls where nothing is lost by it, and nowhere else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WASMActor, WASMSingletonActor } from '../../../packages/runtime/src/actors/wasm-actor.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { buildKeeping } from '../../fixtures/components/wat.ts';
import { DurableEcho, hostOptions } from '../../support/durable.ts';
import type { DurableEchoOptions } from '../../support/durable.ts';
import { countOf, loadEcho, SERVICE } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { outcomesOf, tally } from '../../support/outcomes.ts';
import { openPorts } from '../../support/ports.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { LoggedLine, RecordingLogger } from '../../support/recording-logger.ts';

const MEMORY_BYTES = 4 * 1_048_576;
const PAYLOAD = new Uint8Array(16_384);
/** The memory has room for some 255 of them. */
const CALLS = 2000;
const LEAST_RENEWED = 5;
const RENEWED = /nearly used up its memory/;

/** It keeps the bytes of each call, as componentize-py's guests do. */
let keeping: EchoComponent;
/** So does this one, and has no snapshot. */
let unsnapped: EchoComponent;

beforeAll(async () => {
  keeping = await loadEcho(await buildKeeping());
  unsnapped = await loadEcho(await buildKeeping({ hasSnapshot: false }));
});

afterAll(async () => {
  await keeping[Symbol.asyncDispose]();
  await unsnapped[Symbol.asyncDispose]();
});

describe('a service whose guest keeps the bytes of each call', () => {
  it.each([
    ['one at a time', 1, 1],
    ['many at once, in one thread', 64, 1],
    ['many at once, in two threads', 64, 2],
  ])('answers all of them, %s', async (_how, atOnce, max) => {
    await using service = await Started.start('service', { workers: { min: 1, max } });
    expect(await service.call(CALLS, atOnce)).toEqual({ ok: CALLS });
    const { renewed, ...stats } = service.actor.stats();
    expect(stats).toMatchObject({ active: 0, queued: 0, completed: CALLS, failed: 0, replaced: 0 });
    expect(renewed).toBeGreaterThanOrEqual(LEAST_RENEWED);
    expect(service.renewals).toHaveLength(renewed);
    expect(service.renewals[0]).toMatchObject({ level: 30, actor: SERVICE, calls: expect.any(Number) });
  });

  it('would not without', async () => {
    await using service = await Started.start('service', { unsafeUnrenewed: true });
    const ends = await service.call(CALLS, 1);
    expect(ends['RESOURCE_EXHAUSTED MEMORY_LIMIT'] ?? ends['INTERNAL TRAP']).toBeGreaterThanOrEqual(LEAST_RENEWED);
    expect(service.actor.stats()).toMatchObject({ renewed: 0 });
  });

  it('is stopped in the middle of it: who was let in is answered', async () => {
    const service = await Started.start('service', { workers: { min: 1, max: 2 } });
    const calls = service.call(CALLS / 2, CALLS / 2);
    await service.actor.stop({ deadlineMs: 30_000 });
    expect(await calls).toEqual({ ok: CALLS / 2 });
    expect(service.actor.stats().renewed).toBeGreaterThan(0);
  });

  it('is not renewed where one call took nearly all of its memory', async () => {
    await using service = await Started.start('service');
    await service.actor.invoke(callOf('grow', new Uint8Array()));
    for (let call = 0; call < 100; call += 1) await service.actor.invoke(callOf('count', new Uint8Array()));
    expect(countOf(await service.actor.invoke(callOf('count', new Uint8Array())))).toBe(101);
    expect(service.actor.stats()).toMatchObject({ renewed: 0, failed: 0 });
  });
});

describe('a singleton whose guest keeps the bytes of each call', () => {
  it('keeps its state as long as there is room for it', async () => {
    await using singleton = await Started.start('singleton');
    expect(countOf(await singleton.actor.invoke(callOf('count', new Uint8Array())))).toBe(1);
    expect(await singleton.call(240, 1)).toEqual({ ok: 240 });
    expect(countOf(await singleton.actor.invoke(callOf('count', new Uint8Array())))).toBe(2);
    expect(singleton.actor.stats()).toMatchObject({ renewed: 0, replaced: 0 });
  });
});

describe('a durable actor whose guest keeps the bytes of each call', () => {
  it('goes on from its snapshot before one fails', async () => {
    await using durable = await DurableEcho.start(keeping.component, new MemoryStore(), DURABLE);
    const ends = [];
    for (let call = 0; call < CALLS; call += 1) ends.push(await endOf(durable.invoke('echo', { payload: PAYLOAD })));
    expect(tally(ends)).toEqual({ ok: CALLS });
    expect(countOf(await durable.invoke('count'))).toBe(1);
    const { renewed, failed, replaced } = durable.actors.stats();
    expect({ failed, replaced, restarts: durable.actors.restartsOf('default') }).toEqual({
      failed: 0,
      replaced: 0,
      restarts: 0,
    });
    expect(renewed).toBeGreaterThanOrEqual(LEAST_RENEWED);
    expect(durable.log.lines.filter(({ msg }) => RENEWED.test(msg))).toHaveLength(renewed);
  });

  it('keeps its state and the order of what waits', async () => {
    await using durable = await DurableEcho.start(keeping.component, new MemoryStore(), DURABLE);
    const counts: number[] = [];
    const calls = Array.from({ length: 600 }, async (_none, index) => {
      if (index % 3 !== 0) return void (await durable.invoke('echo', { payload: PAYLOAD }));
      counts.push(countOf(await durable.invoke('count')));
    });
    await Promise.all(calls);
    expect(counts).toEqual(Array.from({ length: 200 }, (_none, index) => index + 1));
    expect(durable.actors.stats().renewed).toBeGreaterThan(0);
    expect(durable.actors.stats()).toMatchObject({ failed: 0 });
  });

  it('without a snapshot keeps its instance until one does fail', async () => {
    await using durable = await DurableEcho.start(unsnapped.component, new MemoryStore(), DURABLE);
    const ends = [];
    for (let call = 0; call < 240; call += 1) ends.push(await endOf(durable.invoke('echo', { payload: PAYLOAD })));
    expect(tally(ends)).toEqual({ ok: 240 });
    expect(durable.actors.stats()).toMatchObject({ renewed: 0, failed: 0 });
    expect(durable.actors.statusOf('default')).toMatchObject({ replayed: 0 });
  });
});

const LIMITS = { memoryBytes: MEMORY_BYTES };
const DURABLE: DurableEchoOptions = { limits: LIMITS, checkpoints: { everyMessages: 100_000, everyBytes: 1e9 } };

class Started implements AsyncDisposable {
  readonly actor: WASMActor;
  readonly #log: RecordingLogger;

  private constructor(actor: WASMActor, log: RecordingLogger) {
    this.actor = actor;
    this.#log = log;
  }

  static async start(
    kind: 'service' | 'singleton',
    { unsafeUnrenewed, ...more }: DurableEchoOptions & { readonly unsafeUnrenewed?: boolean } = {},
  ): Promise<Started> {
    const log = recordingLogger();
    const ports = await openPorts(new MemoryStore());
    const made = hostOptions(keeping.component, ports, log, { ...more, kind, limits: LIMITS });
    const options = { ...made, unsafeUnrenewed };
    const actor = kind === 'service' ? new WASMActor(options) : new WASMSingletonActor(options);
    await actor.start();
    return new Started(actor, log);
  }

  get renewals(): readonly LoggedLine[] {
    return this.#log.lines.filter(({ msg }) => RENEWED.test(msg));
  }

  /** @returns how they ended. */
  async call(count: number, atOnce: number): Promise<Record<string, number>> {
    const ends: string[] = [];
    for (let made = 0; made < count; made += atOnce) {
      const calls = Array.from({ length: Math.min(atOnce, count - made) }, () =>
        endOf(this.actor.invoke(callOf('echo', PAYLOAD))),
      );
      ends.push(...(await Promise.all(calls)));
    }
    return tally(ends);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.actor.stop({ deadlineMs: 0 });
  }
}

function callOf(method: string, payload: Uint8Array): Parameters<WASMActor['invoke']>[0] {
  return { key: 'default', fromActor: 'client', method, payload };
}

/** Its reply is the payload: only whether it came is of interest. */
async function endOf(reply: Promise<Uint8Array>): Promise<string> {
  const [end = ''] = await outcomesOf([
    reply.then((bytes) => (bytes.length === PAYLOAD.length ? new Uint8Array() : bytes)),
  ]);
  return end.trim();
}
