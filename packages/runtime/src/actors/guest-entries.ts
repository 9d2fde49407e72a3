/**
 * The entries of one guest instance as a durable actor uses them: messages, which are recorded or replayed, and
 * what happens between messages, where the guest may only log.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { Received } from '@plexspaces/proto';
import type { GuestOutcome, GuestTarget, InstanceSlot, MessageContext, WearLimit } from '@plexspaces/worker';
import type { MessageRecorder } from '../host/durability.ts';
import { writeGuestLine } from '../host/log.ts';
import type { HostScope } from '../host/scope.ts';
import { trapError } from '../pool/guest-errors.ts';
import type { CallHost } from '../pool/thread-calls.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import type { ActorHostOptions } from './actor-host.ts';

/** Between which messages something happens. */
export interface Between {
  readonly nextSequence: bigint;
  readonly clockMicros: bigint;
}

/** A message with its place in the journal. */
export interface GuestMessage {
  readonly sequence: bigint;
  readonly received: Received;
  /** Takes it back as long as it was not sent to the thread; the reason of the error is NOT_STARTED then. */
  readonly signal?: AbortSignal | undefined;
}

/** What came to its end once is given more time to come there again, on a machine that may be busier. */
const RECOVERY_FACTOR = 4;
const MIN_RECOVERY_MS = 10_000;
/** Exports of the guest that run while a snapshot is proven, each with a call's limit. */
const PROOF_CALLS = 3;
const NO_SEED = new Uint8Array(32);

export class GuestEntries {
  readonly worker: WASMWorker;
  readonly #slot: InstanceSlot;
  readonly #host: ActorHostOptions;
  readonly #scope: HostScope;
  readonly #logOnly: CallHost;
  readonly #wear: WearLimit | undefined;

  /** @param wear from where on the instance is worn. */
  constructor(
    worker: WASMWorker,
    slot: InstanceSlot,
    host: ActorHostOptions,
    scope: HostScope,
    wear: WearLimit | undefined,
  ) {
    this.worker = worker;
    this.#slot = slot;
    this.#host = host;
    this.#scope = scope;
    this.#wear = wear;
    this.#logOnly = {
      answer: () => {
        throw new PlexSpacesError('INTERNAL', 'a host call outside a message');
      },
      log: (line) => writeGuestLine(host.logger, scope, line),
    };
  }

  /** A fresh instance takes the place of what was there. */
  async instantiate(): Promise<void> {
    const { environment, settings } = this.#host;
    const { logBytesPerSecond } = settings.limits;
    const activation = { actor: this.#scope.actor, environment, logBytesPerSecond, wear: this.#wear };
    await this.worker.activate(activation, this.#slot);
  }

  /** @param replayed it ended before: sleeps are skipped. @throws deadline, limits, the thread's death. */
  handle(
    { sequence, received, signal }: GuestMessage,
    recorder: MessageRecorder,
    replayed: boolean,
  ): Promise<GuestOutcome> {
    const { selfId, startMicros, seed } = received;
    const { callMs } = this.#host.settings.limits;
    return this.worker.call({
      slot: this.#slot,
      target: targetOf(received),
      message: { sequence, selfId, startMicros, seed, replayed, restoring: false, hostCalls: 'all' },
      signal,
      timeoutMs: replayed ? Math.max(RECOVERY_FACTOR * callMs, MIN_RECOVERY_MS) : callMs,
      host: {
        answer: (request, underWay) => recorder.answer(request, underWay),
        log: (line) => {
          if (!recorder.isReplaying) writeGuestLine(this.#host.logger, this.#scope, line);
        },
      },
    });
  }

  /** @throws FAILED_PRECONDITION where the guest refuses the state. */
  async restore(state: Uint8Array, between: Between): Promise<void> {
    const outcome = await this.#callBetween({ export: 'init', state }, between, true);
    if (outcome.kind !== 'ok') throw initFailed(this.#scope.actor, outcome.message);
  }

  /**
   * What the actor's snapshot-state gives, and a spare instance of the component that was given it gives again;
   * undefined: it keeps none. @throws EXECUTION_ERROR where there is no such snapshot, trap errors.
   */
  async provenSnapshot(between: Between): Promise<Uint8Array | undefined> {
    const outcome = await this.#callBetween({ export: 'proven-snapshot' }, between, false, PROOF_CALLS);
    if (outcome.kind === 'ok') return outcome.payload;
    if (outcome.kind === 'guest-error') throw new PlexSpacesError('EXECUTION_ERROR', outcome.message);
    throw trapError(outcome);
  }

  /** It trapped: it must not be called again. */
  get isSpent(): boolean {
    return this.worker.isSpent(this.#slot);
  }

  /** How many calls have worn it; 0: it is not worn. */
  get wornAfter(): number {
    return this.worker.wornAfter(this.#slot);
  }

  /** The guest's last call. */
  async shutdown(between: Between): Promise<void> {
    await this.#callBetween({ export: 'shutdown' }, between, false);
  }

  /** Clock and seed are the same whenever it is done. */
  #callBetween(
    target: GuestTarget,
    { nextSequence, clockMicros }: Between,
    restoring: boolean,
    exports = 1,
  ): Promise<GuestOutcome> {
    const message: MessageContext = {
      sequence: nextSequence,
      startMicros: clockMicros,
      seed: NO_SEED,
      replayed: false,
      restoring,
      hostCalls: 'log-only',
    };
    const timeoutMs = exports * this.#host.settings.limits.callMs;
    return this.worker.call({ slot: this.#slot, target, message, timeoutMs, host: this.#logOnly });
  }
}

export function initFailed(actor: string, text: string): PlexSpacesError {
  return new PlexSpacesError('FAILED_PRECONDITION', `init of ${actor} failed: ${text}`);
}

function targetOf({ kind, fromActor, messageType, payload }: Received): GuestTarget {
  if (kind === MessageKind.MESSAGE_KIND_INIT) return { export: 'init', state: payload };
  const name = kind === MessageKind.MESSAGE_KIND_MESSAGE ? 'handle-message' : 'handle-request';
  return { export: name, fromActor, messageType, payload };
}
