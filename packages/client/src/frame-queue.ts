/**
 * Requests on their way into a stream: those of one turn of the event loop in one frame, as far as a frame goes. How many
 * there can be is bounded by whoever pushes.
 */

export interface Frame<Request> {
  readonly requests: Request[];
  /** Correlations of requests that are not wanted any more. */
  readonly cancelled: bigint[];
}

/** What a node takes in a frame is more. */
const MAX_FRAME_REQUESTS = 1_024;
const MAX_FRAME_BYTES = 1_048_576;
const DONE = { done: true, value: undefined } as const;

type Next<Request> = IteratorResult<Frame<Request>, undefined>;

export interface FrameKind<Request> {
  /** In bytes, or about. */
  readonly sizeOf: (request: Request) => number;
  /** Whether the node takes word of requests that are not wanted any more. */
  readonly tellsCancelled: boolean;
}

/** What was pushed later has a higher correlation. */
export interface Correlated {
  readonly correlation: bigint;
}

export class FrameQueue<Request extends Correlated>
  implements AsyncIterable<Frame<Request>>, AsyncIterator<Frame<Request>, undefined>
{
  readonly #kind: FrameKind<Request>;
  #requests: Request[] = [];
  #cancelled: bigint[] = [];
  #isFlushing = false;
  #hasEnded = false;
  #waiting: ((next: Next<Request>) => void) | undefined;

  constructor(kind: FrameKind<Request>) {
    this.#kind = kind;
  }

  push(request: Request): void {
    if (this.#hasEnded) return;
    this.#requests.push(request);
    this.#flushSoon();
  }

  /** Is not sent where it has not gone yet. */
  cancel(correlation: bigint): void {
    const place = this.#placeOf(correlation);
    if (this.#requests[place]?.correlation === correlation) this.#requests.splice(place, 1);
    else if (this.#kind.tellsCancelled && !this.#hasEnded) {
      this.#cancelled.push(correlation);
      this.#flushSoon();
    }
  }

  /** What was pushed is still given out. */
  end(): void {
    this.#hasEnded = true;
    if (!this.#isFlushing) this.#flush();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Next<Request>> {
    if (!this.#isFlushing && this.#isReady) return Promise.resolve(this.#take());
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  return(): Promise<Next<Request>> {
    this.#hasEnded = true;
    this.#requests = [];
    this.#cancelled = [];
    return Promise.resolve(DONE);
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#waiting === undefined || !this.#isReady) return;
    this.#waiting(this.#take());
    this.#waiting = undefined;
  }

  get #isReady(): boolean {
    return this.#requests.length > 0 || this.#cancelled.length > 0 || this.#hasEnded;
  }

  #take(): Next<Request> {
    const requests = this.#requests.splice(0, this.#frameLength());
    const cancelled = this.#cancelled.splice(0, MAX_FRAME_REQUESTS);
    if (requests.length === 0 && cancelled.length === 0) return DONE;
    return { done: false, value: { requests, cancelled } };
  }

  #frameLength(): number {
    let bytes = 0;
    let count = 0;
    for (const request of this.#requests) {
      const size = this.#kind.sizeOf(request);
      if (count > 0 && (count === MAX_FRAME_REQUESTS || bytes + size > MAX_FRAME_BYTES)) break;
      bytes += size;
      count += 1;
    }
    return count;
  }

  /** Of the first that is not below it. */
  #placeOf(correlation: bigint): number {
    let from = 0;
    let to = this.#requests.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#requests[middle]?.correlation ?? correlation) < correlation) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
