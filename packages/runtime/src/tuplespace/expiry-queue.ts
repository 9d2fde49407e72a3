/**
 * Which tuple expires next: a binary heap by time.
 *
 * A tuple that is taken or renewed stays in the heap with its former time; such an entry is passed over when it
 * comes up, and where more than half of the heap is of that kind it is built anew, so that renewals
 * without end take no memory without end.
 */
import type { Lease, StoredTuple } from './stored-tuple.ts';

interface Entry {
  readonly stored: StoredTuple;
  readonly lease: Lease;
}

const SMALL = 64;

export class ExpiryQueue {
  #heap: Entry[] = [];
  /** Of the entries that still hold. */
  #live = 0;

  /** Of all entries, those that hold no more among them. */
  get length(): number {
    return this.#heap.length;
  }

  /** @param wasQueued its lease was renewed: the entry of the former one holds no more. */
  add(stored: StoredTuple, lease: Lease, wasQueued: boolean): void {
    if (!wasQueued) this.#live += 1;
    this.#push({ stored, lease });
    if (this.#heap.length > SMALL && this.#heap.length > 2 * this.#live) this.#rebuild();
  }

  /** The tuple has left the space; its lease is undefined from here on. */
  drop(stored: StoredTuple): void {
    if (stored.lease === undefined) return;
    stored.lease = undefined;
    this.#live -= 1;
  }

  /** The next one that is due; it stays here until it is dropped. */
  due(nowMs: number): StoredTuple | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (holds(first)) return first.lease.expiresAtMs <= nowMs ? first.stored : undefined;
      this.#pop();
    }
    return undefined;
  }

  #rebuild(): void {
    const kept = this.#heap.filter(holds);
    this.#heap = [];
    for (const entry of kept) this.#push(entry);
  }

  #push(entry: Entry): void {
    let place = this.#heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (timeAt(this.#heap, parent) <= entry.lease.expiresAtMs) break;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #pop(): void {
    this.#swap(0, this.#heap.length - 1);
    this.#heap.pop();
    for (let place = 0; ;) {
      const left = 2 * place + 1;
      const least = timeAt(this.#heap, left) <= timeAt(this.#heap, left + 1) ? left : left + 1;
      if (timeAt(this.#heap, least) >= timeAt(this.#heap, place)) return;
      this.#swap(place, least);
      place = least;
    }
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (first === undefined || second === undefined) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}

function holds({ stored, lease }: Entry): boolean {
  return stored.lease === lease;
}

/** Behind the end nothing is ever due. */
function timeAt(heap: readonly Entry[], place: number): number {
  return heap[place]?.lease.expiresAtMs ?? Infinity;
}
