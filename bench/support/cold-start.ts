/** What it takes from a component's bytes to its first answer, in its parts: each on a node that has seen nothing. */
import { readFile } from 'node:fs/promises';
import { openTemporaryStore } from '../../test/fixtures/components/temporary-store.ts';
import { poolCaller } from './echo-callers.ts';
import type { Case, Sample } from './figures.ts';
import type { Work } from './guest-works.ts';

const MEMORY_BYTES = 128 * 1_048_576;
const PARTS = ['screened and translated', 'compiled', 'in a thread', 'first answer'] as const;

/** The sum, with its parts beside it. */
export function coldStartCases(language: string, file: string, work: Work): Case[] {
  return [
    { name: `cold start, ${language}`, unit: 'ms', run: () => coldStart(file, work) },
    { name: `start of what was deployed before, ${language}`, unit: 'ms', run: () => warmStart(file, work) },
  ];
}

async function coldStart(file: string, work: Work): Promise<Sample> {
  await using temporary = await openTemporaryStore();
  return await start(temporary.store, new Uint8Array(await readFile(file)), work);
}

/** Behind a restart: the translation and compiled code are there. */
async function warmStart(file: string, work: Work): Promise<Sample> {
  await using temporary = await openTemporaryStore();
  const bytes = new Uint8Array(await readFile(file));
  await start(temporary.store, bytes, work);
  await using again = await openTemporaryStore({}, temporary.directory);
  return await start(again.store, bytes, work);
}

type Store = Awaited<ReturnType<typeof openTemporaryStore>>['store'];

async function start(store: Store, bytes: Uint8Array, work: Work): Promise<Sample> {
  const marks = [performance.now()];
  const { component } = await store.prepare(await store.put(bytes));
  marks.push(performance.now());
  const loaded = await store.load(component, { memoryBytes: MEMORY_BYTES });
  marks.push(performance.now());
  await using pool = await poolCaller(loaded, 1, work.method);
  marks.push(performance.now());
  work.expect(await pool.call(work.payload));
  marks.push(performance.now());
  const parts = PARTS.map((part, index) => [part, (marks[index + 1] ?? 0) - (marks[index] ?? 0)] as const);
  return {
    value: (marks.at(-1) ?? 0) - (marks[0] ?? 0),
    details: { bytes: bytes.length, ...Object.fromEntries(parts) },
  };
}
