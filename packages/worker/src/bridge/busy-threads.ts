/**
 * How many threads of this process run calls, beside the cores that there are.
 *
 * Who looks for what is about to come keeps a core busy. The main thread does so only where one is left for it: else it
 * would take the time of those that are to bring it.
 */
import { availableParallelism } from 'node:os';

const cores = availableParallelism();
let busy = 0;

/** One thread's part of the count. */
export class Busyness {
  #isBusy = false;

  set(isBusy: boolean): void {
    if (isBusy === this.#isBusy) return;
    this.#isBusy = isBusy;
    busy += isBusy ? 1 : -1;
  }
}

/** Also while the main thread is busy itself. */
export function isCoreLeftForThread(): boolean {
  return busy + 1 < cores;
}

export function isCoreLeftForMain(): boolean {
  return busy < cores;
}
