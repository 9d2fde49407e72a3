/**
 * Counts the words of a text, master and workers through the tuple space.
 *
 * Whoever is asked is the master: it writes one task for each part of the text, tells its own service that there is
 * work, so that other workers of the pool take part, works on what is left itself, and collects what all have done.
 */
import { ActorError, any, defineActor, int, nowMillis, selfId, string, tell, tuples } from '@plexspaces/actor';
import type { Actor } from '@plexspaces/actor';

interface Counted {
  readonly words: number;
  readonly distinct: number;
  readonly top: readonly (readonly [string, number])[];
}

const DEFAULT_PARTS = 4;
const MAX_PARTS = 16;
const TOP_WORDS = 10;
const PATIENCE_MS = 10_000;
const WORD = /[A-Za-z0-9]+/g;

export const actor: Actor = defineActor({
  handlers: {
    count({ text, parts = DEFAULT_PARTS }: { readonly text?: unknown; readonly parts?: unknown } = {}) {
      if (typeof text !== 'string') throw new ActorError(`text: expected a text, found ${JSON.stringify(text)}`);
      return countWords(text, expectParts(parts));
    },
  },
  messages: {
    /** One task of the job, if there is one left. */
    work(job: string) {
      workOn(job);
    },
  },
});

function countWords(text: string, parts: number): Counted {
  const job = `${selfId()}-${nowMillis()}-${crypto.randomUUID()}`;
  share(job, text, parts);
  while (workOn(job));
  const counts = collect(job, parts);
  const top = [...counts].toSorted(([one, less], [other, more]) => more - less || (one < other ? -1 : 1));
  const words = counts.values().reduce((sum, count) => sum + count, 0);
  return { words, distinct: counts.size, top: top.slice(0, TOP_WORDS) };
}

function expectParts(parts: unknown): number {
  if (typeof parts === 'number' && Number.isInteger(parts) && parts >= 1 && parts <= MAX_PARTS) return parts;
  throw new ActorError(`parts: expected an integer from 1 to ${MAX_PARTS}, found ${JSON.stringify(parts)}`);
}

function share(job: string, text: string, parts: number): void {
  const words = text.match(WORD) ?? [];
  const service = selfId();
  for (let index = 0; index < parts; index += 1) {
    const from = Math.floor((index * words.length) / parts);
    const to = Math.floor(((index + 1) * words.length) / parts);
    tuples.write('wc-task', job, index, words.slice(from, to).join(' ').toLowerCase());
    tell(service, 'work', job);
  }
}

function workOn(job: string): boolean {
  const task = tuples.take(['wc-task', job, int(), string()]);
  if (task === undefined) return false;
  const [, , index, run] = task;
  const counts = new Map<string, number>();
  for (const word of run.split(' ').filter((found) => found !== '')) counts.set(word, (counts.get(word) ?? 0) + 1);
  tuples.write('wc-done', job, index, JSON.stringify([...counts]));
  return true;
}

function collect(job: string, parts: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let part = 0; part < parts; part += 1) {
    const done = tuples.take(['wc-done', job, any, string()], { timeoutMs: PATIENCE_MS });
    if (done === undefined) {
      throw new ActorError(`expected each part to be counted within ${PATIENCE_MS} ms, found one that was not`);
    }
    const counted: [string, number][] = JSON.parse(done[3]);
    for (const [word, count] of counted) counts.set(word, (counts.get(word) ?? 0) + count);
  }
  return counts;
}
