/** ActorService, the half that looks in: actors as messages, checkpoints on request. */
import { formatActorAddress, parseActorAddress, parseApplicationId, PlexSpacesError, quote } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { ActorStatus } from '@plexspaces/proto';
import type { Actor, ActorServiceImplementation, ListActorsRequest, ListActorsResponse } from '@plexspaces/proto';
import type { ActorDirectory, ActorView } from '../actors/actor-directory.ts';
import type { Applications } from '../actors/applications.ts';
import type { Journal } from '../store/journal.ts';
import { readJournal } from './journal-stream.ts';
import { KIND_MESSAGE } from './kinds.ts';
import type { OutputGate } from './output-gate.ts';

export type ActorInspection = Pick<
  ActorServiceImplementation,
  'listActors' | 'getActor' | 'checkpoint' | 'readJournal'
>;

export interface InspectionParts {
  readonly applications: Applications;
  readonly directory: ActorDirectory;
  readonly journal: Journal;
  readonly gate: OutputGate;
}

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1000;

const STATUS = {
  active: ActorStatus.ACTOR_STATUS_ACTIVE,
  passive: ActorStatus.ACTOR_STATUS_PASSIVE,
  recovering: ActorStatus.ACTOR_STATUS_RECOVERING,
  failed: ActorStatus.ACTOR_STATUS_FAILED,
} as const;

export function createActorInspection({ applications, directory, journal, gate }: InspectionParts): ActorInspection {
  return {
    listActors: (request) => gate(() => listActors(directory, request)),
    getActor: ({ id }) => gate(async () => ({ actor: toMessage(await directory.get(parseActorAddress(id))) })),
    checkpoint: ({ id }, { signal }) =>
      gate(async () => {
        const address = parseActorAddress(id);
        await directory.get(address); // a checkpoint of nobody would make an actor
        const { sequence, stateHash } = await applications.checkpoint(address, signal);
        return { sequence, stateHash };
      }),
    readJournal: (request) => readJournal(directory, journal, gate, request),
  };
}

async function listActors(directory: ActorDirectory, request: ListActorsRequest): Promise<ListActorsResponse> {
  const applicationId = request.applicationId === '' ? undefined : parseApplicationId(request.applicationId);
  const after = request.pageToken === '' ? undefined : parsePageToken(request.pageToken);
  const { actors, isLast } = await directory.list({ applicationId, after, limit: pageSizeOf(request) });
  const last = actors.at(-1);
  return { actors: actors.map(toMessage), nextPageToken: isLast || last === undefined ? '' : pageToken(last.address) };
}

function pageSizeOf({ pageSize }: ListActorsRequest): number {
  if (pageSize <= MAX_PAGE_SIZE) return pageSize || DEFAULT_PAGE_SIZE;
  throw new PlexSpacesError('INVALID_ARGUMENT', `page_size: expected 0 to ${MAX_PAGE_SIZE}, found ${pageSize}`);
}

/** The last actor of the page before, in a form that nobody takes for more than a token. */
function pageToken(address: ActorAddress): string {
  return Buffer.from(formatActorAddress(address)).toString('base64url');
}

function parsePageToken(token: string): ActorAddress {
  try {
    return parseActorAddress(Buffer.from(token, 'base64url').toString());
  } catch (cause) {
    const message = `page_token: expected a next_page_token of this node, found ${quote(token)}`;
    throw new PlexSpacesError('INVALID_ARGUMENT', message, { cause });
  }
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
