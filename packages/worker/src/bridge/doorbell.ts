/**
 * A thread that has just done something sleeps on a cell for a moment before it goes back to its event loop: it is
 * woken there in half the time.
 *
 * Whoever sends the thread something rings afterwards. The thread reads the bell before it looks whether anything was
 * sent, and sleeps only while the bell is as it was: what is sent in between is not slept over. There is one sleeper,
 * and all are woken, so that no wake-up goes astray.
 */
import { DOORBELL_CELL } from './layout.ts';

type Cells = Int32Array<SharedArrayBuffer>;

/** What neither rings nor is a message is kept waiting by at most this. */
const SLEEP_MS = 5;

/** By the main thread, behind each message. */
export function ringBell(cells: Cells): void {
  Atomics.add(cells, DOORBELL_CELL, 1);
  Atomics.notify(cells, DOORBELL_CELL);
}

/**
 * By the thread.
 * @param work does what was sent; false: there was nothing. Returns when nothing comes for a while, or what came is
 * for the event loop.
 */
export function workUntilQuiet(cells: Cells, work: () => boolean): void {
  for (let wasWoken = false; ;) {
    const bell = Atomics.load(cells, DOORBELL_CELL);
    if (work()) {
      wasWoken = false;
      continue;
    }
    if (wasWoken || Atomics.wait(cells, DOORBELL_CELL, bell, SLEEP_MS) === 'timed-out') return;
    wasWoken = true;
  }
}
