/** Callers of a tuple space by gRPC in a process of their own: told what to do, it answers with what they measured. */
import type { Pattern, Tuple, TupleField } from '@plexspaces/core';
import { patternToMessage, TupleSpaceServiceDefinition, tupleToMessage } from '@plexspaces/proto';
import type { TupleSpaceServiceClient } from '@plexspaces/proto';
import { createChannel, createClient } from 'nice-grpc';
import { answerWith } from '../support/answer-with.ts';
import { boundedLoop } from '../support/bounded-loop.ts';
import type { Sample } from '../support/figures.ts';

export interface TupleLoadRequest {
  readonly grpc: string;
  readonly operation: 'write' | 'take' | 'miss';
  readonly inFlight: number;
  readonly durationMs: number;
  /** Calls at most: a take finds as many tuples as were written. */
  readonly most: number;
}

const MEASURED: TupleField = { type: 'string', value: 'measured' };
const MISSED: TupleField = { type: 'string', value: 'missed' };

process.on('message', (request: TupleLoadRequest) => answerWith(run(request)));

async function run({ grpc, operation, ...loop }: TupleLoadRequest): Promise<Sample> {
  const channel = createChannel(grpc);
  try {
    const client: TupleSpaceServiceClient = createClient(TupleSpaceServiceDefinition, channel);
    return await boundedLoop(loop, (call) => (operation === 'write' ? write(client, call) : take(client, operation)));
  } finally {
    channel.close();
  }
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
  if ((tuple === undefined) === (operation === 'miss')) return;
  throw new Error(`${operation}: found ${tuple === undefined ? 'nothing' : 'a tuple'}`);
}
