/** ActorService, the half that repairs: rewind, fork, messages in quarantine. */
import { formatActorAddress, parseActorAddress, parseApplicationId, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type {
  ActorServiceImplementation,
  ForkActorRequest,
  ForkActorResponse,
  ListQuarantinedRequest,
  ListQuarantinedResponse,
  QuarantinedMessage as QuarantinedMessageWire,
  RetryQuarantinedRequest,
  RetryQuarantinedResponse,
  RewindActorRequest,
  RewindActorResponse,
} from '@plexspaces/proto';
import type { ActorDirectory } from '../actors/actor-directory.ts';
import type { Applications } from '../actors/applications.ts';
import { fork, rewind } from '../actors/branches.ts';
import type { BranchPorts } from '../actors/branches.ts';
import type { Quarantine } from '../actors/quarantine.ts';
import type { TenantApplications } from '../actors/tenant-applications.ts';
import { StandingEffects } from '../host/standing-effects.ts';
import type { QuarantinedMessage } from '../store/quarantine-records.ts';
import type { CallerContext } from './caller.ts';
import type { OutputGate } from './output-gate.ts';
import { pageSizeOf, parsePageToken, toPageToken } from './pages.ts';

export type ActorRepair = Pick<
  ActorServiceImplementation<CallerContext>,
  'rewindActor' | 'forkActor' | 'listQuarantined' | 'retryQuarantined' | 'dropQuarantined'
>;

export interface RepairParts {
  readonly applications: Applications;
  readonly directory: ActorDirectory;
  readonly branches: BranchPorts;
  readonly quarantine: Quarantine;
  readonly gate: OutputGate;
}

const MAX_SHOWN_BYTES = 1024;
const PLACE = /^(\d{1,20}):(.+)$/u;

/** Those of a tenant. */
interface OwnParts extends Omit<RepairParts, 'applications'> {
  readonly applications: TenantApplications;
}

export function createActorRepair(parts: RepairParts): ActorRepair {
  const { gate } = parts;
  const of = ({ caller }: CallerContext): OwnParts => ownParts(parts, caller.tenant);
  return {
    rewindActor: (request, context) => gate(() => rewindActor(of(context), request, context.signal)),
    forkActor: (request, context) => gate(() => forkActor(of(context), request, context.signal)),
    listQuarantined: (request, context) => gate(() => listQuarantined(of(context).quarantine, request)),
    retryQuarantined: (request, context) =>
      gate(() => retryQuarantined(of(context).quarantine, request, context.signal)),
    dropQuarantined: ({ id, sequence }, context) =>
      gate(async () => {
        await of(context).quarantine.drop(parseActorAddress(id), sequence, context.signal);
        return {};
      }),
  };
}

function ownParts(parts: RepairParts, tenant: string): OwnParts {
  const applications = parts.applications.of(tenant);
  const { directory, quarantine } = parts;
  return { ...parts, applications, directory: directory.of(applications), quarantine: quarantine.of(applications) };
}

async function rewindActor(
  { applications, directory, branches }: OwnParts,
  request: RewindActorRequest,
  signal: AbortSignal,
): Promise<RewindActorResponse> {
  const actor = parseActorAddress(request.id);
  const to = expectSequence(request.toSequence, 'to_sequence');
  const keys = await applications.durable('rewind', actor);
  await directory.get(actor); // a rewind of nobody would make an actor
  const { sequence, branch, cutMessages, effects, effectCount } = await rewind(branches, keys, actor, to, signal);
  return {
    sequence,
    branchId: branch === undefined ? '' : formatActorAddress(branch),
    cutMessages: BigInt(cutMessages),
    standingEffects: [...effects],
    standingEffectCount: BigInt(effectCount),
  };
}

async function forkActor(
  { applications, directory, branches }: OwnParts,
  request: ForkActorRequest,
  signal: AbortSignal,
): Promise<ForkActorResponse> {
  const actor = parseActorAddress(request.id);
  const at = expectSequence(request.atSequence, 'at_sequence');
  const to = parseNewKey(actor, request.newKey);
  const keys = await applications.durable('fork', actor);
  await directory.get(actor);
  const { sequence, replayed } = await fork(branches, keys, actor, at, to, signal);
  return { id: formatActorAddress(to), sequence, replayed: BigInt(replayed) };
}

/** 0 is a message like any other, and nothing to take for one that was left out. */
function expectSequence(sequence: bigint | undefined, field: string): bigint {
  if (sequence !== undefined) return sequence;
  throw new PlexSpacesError('INVALID_ARGUMENT', `${field}: expected the number of a message, found none`);
}

/** A key may hold what looks like an address: only the actor's own service in front of it is taken as one. */
function parseNewKey({ service }: ActorAddress, text: string): ActorAddress {
  const prefix = `${service}/`;
  return parseActorAddress(text.startsWith(prefix) ? text : prefix + text);
}

async function listQuarantined(
  quarantine: Quarantine,
  request: ListQuarantinedRequest,
): Promise<ListQuarantinedResponse> {
  const applicationId = request.applicationId === '' ? undefined : parseApplicationId(request.applicationId);
  const after = request.pageToken === '' ? undefined : parsePageToken(request.pageToken, parsePlace);
  const page = await quarantine.list({ applicationId, after, limit: pageSizeOf(request.pageSize) });
  const last = page.messages.at(-1);
  const nextPageToken = page.isLast || last === undefined ? '' : toPageToken(formatPlace(last));
  return { messages: page.messages.map(toMessage), nextPageToken };
}

function formatPlace({ actor, record }: QuarantinedMessage): string {
  return `${record.sequence}:${formatActorAddress(actor)}`;
}

function parsePlace(text: string): { actor: ActorAddress; sequence: bigint } {
  const [, sequence, actor] = PLACE.exec(text) ?? [];
  if (sequence === undefined || actor === undefined) throw new PlexSpacesError('INVALID_ARGUMENT', 'no such place');
  return { sequence: BigInt(sequence), actor: parseActorAddress(actor) };
}

function toMessage({ actor, record }: QuarantinedMessage): QuarantinedMessageWire {
  const { sequence, received, hostCalls, attempts, lastFailure, quarantinedAt } = record;
  const payload = received?.payload ?? new Uint8Array();
  const effects = new StandingEffects();
  for (const call of hostCalls) effects.add(sequence, call);
  return {
    id: formatActorAddress(actor),
    sequence,
    fromActor: received?.fromActor ?? '',
    method: received?.messageType ?? '',
    payload: payload.subarray(0, MAX_SHOWN_BYTES),
    payloadSize: BigInt(payload.length),
    attempts,
    lastFailure: lastFailure && toServiceError(lastFailure),
    quarantinedAt,
    standingEffects: [...effects.shown],
  };
}

function toServiceError({ code, reason, message }: { code: string; reason: string; message: string }): {
  code: string;
  message: string;
  details: Record<string, string>;
} {
  const details: Record<string, string> = reason === '' ? {} : { reason };
  return { code, message, details };
}

/** A guest's own "no" is an answer; everything else is a status. */
async function retryQuarantined(
  quarantine: Quarantine,
  { id, sequence }: RetryQuarantinedRequest,
  signal: AbortSignal,
): Promise<RetryQuarantinedResponse> {
  try {
    const output = await quarantine.retry(parseActorAddress(id), sequence, signal);
    return { success: true, output, error: undefined };
  } catch (thrown) {
    const { code, message, details } = PlexSpacesError.from(thrown);
    if (code !== 'EXECUTION_ERROR') throw thrown;
    return { success: false, output: new Uint8Array(), error: { code, message, details: { ...details } } };
  }
}
