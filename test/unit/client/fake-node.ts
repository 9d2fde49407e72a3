/** A gRPC server that speaks the protocol and has no node behind it: each test says what it answers. */
import {
  ActorServiceDefinition,
  ApplicationServiceDefinition,
  ModuleServiceDefinition,
  DescriptionServiceDefinition,
  PoolServiceDefinition,
  TupleSpaceServiceDefinition,
} from '@plexspaces/proto';
import type {
  ActorServiceImplementation,
  ApplicationServiceImplementation,
  ModuleServiceImplementation,
  DescriptionServiceImplementation,
  PoolServiceImplementation,
  TupleSpaceServiceImplementation,
} from '@plexspaces/proto';
import { createServer, ServerError, Status } from 'nice-grpc';
import { errorDetailsServerMiddleware } from 'nice-grpc-error-details';

export interface Answers {
  readonly actors?: Partial<ActorServiceImplementation>;
  readonly applications?: Partial<ApplicationServiceImplementation>;
  readonly modules?: Partial<ModuleServiceImplementation>;
  readonly pools?: Partial<PoolServiceImplementation>;
  readonly descriptions?: Partial<DescriptionServiceImplementation>;
  readonly tuples?: Partial<TupleSpaceServiceImplementation>;
}

export interface FakeNode extends AsyncDisposable {
  /** HOST:PORT */
  readonly address: string;
}

export async function startFakeNode(answers: Answers): Promise<FakeNode> {
  const server = createServer({ 'grpc.max_receive_message_length': -1 }).use(errorDetailsServerMiddleware);
  server.add(ActorServiceDefinition, complete<ActorServiceImplementation>(answers.actors));
  server.add(ApplicationServiceDefinition, complete<ApplicationServiceImplementation>(answers.applications));
  server.add(ModuleServiceDefinition, complete<ModuleServiceImplementation>(answers.modules));
  server.add(PoolServiceDefinition, complete<PoolServiceImplementation>(answers.pools));
  server.add(DescriptionServiceDefinition, complete<DescriptionServiceImplementation>(answers.descriptions));
  server.add(TupleSpaceServiceDefinition, complete<TupleSpaceServiceImplementation>(answers.tuples));
  const port = await server.listen('127.0.0.1:0');
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose](): Promise<void> {
      server.forceShutdown();
    },
  };
}

/** What a test does not answer is UNIMPLEMENTED. */
function complete<Service extends object>(answers: Partial<Service> = {}): Service {
  return new Proxy(answers, {
    get: (target, name) => Reflect.get(target, name) ?? unimplemented(String(name)),
  }) as Service;
}

function unimplemented(name: string): () => never {
  return () => {
    throw new ServerError(Status.UNIMPLEMENTED, `${name} is not answered by this test`);
  };
}
