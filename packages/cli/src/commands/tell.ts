import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { toInput } from '../json-argument.ts';

interface TellCommandOptions extends ClientOptions {
  readonly idempotencyKey?: string;
}

export function tellCommand(): Command {
  return clientCommand('tell', 'Sends an actor a message and waits for no reply.')
    .argument('<actor>', 'SERVICE or SERVICE/KEY')
    .argument('<type>', 'the type of the message')
    .argument('[json]', 'the payload', '{}')
    .option('--idempotency-key <key>', 'a message with a key that is known already is not handled again')
    .action((address: string, messageType: string, json: string, options: TellCommandOptions) =>
      answer(options, async (client) => {
        const { idempotencyKey } = options;
        await client.tell(address, messageType, toInput(json), { idempotencyKey });
        return { text: `${address} will get ${messageType}`, document: { id: address, messageType } };
      }),
    );
}
