/** A process that holds a pool, told how many workers it is to have; it answers with its RSS in MiB when all of them served. */
import { setImmediate } from 'node:timers/promises';
import { loadEcho } from '../../test/support/echo.ts';
import { answerWith } from '../support/answer-with.ts';
import { loadFile, poolCaller } from '../support/echo-callers.ts';

export interface MemoryRequest {
  /** Undefined: the small component. */
  readonly componentFile: string | undefined;
  readonly workers: number;
}

const MIB = 1_048_576;
const CALLS_PER_WORKER = 50;

process.on('message', (request: MemoryRequest) => answerWith(measure(request)));

async function measure({ componentFile, workers }: MemoryRequest): Promise<{ value: number }> {
  await using loaded = componentFile === undefined ? await loadEcho() : await loadFile(componentFile);
  await using pool = await poolCaller(loaded.component, workers);
  for (let round = 0; round < CALLS_PER_WORKER; round += 1) {
    await Promise.all(Array.from({ length: workers }, async () => await pool.call(new Uint8Array(100))));
  }
  await setImmediate();
  return { value: process.memoryUsage.rss() / MIB };
}
