/**
 * One message for a pool of interchangeable instances: from its caller to a guest, and back.
 *
 * The caller learns of the end once, be it that its patience ends first: then the guest runs on and nobody is told.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { GuestOutcome, GuestTarget } from '@plexspaces/worker';
import type { Histogram } from '../histogram.ts';
import type { Activity } from '../host/wait-graph.ts';
import { expectAnswer } from '../pool/guest-errors.ts';
import type { PoolCall } from '../pool/pool-calls.ts';
import type { WorkerCall } from '../pool/thread-calls.ts';
import type { WorkerLimits } from '../pool/worker-limits.ts';
import type { Patience } from './deadline.ts';
import { expectReplySize } from './size-limits.ts';

/** What the calls of an actor share. */
export interface ServiceCallPorts {
  readonly limits: WorkerLimits;
  /** Where it is counted how long calls wait. */
  readonly waitTimes: Histogram;
  /** Begins an activity of the actor. */
  readonly enter: (target: GuestTarget, timeoutMs: number) => EnteredCall;
  readonly leave: (activity: Activity) => void;
  readonly onEnd: (isGood: boolean) => void;
}

export interface EnteredCall {
  readonly activity: Activity;
  readonly call: WorkerCall;
}

export class ServiceCall implements PoolCall {
  readonly #ports: ServiceCallPorts;
  readonly #target: GuestTarget;
  readonly #patience: Patience;
  readonly #asker: Activity | undefined;
  readonly #reply = Promise.withResolvers<Uint8Array>();
  /** Undefined: its first attempt has begun. */
  #arrivedAt: number | undefined = performance.now();
  #activity: Activity | undefined;
  #isOver = false;

  constructor(ports: ServiceCallPorts, target: GuestTarget, patience: Patience, asker: Activity | undefined) {
    this.#ports = ports;
    this.#target = target;
    this.#patience = patience;
    this.#asker = asker;
    patience.signal?.addEventListener('abort', this.#onAbort, { once: true });
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
    const { activity, call } = this.#ports.enter(this.#target, timeoutMs);
    this.#activity = activity;
    if (this.#asker !== undefined) this.#asker.answeredBy = activity;
    return this.signal === undefined ? call : { ...call, signal: this.signal };
  }

  putBack(): void {
    this.#leave();
    if (this.#asker !== undefined) this.#asker.answeredBy = undefined;
  }

  resolve(outcome: GuestOutcome): void {
    this.#leave();
    try {
      const reply = expectReplySize(expectAnswer(outcome), this.#ports.limits);
      this.#end(true);
      this.#reply.resolve(reply);
    } catch (thrown) {
      this.reject(PlexSpacesError.from(thrown));
    }
  }

  reject(error: PlexSpacesError): void {
    this.#leave();
    this.#end(false);
    this.#reply.reject(error);
  }

  readonly #onAbort = (): void => {
    this.#end(false);
    this.#reply.reject(PlexSpacesError.from(this.signal?.reason));
  };

  #leave(): void {
    if (this.#activity !== undefined) this.#ports.leave(this.#activity);
    this.#activity = undefined;
  }

  /** For the caller. */
  #end(isGood: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#patience[Symbol.dispose]();
    this.signal?.removeEventListener('abort', this.#onAbort);
    this.#ports.onEnd(isGood);
  }
}
