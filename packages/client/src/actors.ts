/** The actors of a node as a program sees them: list, checkpoint. */
import { actorKindName, ActorStatus } from '@plexspaces/proto';
import type { Actor, ActorKindName } from '@plexspaces/proto';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

const PAGE_SIZE = 1000;

/** `active`: an instance is live. `passive`: the next message makes one. `recovering`: it is being made. */
export type ActorStatusName = 'active' | 'passive' | 'recovering' | 'failed';

export interface ActorInfo {
  /** `service/key` */
  readonly id: string;
  readonly applicationId: string;
  readonly kind: ActorKindName | undefined;
  readonly status: ActorStatusName | undefined;
  /** The number of the last message handled; durable actors only. */
  readonly sequence: number | undefined;
  /** The last message in the last snapshot. */
  readonly snapshotSequence: number | undefined;
  /** Messages replayed in the latest activation; undefined: no instance is live. */
  readonly replayed: number | undefined;
  /** sha256 of the last snapshot's bytes. */
  readonly stateHash: string | undefined;
  /** Instances that a failure ended since the application started. */
  readonly restarts: number;
  /** Why it is failed, why a checkpoint was refused, or what of it is damaged. */
  readonly error: string | undefined;
}

export interface TakenCheckpoint {
  /** The last message in the snapshot. */
  readonly sequence: number;
  /** sha256 of the snapshot's bytes. */
  readonly stateHash: string;
}

/** See PlexSpacesClient, whose methods these are. */
export interface Inspection {
  actors(applicationId: string, options: CallOptions): Promise<ActorInfo[]>;
  checkpoint(address: string, options: CallOptions): Promise<TakenCheckpoint>;
}

export function createInspection({ actors }: Stubs, deadlineMs: number): Inspection {
  return {
    async actors(applicationId, options): Promise<ActorInfo[]> {
      const found: ActorInfo[] = [];
      let pageToken = '';
      do {
        const request = { applicationId, pageSize: PAGE_SIZE, pageToken };
        const page = await actors.listActors(request, stubOptions(options, deadlineMs));
        found.push(...page.actors.map(toActorInfo));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      return found;
    },
    async checkpoint(address, options): Promise<TakenCheckpoint> {
      const { sequence, stateHash } = await actors.checkpoint({ id: address }, stubOptions(options, deadlineMs));
      return { sequence: Number(sequence), stateHash };
    },
  };
}

function toActorInfo(actor: Actor): ActorInfo {
  const { id, applicationId, sequence, snapshotSequence, replayed, stateHash, restarts, error } = actor;
  const hasSnapshot = stateHash !== '';
  return {
    id,
    applicationId,
    kind: actorKindName(actor.kind),
    status: statusName(actor.status),
    sequence: sequence === undefined ? undefined : Number(sequence),
    snapshotSequence: hasSnapshot ? Number(snapshotSequence) : undefined,
    replayed: replayed === undefined ? undefined : Number(replayed),
    stateHash: hasSnapshot ? stateHash : undefined,
    restarts,
    error: error === '' ? undefined : error,
  };
}

function statusName(status: ActorStatus): ActorStatusName | undefined {
  switch (status) {
    case ActorStatus.ACTOR_STATUS_ACTIVE:
      return 'active';
    case ActorStatus.ACTOR_STATUS_PASSIVE:
      return 'passive';
    case ActorStatus.ACTOR_STATUS_RECOVERING:
      return 'recovering';
    case ActorStatus.ACTOR_STATUS_FAILED:
      return 'failed';
    default:
      return undefined;
  }
}
