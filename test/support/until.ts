/** Waiting for what has no event of its own: looked at after each turn of the event loop, never longer than a limit. */
import { setImmediate } from 'node:timers/promises';

const LIMIT_MS = 10_000;

/** @throws after 10 s, with what was seen last. */
export async function until<T>(look: () => T | Promise<T>, isWanted: (seen: T) => boolean): Promise<T> {
  const giveUpAt = performance.now() + LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (performance.now() > giveUpAt) throw new Error(`not reached in ${LIMIT_MS} ms: ${JSON.stringify(seen)}`);
    await setImmediate();
  }
}
