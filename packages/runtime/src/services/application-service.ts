/** ApplicationService: PlexSpaces' messages to and from the node's applications. */
import { parseApplicationId, parseModuleHash, PlexSpacesError, quote } from '@plexspaces/core';
import { ApplicationState, ApplicationStatus, ApplicationType, CacheResult, HealthStatus } from '@plexspaces/proto';
import type {
  Application as ApplicationMessage,
  ApplicationInfo,
  ApplicationServiceImplementation,
  ApplicationSpec,
  DeployApplicationRequest,
} from '@plexspaces/proto';
import type { Application, Status } from '../actors/application.ts';
import type { Applications, Deployment } from '../actors/applications.ts';
import type { TenantApplications } from '../actors/tenant-applications.ts';
import { withDefaultKind } from '../actors/core-modules.ts';
import type { ComponentStore } from '../components/component-store.ts';
import type { CallerContext } from './caller.ts';
import { fromDuration, toDuration } from './durations.ts';
import { refuseFields } from './errors.ts';
import { KIND_MESSAGE } from './kinds.ts';
import type { OutputGate } from './output-gate.ts';

const DEFAULT_STOP_MS = 10_000;
const STATE_MESSAGE: Readonly<Record<Status, ApplicationState>> = {
  LOADING: ApplicationState.APPLICATION_STATE_CREATED,
  STARTING: ApplicationState.APPLICATION_STATE_STARTING,
  RUNNING: ApplicationState.APPLICATION_STATE_RUNNING,
  STOPPING: ApplicationState.APPLICATION_STATE_STOPPING,
  STOPPED: ApplicationState.APPLICATION_STATE_STOPPED,
  FAILED: ApplicationState.APPLICATION_STATE_FAILED,
};

export function createApplicationService(
  applications: Applications,
  components: ComponentStore,
  gate: OutputGate,
): ApplicationServiceImplementation<CallerContext> {
  const of = ({ caller }: CallerContext): TenantApplications => applications.of(caller.tenant);
  return {
    deployApplication: (request, context) =>
      gate(async () => {
        const { signal } = context;
        const startedAt = performance.now();
        const record = await toRecord(request, components);
        const { application, cache } = await of(context).deploy({ record, signal });
        return {
          success: true,
          applicationId: record.applicationId,
          status: statusMessage(application.status),
          cache: cache === 'hit' ? CacheResult.CACHE_RESULT_HIT : CacheResult.CACHE_RESULT_MISS,
          moduleHash: record.moduleHash,
          elapsed: toDuration(performance.now() - startedAt),
        };
      }),
    undeployApplication: (request, context) =>
      gate(async () => {
        const deadlineMs = fromDuration(request.timeout, 'timeout') ?? DEFAULT_STOP_MS;
        await of(context).undeploy(parseApplicationId(request.applicationId), { purge: request.purge, deadlineMs });
        return { success: true };
      }),
    listApplications: (request, context) =>
      gate(() => {
        const wanted = request.statusFilter ?? ApplicationStatus.APPLICATION_STATUS_UNSPECIFIED;
        const all = of(context).list().map(infoMessage).toSorted(byApplicationId);
        const isWanted = ({ status }: ApplicationInfo): boolean =>
          wanted === ApplicationStatus.APPLICATION_STATUS_UNSPECIFIED || status === wanted;
        return { applications: all.filter(isWanted) };
      }),
    getApplicationStatus: (request, context) =>
      gate(() => {
        const application = of(context).get(parseApplicationId(request.applicationId));
        const { record, status, startedAt, error } = application;
        const startTimestampMs = BigInt(startedAt?.getTime() ?? 0);
        const state = { name: record.name, status: statusMessage(status), startTimestampMs, env: record.env };
        return { application: infoMessage(application), state, error: error?.message };
      }),
    startApplication: (request, context) =>
      gate(async () => ({
        application: applicationMessage(await of(context).start(parseApplicationId(request.name))),
      })),
    stopApplication: (request, context) =>
      gate(async () => {
        const deadlineMs = request.force ? 0 : DEFAULT_STOP_MS;
        return {
          application: applicationMessage(await of(context).stop(parseApplicationId(request.name), { deadlineMs })),
        };
      }),
  };
}

