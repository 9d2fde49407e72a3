/**
 * The core of a node: all that stands on one opening of its data directory. After a failed batch it is disposed of
 * as a whole, and another one recovers from what is on the disk; ports and components outlive it.
 *
 * O1. Nothing is served before everything was loaded.
 * O2. It closes from the outside in: actors, writer, store.
 */
import { setMaxListeners } from 'node:events';
import { PlexSpacesError } from '@plexspaces/core';
import type { Logger } from 'pino';
import { ActorDirectory } from './actors/actor-directory.ts';
import { Applications } from './actors/applications.ts';
import { Inbox } from './actors/inbox.ts';
import { LiveActors } from './actors/live-actors.ts';
import { Messenger } from './actors/messenger.ts';
import { Quarantine } from './actors/quarantine.ts';
import { SYSTEM_CLOCK } from './clock.ts';
import { ServiceLife } from './actors/service-life.ts';
import { ComponentStore } from './components/component-store.ts';
import { HostCalls } from './host/host-calls.ts';
import { WaitGraph } from './host/wait-graph.ts';
import { ThreadBudget } from './pool/thread-budget.ts';
import { createActorInspection } from './services/actor-inspection.ts';
import { createActorRepair } from './services/actor-repair.ts';
import { createActorService } from './services/actor-service.ts';
import { createApplicationService } from './services/application-service.ts';
import { createDescriptionService } from './services/description-service.ts';
import type { GrpcServices } from './services/grpc-server.ts';
import type { NodeFigures } from './services/metrics.ts';
import { createModuleService } from './services/module-service.ts';
import { createOutputGate } from './services/output-gate.ts';
import { createPoolService } from './services/pool-service.ts';
import type { ServiceFacts } from './services/http/openapi.ts';
import { createTupleSpaceService } from './services/tuplespace-service.ts';
import { loadApplications } from './store/application-records.ts';
import { SharedState } from './state/shared-state.ts';
import { Branches } from './store/branches.ts';
import { inDatabase, openDataDirectory } from './store/data-directory.ts';
import type { DataDirectory, DataDirectoryOptions } from './store/data-directory.ts';
import { IdempotencyRecords } from './store/idempotency-records.ts';
import { Journal } from './store/journal.ts';
import { KeptActors } from './store/kept-actors.ts';
import type { LogWriter } from './store/log-writer.ts';
import { firstNumberOf, Numbers } from './store/numbers.ts';
import { QuarantineRecords } from './store/quarantine-records.ts';
import { ServiceOwners } from './store/service-owners.ts';
import { Snapshots } from './store/snapshots.ts';
import { UnfinishedMessages } from './store/unfinished-messages.ts';
import { startSweep } from './store/sweeper.ts';
import type { Sweep } from './store/sweeper.ts';
import { TupleOperationRecords } from './store/tuple-operation-records.ts';
import { ActorSubscriptions } from './tuplespace/actor-subscriptions.ts';
import { KeyedOperations } from './tuplespace/keyed-operations.ts';
import type { SpaceOptions } from './tuplespace/space-options.ts';
import { Intervals } from './timers/intervals.ts';
import { Scheduler } from './timers/scheduler.ts';
import { Timers } from './timers/timers.ts';
import { Spaces } from './tuplespace/spaces.ts';

export interface NodeCoreOptions extends DataDirectoryOptions {
  readonly dataDirectory: string;
  /** Durable actors that are live at once, in all applications; above it those at rest go. Default: 1,000. */
  readonly maxLiveActors?: number | undefined;
  /** Worker threads of all applications together. Default: 64. */
  readonly maxThreads?: number | undefined;
  /** Replies of described services are checked as calls are. Default: true. */
  readonly checkReplies?: boolean | undefined;
  /** Of each tuple space. */
  readonly tupleSpaces?: SpaceOptions | undefined;
  /** For tests only: what is put between the node and its tuple spaces. */
  readonly decorateSpaces?: ((spaces: Spaces, append: LogWriter['append']) => Spaces) | undefined;
  /** For negative controls in tests only: no call is ended for taking too long. */
  readonly unsafeUnwatched?: boolean | undefined;
  /** For negative controls in tests only: no instance is renewed because calls have worn it. */
  readonly unsafeUnrenewed?: boolean | undefined;
  readonly logger: Logger;
}

