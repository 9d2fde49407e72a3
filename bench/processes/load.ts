/** Callers in a process of their own: told where to call, it answers with what they measured. */
import { connect } from '@plexspaces/client';
import { ActorServiceDefinition, ServiceRequest } from '@plexspaces/proto';
import type { ActorServiceClient } from '@plexspaces/proto';
import { createChannel, createClient } from 'nice-grpc';
import { answerWith } from '../support/answer-with.ts';
import { closedLoop } from '../support/closed-loop.ts';
import type { Sample } from '../support/figures.ts';
import { openLoop } from '../support/open-loop.ts';

export interface LoadRequest {
  readonly grpc: string;
  /** The callers take them in turn. */
  readonly addresses: readonly string[];
  /** Each call by itself, or all of them over one stream of the client's. */
  readonly via: 'unary' | 'stream';
  /** So many callers that each wait for their answer; or calls at a rate, whatever is answered. */
  readonly pace: { readonly inFlight: number } | { readonly perSecond: number };
  readonly durationMs: number;
}

const PAYLOAD = new Uint8Array(16).fill(7);

process.on('message', (request: LoadRequest) => answerWith(run(request)));

function run(request: LoadRequest): Promise<Sample> {
  return request.via === 'stream' ? runStream(request) : runUnary(request);
}

async function runUnary({ grpc, addresses, ...load }: LoadRequest): Promise<Sample> {
  const channel = createChannel(grpc);
  try {
    const client: ActorServiceClient = createClient(ActorServiceDefinition, channel);
    return await repeatedly(load, async (caller) => {
      const id = addressOf(addresses, caller);
      const { output } = await client.invoke(ServiceRequest.fromPartial({ id, method: 'echo', input: PAYLOAD }));
      expectPayload(id, output);
    });
  } finally {
    channel.close();
  }
}

async function runStream({ grpc, addresses, ...load }: LoadRequest): Promise<Sample> {
  await using client = await connect(grpc);
  await using stream = client.stream();
  return await repeatedly(load, async (caller) => {
    const id = addressOf(addresses, caller);
    const { bytes } = await stream.call(id, 'echo', PAYLOAD);
    expectPayload(id, bytes);
  });
}

function repeatedly(
  { pace, durationMs }: Pick<LoadRequest, 'pace' | 'durationMs'>,
  call: (caller: number) => Promise<void>,
): Promise<Sample> {
  return 'inFlight' in pace ? closedLoop({ ...pace, durationMs }, call) : openLoop({ ...pace, durationMs }, call);
}

function addressOf(addresses: readonly string[], caller: number): string {
  return addresses[caller % addresses.length] ?? '';
}

/** @throws where the answer is another one. */
function expectPayload(id: string, output: Uint8Array): void {
  if (Buffer.compare(output, PAYLOAD) === 0) return;
  throw new Error(`${id}: expected the payload back, found ${Buffer.from(output).toString('hex')}`);
}
