/**
 * The node: the one place that constructs things and says which knows which.
 *
 * N1. Nothing listens before the data directory is owned and loaded.
 * N2. It closes from the outside in: ports, actors, writer, store.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { ActorDirectory } from './actors/actor-directory.ts';
import { Applications } from './actors/applications.ts';
import { LiveActors } from './actors/live-actors.ts';
import { ComponentStore } from './components/component-store.ts';
import { HostCalls } from './host/host-calls.ts';
import { createActorInspection } from './services/actor-inspection.ts';
import { createActorService } from './services/actor-service.ts';
import { createApplicationService } from './services/application-service.ts';
import { GrpcServer } from './services/grpc-server.ts';
import { expectLoopback, parseHostPort } from './services/host-port.ts';
import { HttpServer } from './services/http-server.ts';
import { createModuleService } from './services/module-service.ts';
import { createOutputGate } from './services/output-gate.ts';
import { createPoolService } from './services/pool-service.ts';
import { createTupleSpaceService } from './services/tuplespace-service.ts';
import { loadApplications } from './store/application-records.ts';
import { openDataDirectory } from './store/data-directory.ts';
import type { DataDirectory } from './store/data-directory.ts';
import { IdempotencyRecords } from './store/idempotency-records.ts';
import { Journal } from './store/journal.ts';
import { KeptActors } from './store/kept-actors.ts';
import { LogWriter } from './store/log-writer.ts';
import { Snapshots } from './store/snapshots.ts';
import type { Store } from './store/store.ts';
import { UnfinishedMessages } from './store/unfinished-messages.ts';
import { Spaces } from './tuplespace/spaces.ts';

export interface NodeOptions {
  /** Everything that the node keeps. Made if it is missing; one process may own it. */
  readonly dataDirectory: string;
  /** HOST:PORT, loopback; port 0 takes a free one. */
  readonly grpc: string;
  readonly http: string;
  /** The node's name in its log; default: a random one. */
  readonly id?: string | undefined;
  /** Durable actors that are live at once, in all applications; above it those at rest go. Default: 1,000. */
  readonly maxLiveActors?: number | undefined;
  readonly logger: Logger;
  /** For tests only: what is put between the node and its store, such as one that fails. */
  readonly decorateStore?: ((store: Store) => Store) | undefined;
}

export interface NodeAddresses {
  readonly grpc: string;
  readonly http: string;
}

interface NodeParts {
  readonly data: DataDirectory;
  readonly writer: LogWriter;
  readonly applications: Applications;
  readonly grpc: GrpcServer;
  readonly http: HttpServer;
  readonly sweeper: NodeJS.Timeout;
}

const DEFAULT_SHUTDOWN_MS = 30_000;
const DEFAULT_MAX_LIVE_ACTORS = 1_000;
const SWEEP_INTERVAL_MS = 600_000;
const SWEEP_LIMIT = 10_000;
/** Calls have ended by then; what is left are replies on their way, and watches, which end for nobody. */
const LAST_REPLIES_MS = 2_000;

export class PlexSpacesNode implements AsyncDisposable {
  readonly #parts: NodeParts;
  readonly addresses: NodeAddresses;
  readonly #lifetime: { isServing: boolean };
  #closed: Promise<void> | undefined;

  private constructor(parts: NodeParts, addresses: NodeAddresses, lifetime: { isServing: boolean }) {
    this.#parts = parts;
    this.addresses = addresses;
    this.#lifetime = lifetime;
  }

  /** @throws INVALID_ARGUMENT or FAILED_PRECONDITION naming what cannot be used: address, port, data directory. */
  static async start(options: NodeOptions): Promise<PlexSpacesNode> {
    const grpcAddress = expectLoopback(parseHostPort(options.grpc));
    const httpAddress = expectLoopback(parseHostPort(options.http));
    const lifetime = { isServing: true };
    const parts = await construct(options, lifetime); // N1
    try {
      const addresses = { grpc: await parts.grpc.listen(grpcAddress), http: await parts.http.listen(httpAddress) };
      return new PlexSpacesNode(parts, addresses, lifetime);
    } catch (thrown) {
      await closeParts(parts, 0);
      throw thrown;
    }
  }

  /** Takes nothing new, lets running calls finish until the deadline, then ends. */
  close(options: { deadlineMs?: number } = {}): Promise<void> {
    this.#lifetime.isServing = false;
    this.#closed ??= closeParts(this.#parts, options.deadlineMs ?? DEFAULT_SHUTDOWN_MS);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function construct(options: NodeOptions, lifetime: { isServing: boolean }): Promise<NodeParts> {
  const logger = options.logger.child({ node: options.id ?? randomUUID() });
  const data = await openDataDirectory(options.dataDirectory, options);
  try {
    const { store, epoch, compileCacheDirectory } = data;
    const components = await ComponentStore.open(data.componentsDirectory);
    const spaces = await Spaces.load(store);
    const records = await loadApplications(store);
    const writer = new LogWriter(store);
    const journal = new Journal(store, epoch);
    const snapshots = new Snapshots(store, epoch);
    const hostCalls = new HostCalls(spaces);
    const idempotency = new IdempotencyRecords(store);
    const unfinished = new UnfinishedMessages(store);
    const liveActors = new LiveActors(options.maxLiveActors ?? DEFAULT_MAX_LIVE_ACTORS);
    const kept = { journal, snapshots, idempotency, unfinished };
    const ports = { ...kept, components, compileCacheDirectory, writer, hostCalls, liveActors, logger };
    const applications = new Applications(ports);
    const gate = createOutputGate(writer);
    const directory = new ActorDirectory(applications, new KeptActors(store, journal, snapshots), writer);
    const inspection = createActorInspection({ applications, directory, journal, gate });
    const services = {
      applications: createApplicationService(applications, components, gate),
      actors: createActorService(applications, inspection, gate),
      tuples: createTupleSpaceService(spaces, writer, gate),
      modules: createModuleService(components),
      pools: createPoolService(applications),
    };
    const grpc = new GrpcServer(services, logger);
    const http = new HttpServer({ isServing: () => lifetime.isServing });
    applications.restore(records);
    const sweeper = startSweeper(idempotency, writer, logger);
    return { data, writer, applications, grpc, http, sweeper };
  } catch (thrown) {
    await data.store.close();
    throw thrown;
  }
}

/** Removes idempotency keys that have expired, a bounded number at a time. */
function startSweeper(idempotency: IdempotencyRecords, writer: LogWriter, logger: Logger): NodeJS.Timeout {
  const sweep = async (): Promise<void> => {
    try {
      writer.append(await idempotency.expired(new Date(), SWEEP_LIMIT));
    } catch (err) {
      logger.error({ err }, 'expired idempotency keys could not be removed');
    }
  };
  return setInterval(() => void sweep(), SWEEP_INTERVAL_MS).unref();
}

/** N2 */
async function closeParts(parts: NodeParts, deadlineMs: number): Promise<void> {
  clearInterval(parts.sweeper);
  parts.grpc.announceShutdown();
  await parts.applications.close({ deadlineMs });
  await parts.grpc.close(Math.min(deadlineMs, LAST_REPLIES_MS));
  await parts.http.close();
  await parts.writer.close();
  await parts.data.store.close();
}
