/**
 * The guest's one clock, repeatable: it starts where the message started and moves only by what the
 * message does, never by the machine's clock.
 *
 * C1. Every read moves it by 1 µs, so that a loop that waits for a time ends.
 * C2. Sleeps and host calls move it by their (recorded) duration.
 * C3. It never goes back within a message; over messages the main thread chooses later starts.
 */
export class MessageClock {
  #nowMicros = 0n;

  reset(startMicros: bigint): void {
    this.#nowMicros = startMicros;
  }

  /** Microseconds since the epoch, after the reads so far. */
  get micros(): bigint {
    return this.#nowMicros;
  }

  read(): bigint {
    this.#nowMicros += 1n; // C1
    return this.#nowMicros;
  }

  advance(micros: bigint): void {
    if (micros > 0n) this.#nowMicros += micros; // C2, C3
  }
}
