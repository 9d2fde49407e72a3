/**
 * The node: its ports, its components, and the core that serves what comes in.
 *
 * N1. Nothing listens before the data directory is owned and loaded.
 * N2. It closes from the outside in: ports, core.
 * N3. After a failed batch nothing is served from what is in memory: the core is disposed of. Where the disk was
 *     full another core recovers as soon as there is room; after any other failure the node must be restarted.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PlexSpacesError } from '@plexspaces/core';
import type { Logger } from 'pino';
import { NodeCore } from './node-core.ts';
import type { NodeCoreOptions } from './node-core.ts';
import { forwardServices } from './services/forward-services.ts';
import { GrpcServer } from './services/grpc-server.ts';
import { parseHostPort } from './services/host-port.ts';
import { HttpServer } from './services/http-server.ts';
import type { HttpServerOptions } from './services/http-server.ts';
import { Metrics } from './services/metrics.ts';
import { expectGuarded, openSecurity } from './services/security.ts';
import type { Security, SecurityOptions } from './services/security.ts';
import { pathsIn } from './store/data-directory.ts';
import { findRoom } from './store/room.ts';
import { isOutOfRoom, storageFailure } from './store/storage-failure.ts';

export interface NodeOptions extends NodeCoreOptions, SecurityOptions {
  /** Everything that the node keeps. Made if it is missing; one process may own it. */
  readonly dataDirectory: string;
  /** HOST:PORT; port 0 takes a free one. Others than loopback are for nodes with credentials. */
  readonly grpc: string;
  readonly http: string;
  /** The node's name in its log; default: a random one. */
  readonly id?: string | undefined;
  readonly logger: Logger;
}

export interface NodeAddresses {
  readonly grpc: string;
  readonly http: string;
}

type State =
  | { readonly status: 'serving'; readonly core: NodeCore }
  /** Either until there is room, or for good. */
  | { readonly status: 'storage full' | 'storage failed'; readonly refusal: PlexSpacesError }
  | { readonly status: 'shutting down'; readonly core: NodeCore | undefined };

interface NodePorts {
  readonly grpc: GrpcServer;
  readonly http: HttpServer;
}

const DEFAULT_SHUTDOWN_MS = 30_000;
/** Calls have ended by then; what is left are replies on their way, and watches, which end for nobody. */
const LAST_REPLIES_MS = 2_000;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;

export class PlexSpacesNode implements AsyncDisposable {
  readonly #options: NodeCoreOptions;
  readonly #security: Security;
  readonly #ports: NodePorts;
  readonly #closing = new AbortController();
  readonly #metrics = new Metrics(() => (this.#state.status === 'serving' ? this.#state.core.figures : undefined));
  #addresses: NodeAddresses = { grpc: '', http: '' };
  #state: State;
  #recovery: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  private constructor(options: NodeCoreOptions, security: Security, core: NodeCore) {
    this.#options = options;
    this.#security = security;
    this.#state = { status: 'serving', core };
    const { logger } = options;
    const services = forwardServices(() => this.#core.services);
    const status = (): State['status'] => this.#state.status;
    const servicesOf: HttpServerOptions['servicesOf'] = (tenant) => this.#core.servicesOf(tenant);
    this.#ports = {
      grpc: new GrpcServer(services, security, logger),
      http: new HttpServer({ status, metrics: this.#metrics, services, servicesOf, security, logger }),
    };
    this.#watch(core);
  }

  /**
   * @throws INVALID_ARGUMENT or FAILED_PRECONDITION naming what cannot be used: address, port, credentials, data directory;
   * DATA_LOSS naming the file and what is missing in it.
   */
  static async start(options: NodeOptions): Promise<PlexSpacesNode> {
    const security = await openSecurity(options);
    const grpcAddress = expectGuarded(parseHostPort(options.grpc), security, options);
    const httpAddress = expectGuarded(parseHostPort(options.http), security, options);
    const logger = options.logger.child({ node: options.id ?? randomUUID() });
    const coreOptions = { ...options, logger };
    const node = new PlexSpacesNode(coreOptions, security, await NodeCore.open(coreOptions)); // N1
    const { grpc, http } = node.#ports;
    try {
      node.#addresses = { grpc: await grpc.listen(grpcAddress), http: await http.listen(httpAddress) };
      return node;
    } catch (thrown) {
      await node.close({ deadlineMs: 0 });
      throw thrown;
    }
  }

  get addresses(): NodeAddresses {
    return this.#addresses;
  }

  /** Reads the file of credentials anew. @throws what is wrong with it; the old ones then hold. */
  reloadCredentials(): Promise<void> {
    return this.#security.reload();
  }

  /** Takes nothing new, lets running calls finish until the deadline, then ends. */
  close(options: { deadlineMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(options.deadlineMs ?? DEFAULT_SHUTDOWN_MS);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What calls are forwarded to. @throws why there is none. */
  get #core(): NodeCore {
    const state = this.#state;
    if (state.status === 'shutting down') {
      if (state.core !== undefined) return state.core; // it refuses what is new itself
      throw new PlexSpacesError('UNAVAILABLE', 'the node is shutting down');
    }
    if (state.status === 'serving') return state.core;
    throw state.refusal;
  }

  #enter(state: State): void {
    this.#state = state;
    this.#ports.grpc.setServing(state.status === 'serving');
  }

  #watch(core: NodeCore): void {
    void core.failed.then((failure) => {
      if (this.#state.status === 'serving') this.#recovery = this.#recover(core, failure);
    });
  }

  /** N3 */
  async #recover(core: NodeCore, failure: PlexSpacesError): Promise<void> {
    const { logger } = this.#options;
    logger.error({ err: failure }, 'a write to the database failed');
    this.#refuse(failure);
    try {
      await core.stop({ deadlineMs: 0 });
      await core.close();
      if (!isOutOfRoom(failure)) return;
      const next = await this.#reopen(core.components);
      this.#enter({ status: 'serving', core: next });
      this.#watch(next);
      logger.info('there is room again: the node has recovered and serves on');
    } catch (thrown) {
      if (this.#closing.signal.aborted) return;
      logger.error({ err: thrown }, 'the node could not recover');
      this.#refuse(storageFailure(thrown));
    }
  }

  #refuse(refusal: PlexSpacesError): void {
    this.#enter({ status: isOutOfRoom(refusal) ? 'storage full' : 'storage failed', refusal });
  }

  /** Tries until there is room. @throws what else keeps the directory from being opened, or that the node closes. */
  async #reopen(components: NodeCore['components']): Promise<NodeCore> {
    const { signal } = this.#closing;
    const { directory } = pathsIn(this.#options.dataDirectory);
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(2 * retryMs, MAX_RETRY_MS)) {
      try {
        await findRoom(directory);
        signal.throwIfAborted();
        return await NodeCore.open(this.#options, components);
      } catch (thrown) {
        if (!isOutOfRoom(thrown)) throw thrown;
      }
      await delay(retryMs, undefined, { signal });
    }
  }

  /** N2 */
  async #close(deadlineMs: number): Promise<void> {
    this.#closing.abort();
    await this.#recovery;
    const core = this.#state.status === 'serving' ? this.#state.core : undefined;
    this.#enter({ status: 'shutting down', core });
    await core?.stop({ deadlineMs });
    const lastRepliesMs = Math.min(deadlineMs, LAST_REPLIES_MS);
    await Promise.all([this.#ports.grpc.close(lastRepliesMs), this.#ports.http.close(lastRepliesMs)]);
    this.#metrics[Symbol.dispose]();
    await core?.close();
  }
}
