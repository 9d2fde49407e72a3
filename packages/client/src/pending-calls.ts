/**
 * Calls of a stream that have no reply yet, by their correlation.
 *
 * P1. A call leaves when it settles, so that it settles once; a reply that comes later finds nobody.
 * P2. One timer serves all deadlines: it is set to the earliest that there may be.
 * P3. Where it is the caller that goes, by its deadline or its signal, that is told (`onGone`).
 */
import { NumberedCalls, PlexSpacesError } from '@plexspaces/core';
import type { NumberedCall } from '@plexspaces/core';
import type { Correlated } from './frame-queue.ts';
import { MAX_TIMER_MS } from './options.ts';

interface PendingCall<Response> extends NumberedCall {
  readonly dueAt: number;
  readonly timeoutMs: number;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: PlexSpacesError) => void;
  /** Forgets its signal. */
  leave: (() => void) | undefined;
}

export interface BegunCall<Response> {
  readonly correlation: bigint;
  readonly response: Promise<Response>;
}

export class PendingCalls<Response extends Correlated> {
  readonly #limit: number;
  readonly #onGone: (correlation: bigint) => void;
  readonly #calls = new NumberedCalls<PendingCall<Response>>();
  #refusal: PlexSpacesError | undefined;
  #empty: PromiseWithResolvers<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerDueAt = Infinity;

  constructor(limit: number, onGone: (correlation: bigint) => void) {
    this.#limit = limit;
    this.#onGone = onGone;
  }

  /** @throws RESOURCE_EXHAUSTED past the limit, CANCELLED, and why nothing is taken any more. */
  begin(timeoutMs: number, signal: AbortSignal | undefined): BegunCall<Response> {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (signal?.aborted === true) throw cancelled();
    if (this.#calls.size >= this.#limit) throw tooMany(this.#limit);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const dueAt = performance.now() + timeoutMs;
    const call: PendingCall<Response> = { id: 0, dueAt, timeoutMs, resolve, reject, leave: undefined };
    this.#calls.add(call);
    if (signal !== undefined) call.leave = this.#watch(call.id, signal);
    if (dueAt < this.#timerDueAt) this.#arm(dueAt, timeoutMs); // P2
    return { correlation: BigInt(call.id), response: promise };
  }

  settle(response: Response): void {
    this.#leave(Number(response.correlation))?.resolve(response);
  }

  /** Nothing new is taken any more. */
  refuse(error: PlexSpacesError): void {
    this.#refusal ??= error;
  }

  /** Resolves when none is left. */
  async settled(): Promise<void> {
    if (this.#calls.size > 0) await (this.#empty ??= Promise.withResolvers()).promise;
  }

  /** Nothing comes any more. */
  end(error: PlexSpacesError): void {
    this.refuse(error);
    for (const { id } of this.#calls.all()) this.#leave(id)?.reject(error);
    clearTimeout(this.#timer);
  }

  #watch(id: number, signal: AbortSignal): () => void {
    const onAbort = (): void => this.#giveUp(id, cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  }

  /** P3 */
  #giveUp(id: number, error: PlexSpacesError): void {
    this.#onGone(BigInt(id));
    this.#leave(id)?.reject(error);
  }

  /** P1 */
  #leave(id: number): PendingCall<Response> | undefined {
    const call = this.#calls.take(id);
    call?.leave?.();
    if (this.#calls.size === 0) this.#empty?.resolve();
    return call;
  }

  #arm(dueAt: number, timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timerDueAt = dueAt;
    this.#timer = setTimeout(() => this.#expire(), Math.min(timeoutMs, MAX_TIMER_MS));
    this.#timer.unref(); // the stream's socket keeps the process
  }

  #expire(): void {
    const now = performance.now();
    this.#timerDueAt = Infinity;
    let next = Infinity;
    for (const { id, dueAt, timeoutMs } of this.#calls.all()) {
      if (dueAt > now) next = Math.min(next, dueAt);
      else this.#giveUp(id, late(timeoutMs));
    }
    if (next < Infinity) this.#arm(next, Math.ceil(next - now));
  }
}

function late(timeoutMs: number): PlexSpacesError {
  return new PlexSpacesError('DEADLINE_EXCEEDED', `expected a reply within ${timeoutMs} ms, found none`);
}

function cancelled(): PlexSpacesError {
  return new PlexSpacesError('CANCELLED', 'the call was cancelled by the caller');
}

function tooMany(limit: number): PlexSpacesError {
  return new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `stream: expected at most ${limit} calls without a reply, found more`,
  );
}
