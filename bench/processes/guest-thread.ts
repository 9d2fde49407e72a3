/** A thread that calls instances of a component in turn for a while and sends the CPU time of one call. */
import { parentPort, workerData } from 'node:worker_threads';
import { createBridgeBuffer } from '../../packages/worker/src/bridge/layout.ts';
import type { GuestCode } from '../../packages/worker/src/guest-code.ts';
import { GuestInstance } from '../../packages/worker/src/guest-instance.ts';
import { loadCode } from '../../packages/worker/src/load-code.ts';
import type { ActorExport, ComponentSource } from '../../packages/worker/src/protocol.ts';
import { MESSAGE } from '../../test/support/message.ts';
import type { Sample } from '../support/figures.ts';
import { repeat } from '../support/repeat.ts';

export interface GuestThreadData {
  readonly component: ComponentSource;
  readonly instances: number;
  readonly durationMs: number;
}

const HOST_CALL_TIMEOUT_MS = 1000;
/** Looking at the clock is not what is measured. */
const CALLS_BETWEEN_LOOKS = 64;
const COUNT: ActorExport = {
  export: 'handle-request',
  fromActor: 'client',
  messageType: 'count',
  payload: new Uint8Array(16),
};

parentPort?.postMessage(await measureCalls(workerData));

async function measureCalls({ component, instances, durationMs }: GuestThreadData): Promise<Sample> {
  const code = await loadCode(component);
  const guests = Array.from({ length: instances }, () => startInstance(code));
  let next = 0;
  const callSome = (): void => {
    for (let index = 0; index < CALLS_BETWEEN_LOOKS; index += 1) {
      count(guests[next]);
      next = (next + 1) % guests.length;
    }
  };
  await repeat(durationMs, callSome); // what it takes to be compiled is not what a node pays for long
  const cpu = process.threadCpuUsage();
  const { count: looks } = await repeat(durationMs, callSome);
  const { user, system } = process.threadCpuUsage(cpu);
  return { value: (user + system) / (looks * CALLS_BETWEEN_LOOKS) };
}

function startInstance(code: GuestCode): GuestInstance {
  const instance = new GuestInstance(code, {
    activation: { actor: 'bench.Counter.v1/k0', environment: {}, logBytesPerSecond: 0 },
    bridge: createBridgeBuffer(),
    timeoutMs: HOST_CALL_TIMEOUT_MS,
    log: () => undefined,
    ring: () => undefined,
    beforeWait: () => undefined,
  });
  expectAnswer(instance, { export: 'init', state: new Uint8Array() });
  return instance;
}

function count(instance: GuestInstance | undefined): void {
  if (instance !== undefined) expectAnswer(instance, COUNT);
}

function expectAnswer(instance: GuestInstance, target: ActorExport): void {
  const outcome = instance.call(target, MESSAGE);
  if (outcome.kind !== 'ok') throw new Error(`expected an answer, found ${outcome.kind}: ${outcome.message}`);
}
