/**
 * The requests of one durable actor, when their turn comes: a repeated idempotency key gets what is recorded, without
 * an instance where that is known before.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { IdempotencyRecord } from '@plexspaces/proto';
import type { GuestOutcome } from '@plexspaces/worker';
import { expectAnswer } from '../pool/guest-errors.ts';
import type { WorkerLimits } from '../pool/worker-limits.ts';
import type { DurableInstance } from './durable-instance.ts';
import { replayOutcome } from './idempotency-keys.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';
import { expectReplySize } from './size-limits.ts';

export interface DurableMessage {
  readonly fromActor: string;
  readonly messageType: string;
  readonly payload: Uint8Array;
  /** Empty: none. */
  readonly idempotencyKey: string;
}

/** What became of a message without the guest's doing. */
type Settled =
  | { readonly kind: 'repeated'; readonly repeated: IdempotencyRecord }
  | { readonly kind: 'refused'; readonly error: PlexSpacesError };

type End = GuestOutcome | Settled;

/** Uses the actor's instance. @param isFresh it was made for this, and has finished what a crash interrupted. */
type Use = (instance: DurableInstance, isFresh: boolean) => Promise<End>;

export class Requests {
  readonly #keys: IdempotencyKeys;
  readonly #limits: WorkerLimits;

  constructor(keys: IdempotencyKeys, limits: WorkerLimits) {
    this.#keys = keys;
    this.#limits = limits;
  }

  /**
   * The guest's answer.
   * @param deliver has it handled by an instance.
   * @param withInstance makes an instance where there is none, as often as that is needed.
   * @throws EXECUTION_ERROR for its "no"; what fits everything else.
   */
  async handle(
    message: DurableMessage,
    deliver: (instance: DurableInstance) => Promise<GuestOutcome>,
    withInstance: (use: Use) => Promise<End>,
  ): Promise<Uint8Array> {
    const isKeyed = message.idempotencyKey !== '';
    const known = isKeyed ? await this.#settled(message) : undefined;
    // An activation finishes what a crash interrupted, and that may be this very message.
    const once = async (instance: DurableInstance): Promise<End> =>
      (await this.#settled(message)) ?? (await deliver(instance));
    const use: Use = (instance, isFresh) => (isFresh && isKeyed ? once(instance) : deliver(instance));
    return expectReplySize(replyOf(known ?? (await withInstance(use))), this.#limits);
  }

  /** Undefined: its key is new. */
  async #settled(message: DurableMessage): Promise<Settled | undefined> {
    try {
      const repeated = await this.#keys.find(message);
      return repeated && { kind: 'repeated', repeated };
    } catch (thrown) {
      return { kind: 'refused', error: PlexSpacesError.from(thrown) };
    }
  }
}

function replyOf(outcome: End): Uint8Array {
  switch (outcome.kind) {
    case 'repeated':
      return replayOutcome(outcome.repeated);
    case 'refused':
      throw outcome.error;
    default:
      return expectAnswer(outcome);
  }
}
