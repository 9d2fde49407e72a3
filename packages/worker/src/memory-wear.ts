/**
 * How far an instance has used up its memory, and whether it was many calls that did it.
 *
 * Linear memories never shrink, and what a guest has free inside of one cannot be seen: its size is the only sign of
 * calls that leave something behind each time. One that took most of its memory at once needs it, and is not worn.
 */

/** From where on an instance is worn. */
export interface WearLimit {
  /** The size of one of its memories. */
  readonly bytes: number;
  /** How often it was seen to have grown by then. */
  readonly growths: number;
  /** Then nothing more is run in it: calls that are behind it in the thread are for the instance that follows. */
  readonly isFinal: boolean;
}

/** Looking takes some 50 ns, and a short call not much more than 1 µs. */
const CALLS_PER_LOOK = 16;
/** Longer calls may leave more behind, and larger ones. */
const LOOK_MS = 5;
const LOOK_BYTES = 4096;

export class MemoryWear {
  readonly #limit: WearLimit;
  readonly #memories: WebAssembly.Memory[] = [];
  #calls = 0;
  #growths = 0;
  #seenBytes = 0;
  #lookedAt = -Infinity;
  #isWorn = false;

  constructor(limit: WearLimit) {
    this.#limit = limit;
  }

  /** One that the instance has from its start. */
  add(memory: WebAssembly.Memory): void {
    this.#memories.push(memory);
    this.#seenBytes = this.#largest();
  }

  /**
   * Behind each call.
   * @param startedAt when it started, as performance.now() counts. @param bytes that it was given and gave.
   * @returns how many there were if it is worn, else 0.
   */
  count(startedAt: number, bytes: number): number {
    this.#calls += 1;
    if (!this.#isWorn && this.#isDue(startedAt, bytes)) this.#look(startedAt);
    return this.#isWorn ? this.#calls : 0;
  }

  /** Nothing more is to be run. */
  get isOver(): boolean {
    return this.#isWorn && this.#limit.isFinal;
  }

  #isDue(now: number, bytes: number): boolean {
    return bytes >= LOOK_BYTES || this.#calls % CALLS_PER_LOOK === 0 || now - this.#lookedAt > LOOK_MS;
  }

  #look(now: number): void {
    this.#lookedAt = now;
    const bytes = this.#largest();
    if (bytes === this.#seenBytes) return;
    this.#seenBytes = bytes;
    this.#growths += 1;
    this.#isWorn = bytes >= this.#limit.bytes && this.#growths >= this.#limit.growths;
  }

  /** The limit holds for each of them. */
  #largest(): number {
    let bytes = 0;
    for (const memory of this.#memories) bytes = Math.max(bytes, memory.buffer.byteLength);
    return bytes;
  }
}
