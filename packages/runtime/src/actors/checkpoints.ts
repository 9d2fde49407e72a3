/**
 * The checkpoints of one durable actor: when one is due, and how it is taken.
 *
 * K1. Nothing of the journal is cut before the snapshot was restored in a spare instance whose own snapshot
 *     gave the same bytes. A snapshot that fails this is refused, and the journal stays.
 * K2. Snapshot, what it supersedes and the truncation are one append.
 * K3. The journal is kept behind the oldest snapshot that is kept, and whole until as many are kept as are to be:
 *     so a damaged one can be passed over, and there is something to rewind to.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { stateHashOf } from '../store/snapshots.ts';
import type { Snapshot, Snapshots } from '../store/snapshots.ts';
import type { ActorHostOptions } from './actor-host.ts';
import type { DurableInstance } from './durable-instance.ts';

export interface CheckpointPolicy {
  /** Messages between checkpoints. */
  readonly everyMessages: number;
  /** Journal bytes between checkpoints. */
  readonly everyBytes: number;
  /** Milliseconds after a message that no checkpoint has yet. */
  readonly everyMs: number;
  readonly keepSnapshots: number;
}

export interface CheckpointStatus {
  readonly snapshotSequence: bigint | undefined;
  /** sha256 of the snapshot's bytes. */
  readonly stateHash: string | undefined;
  /** Why the last attempt gave no snapshot. */
  readonly refusal: string | undefined;
}

export interface TakenCheckpoint {
  readonly kind: 'taken';
  readonly sequence: bigint;
  readonly stateHash: string;
}

/** What a checkpoint came to. */
export type CheckpointResult = TakenCheckpoint | { readonly kind: 'refused'; readonly reason: string };

/** Message 0 is the first `init`; what it leaves behind is made again in no time. */
const INIT = 0n;

export class Checkpoints {
  readonly #actor: ActorAddress;
  readonly #host: ActorHostOptions;
  readonly #snapshots: Snapshots;
  #kept: bigint[] = [];
  #latest: { sequence: bigint; stateHash: string } | undefined;
  #refusal: string | undefined;
  #coveredSequence = INIT;
  #coveredBytes = 0;
  #isRequested = false;

  constructor(actor: ActorAddress, host: ActorHostOptions) {
    this.#actor = actor;
    this.#host = host;
    this.#snapshots = host.ports.snapshots;
  }

  get status(): CheckpointStatus {
    return {
      snapshotSequence: this.#latest?.sequence,
      stateHash: this.#latest?.stateHash,
      refusal: this.#refusal,
    };
  }

  /** What an activation starts from. @throws DATA_LOSS where none is whole: what it had is in no journal (K3). */
  async restore(): Promise<Snapshot | undefined> {
    const { newest, sequences, damaged } = await this.#snapshots.load(this.#actor);
    const actor = formatActorAddress(this.#actor);
    for (const { message } of damaged) this.#host.logger.error({ actor, error: message }, 'damaged snapshot');
    if (newest === undefined && damaged[0] !== undefined) throw damaged[0];
    this.#kept = [...sequences];
    this.#latest = newest && { sequence: newest.sequence, stateHash: stateHashOf(newest.state) };
    this.#coveredSequence = newest?.sequence ?? INIT;
    this.#coveredBytes = 0;
    return newest;
  }

  /** By the guest: one is due behind the message that is being handled. */
  request(): void {
    this.#isRequested = true;
  }

  isDue(instance: DurableInstance): boolean {
    const { everyMessages, everyBytes } = this.#host.settings.checkpoints;
    const messages = instance.sequence - this.#coveredSequence;
    const bytes = instance.journaledBytes - this.#coveredBytes;
    return this.#isRequested || messages >= BigInt(everyMessages) || bytes >= everyBytes;
  }

  /** There is something that the newest snapshot does not hold. */
  isBehind(instance: DurableInstance): boolean {
    return instance.sequence > this.#coveredSequence;
  }

  /** Between two messages only. Never throws: a refusal is told in the result, the status and the log. */
  async take(instance: DurableInstance): Promise<CheckpointResult> {
    this.#isRequested = false;
    this.#coveredSequence = instance.sequence; // refused or not, the next one is due as far from here
    this.#coveredBytes = instance.journaledBytes;
    try {
      return await this.#take(instance);
    } catch (thrown) {
      return this.#refuse(PlexSpacesError.from(thrown).message);
    }
  }

  async #take(instance: DurableInstance): Promise<CheckpointResult> {
    const state = await instance.provenSnapshot(); // K1
    if (state === undefined) return this.#refuse('the actor keeps no snapshot; its journal is kept whole');
    await this.#append(instance, state);
    const stateHash = stateHashOf(state);
    this.#latest = { sequence: instance.sequence, stateHash };
    this.#refusal = undefined;
    return { kind: 'taken', ...this.#latest };
  }

  async #append(instance: DurableInstance, state: Uint8Array): Promise<void> {
    const { ports, component, settings } = this.#host;
    const { sequence, clockMicros } = instance;
    const kept = [...this.#kept.filter((older) => older !== sequence), sequence];
    const dropped = kept.splice(0, Math.max(0, kept.length - settings.checkpoints.keepSnapshots));
    await ports.writer.stored(ports.writer.lsn); // only what is in the store can be found to be cut
    const [oldest = sequence] = kept;
    const isFull = kept.length >= settings.checkpoints.keepSnapshots;
    const truncation = isFull ? await ports.journal.truncate(this.#actor, oldest + 1n) : []; // K3
    ports.writer.append([
      this.#snapshots.put(this.#actor, { sequence, clockMicros, moduleHash: component.hash, state }),
      ...dropped.map((older) => this.#snapshots.delete(this.#actor, older)),
      ...truncation,
    ]); // K2
    this.#kept = kept;
  }

  #refuse(reason: string): CheckpointResult {
    if (reason !== this.#refusal) {
      this.#host.logger.warn({ actor: formatActorAddress(this.#actor), reason }, 'checkpoint refused');
    }
    this.#refusal = reason;
    return { kind: 'refused', reason };
  }
}
