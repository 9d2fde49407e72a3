/** Callers in a process of their own: told where to call, it answers with what they measured. */
import { ActorServiceDefinition, ServiceRequest } from '@plexspaces/proto';
import type { ActorServiceClient } from '@plexspaces/proto';
import { createChannel, createClient } from 'nice-grpc';
import { closedLoop } from '../support/closed-loop.ts';
import type { Sample } from '../support/figures.ts';

export interface LoadRequest {
  readonly grpc: string;
  readonly service: string;
  readonly actors: number;
  readonly inFlight: number;
  readonly durationMs: number;
}

const PAYLOAD = new Uint8Array(16).fill(7);

process.on('message', (request: LoadRequest) => {
  void run(request).then(
    (sample) => process.send?.(sample),
    (thrown: unknown) => {
      console.error(thrown);
      process.exit(1);
    },
  );
});

async function run({ grpc, service, actors, inFlight, durationMs }: LoadRequest): Promise<Sample> {
  const channel = createChannel(grpc);
  try {
    const client: ActorServiceClient = createClient(ActorServiceDefinition, channel);
    return await closedLoop({ inFlight, durationMs }, (caller) => echo(client, `${service}/k${caller % actors}`));
  } finally {
    channel.close();
  }
}

/** @throws where the answer is another one. */
async function echo(client: ActorServiceClient, id: string): Promise<void> {
  const { success, output } = await client.invoke(ServiceRequest.fromPartial({ id, method: 'echo', input: PAYLOAD }));
  if (success && Buffer.compare(output, PAYLOAD) === 0) return;
  throw new Error(`${id}: expected the payload back, found ${Buffer.from(output).toString('hex')}`);
}