interface CoreParts {
  readonly components: ComponentStore;
  readonly data: DataDirectory;
  readonly applications: Applications;
  readonly services: GrpcServices;
  readonly figures: () => NodeFigures;
  readonly sweeps: readonly NodeJS.Timeout[];
  readonly scheduler: Scheduler;
  /** Ends clients' waits and subscriptions. */
  readonly closing: AbortController;
}

const DEFAULT_MAX_LIVE_ACTORS = 1_000;
const DEFAULT_MAX_THREADS = 64;
const KEYS_SWEEP_MS = 600_000;
/** Look-ups find nothing that has expired: it is for what nobody looks at. */
const TUPLES_SWEEP_MS = 1_000;
const SWEEP_LIMIT = 10_000;

export class NodeCore {
  readonly services: GrpcServices;
  /** They outlive the core: what is compiled stays compiled. */
  readonly components: ComponentStore;
  readonly #parts: CoreParts;

  private constructor(parts: CoreParts) {
    this.#parts = parts;
    this.services = parts.services;
    this.components = parts.components;
  }

  /**
   * Opens the data directory, loads what it holds and starts its applications in the background.
   * @param components of the core before; the first opens them.
   * @throws what openDataDirectory throws, DATA_LOSS naming a damaged record.
   */
  static async open(options: NodeCoreOptions, components?: ComponentStore): Promise<NodeCore> {
    const data = await openDataDirectory(options.dataDirectory, options);
    try {
      const opened = components ?? (await ComponentStore.open(data.paths.components));
      return new NodeCore(await construct(data, opened, options)); // O1
    } catch (thrown) {
      await data[Symbol.asyncDispose]();
      throw inDatabase(data.paths, thrown);
    }
  }

  /** Resolves at a failed batch: nothing of this core works any more but closing it. */
  get failed(): LogWriter['failed'] {
    return this.#parts.data.writer.failed;
  }

  /** What its parts count, at this moment. */
  get figures(): NodeFigures {
    return this.#parts.figures();
  }

  /** What of a tenant's is deployed, with what it says of itself. */
  servicesOf(tenant: string): ServiceFacts[] {
    return this.#parts.applications
      .of(tenant)
      .list()
      .map(({ settings, description }) => ({ ...settings, description }));
  }

  /** Ends its actors: takes nothing new and lets running calls finish until the deadline. */
  async stop(options: { readonly deadlineMs: number }): Promise<void> {
    const { sweeps, scheduler, applications, closing } = this.#parts;
    for (const sweep of sweeps) clearInterval(sweep);
    scheduler[Symbol.dispose]();
    await applications.close(options);
    closing.abort(new PlexSpacesError('UNAVAILABLE', 'the node is shutting down'));
  }

  /** Writes what is left and gives the data directory back. Behind `stop` (O2). */
  async close(): Promise<void> {
    await this.#parts.data[Symbol.asyncDispose]();
  }
}

