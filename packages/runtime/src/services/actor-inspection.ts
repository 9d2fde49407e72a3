/** ActorService, the half that looks in: actors as messages, checkpoints on request. */
import { formatActorAddress, parseActorAddress, parseApplicationId } from '@plexspaces/core';
import { ActorStatus } from '@plexspaces/proto';
import type { Actor, ActorServiceImplementation, ListActorsRequest, ListActorsResponse } from '@plexspaces/proto';
import type { ActorDirectory, ActorView } from '../actors/actor-directory.ts';
import type { Applications } from '../actors/applications.ts';
import type { Journal } from '../store/journal.ts';
import type { CallerContext } from './caller.ts';
import { readJournal } from './journal-stream.ts';
import { KIND_MESSAGE } from './kinds.ts';
import type { OutputGate } from './output-gate.ts';
import { pageSizeOf, parsePageToken, toPageToken } from './pages.ts';

export type ActorInspection = Pick<
  ActorServiceImplementation<CallerContext>,
  'listActors' | 'getActor' | 'checkpoint' | 'readJournal'
>;

export interface InspectionParts {
  readonly applications: Applications;
  readonly directory: ActorDirectory;
  readonly journal: Journal;
  readonly gate: OutputGate;
}

const STATUS = {
  active: ActorStatus.ACTOR_STATUS_ACTIVE,
  passive: ActorStatus.ACTOR_STATUS_PASSIVE,
  recovering: ActorStatus.ACTOR_STATUS_RECOVERING,
  failed: ActorStatus.ACTOR_STATUS_FAILED,
} as const;

export function createActorInspection({ applications, directory, journal, gate }: InspectionParts): ActorInspection {
  const of = ({ caller }: CallerContext): ActorDirectory => directory.of(applications.of(caller.tenant));
  return {
    listActors: (request, context) => gate(() => listActors(of(context), request)),
    getActor: ({ id }, context) =>
      gate(async () => ({ actor: toMessage(await of(context).get(parseActorAddress(id))) })),
    checkpoint: ({ id }, context) =>
      gate(async () => {
        const address = parseActorAddress(id);
        await of(context).get(address); // a checkpoint of nobody would make an actor
        const own = applications.of(context.caller.tenant);
        const { sequence, stateHash } = await own.checkpoint(address, context.signal);
        return { sequence, stateHash };
      }),
    readJournal: (request, context) => readJournal(of(context), journal, gate, request),
  };
}

async function listActors(directory: ActorDirectory, request: ListActorsRequest): Promise<ListActorsResponse> {
  const applicationId = request.applicationId === '' ? undefined : parseApplicationId(request.applicationId);
  const after = request.pageToken === '' ? undefined : parsePageToken(request.pageToken, parseActorAddress);
  const { actors, isLast } = await directory.list({ applicationId, after, limit: pageSizeOf(request.pageSize) });
  const last = actors.at(-1);
  const nextPageToken = isLast || last === undefined ? '' : toPageToken(formatActorAddress(last.address));
  return { actors: actors.map(toMessage), nextPageToken };
}

function toMessage(view: ActorView): Actor {
  return {
    id: formatActorAddress(view.address),
    applicationId: view.applicationId,
    kind: KIND_MESSAGE[view.kind],
    status: STATUS[view.status],
    sequence: view.sequence,
    snapshotSequence: view.snapshotSequence ?? 0n,
    replayed: view.replayed === undefined ? undefined : BigInt(view.replayed),
    stateHash: view.stateHash ?? '',
    restarts: view.restarts,
    error: view.error ?? '',
  };
}