/** Checks the whole request before anything is stored, and stores the module if it came along. */
async function toRecord(request: DeployApplicationRequest, components: ComponentStore): Promise<Deployment['record']> {
  const { wasmModule, config, manifest } = request;
  refuseUnservedFields(request, config);
  const applicationId = parseApplicationId(request.applicationId || request.name);
  const version = request.version || config?.version || '';
  if (version === '') throw new PlexSpacesError('INVALID_ARGUMENT', 'version: expected text, found none');
  expectSame('config.name', config?.name, request.name || applicationId);
  expectSame('config.version', config?.version, version);
  const record = {
    applicationId,
    name: parseApplicationId(request.name || applicationId),
    version,
    description: config?.description ?? '',
    env: config?.env ?? {},
    initialState: request.initialState,
    module: wasmModule && {
      name: wasmModule.name,
      version: wasmModule.version,
      sourceLanguages: wasmModule.sourceLanguages,
      metadata: wasmModule.metadata,
      createdAt: wasmModule.createdAt,
      versionNumber: wasmModule.versionNumber,
    },
  };
  const moduleHash = await storedModule(wasmModule, components);
  return { ...record, moduleHash, manifest: await withDefaultKind(manifest, moduleHash, components) };
}

async function storedModule(
  module: DeployApplicationRequest['wasmModule'],
  components: ComponentStore,
): Promise<string> {
  if (module === undefined) throw new PlexSpacesError('INVALID_ARGUMENT', 'wasm_module: expected a module, found none');
  const { moduleBytes, moduleHash, sizeBytes } = module;
  if (moduleBytes.length === 0 && moduleHash === '') {
    throw new PlexSpacesError('INVALID_ARGUMENT', 'wasm_module: expected module_bytes or module_hash, found neither');
  }
  if (moduleBytes.length > 0) {
    if (sizeBytes !== 0n && sizeBytes !== BigInt(moduleBytes.length)) {
      throw new PlexSpacesError(
        'INVALID_ARGUMENT',
        `wasm_module.size_bytes: expected ${moduleBytes.length}, found ${sizeBytes}`,
      );
    }
    return components.put(moduleBytes, moduleHash === '' ? undefined : parseModuleHash(moduleHash));
  }
  if (await components.holds(parseModuleHash(moduleHash))) return moduleHash;
  throw new PlexSpacesError('NOT_FOUND', `module ${moduleHash} is not stored on this node: upload it first`);
}

/** What is said twice has to be the same. */
function expectSame(field: string, found: string | undefined, expected: string): void {
  if (found === undefined || found === '' || found === expected) return;
  throw new PlexSpacesError('INVALID_ARGUMENT', `${field}: expected ${quote(expected)}, found ${quote(found)}`);
}

function refuseUnservedFields(request: DeployApplicationRequest, config: ApplicationSpec | undefined): void {
  refuseFields({
    release_config: request.releaseConfig !== undefined,
    'wasm_module.wit_interface': (request.wasmModule?.witInterface ?? '') !== '',
    'config.dependencies': (config?.dependencies.length ?? 0) > 0,
    // An active application is one with a supervision tree; what runs here has none, as a library has none.
    'config.type': config?.type === ApplicationType.APPLICATION_TYPE_ACTIVE,
    'config.supervisor': config?.supervisor !== undefined,
  });
}

function byApplicationId(a: ApplicationInfo, b: ApplicationInfo): number {
  return a.applicationId < b.applicationId ? -1 : 1;
}

function infoMessage(application: Application): ApplicationInfo {
  const { record, settings, status, startedAt, error, host } = application;
  const uptimeMs = startedAt === undefined ? 0 : Date.now() - startedAt.getTime();
  return {
    applicationId: record.applicationId,
    name: record.name,
    version: record.version,
    status: statusMessage(status),
    deployedAt: record.deployedAt,
    metrics: {
      actorCount: host?.actorCount() ?? 0,
      supervisorCount: 0,
      uptimeSeconds: BigInt(Math.floor(uptimeMs / 1000)),
    },
    service: settings.service,
    kind: KIND_MESSAGE[settings.kind],
    moduleHash: record.moduleHash,
    error: error?.message ?? '',
  };
}

function applicationMessage(application: Application): ApplicationMessage {
  const { record, status, startedAt, host } = application;
  const counts = host?.messageCounts() ?? { processed: 0, errors: 0 };
  const actors = BigInt(host?.actorCount() ?? 0);
  return {
    config: specMessage(record),
    state: STATE_MESSAGE[status],
    health: status === 'FAILED' ? HealthStatus.HEALTH_STATUS_UNHEALTHY : HealthStatus.HEALTH_STATUS_HEALTHY,
    startedAt,
    statistics: {
      actorsSpawned: actors,
      actorsActive: actors,
      messagesProcessed: BigInt(counts.processed),
      errorsTotal: BigInt(counts.errors),
      restarts: host?.stats().replaced ?? 0,
    },
  };
}

function specMessage({ name, version, description, env }: Application['record']): ApplicationSpec {
  return { name, version, description, type: 0, dependencies: [], env, supervisor: undefined };
}

function statusMessage(status: Status): ApplicationStatus {
  return ApplicationStatus[`APPLICATION_STATUS_${status}`];
}
