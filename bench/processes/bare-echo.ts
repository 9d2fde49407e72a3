/**
 * What nice-grpc gives by itself: the node's own messages, answered without doing anything. Prints its address.
 */
import { ActorServiceDefinition } from '@plexspaces/proto';
import type { ServiceRequest, ServiceResponse } from '@plexspaces/proto';
import { createServer } from 'nice-grpc';

const { name, fullName, methods } = ActorServiceDefinition;
const EchoDefinition = { name, fullName, methods: { invoke: methods.invoke } } as const;

const server = createServer();
server.add(EchoDefinition, { invoke: echo });
const port = await server.listen('127.0.0.1:0');
process.stdout.write(`${JSON.stringify({ grpc: `127.0.0.1:${port}` })}\n`);

/** With every field that the node sets. */
async function echo({ id, input, correlation }: ServiceRequest): Promise<ServiceResponse> {
  const duration = { seconds: 0n, nanos: 500_000 };
  return { id, success: true, output: input, error: undefined, metadata: {}, duration, correlation };
}
