/**
 * The calls that a thread has, by their numbers, in the order in which it got them.
 *
 * Not a Map: one in which calls come and go is made anew every few dozen of them, and each of its former selves refers
 * to the next. As soon as the collector takes one for old, all that follow it, and the calls in them, outlive what
 * collects young objects, which then takes a quarter of the main thread's time.
 */
import { MAX_CALL_ID, MAX_SENT_CALLS } from '@plexspaces/worker';

/** 0: not sent yet. */
interface Numbered {
  id: number;
}

export class SentCalls<T extends Numbered> {
  /** A call's place is where its claim lies (worker/src/bridge/claims.ts). */
  readonly #places: (T | undefined)[] = Array.from({ length: MAX_SENT_CALLS });
  #nextId: number;
  #size = 0;

  /** @param firstId default: 1. */
  constructor(firstId: number = 1) {
    this.#nextId = firstId;
  }

  get size(): number {
    return this.#size;
  }

  /** Calls end in their order, so that it is full with MAX_SENT_CALLS and not before. */
  get isFull(): boolean {
    return this.#places[placeOf(this.#nextId)] !== undefined;
  }

  /** Gives the call its number. Not to be called when full. */
  add(call: T): void {
    const id = this.#nextId;
    this.#nextId = id === MAX_CALL_ID ? MAX_SENT_CALLS : id + 1; // the place that follows
    call.id = id;
    this.#places[placeOf(id)] = call;
    this.#size += 1;
  }

  get(id: number): T | undefined {
    const call = this.#places[placeOf(id)];
    return call?.id === id ? call : undefined;
  }

  delete({ id }: T): void {
    this.#places[placeOf(id)] = undefined;
    this.#size -= 1;
  }

  /** The one that the thread got first is the first. */
  all(): T[] {
    const first = placeOf(this.#nextId);
    const inOrder = [...this.#places.slice(first), ...this.#places.slice(0, first)];
    return inOrder.filter((call) => call !== undefined);
  }

  clear(): void {
    this.#places.fill(undefined);
    this.#size = 0;
  }
}

function placeOf(id: number): number {
  return id % MAX_SENT_CALLS;
}
