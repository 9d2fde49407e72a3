/** The gRPC port: which services it has, what passes before them, and how it starts and stops. */
import {
  ActorServiceDefinition,
  ApplicationServiceDefinition,
  DescriptionServiceDefinition,
  descriptorSet,
  ModuleServiceDefinition,
  PoolServiceDefinition,
  TupleSpaceServiceDefinition,
} from '@plexspaces/proto';
import type {
  ActorServiceImplementation,
  ApplicationServiceImplementation,
  DescriptionServiceImplementation,
  ModuleServiceImplementation,
  PoolServiceImplementation,
  TupleSpaceServiceImplementation,
} from '@plexspaces/proto';
import { ServerCredentials } from '@grpc/grpc-js';
import { createServer } from 'nice-grpc';
import type { Server } from 'nice-grpc';
import { HealthDefinition, HealthServiceImpl, HealthState } from 'nice-grpc-server-health';
import { ServerReflection, ServerReflectionService } from 'nice-grpc-server-reflection';
import type { Logger } from 'pino';
import { authenticate, callerOf } from './authentication.ts';
import type { CallerContext } from './caller.ts';
import { callMiddleware } from './errors.ts';
import type { HostPort } from './host-port.ts';
import { explainListenFailure, formatHostPort } from './host-port.ts';
import { boundRequests } from './message-limits.ts';
import type { MessageLimits } from './message-limits.ts';
import type { Security } from './security.ts';
import type { TlsFiles } from './tls-files.ts';

export interface GrpcServices {
  readonly applications: ApplicationServiceImplementation<CallerContext>;
  readonly actors: ActorServiceImplementation<CallerContext>;
  readonly tuples: TupleSpaceServiceImplementation<CallerContext>;
  readonly modules: ModuleServiceImplementation<CallerContext>;
  readonly pools: PoolServiceImplementation<CallerContext>;
  readonly descriptions: DescriptionServiceImplementation<CallerContext>;
}

export type GrpcSecurity = Pick<Security, 'credentials' | 'tls'>;

/** A unary deploy carries a whole component. */
const MAX_MESSAGE_BYTES = 96 * 1_048_576;
const SERVICE_NAMES = [
  ApplicationServiceDefinition,
  ActorServiceDefinition,
  TupleSpaceServiceDefinition,
  ModuleServiceDefinition,
  PoolServiceDefinition,
  DescriptionServiceDefinition,
].map(({ fullName }) => fullName);

export class GrpcServer {
  readonly #server: Server;
  readonly #tls: TlsFiles | undefined;
  readonly #health = HealthState();

  constructor(
    services: GrpcServices,
    { credentials, tls }: GrpcSecurity,
    logger: Logger,
    limits: Partial<MessageLimits> = {},
  ) {
    this.#tls = tls;
    this.#server = createServer({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
      // Of every service, reflection among them; health passes.
      ...(credentials.isGuarded && { interceptors: [authenticate(credentials)] }),
    });
    this.#server.add(HealthDefinition, HealthServiceImpl(this.#health));
    this.#server.add(ServerReflectionService, ServerReflection(descriptorSet(), SERVICE_NAMES));
    const checked = this.#server.with(callMiddleware((context) => callerOf(credentials, context), logger));
    const bounded = boundRequests(limits);
    checked.add(bounded(ApplicationServiceDefinition), services.applications);
    checked.add(bounded(ActorServiceDefinition), services.actors);
    checked.add(bounded(TupleSpaceServiceDefinition), services.tuples);
    checked.add(bounded(ModuleServiceDefinition), services.modules);
    checked.add(bounded(PoolServiceDefinition), services.pools);
    checked.add(bounded(DescriptionServiceDefinition), services.descriptions);
    this.setServing(true);
  }

  /** @returns the address with the port that was given out. @throws UNAVAILABLE where it cannot be bound. */
  async listen(address: HostPort): Promise<string> {
    try {
      const port = await this.#server.listen(formatHostPort(address), serverCredentials(this.#tls));
      return formatHostPort({ ...address, port });
    } catch (cause) {
      throw explainListenFailure('gRPC', address, cause);
    }
  }

  /** What health checks are told, of the node and of each service. */
  setServing(isServing: boolean): void {
    const status = isServing ? 'healthy' : 'unhealthy';
    this.#health.setStatus(status);
    for (const name of SERVICE_NAMES) this.#health.setStatus(status, name);
  }

  /** Lets running calls finish until the deadline. */
  async close(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.#server.forceShutdown(), deadlineMs);
    await this.#server.shutdown();
    clearTimeout(timer);
  }
}

/** With an authority, a connection without a certificate of its is refused. */
function serverCredentials(tls: TlsFiles | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { cert, key, ca } = tls;
  return ServerCredentials.createSsl(ca ?? null, [{ cert_chain: cert, private_key: key }], ca !== undefined);
}
