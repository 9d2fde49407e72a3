/**
 * Calls by numbers that go up and are given out once: what comes late for a call that ended finds nothing, whoever has
 * its place by then. How many there may be is its user's to bound.
 *
 * Not a Map or a Set: one in which calls come and go is made anew every few dozen of them, and each of its former selves
 * refers to the next. As soon as the collector takes one for old, all that follow it, and the calls in them, outlive
 * what collects young objects.
 */

/** 0: not added yet. */
export interface NumberedCall {
  id: number;
}

const FIRST_PLACES = 64;

export class NumberedCalls<T extends NumberedCall> {
  /** A power of two of them: a call's place is the last bits of its number. At most half of them are taken. */
  #places: (T | undefined)[] = places(FIRST_PLACES);
  #size = 0;
  #lastId = 0;

  get size(): number {
    return this.#size;
  }

  /** Gives the call its number. */
  add(call: T): void {
    if (2 * this.#size >= this.#places.length) this.#grow();
    do this.#lastId += 1;
    while (this.#places[this.#placeOf(this.#lastId)] !== undefined); // numbers of places that are taken are left out
    call.id = this.#lastId;
    this.#places[this.#placeOf(call.id)] = call;
    this.#size += 1;
  }

  /** The call of that number, which is gone then; undefined: there is none, or none any more. */
  take(id: number): T | undefined {
    const place = this.#placeOf(id);
    const call = this.#places[place];
    if (call === undefined || call.id !== id) return undefined;
    this.#places[place] = undefined;
    this.#size -= 1;
    return call;
  }

  /** In no order. */
  all(): T[] {
    return this.#places.filter((call) => call !== undefined);
  }

  #grow(): void {
    const calls = this.all();
    this.#places = places(2 * this.#places.length);
    for (const call of calls) this.#places[this.#placeOf(call.id)] = call;
  }

  #placeOf(id: number): number {
    return id & (this.#places.length - 1);
  }
}

function places<T>(count: number): (T | undefined)[] {
  return Array.from({ length: count });
}
