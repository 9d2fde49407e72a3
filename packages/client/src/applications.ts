/** The applications of a node as a program sees them: list, look at, start, stop, undeploy. */
import { actorKindName, ApplicationState, ApplicationStatus } from '@plexspaces/proto';
import type { ActorKindName, Application, ApplicationInfo as ApplicationInfoMessage } from '@plexspaces/proto';
import { PlexSpacesError } from '@plexspaces/core';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

const STATUS_PREFIX = 'APPLICATION_STATUS_';
const STATE_PREFIX = 'APPLICATION_STATE_';

/** One deployed application. */
export interface ApplicationInfo {
  readonly applicationId: string;
  readonly name: string;
  readonly version: string;
  /** LOADING, STARTING, RUNNING, STOPPING, STOPPED or FAILED. */
  readonly status: string;
  /** The service id under which its actors are called. */
  readonly service: string;
  readonly kind: ActorKindName | undefined;
  /** sha256 of its component. */
  readonly moduleHash: string;
  readonly deployedAt: Date | undefined;
  /** Why it is FAILED. */
  readonly error: string | undefined;
}

export interface ApplicationChange {
  readonly applicationId: string;
  /** After the change. */
  readonly status: string;
}

export interface UndeployOptions extends CallOptions {
  /** Deletes the state of its actors too. */
  readonly purge?: boolean | undefined;
}

export interface StopOptions extends CallOptions {
  /** Ends running calls at once. */
  readonly force?: boolean | undefined;
}

/** See PlexSpacesClient, whose methods these are. */
export interface Applications {
  list(options: CallOptions): Promise<ApplicationInfo[]>;
  status(applicationId: string, options: CallOptions): Promise<ApplicationInfo>;
  start(applicationId: string, options: CallOptions): Promise<ApplicationChange>;
  stop(applicationId: string, options: StopOptions): Promise<ApplicationChange>;
  undeploy(applicationId: string, options: UndeployOptions): Promise<void>;
}

export function createApplications({ applications }: Stubs, deadlineMs: number): Applications {
  return {
    async list(options): Promise<ApplicationInfo[]> {
      const reply = await applications.listApplications({}, stubOptions(options, deadlineMs));
      return reply.applications.map(toApplicationInfo);
    },
    async status(applicationId, options): Promise<ApplicationInfo> {
      const reply = await applications.getApplicationStatus({ applicationId }, stubOptions(options, deadlineMs));
      if (reply.application === undefined) throw notFound(applicationId, reply.error);
      return toApplicationInfo(reply.application);
    },
    async start(applicationId, options): Promise<ApplicationChange> {
      const reply = await applications.startApplication({ name: applicationId }, stubOptions(options, deadlineMs));
      return toChange(applicationId, reply.application);
    },
    async stop(applicationId, { force = false, ...options }): Promise<ApplicationChange> {
      const request = { name: applicationId, force };
      const reply = await applications.stopApplication(request, stubOptions(options, deadlineMs));
      return toChange(applicationId, reply.application);
    },
    async undeploy(applicationId, { purge = false, ...options }): Promise<void> {
      const request = { applicationId, purge };
      const reply = await applications.undeployApplication(request, stubOptions(options, deadlineMs));
      if (!reply.success) throw refused(`undeploy of ${applicationId}`, reply.error);
    },
  };
}

export function statusName(status: ApplicationStatus): string {
  return nameOf(ApplicationStatus, status, STATUS_PREFIX);
}

/** The error of a node that says no in a field where ours answers with a gRPC status. */
export function refused(what: string, error: string | undefined): PlexSpacesError {
  return new PlexSpacesError('FAILED_PRECONDITION', `${what}: ${error ?? 'refused by the node without a reason'}`);
}

function toApplicationInfo(info: ApplicationInfoMessage): ApplicationInfo {
  return {
    applicationId: info.applicationId,
    name: info.name,
    version: info.version,
    status: statusName(info.status),
    service: info.service,
    kind: actorKindName(info.kind),
    moduleHash: info.moduleHash,
    deployedAt: info.deployedAt,
    error: info.error === '' ? undefined : info.error,
  };
}

function toChange(applicationId: string, application: Application | undefined): ApplicationChange {
  const state = application?.state ?? ApplicationState.APPLICATION_STATE_UNSPECIFIED;
  return { applicationId, status: nameOf(ApplicationState, state, STATE_PREFIX) };
}

function notFound(applicationId: string, error: string | undefined): PlexSpacesError {
  return new PlexSpacesError('NOT_FOUND', error ?? `application ${applicationId}: the node knows none of this name`);
}

function nameOf(names: Readonly<Record<string, number>>, value: number, prefix: string): string {
  const entry = Object.entries(names).find(([, number]) => number === value);
  return entry === undefined ? String(value) : entry[0].slice(prefix.length);
}