async function construct(
  data: DataDirectory,
  components: ComponentStore,
  {
    logger,
    maxLiveActors = DEFAULT_MAX_LIVE_ACTORS,
    maxThreads = DEFAULT_MAX_THREADS,
    checkReplies,
    tupleSpaces,
    decorateSpaces,
    unsafeUnwatched,
    unsafeUnrenewed,
  }: NodeCoreOptions,
): Promise<CoreParts> {
  const { store, epoch, writer, paths } = data;
  const loaded = await Spaces.load(store, tupleSpaces, { firstNumber: firstNumberOf(epoch) });
  const spaces = decorateSpaces?.(loaded, (operations) => writer.append(operations)) ?? loaded;
  const tupleOperations = new TupleOperationRecords(store);
  const records = await loadApplications(store);
  const journal = new Journal(store, epoch);
  const snapshots = new Snapshots(store, epoch);
  const numbers = new Numbers(epoch);
  const state = await SharedState.load(store, { clock: SYSTEM_CLOCK, numbers });
  const idempotency = new IdempotencyRecords(store);
  const inbox = await Inbox.load(store, numbers);
  const waits = new WaitGraph({ maxWorkers: (service) => applications.serving(service).settings.workers.max });
  const messenger = new Messenger({ applications: () => applications, waits, idempotency });
  const subscriptions = await ActorSubscriptions.load(store, { spaces, numbers, deliveries: messenger });
  const scheduler = new Scheduler(SYSTEM_CLOCK);
  const clockwork = { scheduler, deliveries: messenger, writer, logger };
  const timers = await Timers.load(store, { ...clockwork, numbers });
  const intervals = await Intervals.load(store, clockwork);
  const serviceLife = new ServiceLife({ timers, intervals, state, subscriptions, inbox });
  const hostCalls = new HostCalls({ spaces, subscriptions, state, timers, writer, messenger });
  const { compileCache: compileCacheDirectory } = paths;
  const unfinished = new UnfinishedMessages(store);
  const quarantine = new QuarantineRecords(store);
  const threadBudget = new ThreadBudget({ limit: maxThreads });
  const liveActors = new LiveActors(maxLiveActors);
  const kept = { journal, snapshots, idempotency, unfinished, quarantine, inbox };
  const ports = {
    ...kept,
    components,
    compileCacheDirectory,
    threadBudget,
    unsafeUnwatched,
    unsafeUnrenewed,
    checkReplies,
    owners: new ServiceOwners(store),
    writer,
    hostCalls,
    waits,
    liveActors,
    serviceLife,
    logger,
  };
  const applications: Applications = new Applications(ports);
  const gate = createOutputGate(writer);
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // one for each client that waits
  const keyed = new KeyedOperations(tupleOperations, writer);
  const directory = new ActorDirectory(applications, new KeptActors(store, journal, snapshots), writer);
  const inspection = createActorInspection({ applications, directory, journal, gate });
  const repair = createActorRepair({
    applications,
    directory,
    branches: { branches: new Branches(store, journal), writer },
    quarantine: new Quarantine(applications, quarantine, writer),
    gate,
  });
  const services = {
    applications: createApplicationService(applications, components, gate),
    actors: createActorService(applications, inspection, repair, writer, gate, { closing: closing.signal, logger }),
    tuples: createTupleSpaceService({ spaces, keyed, writer, gate, closing: closing.signal, logger }),
    modules: createModuleService(components),
    pools: createPoolService(applications),
    descriptions: createDescriptionService(applications, gate),
  };
  applications.restore(records);
  const sweeps = sweepsOf({ idempotency, tupleOperations, spaces, subscriptions, state }).map((sweep) =>
    startSweep(sweep, writer, logger),
  );
  const figures = (): NodeFigures => ({
    applications: applications.list(),
    threads: threadBudget,
    log: writer.figures,
    spaces: spaces.figures,
    inboxMessages: inbox.size,
    liveActors: liveActors.count,
    timers: timers.size,
  });
  return { components, data, applications, services, figures, sweeps, scheduler, closing };
}

interface Swept {
  readonly idempotency: IdempotencyRecords;
  readonly tupleOperations: TupleOperationRecords;
  readonly spaces: Spaces;
  readonly subscriptions: ActorSubscriptions;
  readonly state: SharedState;
}

function sweepsOf({ idempotency, tupleOperations, spaces, subscriptions, state }: Swept): Sweep[] {
  const keys = { intervalMs: KEYS_SWEEP_MS };
  const tuples = { intervalMs: TUPLES_SWEEP_MS };
  return [
    { ...keys, what: 'idempotency keys', find: () => idempotency.expired(new Date(), SWEEP_LIMIT) },
    { ...keys, what: 'keys of tuple operations', find: () => tupleOperations.expired(new Date(), SWEEP_LIMIT) },
    { ...keys, what: 'shared state', find: () => ({ operations: state.sweep(SWEEP_LIMIT) }) },
    { ...tuples, what: 'tuples', find: () => ({ operations: spaces.sweep(SWEEP_LIMIT) }) },
    { ...tuples, what: 'subscriptions', find: () => ({ operations: subscriptions.tellEnded() }) },
  ];
}
