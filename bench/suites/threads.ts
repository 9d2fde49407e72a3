/** What it costs to hand a call to a thread and have its answer: the limits beside which the pool's figures stand. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { measure } from '../support/figures.ts';
import type { Case } from '../support/figures.ts';
import { microsEach, repeat } from '../support/repeat.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';

const ECHO_THREAD = new URL('../processes/echo-thread.ts', import.meta.url);
const CALLS = 64;
const PAYLOAD_BYTES = 16;
const SLAB_BYTES = 65_536;

export async function threads(bench: Bench): Promise<SuiteResult> {
  const thread = new Worker(ECHO_THREAD);
  try {
    await once(thread, 'online');
    const { durationMs } = bench;
    const cases = [
      roundTripCase(thread, 'MessagePort, a round trip with one call', call(), 1, durationMs),
      roundTripCase(thread, `MessagePort, a round trip with ${CALLS} calls in one message`, calls(), CALLS, durationMs),
      cloneCase('structured clone of one call', call(), 1, durationMs),
      cloneCase(`structured clone of ${CALLS} calls in one array`, calls(), CALLS, durationMs),
      cloneCase('structured clone of a payload of its own', bytes(PAYLOAD_BYTES), 1, durationMs),
      cloneCase('structured clone of a payload that is a view of 64 KiB', slabView(), 1, durationMs),
    ];
    return { figures: await measure(cases, bench) };
  } finally {
    await thread.terminate();
  }
}

function roundTripCase(thread: Worker, name: string, value: unknown, size: number, durationMs: number): Case {
  return {
    name,
    unit: 'µs a call',
    run: async () => {
      const roundTrip = async (): Promise<void> => {
        const answered = once(thread, 'message');
        thread.postMessage(value);
        await answered;
      };
      const { count, elapsedMs } = await repeat(durationMs, roundTrip);
      return { value: microsEach({ count: count * size, elapsedMs }) };
    },
  };
}

/** Both halves, writing and reading, which a message between threads has on either side. */
function cloneCase(name: string, value: unknown, size: number, durationMs: number): Case {
  return {
    name,
    unit: 'µs a call',
    run: async () => {
      const { count, elapsedMs } = await repeat(durationMs, () => void structuredClone(value));
      return { value: microsEach({ count: count * size, elapsedMs }) };
    },
  };
}

/** As large and as deep as what the pool sends. */
function call(): unknown {
  const target = { export: 'handle-request', fromActor: 'client', messageType: 'count', payload: bytes(PAYLOAD_BYTES) };
  const message = { sequence: 1n, startMicros: 1_763_735_000_000_000n, seed: bytes(32), replayed: false };
  return { id: 7, slot: 0, target, message };
}

function calls(): unknown[] {
  return Array.from({ length: CALLS }, call);
}

/** What a parser that does not copy hands out. */
function slabView(): Uint8Array {
  return new Uint8Array(SLAB_BYTES).subarray(0, PAYLOAD_BYTES);
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(length).fill(7);
}
