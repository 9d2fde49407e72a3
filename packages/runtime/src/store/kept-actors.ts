/** Which durable actors the store knows, and where each of them stands. Runs nothing, writes nothing. */
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { Journal } from './journal.ts';
import { actorsBehind, parseActorKey } from './key-layout.ts';
import { stateHashOf } from './snapshots.ts';
import type { Snapshots } from './snapshots.ts';
import type { Store } from './store.ts';

export interface KeptActor {
  /** Of the last message handled; undefined: the record that would tell is damaged. */
  readonly sequence: bigint | undefined;
  /** Of the newest snapshot that is whole. */
  readonly snapshotSequence: bigint | undefined;
  readonly stateHash: string | undefined;
  /** What of it is damaged. */
  readonly error: string | undefined;
}

export class KeptActors {
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #snapshots: Snapshots;

  constructor(store: Store, journal: Journal, snapshots: Snapshots) {
    this.#store = store;
    this.#journal = journal;
    this.#snapshots = snapshots;
  }

  /** The keys of a service's actors behind `after`, in the order of their UTF-8 bytes. Seeks from one to the next. */
  async *keys(service: string, after: string | undefined): AsyncGenerator<string> {
    for (let key = await this.#next(service, after); key !== undefined; key = await this.#next(service, key)) yield key;
  }

  /** Undefined: the store has nothing of it. */
  async find(actor: ActorAddress): Promise<KeptActor | undefined> {
    const { newest, sequences, damaged } = await this.#snapshots.load(actor);
    const journaled = await this.#lastHandled(actor);
    if (journaled === undefined && sequences.length === 0) return undefined;
    const error = journaled instanceof PlexSpacesError ? journaled : damaged[0];
    return {
      sequence: journaled instanceof PlexSpacesError ? undefined : (journaled ?? newest?.sequence),
      snapshotSequence: newest?.sequence,
      stateHash: newest && stateHashOf(newest.state),
      error: error?.message,
    };
  }

  async #next(service: string, after: string | undefined): Promise<string | undefined> {
    const seeks = actorsBehind(service, after).map((range) => this.#store.edgeKey(range, 'first'));
    const found = (await Promise.all(seeks)).filter((key) => key !== undefined).map(parseActorKey);
    return found.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))[0];
  }

  /** A message without an end was interrupted: the one before it is the last that was handled. */
  async #lastHandled(actor: ActorAddress): Promise<bigint | PlexSpacesError | undefined> {
    try {
      const last = await this.#journal.last(actor);
      if (last === undefined) return undefined;
      const hasEnded = last.body?.$case === 'processed' || last.body?.$case === 'failed';
      return hasEnded || last.sequence === 0n ? last.sequence : last.sequence - 1n;
    } catch (thrown) {
      return PlexSpacesError.from(thrown);
    }
  }
}
