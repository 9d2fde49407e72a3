/** A whole node in this process, on free ports and a directory of its own, and the raw stubs of its services. */
import {
  ActorServiceDefinition,
  ApplicationServiceDefinition,
  ModuleServiceDefinition,
  PoolServiceDefinition,
  ServiceRequest,
  TupleSpaceServiceDefinition,
} from '@plexspaces/proto';
import type {
  ActorServiceClient,
  ApplicationServiceClient,
  ModuleServiceClient,
  PoolServiceClient,
  ServiceResponse,
  TupleSpaceServiceClient,
} from '@plexspaces/proto';
import { PlexSpacesNode } from '@plexspaces/runtime';
import type { NodeOptions } from '@plexspaces/runtime';
import { createChannel, createClient } from 'nice-grpc';
import type { Channel } from 'nice-grpc';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { LoggedLine } from '../../support/recording-logger.ts';

const ANY_PORT = '127.0.0.1:0';

export class RunningNode implements AsyncDisposable {
  readonly node: PlexSpacesNode;
  readonly lines: readonly LoggedLine[];
  readonly #channel: Channel;
  readonly actors: ActorServiceClient;
  readonly applications: ApplicationServiceClient;
  readonly modules: ModuleServiceClient;
  readonly pools: PoolServiceClient;
  readonly tuples: TupleSpaceServiceClient;

  private constructor(node: PlexSpacesNode, lines: readonly LoggedLine[]) {
    this.node = node;
    this.lines = lines;
    this.#channel = createChannel(node.addresses.grpc);
    this.actors = createClient(ActorServiceDefinition, this.#channel);
    this.applications = createClient(ApplicationServiceDefinition, this.#channel);
    this.modules = createClient(ModuleServiceDefinition, this.#channel);
    this.pools = createClient(PoolServiceDefinition, this.#channel);
    this.tuples = createClient(TupleSpaceServiceDefinition, this.#channel);
  }

  static async start(dataDirectory: string, options: Partial<NodeOptions> = {}): Promise<RunningNode> {
    const { logger, lines } = recordingLogger();
    const defaults = { dataDirectory, grpc: ANY_PORT, http: ANY_PORT, logger };
    return new RunningNode(await PlexSpacesNode.start({ ...defaults, ...options }), lines);
  }

  invoke(id: string, method: string, more: Partial<ServiceRequest> = {}): Promise<ServiceResponse> {
    return this.actors.invoke(ServiceRequest.fromPartial({ id, method, ...more }));
  }

  async close(): Promise<void> {
    this.#channel.close();
    await this.node.close({ deadlineMs: 1000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
