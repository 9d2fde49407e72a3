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
import { createServer } from 'nice-grpc';
import type { Server } from 'nice-grpc';
import { HealthDefinition, HealthServiceImpl, HealthState } from 'nice-grpc-server-health';
import { ServerReflection, ServerReflectionService } from 'nice-grpc-server-reflection';
import type { Logger } from 'pino';
import { errorMiddleware } from './errors.ts';
import type { HostPort } from './host-port.ts';
import { explainListenFailure, formatHostPort } from './host-port.ts';

export interface GrpcServices {
  readonly applications: ApplicationServiceImplementation;
  readonly actors: ActorServiceImplementation;
  readonly tuples: TupleSpaceServiceImplementation;
  readonly modules: ModuleServiceImplementation;
  readonly pools: PoolServiceImplementation;
  readonly descriptions: DescriptionServiceImplementation;
}

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
  readonly #health = HealthState();

  constructor(services: GrpcServices, logger: Logger) {
    this.#server = createServer({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    });
    this.#server.add(HealthDefinition, HealthServiceImpl(this.#health));
    this.#server.add(ServerReflectionService, ServerReflection(descriptorSet(), SERVICE_NAMES));
    const checked = this.#server.with(errorMiddleware(logger));
    checked.add(ApplicationServiceDefinition, services.applications);
    checked.add(ActorServiceDefinition, services.actors);
    checked.add(TupleSpaceServiceDefinition, services.tuples);
    checked.add(ModuleServiceDefinition, services.modules);
    checked.add(PoolServiceDefinition, services.pools);
    checked.add(DescriptionServiceDefinition, services.descriptions);
    this.setServing(true);
  }

  /** @returns the address with the port that was given out. @throws UNAVAILABLE where it cannot be bound. */
  async listen(address: HostPort): Promise<string> {
    try {
      const port = await this.#server.listen(formatHostPort(address));
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
