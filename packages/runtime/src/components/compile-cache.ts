/**
 * Compiled core modules, once for each process by what was compiled and the memory it may have.
 *
 * Two Python applications share twelve of their fourteen core modules. Who runs a module holds it; the cache
 * only decides how long one that nobody runs stays at hand: the least recently used go first, by size of
 * their binary.
 */
interface Entry {
  readonly module: Promise<WebAssembly.Module>;
  readonly byteLength: number;
}

export class CompileCache {
  readonly #limitBytes: number;
  readonly #entries = new Map<string, Entry>();
  #heldBytes = 0;
  #compilations = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** How many modules were compiled so far. */
  get compilations(): number {
    return this.#compilations;
  }

  /** The module under `key`; `read` gives its binary, and is asked only where it has to be compiled. */
  async compile(key: string, byteLength: number, read: () => Promise<Uint8Array>): Promise<WebAssembly.Module> {
    const entry = this.#entries.get(key) ?? this.#start(byteLength, read);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#evict(key);
    try {
      return await entry.module;
    } catch (error) {
      this.#drop(key, entry);
      throw error;
    }
  }

  #start(byteLength: number, read: () => Promise<Uint8Array>): Entry {
    this.#compilations += 1;
    this.#heldBytes += byteLength;
    const module = read().then((binary) => WebAssembly.compile(new Uint8Array(binary)));
    return { module, byteLength };
  }

  /** The newest stays even when it alone is over the limit: who waits for it shares it. */
  #evict(newest: string): void {
    for (const [key, entry] of this.#entries) {
      if (this.#heldBytes <= this.#limitBytes || key === newest) return;
      this.#drop(key, entry);
    }
  }

  #drop(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return;
    this.#entries.delete(key);
    this.#heldBytes -= entry.byteLength;
  }
}
