/**
 * Which operation must come before which, in every order that explains a history: a relation that is closed under
 * what follows from it, as rows of bits.
 */
export class Precedence {
  readonly #words: number;
  /** Row by row: who must come before. */
  readonly #before: readonly Uint32Array[];
  /** Two operations that must each come before the other: there is no order. */
  conflict: readonly [number, number] | undefined;
  /** Grows with each pair that was not known before. */
  size = 0;

  constructor(count: number) {
    this.#words = Math.ceil(count / BITS);
    this.#before = Array.from({ length: count }, () => new Uint32Array(this.#words));
  }

  has(first: number, second: number): boolean {
    return hasBit(this.#row(second), first);
  }

  add(first: number, second: number): void {
    if (this.has(first, second)) return;
    this.size += 1;
    if (first === second || this.has(second, first)) this.conflict ??= [first, second];
    const gained = this.#row(first).slice();
    setBit(gained, first);
    for (const [index, row] of this.#before.entries()) {
      if (index === second || hasBit(row, second)) merge(row, gained);
    }
  }

  /** Of a relation that is closed as it is given. */
  addInTime(first: number, second: number): void {
    setBit(this.#row(second), first);
  }

  /** Whether all that must come before it is among these. */
  isReady(index: number, done: Uint32Array): boolean {
    return this.#row(index).every((word, at) => (word & ~(done[at] ?? 0)) === 0);
  }

  emptySet(): Uint32Array {
    return new Uint32Array(this.#words);
  }

  #row(index: number): Uint32Array {
    const row = this.#before[index];
    if (row === undefined) throw new Error(`expected an operation ${index}, found none`);
    return row;
  }
}

const BITS = 32;

export function hasBit(set: Uint32Array, index: number): boolean {
  return (((set[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1;
}

export function setBit(set: Uint32Array, index: number): void {
  set[index >>> 5] = (set[index >>> 5] ?? 0) | (1 << (index & 31));
}

function merge(row: Uint32Array, gained: Uint32Array): void {
  for (const [at, word] of gained.entries()) row[at] = (row[at] ?? 0) | word;
}
