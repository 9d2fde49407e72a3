/**
 * Calls of actors over one stream: what is asked in one turn of the event loop travels in one frame, and so do replies
 * that are ready together. For callers with many calls in flight; one at a time is as fast as a call by itself.
 *
 * S1. Every call settles once: by its reply, its deadline, its signal or the stream's end.
 * S2. Calls without a reply are bounded in number; past it a call is refused at once.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { ResponseFrame, ServiceResponse } from '@plexspaces/proto';
import { FrameQueue } from './frame-queue.ts';
import { NODE_ANSWER_MS, toReply, toReplyError, toRequest } from './invoke.ts';
import type { InvokeOptions, InvokeReply } from './invoke.ts';
import { expectTimerMs, MAX_TIMER_MS } from './options.ts';
import { PendingCalls } from './pending-calls.ts';
import type { Stubs } from './stubs.ts';

export interface StreamOptions {
  /** Calls without a reply, past which one more is refused with RESOURCE_EXHAUSTED; default 10,000. */
  readonly maxPending?: number | undefined;
  /** Milliseconds that a call may take where it does not say; the connection's default. */
  readonly deadlineMs?: number | undefined;
}

export interface ActorStream extends AsyncDisposable {
  /**
   * As the client's `invoke`. A signal that aborts, and a deadline that passes, end the waiting: what the node has is not
   * taken back.
   * @throws EXECUTION_ERROR where the guest itself says no; UNAVAILABLE once the stream has ended.
   */
  invoke(address: string, method: string, input?: unknown, options?: InvokeOptions): Promise<unknown>;
  /** As invoke, with all that came back. */
  call(address: string, method: string, input?: unknown, options?: InvokeOptions): Promise<InvokeReply>;
  /** Takes nothing new, and resolves when every call has settled. */
  close(): Promise<void>;
}

const DEFAULT_MAX_PENDING = 10_000;
const MAX_PENDING = 1_000_000;

/** @param defaultMs the connection's deadline of a call. @throws INVALID_ARGUMENT for options out of their range. */
export function openStream({ actors }: Stubs, options: StreamOptions, defaultMs: number): ActorStream {
  const deadlineMs = expectTimerMs(options.deadlineMs ?? defaultMs, 'deadlineMs');
  const pending = new PendingCalls(expectMaxPending(options.maxPending ?? DEFAULT_MAX_PENDING));
  const cancel = new AbortController();
  const requests = new FrameQueue();
  const frames = actors.invokeStream(requests, { deadlineMs: MAX_TIMER_MS, signal: cancel.signal });
  return new Stream(requests, frames, pending, deadlineMs, cancel);
}

class Stream implements ActorStream {
  readonly #requests: FrameQueue;
  readonly #pending: PendingCalls;
  readonly #deadlineMs: number;
  readonly #ended: Promise<void>;

  constructor(
    requests: FrameQueue,
    frames: AsyncIterable<ResponseFrame>,
    pending: PendingCalls,
    deadlineMs: number,
    cancel: AbortController,
  ) {
    this.#requests = requests;
    this.#pending = pending;
    this.#deadlineMs = deadlineMs;
    this.#ended = this.#receive(frames).finally(() => cancel.abort());
  }

  async invoke(address: string, method: string, input: unknown = {}, options: InvokeOptions = {}): Promise<unknown> {
    const { value } = await this.call(address, method, input, options);
    return value;
  }

  async call(address: string, method: string, input: unknown = {}, options: InvokeOptions = {}): Promise<InvokeReply> {
    const deadlineMs = expectTimerMs(options.deadlineMs ?? this.#deadlineMs, 'deadlineMs');
    const request = toRequest(address, method, input, { ...options, deadlineMs });
    const { correlation, response } = this.#pending.begin(deadlineMs + NODE_ANSWER_MS, options.signal); // S2
    this.#requests.push({ ...request, correlation });
    return replyOf(await response);
  }

  async close(): Promise<void> {
    this.#pending.refuse(new PlexSpacesError('UNAVAILABLE', 'the stream was closed'));
    this.#requests.end();
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #receive(frames: AsyncIterable<ResponseFrame>): Promise<void> {
    try {
      for await (const { responses } of frames) this.#settle(responses);
      this.#pending.end(new PlexSpacesError('UNAVAILABLE', 'the stream ended without a reply'));
    } catch (thrown) {
      this.#pending.end(PlexSpacesError.from(thrown)); // S1
    } finally {
      this.#requests.end();
    }
  }

  #settle(responses: readonly ServiceResponse[]): void {
    for (const response of responses) this.#pending.settle(response);
  }
}

function replyOf(response: ServiceResponse): InvokeReply {
  if (!response.success) throw toReplyError(response.error);
  return toReply(response);
}

function expectMaxPending(value: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= MAX_PENDING) return value;
  throw new PlexSpacesError('INVALID_ARGUMENT', `maxPending: expected an integer of 1-${MAX_PENDING}, found ${value}`);
}
