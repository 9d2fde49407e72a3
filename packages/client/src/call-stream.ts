/**
 * Calls over one stream: what is asked in one turn of the event loop travels in one frame, and so do replies that are
 * ready together. For callers with many calls in flight; one at a time is as fast as a call by itself.
 *
 * S1. Every call settles once: by its reply, its deadline, its signal or the stream's end.
 * S2. Calls without a reply are bounded in number; past it a call is refused at once.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { FrameQueue } from './frame-queue.ts';
import type { Correlated, Frame, FrameKind } from './frame-queue.ts';
import { expectTimerMs, MAX_TIMER_MS } from './options.ts';
import { PendingCalls } from './pending-calls.ts';
import type { StubCallOptions } from './stubs.ts';

export interface StreamOptions {
  /** Calls without a reply, past which one more is refused with RESOURCE_EXHAUSTED; default 10,000. */
  readonly maxPending?: number | undefined;
  /** Milliseconds that a call may take where it does not say; the connection's default. */
  readonly deadlineMs?: number | undefined;
}

/** What is particular to the calls of one service. */
export interface CallStreamKind<Request, Response> extends FrameKind<Request> {
  readonly send: (
    requests: AsyncIterable<Frame<Request>>,
    options: StubCallOptions,
  ) => AsyncIterable<{ readonly responses: readonly Response[] }>;
}

const DEFAULT_MAX_PENDING = 10_000;
const MAX_PENDING = 1_000_000;

export class CallStream<Request extends Correlated, Response extends Correlated> {
  /** Of a call where it does not say. */
  readonly deadlineMs: number;
  readonly #requests: FrameQueue<Request>;
  readonly #pending: PendingCalls<Response>;
  readonly #ended: Promise<void>;

  /** @param defaultMs the connection's deadline of a call. @throws INVALID_ARGUMENT for options out of their range. */
  constructor(kind: CallStreamKind<Request, Response>, options: StreamOptions, defaultMs: number) {
    this.deadlineMs = expectTimerMs(options.deadlineMs ?? defaultMs, 'deadlineMs');
    this.#requests = new FrameQueue(kind);
    const limit = expectMaxPending(options.maxPending ?? DEFAULT_MAX_PENDING);
    this.#pending = new PendingCalls(limit, (correlation) => this.#requests.cancel(correlation));
    const cancel = new AbortController();
    const frames = kind.send(this.#requests, { deadlineMs: MAX_TIMER_MS, signal: cancel.signal });
    this.#ended = this.#receive(frames).finally(() => cancel.abort());
  }

  /** @throws at once RESOURCE_EXHAUSTED (S2), CANCELLED, UNAVAILABLE once the stream has ended. */
  call(
    toRequest: (correlation: bigint) => Request,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const { correlation, response } = this.#pending.begin(timeoutMs, signal); // S2
    this.#requests.push(toRequest(correlation));
    return response;
  }

  /** Takes nothing new, and resolves when every call has settled. */
  async close(): Promise<void> {
    this.#pending.refuse(new PlexSpacesError('UNAVAILABLE', 'the stream was closed'));
    await this.#pending.settled(); // until then a caller that goes can still be told of
    this.#requests.end();
    await this.#ended;
  }

  async #receive(frames: AsyncIterable<{ readonly responses: readonly Response[] }>): Promise<void> {
    try {
      for await (const { responses } of frames) for (const response of responses) this.#pending.settle(response);
      this.#pending.end(new PlexSpacesError('UNAVAILABLE', 'the stream ended without a reply'));
    } catch (thrown) {
      this.#pending.end(PlexSpacesError.from(thrown)); // S1
    } finally {
      this.#requests.end();
    }
  }
}

function expectMaxPending(value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_PENDING) return value;
  throw new PlexSpacesError('INVALID_ARGUMENT', `maxPending: expected an integer of 1-${MAX_PENDING}, found ${value}`);
}
