/**
 * An echo of bytes over each of the ways that are compared: within the thread, by piscina alone, by the pool. Each
 * answer is looked at, so that none of them is fast by not doing it.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { pino } from 'pino';
import type { LoadedComponent } from '../../packages/runtime/src/components/component-store.ts';
import { WASMActor } from '../../packages/runtime/src/actors/wasm-actor.ts';
import { MemoryStore } from '../../packages/runtime/src/store/memory-store.ts';
import { createBridgeBuffer } from '../../packages/worker/src/bridge/layout.ts';
import { GuestInstance } from '../../packages/worker/src/guest-instance.ts';
import { loadCode } from '../../packages/worker/src/load-code.ts';
import type { ActorExport } from '../../packages/worker/src/protocol.ts';
import { echoSettings, loadEcho } from '../../test/support/echo.ts';
import type { EchoComponent } from '../../test/support/echo.ts';
import { MESSAGE } from '../../test/support/message.ts';
import { openPorts } from '../../test/support/ports.ts';

export interface EchoCaller extends AsyncDisposable {
  readonly call: (payload: Uint8Array) => Promise<Uint8Array> | Uint8Array;
}

/** How piscina is set up beside its number of threads. */
export type PiscinaSetting = 'default' | 'many-at-once';

const IDENTITY_FILE = fileURLToPath(new URL('../processes/identity.ts', import.meta.url));
const MEMORY_BYTES = 64 * 1_048_576;
const TASKS_AT_ONCE = 16;

/** A component from its file, in memory that is enough for Python. */
export async function loadFile(file: string, { memoryBytes = MEMORY_BYTES } = {}): Promise<EchoComponent> {
  return await loadEcho(new Uint8Array(await readFile(file)), { memoryBytes });
}

/** The component in the caller's own thread. */
export async function directCaller(component: LoadedComponent, method: string = 'echo'): Promise<EchoCaller> {
  const instance = new GuestInstance(await loadCode(component), {
    activation: { actor: 'bench.Echo.v1', environment: {}, logBytesPerSecond: 0 },
    bridge: createBridgeBuffer(),
    timeoutMs: 1000,
    log: () => undefined,
    ring: () => undefined,
    beforeWait: () => undefined,
  });
  enter(instance, { export: 'init', state: new Uint8Array() });
  const call = (payload: Uint8Array): Uint8Array =>
    enter(instance, { export: 'handle-request', fromActor: 'client', messageType: method, payload });
  return { call, [Symbol.asyncDispose]: async () => undefined };
}

/** An identity function as a piscina task for each call. */
export function piscinaCaller(threads: number, setting: PiscinaSetting): EchoCaller {
  const manyAtOnce = { concurrentTasksPerWorker: TASKS_AT_ONCE, stricterFIFO: true };
  const piscina = new Piscina({
    filename: IDENTITY_FILE,
    name: 'identity',
    minThreads: threads,
    maxThreads: threads,
    recordTiming: false,
    ...(setting === 'many-at-once' ? manyAtOnce : {}),
  });
  return { call: (payload) => piscina.run(payload), [Symbol.asyncDispose]: () => piscina.destroy() };
}

/** An actor of kind `service`, as a program calls it. */
export async function poolCaller(
  component: LoadedComponent,
  threads: number,
  method: string = 'echo',
): Promise<EchoCaller> {
  const actor = new WASMActor({
    settings: echoSettings({ kind: 'service', workers: { min: threads, max: threads } }),
    component,
    initialState: new Uint8Array(),
    environment: {},
    ports: await openPorts(new MemoryStore()),
    logger: pino({ enabled: false }),
  });
  await actor.start();
  return {
    call: (payload) => actor.invoke({ key: 'default', fromActor: 'client', method, payload }),
    [Symbol.asyncDispose]: () => actor.stop({ deadlineMs: 0 }),
  };
}

function enter(instance: GuestInstance, target: ActorExport): Uint8Array {
  const outcome = instance.call(target, MESSAGE);
  if (outcome.kind === 'ok') return outcome.payload ?? new Uint8Array();
  throw new Error(`expected an answer, found ${outcome.kind}: ${outcome.message}`);
}
