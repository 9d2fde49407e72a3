/** Applications as HTTP shows them: the documents that the command line prints with --json. */
import { actorKindName, ApplicationState, ApplicationStatus, CacheResult } from '@plexspaces/proto';
import type {
  Application,
  ApplicationInfo,
  DeepPartial,
  DeployApplicationRequest,
  DeployApplicationResponse,
} from '@plexspaces/proto';
import { fromDuration } from '../durations.ts';

const TEXT = { type: 'string' };

export const APPLICATION_SCHEMA: object = {
  type: 'object',
  properties: {
    applicationId: TEXT,
    name: TEXT,
    version: TEXT,
    status: { enum: ['LOADING', 'STARTING', 'RUNNING', 'STOPPING', 'STOPPED', 'FAILED'] },
    service: TEXT,
    kind: { enum: ['durable', 'service', 'singleton'] },
    moduleHash: TEXT,
    error: { ...TEXT, description: 'Why it is FAILED.' },
  },
};

export const DEPLOYED_SCHEMA: object = {
  type: 'object',
  properties: {
    applicationId: TEXT,
    name: TEXT,
    version: TEXT,
    status: TEXT,
    moduleHash: TEXT,
    cache: { enum: ['hit', 'miss'] },
    elapsedMs: { type: 'number' },
  },
};

export const CHANGE_SCHEMA: object = { type: 'object', properties: { applicationId: TEXT, status: TEXT } };

export function applicationDocument(info: DeepPartial<ApplicationInfo>): object {
  const { applicationId, name, version, service, moduleHash, error = '' } = info;
  const status = nameOf(ApplicationStatus, info.status, 'APPLICATION_STATUS_');
  const kind = info.kind === undefined ? undefined : actorKindName(info.kind);
  return { applicationId, name, version, status, service, kind, moduleHash, ...(error !== '' && { error }) };
}

export function changeDocument(applicationId: string, application: DeepPartial<Application> | undefined): object {
  return { applicationId, status: nameOf(ApplicationState, application?.state, 'APPLICATION_STATE_') };
}

export function deployedDocument(
  { name, version }: DeployApplicationRequest,
  reply: DeepPartial<DeployApplicationResponse>,
): object {
  const { applicationId, moduleHash, elapsed } = reply;
  return {
    applicationId,
    name,
    version,
    status: nameOf(ApplicationStatus, reply.status, 'APPLICATION_STATUS_'),
    moduleHash,
    cache: reply.cache === CacheResult.CACHE_RESULT_HIT ? 'hit' : 'miss',
    elapsedMs: fromDuration({ seconds: BigInt(elapsed?.seconds ?? 0n), nanos: elapsed?.nanos ?? 0 }, 'elapsed') ?? 0,
  };
}

function nameOf(names: Readonly<Record<string, number>>, value: number | undefined, prefix: string): string {
  const entry = Object.entries(names).find(([, number]) => number === (value ?? 0));
  return entry === undefined ? String(value) : entry[0].slice(prefix.length);
}
