/**
 * The small component's counter, asked through anything that invokes. Each answer is looked at: an actor that
 * counted otherwise than it was called makes the run fail, however fast it was.
 */
import { fileURLToPath } from 'node:url';
import { ECHO_WASM } from '../../test/fixtures/components/wat.ts';

export type Invoke = (key: string, method: string, payload: Uint8Array) => Promise<Uint8Array>;

export const COUNTER_FILE: string = fileURLToPath(ECHO_WASM);
const PAYLOAD = new Uint8Array(16).fill(7);

export class Counter {
  readonly #invoke: Invoke;
  readonly #calls = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  constructor(invoke: Invoke) {
    this.#invoke = invoke;
  }

  async count(key: string): Promise<void> {
    const answer = await this.#invoke(key, 'count', PAYLOAD);
    const count = new DataView(answer.buffer, answer.byteOffset, answer.byteLength).getUint32(0, true);
    this.#calls.set(key, (this.#calls.get(key) ?? 0) + 1);
    this.#counts.set(key, Math.max(count, this.#counts.get(key) ?? 0));
  }

  /** When no call is under way. @throws where an actor's count is not the number of calls that it answered. */
  expectExact(): void {
    for (const [key, calls] of this.#calls) {
      const count = this.#counts.get(key);
      if (count !== calls) throw new Error(`${key}: expected a count of ${calls}, found ${count}`);
    }
  }
}
