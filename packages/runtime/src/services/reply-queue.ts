/**
 * The replies of a stream that are ready, for one reader that takes them frame by frame.
 *
 * It owns replies from the moment in which they are ready until the reader asks for what comes behind them; until then
 * they count. What becomes ready in one turn of the event loop is given out behind it, together.
 */

export interface FrameLimit {
  /** Of replies in a frame; one that is larger by itself has a frame by itself. */
  readonly frameBytes: number;
}

const NOTHING_GIVEN = { calls: 0, bytes: 0 };

export class ReplyQueue<Response> {
  readonly #limit: FrameLimit;
  #ready: Response[] = [];
  /** Of each that is ready. */
  #sizes: number[] = [];
  /** Of the frame that the reader has. */
  #given: { readonly calls: number; readonly bytes: number } = NOTHING_GIVEN;
  #bytes = 0;
  #isFlushing = false;
  #onFlush: (() => void) | undefined;

  constructor(limit: FrameLimit) {
    this.#limit = limit;
  }

  /** Ready or with the reader. */
  get calls(): number {
    return this.#ready.length + this.#given.calls;
  }

  /** Of what is ready or with the reader. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#ready.length === 0;
  }

  push(response: Response, bytes: number): void {
    this.#ready.push(response);
    this.#sizes.push(bytes);
    this.#bytes += bytes;
    this.#flushSoon();
  }

  /** What the reader had it has taken. */
  release(): void {
    this.#bytes -= this.#given.bytes;
    this.#given = NOTHING_GIVEN;
  }

  /** This turn may bring more. */
  get isFlushing(): boolean {
    return this.#isFlushing;
  }

  /** Resolves when a turn has brought all that it brings, or where `wake` says so. */
  flushed(): Promise<void> {
    return new Promise((resolve) => (this.#onFlush = resolve));
  }

  /** Nothing more may come. What this turn still brings comes first. */
  wake(): void {
    if (!this.#isFlushing) this.#flush();
  }

  /** As many as a frame holds, and one at least. */
  takeFrame(): Response[] {
    let bytes = 0;
    let calls = 0;
    for (const size of this.#sizes) {
      if (calls > 0 && bytes + size > this.#limit.frameBytes) break;
      bytes += size;
      calls += 1;
    }
    this.#given = { calls, bytes };
    this.#sizes.splice(0, calls);
    return this.#ready.splice(0, calls);
  }

  /** Behind what else is ready in this turn of the event loop. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    this.#onFlush?.();
    this.#onFlush = undefined;
  }
}
