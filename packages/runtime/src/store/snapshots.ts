/**
 * The snapshots of durable actors. A damaged one is passed over for the one before it, and told.
 * This file writes nothing: its operations go to LogWriter together with the truncation they allow.
 */
import { hash } from 'node:crypto';
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { SnapshotRecord } from '@plexspaces/proto';
import { frameMessage, unframe } from './checksum.ts';
import { actorSnapshots, parseSequence, snapshotKey } from './key-layout.ts';
import type { Store, StoreOperation } from './store.ts';

export type Snapshot = Omit<SnapshotRecord, 'epoch'>;

export interface LoadedSnapshots {
  /** The newest whose checksum fits. */
  readonly newest: Snapshot | undefined;
  /** Of all that are kept, damaged ones too, oldest first. */
  readonly sequences: readonly bigint[];
  readonly damaged: readonly PlexSpacesError[];
}

export class Snapshots {
  readonly #store: Store;
  readonly #epoch: bigint;

  constructor(store: Store, epoch: bigint) {
    this.#store = store;
    this.#epoch = epoch;
  }

  put(actor: ActorAddress, snapshot: Snapshot): StoreOperation {
    const value = frameMessage(SnapshotRecord, { ...snapshot, epoch: this.#epoch });
    return { type: 'put', key: snapshotKey(actor, snapshot.sequence), value };
  }

  delete(actor: ActorAddress, sequence: bigint): StoreOperation {
    return { type: 'del', key: snapshotKey(actor, sequence) };
  }

  async load(actor: ActorAddress): Promise<LoadedSnapshots> {
    const sequences: bigint[] = [];
    const damaged: PlexSpacesError[] = [];
    let newest: Snapshot | undefined;
    for await (const [key, value] of this.#store.range(actorSnapshots(actor))) {
      sequences.push(parseSequence(key));
      try {
        newest = SnapshotRecord.decode(unframe(key, value));
      } catch (thrown) {
        damaged.push(PlexSpacesError.from(thrown));
      }
    }
    return { newest, sequences, damaged };
  }
}

/** What a snapshot's state is known by, here and outside: sha256 in lower-case hexadecimal. */
export function stateHashOf(state: Uint8Array): string {
  return hash('sha256', state, 'hex');
}
