/** Actors of the kinds service and singleton. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WASMActor, WASMSingletonActor } from '../../../packages/runtime/src/actors/wasm-actor.ts';
import type { LoadedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { hostOptions } from '../../support/durable.ts';
import type { DurableEchoOptions } from '../../support/durable.ts';
import { countOf, loadEcho, milliseconds, text } from '../../support/echo.ts';
import type { EchoComponent } from '../../support/echo.ts';
import { outcomesOf, tally } from '../../support/outcomes.ts';
import { openPorts } from '../../support/ports.ts';
import type { Ports } from '../../support/ports.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { RecordingLogger } from '../../support/recording-logger.ts';
import { until } from '../../support/until.ts';

let echo: EchoComponent;
let component: LoadedComponent;

beforeAll(async () => {
  echo = await loadEcho();
  component = echo.component;
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
});

describe('a service', () => {
  it('answers in parallel, and counts what it answered', async () => {
    await using service = await start('service', { workers: { min: 2, max: 2 } });
    const calls = ['a', 'b', 'c', 'd'].map((payload) => service.invoke('echo', payload));
    expect(await outcomesOf([...calls, service.invoke('fail', 'x')])).toEqual([
      'ok a',
      'ok b',
      'ok c',
      'ok d',
      'EXECUTION_ERROR',
    ]);
    expect(service.actor.messageCounts()).toEqual({ processed: 4, errors: 1 });
    expect(service.actor.actorCount()).toBe(2);
  });

  it('gives back its worker when the caller has gone before it', async () => {
    await using service = await start('service');
    const asked = vi.spyOn(service.ports.hostCalls, 'answer');
    const gone = new AbortController();
    const call = service.invoke('sleep', milliseconds(30), { signal: gone.signal });
    await until(
      () => asked.mock.calls.length, // the guest runs: it asks until when it is to sleep
      (count) => count > 0,
    );
    gone.abort();
    expect(await outcomesOf([call])).toEqual(['CANCELLED']);
    expect(text(await service.invoke('echo', 'next'))).toBe('next');
    expect(service.actor.stats()).toMatchObject({ active: 0, completed: 2, failed: 0 });
  });

  it('takes back what waits in a thread behind a call that turns out to be long', async () => {
    await using service = await start('service', { workers: { min: 2, max: 2 } });
    const order: string[] = [];
    const call = async (method: string, payload: string | Uint8Array): Promise<void> => {
      await service.invoke(method, payload);
      order.push(method);
    };
    for (let count = 0; count < 100; count += 1) await service.invoke('echo', ''); // by now its calls are short
    const long = call('sleep', milliseconds(1000));
    await Promise.all([long, ...Array.from({ length: 40 }, () => call('echo', ''))]);
    expect(order.indexOf('sleep')).toBe(40);
    expect(service.actor.stats()).toMatchObject({ active: 0, queued: 0, completed: 141, failed: 0 });
  });

  it('does not run what was cancelled on its way to the thread', async () => {
    await using service = await start('service');
    const gone = new AbortController();
    const call = service.invoke('count', '', { signal: gone.signal });
    gone.abort();
    expect(await outcomesOf([call])).toEqual(['CANCELLED']);
    expect(countOf(await service.invoke('count', ''))).toBe(1);
    expect(service.actor.stats()).toMatchObject({ active: 0, completed: 1, failed: 0 });
  });

  it("ends a guest at the caller's deadline, which is shorter than its own", async () => {
    await using service = await start('service');
    expect(await outcomesOf([service.invoke('loop', '', { timeoutMs: 300 })])).toEqual(['DEADLINE_EXCEEDED']);
    expect(text(await service.invoke('echo', 'next'))).toBe('next');
    expect(service.actor.stats()).toMatchObject({ replaced: 1, failed: 1 });
  });

  it('writes to the space what the store keeps, and is told why not without the capability', async () => {
    await using service = await start('service');
    await service.invoke('write', 'x');
    await service.ports.writer.synced(service.ports.writer.lsn);
    const reloaded = await openPorts(service.ports.store);
    expect(reloaded.spaces.count('default', [{ match: 'any' }, { match: 'any' }])).toBe(1);
    await using without = await start('service', { capabilities: new Set() });
    await expect(without.invoke('write', 'x')).rejects.toMatchObject({
      code: 'EXECUTION_ERROR',
      message: expect.stringMatching(/^PERMISSION_DENIED: tuplespace-write/),
    });
  });

  it("tells a guest's line with its service, within the rate limit", async () => {
    await using service = await start('service', { limits: { logBytesPerSecond: 100 } });
    await service.invoke('log', 'hello');
    await service.invoke('log', 'x'.repeat(90));
    expect(service.log.lines).toEqual([
      { level: 30, actor: 'test.Echo.v1', source: 'log', msg: 'hello' },
      { level: 40, actor: 'test.Echo.v1', source: 'log', droppedBytes: 91, msg: expect.stringContaining('dropped') },
    ]);
  });

  it('refuses payloads and replies over their limit', async () => {
    await using service = await start('service', { limits: { payloadBytes: 10, replyBytes: 5 } });
    const outcomes = await outcomesOf(
      ['x'.repeat(11), 'x'.repeat(6), 'fine'].map((payload) => service.invoke('echo', payload)),
    );
    expect(outcomes).toEqual(['RESOURCE_EXHAUSTED PAYLOAD_TOO_LARGE', 'RESOURCE_EXHAUSTED REPLY_TOO_LARGE', 'ok fine']);
  });
});

describe('a singleton', () => {
  it('counts a hundred calls at once as 1 to 100, in their order', async () => {
    await using singleton = await start('singleton');
    const counts = await Promise.all(Array.from({ length: 100 }, () => singleton.invoke('count')));
    expect(counts.map(countOf)).toEqual(Array.from({ length: 100 }, (_none, index) => index + 1));
    expect(singleton.actor.actorCount()).toBe(1);
  });

  it('begins from its initial state, and from there again after a trap', async () => {
    await using singleton = await start('singleton', { initialState: Uint8Array.of(10, 0, 0, 0) });
    const outcomes = await Promise.allSettled(['count', 'trap', 'count'].map((method) => singleton.invoke(method)));
    expect(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? countOf(outcome.value) : outcome.status)),
    ).toEqual([11, 'rejected', 11]);
  });

  it('has one worker, whoever asks for more', async () => {
    const ports = await openPorts(new MemoryStore());
    const options = hostOptions(component, ports, recordingLogger(), { kind: 'singleton', workers: { max: 2 } });
    expect(() => new WASMSingletonActor(options)).toThrow(/one worker, not 1 to 2/);
  });
});

describe('the stop', () => {
  it('lets those that run and wait finish, and refuses those that come', async () => {
    const service = await start('singleton');
    const calls = [1, 2, 3].map(() => service.invoke('sleep', milliseconds(10)));
    const stopped = service.actor.stop({ deadlineMs: 10_000 });
    const late = service.invoke('echo', 'x');
    expect(tally(await outcomesOf([...calls, late]))).toEqual({ 'ok ': 3, UNAVAILABLE: 1 });
    await stopped;
  });
});

class Started implements AsyncDisposable {
  readonly actor: WASMActor;
  readonly ports: Ports;
  readonly log: RecordingLogger;

  constructor(actor: WASMActor, ports: Ports, log: RecordingLogger) {
    this.actor = actor;
    this.ports = ports;
    this.log = log;
  }

  invoke(
    method: string,
    payload: string | Uint8Array = '',
    more: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<Uint8Array> {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    return this.actor.invoke({ key: 'default', fromActor: 'client', method, payload: bytes, ...more });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.actor.stop({ deadlineMs: 0 });
  }
}

async function start(kind: 'service' | 'singleton', options: DurableEchoOptions = {}): Promise<Started> {
  const ports = await openPorts(new MemoryStore());
  const log = recordingLogger();
  const made = hostOptions(component, ports, log, { ...options, kind });
  const actor = kind === 'service' ? new WASMActor(made) : new WASMSingletonActor(made);
  await actor.start();
  return new Started(actor, ports, log);
}
