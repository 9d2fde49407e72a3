/** A store in which the end of a timer comes with that of the next one: what should be one append is two. A control. */
import type { StoreOperation } from '../../packages/runtime/src/store/store.ts';
import { StoreInFront } from './store-in-front.ts';

const TIMERS = 'y/';

export class LateEndsStore extends StoreInFront {
  #late: StoreOperation[] = [];

  override async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    const ends = operations.filter(isEnd);
    const due = ends.length === 0 ? [] : this.#late;
    if (ends.length > 0) this.#late = ends;
    await super.batch([...due, ...operations.filter((operation) => !isEnd(operation))], options);
  }
}

function isEnd({ type, key }: StoreOperation): boolean {
  return type === 'del' && key.startsWith(TIMERS);
}
