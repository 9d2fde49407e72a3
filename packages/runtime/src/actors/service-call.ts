/**
 * One message for a pool of interchangeable instances: from its caller to a guest, and back.
 *
 * The caller learns of the end once, be it that its patience ends first: then the guest runs on and nobody is told.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { GuestOutcome, GuestTarget } from '@plexspaces/worker';
import type { Histogram } from '../histogram.ts';
import { startMessage } from '../host/time.ts';
import type { Activity } from '../host/wait-graph.ts';
import { expectAnswer } from '../pool/guest-errors.ts';
import type { PoolCall } from '../pool/pool-calls.ts';
import type { CallHost, WorkerCall } from '../pool/thread-calls.ts';
import type { WorkerLimits } from '../pool/worker-limits.ts';
import type { Patience } from './deadline.ts';
import { ServiceGuest } from './service-guest.ts';
import type { ServiceGuestPorts } from './service-guest.ts';
import { expectReplySize } from './size-limits.ts';

/** What the calls of an actor share. */
export interface ServiceCallPorts {
  readonly limits: WorkerLimits;
  /** Where it is counted how long calls wait. */
  readonly waitTimes: Histogram;
  readonly guests: ServiceGuestPorts;
  /** Undefined: it was answered. */
  readonly onEnd: (error: PlexSpacesError | undefined) => void;
}

export class ServiceCall implements PoolCall {
  readonly #ports: ServiceCallPorts;
  readonly #target: GuestTarget;
  readonly #patience: Patience;
  readonly #asker: Activity | undefined;
  readonly #reply = Promise.withResolvers<Uint8Array>();
  /** Undefined: its first attempt has begun. */
  #arrivedAt: number | undefined = performance.now();
  #guest: ServiceGuest | undefined;
  /** Undefined: nothing can make its caller leave. */
  #onAbort: (() => void) | undefined;
  #isOver = false;

  constructor(ports: ServiceCallPorts, target: GuestTarget, patience: Patience, asker: Activity | undefined) {
    this.#ports = ports;
    this.#target = target;
    this.#patience = patience;
    this.#asker = asker;
    if (patience.signal !== undefined) this.#leaveOn(patience.signal);
  }

  /** The guest's answer. */
  get reply(): Promise<Uint8Array> {
    return this.#reply.promise;
  }

  get signal(): AbortSignal | undefined {
    return this.#patience.signal;
  }

  begin(): WorkerCall {
    if (this.#arrivedAt !== undefined) this.#ports.waitTimes.observeSince(this.#arrivedAt);
    this.#arrivedAt = undefined;
    const timeoutMs = this.#patience.remainingMs(this.#ports.limits.callMs);
    this.#guest = new ServiceGuest(this.#ports.guests);
    if (this.#asker !== undefined) this.#asker.answeredBy = this.#guest.activity;
    return callOf(this.#target, this.#guest, timeoutMs, this.signal);
  }

  putBack(): void {
    this.#leave();
    if (this.#asker !== undefined) this.#asker.answeredBy = undefined;
  }

  resolve(outcome: GuestOutcome): void {
    this.#leave();
    try {
      const reply = expectReplySize(expectAnswer(outcome), this.#ports.limits);
      this.#end(undefined);
      this.#reply.resolve(reply);
    } catch (thrown) {
      this.reject(PlexSpacesError.from(thrown));
    }
  }

  reject(error: PlexSpacesError): void {
    this.#leave();
    this.#end(error);
    this.#reply.reject(error);
  }

  #leaveOn(signal: AbortSignal): void {
    this.#onAbort = () => {
      const error = PlexSpacesError.from(signal.reason);
      this.#end(error);
      this.#reply.reject(error);
    };
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  #leave(): void {
    this.#guest?.end();
    this.#guest = undefined;
  }

  /** For the caller. */
  #end(error: PlexSpacesError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#patience[Symbol.dispose]();
    if (this.#onAbort !== undefined) this.signal?.removeEventListener('abort', this.#onAbort);
    this.#ports.onEnd(error);
  }
}

/** One attempt; each begins at a time of its own. */
export function callOf(
  target: GuestTarget,
  host: CallHost,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): WorkerCall {
  const { startMicros, seed } = startMessage(0n);
  const hostCalls = target.export === 'shutdown' ? 'log-only' : 'all';
  const message = { sequence: 0n, startMicros, seed, replayed: false, restoring: false, hostCalls } as const;
  return { target, message, host, timeoutMs, signal };
}
