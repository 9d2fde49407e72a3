import type { InvokeReply } from '@plexspaces/client';
import type { Command } from 'commander';
import { clientCommand, connectTo, integerOption } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { toInput } from '../json-argument.ts';
import { printReply } from '../reply.ts';

const MAX_DEADLINE_MS = 86_400_000;

interface InvokeCommandOptions extends ClientOptions {
  readonly deadlineMs?: number;
  readonly idempotencyKey?: string;
}

interface Call {
  readonly address: string;
  readonly method: string;
  readonly input: Uint8Array;
}

export function invokeCommand(): Command {
  return clientCommand('invoke', "Calls an actor and prints its reply's JSON.")
    .argument('<actor>', 'SERVICE or SERVICE/KEY')
    .argument('<method>', 'what the actor is asked for')
    .argument('[json]', 'the payload', '{}')
    .option('--deadline-ms <n>', 'milliseconds the call may take', integerOption(1, MAX_DEADLINE_MS))
    .option('--idempotency-key <key>', 'a repeated key gets the recorded reply')
    .action((address: string, method: string, json: string, options: InvokeCommandOptions) =>
      printReply(async () => call({ address, method, input: toInput(json) }, options), options.json),
    );
}

async function call({ address, method, input }: Call, options: InvokeCommandOptions): Promise<InvokeReply> {
  await using client = await connectTo(options);
  const { deadlineMs, idempotencyKey } = options;
  return await client.call(address, method, input, { deadlineMs, idempotencyKey });
}
