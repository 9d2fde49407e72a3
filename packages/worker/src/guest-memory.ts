/**
 * A guest's memory, by addresses and lengths that the guest chose: each is looked at before anything is touched. No view
 * is kept over a call of the guest, which may grow the memory and so detach it.
 */

/** Outside of the memory. */
export class BadAddress extends Error {}

export class GuestMemory {
  readonly memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  /** A view, until the guest runs again. @param at as WebAssembly gives it, with or without its sign. @throws BadAddress */
  bytes(at: number, length: number): Uint8Array {
    const [start, count] = [at >>> 0, length >>> 0];
    this.#expectInside(start, count);
    return new Uint8Array(this.memory.buffer, start, count);
  }

  /** As `bytes`. */
  view(at: number, length: number): DataView {
    const [start, count] = [at >>> 0, length >>> 0];
    this.#expectInside(start, count);
    return new DataView(this.memory.buffer, start, count);
  }

  get byteLength(): number {
    return this.memory.buffer.byteLength;
  }

  #expectInside(at: number, length: number): void {
    if (at + length <= this.byteLength) return;
    throw new BadAddress(`${length} bytes at ${at} are outside of its memory of ${this.byteLength} bytes`);
  }
}
