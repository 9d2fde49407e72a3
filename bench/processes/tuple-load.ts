/** Callers of a tuple space by gRPC in a process of their own: told what to do, it answers with what they measured. */
import { connect } from '@plexspaces/client';
import type { TupleStream } from '@plexspaces/client';
import type { Pattern, Tuple, TupleField } from '@plexspaces/core';
import { patternToMessage, TupleSpaceServiceDefinition, tupleToMessage } from '@plexspaces/proto';
import type { TupleSpaceServiceClient } from '@plexspaces/proto';
import { createChannel, createClient } from 'nice-grpc';
import { answerWith } from '../support/answer-with.ts';
import { boundedLoop } from '../support/bounded-loop.ts';
import type { BoundedLoop } from '../support/bounded-loop.ts';
import type { Sample } from '../support/figures.ts';

type Operation = 'write' | 'take' | 'miss';

export interface TupleLoadRequest {
  readonly grpc: string;
  /** Each operation by itself, or all of them over one stream of the client's. */
  readonly via: 'unary' | 'stream';
  readonly operation: Operation;
  readonly inFlight: number;
  readonly durationMs: number;
  /** Calls at most: a take finds as many tuples as were written. */
  readonly most: number;
}

const MEASURED = { type: 'string', value: 'measured' } as const satisfies TupleField;
const MISSED = { type: 'string', value: 'missed' } as const satisfies TupleField;

process.on('message', (request: TupleLoadRequest) => answerWith(run(request)));

function run({ grpc, via, operation, ...loop }: TupleLoadRequest): Promise<Sample> {
  return via === 'stream' ? runStream(grpc, operation, loop) : runUnary(grpc, operation, loop);
}

async function runUnary(grpc: string, operation: Operation, loop: BoundedLoop): Promise<Sample> {
  const channel = createChannel(grpc);
  try {
    const client: TupleSpaceServiceClient = createClient(TupleSpaceServiceDefinition, channel);
    return await boundedLoop(loop, (call) => (operation === 'write' ? write(client, call) : take(client, operation)));
  } finally {
    channel.close();
  }
}

async function runStream(grpc: string, operation: Operation, loop: BoundedLoop): Promise<Sample> {
  await using client = await connect(grpc);
  await using stream = client.tuples.stream();
  return await boundedLoop(loop, async (call) => {
    if (operation === 'write') await stream.write([MEASURED.value, call]);
    else await streamTake(stream, operation);
  });
}

async function write(client: TupleSpaceServiceClient, call: number): Promise<void> {
  const tuple: Tuple = [MEASURED, { type: 'int', value: BigInt(call) }];
  await client.write({ tuple: tupleToMessage(tuple) });
}

/** @throws where it finds something, or nothing, and should not. */
async function take(client: TupleSpaceServiceClient, operation: 'take' | 'miss'): Promise<void> {
  const field = operation === 'take' ? MEASURED : MISSED;
  const pattern: Pattern = [{ match: 'exact', field }, { match: 'any' }];
  const { tuple } = await client.take({ pattern: patternToMessage(pattern) });
  expectFound(operation, tuple !== undefined);
}

/** @throws where it finds something, or nothing, and should not. */
async function streamTake(stream: TupleStream, operation: 'take' | 'miss'): Promise<void> {
  const { value } = operation === 'take' ? MEASURED : MISSED;
  const tuple = await stream.take([value, { '?': 'any' }]);
  expectFound(operation, tuple !== null);
}

function expectFound(operation: 'take' | 'miss', isFound: boolean): void {
  if (isFound === (operation === 'take')) return;
  throw new Error(`${operation}: found ${isFound ? 'a tuple' : 'nothing'}`);
}
