/**
 * Requests on their way into a stream: those of one turn of the event loop in one frame, as far as a frame goes. How many
 * there can be is bounded by whoever pushes.
 */
import type { RequestFrame, ServiceRequest } from '@plexspaces/proto';

/** What a node takes in a frame is more. */
const MAX_FRAME_REQUESTS = 1_024;
const MAX_FRAME_BYTES = 1_048_576;
const DONE = { done: true, value: undefined } as const;

export class FrameQueue implements AsyncIterable<RequestFrame>, AsyncIterator<RequestFrame, undefined> {
  #requests: ServiceRequest[] = [];
  #isFlushing = false;
  #hasEnded = false;
  #waiting: ((next: IteratorResult<RequestFrame, undefined>) => void) | undefined;

  push(request: ServiceRequest): void {
    if (this.#hasEnded) return;
    this.#requests.push(request);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  /** What was pushed is still given out. */
  end(): void {
    this.#hasEnded = true;
    if (!this.#isFlushing) this.#flush();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<RequestFrame, undefined>> {
    if (!this.#isFlushing && this.#isReady) return Promise.resolve(this.#take());
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  return(): Promise<IteratorResult<RequestFrame, undefined>> {
    this.#hasEnded = true;
    this.#requests = [];
    return Promise.resolve(DONE);
  }

  #flush(): void {
    if (this.#waiting === undefined || !this.#isReady) return;
    this.#waiting(this.#take());
    this.#waiting = undefined;
  }

  get #isReady(): boolean {
    return this.#requests.length > 0 || this.#hasEnded;
  }

  #take(): IteratorResult<RequestFrame, undefined> {
    if (this.#requests.length === 0) return DONE;
    let bytes = 0;
    let count = 0;
    for (const { input } of this.#requests) {
      if (count > 0 && (count === MAX_FRAME_REQUESTS || bytes + input.length > MAX_FRAME_BYTES)) break;
      bytes += input.length;
      count += 1;
    }
    return { done: false, value: { requests: this.#requests.splice(0, count) } };
  }
}
