/**
 * Callers of counters by HTTP or gRPC in a process of their own: told what to call, it answers with what they
 * measured. Each count that comes back must be of the next call of that counter; of none twice.
 */
import { ActorServiceDefinition, ServiceRequest } from '@plexspaces/proto';
import type { ActorServiceClient } from '@plexspaces/proto';
import { createChannel, createClient } from 'nice-grpc';
import { Pool } from 'undici';
import { answerWith } from '../support/answer-with.ts';
import { closedLoop } from '../support/closed-loop.ts';
import { CountedCalls } from '../support/counted-calls.ts';
import type { Sample } from '../support/figures.ts';

export interface CountRequest {
  readonly target:
    | { readonly by: 'grpc'; readonly address: string; readonly service: string }
    /** `{key}` in the path is the counter's. */
    | { readonly by: 'http'; readonly address: string; readonly path: string };
  readonly keys: number;
  readonly inFlight: number;
  readonly durationMs: number;
}

type Increment = (key: string) => Promise<unknown>;

const BODY = JSON.stringify({});
const calls = new CountedCalls();

process.on('message', (request: CountRequest) => answerWith(run(request)));

async function run({ target, keys, ...loop }: CountRequest): Promise<Sample> {
  await using caller = target.by === 'grpc' ? overGrpc(target) : overHttp(target, loop.inFlight);
  const sample = await closedLoop(loop, async (index) => {
    const key = `${target.by}-${index % keys}`; // both ways lead to the same node
    calls.add(`${target.address} ${key}`, await caller.increment(key));
  });
  calls.expectExact();
  return sample;
}

interface Caller extends AsyncDisposable {
  readonly increment: Increment;
}

function overGrpc({ address, service }: Extract<CountRequest['target'], { by: 'grpc' }>): Caller {
  const channel = createChannel(address);
  const client: ActorServiceClient = createClient(ActorServiceDefinition, channel);
  const input = new TextEncoder().encode(BODY);
  return {
    async increment(key) {
      const request = ServiceRequest.fromPartial({ id: `${service}/${key}`, method: 'increment', input });
      const { success, output } = await client.invoke(request);
      if (!success) throw new Error(`${service}/${key}: expected a count`);
      return JSON.parse(Buffer.from(output).toString());
    },
    async [Symbol.asyncDispose]() {
      channel.close();
    },
  };
}

function overHttp({ address, path }: Extract<CountRequest['target'], { by: 'http' }>, connections: number): Caller {
  const pool = new Pool(`http://${address}`, { connections });
  const headers = { 'content-type': 'application/json' };
  return {
    async increment(key) {
      const request = { method: 'POST', path: path.replace('{key}', key), headers, body: BODY } as const;
      const { statusCode, body } = await pool.request(request);
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${address}${request.path}: expected 200, found ${statusCode}: ${text}`);
      return JSON.parse(text);
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}
