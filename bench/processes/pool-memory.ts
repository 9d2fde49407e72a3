/** A process that holds a pool, told how many workers it is to have; it answers with its RSS in MiB when all of them served. */
import { setTimeout } from 'node:timers/promises';
import { answerWith } from '../support/answer-with.ts';
import { loadFile, poolCaller } from '../support/echo-callers.ts';
import type { EchoCaller } from '../support/echo-callers.ts';

export interface MemoryRequest {
  readonly componentFile: string;
  readonly workers: number;
}

const MIB = 1_048_576;
const CALLS_PER_WORKER = 50;
/** Threads give back what loading took when they first have nothing to do. */
const REST_MS = 500;

process.on('message', (request: MemoryRequest) => answerWith(measure(request)));

async function measure({ componentFile, workers }: MemoryRequest): Promise<{ value: number }> {
  await using loaded = await loadFile(componentFile);
  await using pool = await poolCaller(loaded.component, workers);
  await callAll(pool, workers);
  await setTimeout(REST_MS);
  await callAll(pool, workers);
  return { value: process.memoryUsage.rss() / MIB };
}

async function callAll(pool: EchoCaller, workers: number): Promise<void> {
  for (let round = 0; round < CALLS_PER_WORKER; round += 1) {
    await Promise.all(Array.from({ length: workers }, async () => await pool.call(new Uint8Array(100))));
  }
}
