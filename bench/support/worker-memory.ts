/** What a worker past the first costs of memory: the difference of processes that have few and many. */
import type { MemoryRequest } from '../processes/pool-memory.ts';
import { Helper } from './child.ts';
import type { Case, Sample } from './figures.ts';
import { parseSample } from './sample.ts';

const POOL_MEMORY = new URL('../processes/pool-memory.ts', import.meta.url);
const MANY = 9;

export function memoryCase(name: string, componentFile: string): Case {
  return {
    name,
    unit: 'MiB',
    run: async () => {
      const [one, many] = [await rssOf(componentFile, 1), await rssOf(componentFile, MANY)];
      return { value: (many.value - one.value) / (MANY - 1), details: { rssOfOneMiB: one.value } };
    },
  };
}

/** In a process of its own, since memory that was once taken is seldom given back. */
async function rssOf(componentFile: string, workers: number): Promise<Sample> {
  await using helper = new Helper<MemoryRequest, Sample>(POOL_MEMORY, parseSample);
  return await helper.ask({ componentFile, workers });
}
