import { Command } from 'commander';
import { answer, clientCommand, connectTo, integerOption } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { quarantineDocument, quarantineTable } from '../repair-shapes.ts';
import { printReply } from '../reply.ts';

const parseSequence = integerOption(0, Number.MAX_SAFE_INTEGER);

export function quarantineCommand(): Command {
  return new Command('quarantine')
    .description('Messages that were put aside because they kept ending their actors.')
    .addCommand(listCommand())
    .addCommand(retryCommand())
    .addCommand(dropCommand());
}

function listCommand(): Command {
  return clientCommand('list', 'The messages in quarantine; runs none of them.')
    .argument('[name]', 'the application; default: all')
    .action((name: string | undefined, options: ClientOptions) =>
      answer(options, async (client) => {
        const messages = await client.quarantine.list(name);
        return { text: quarantineTable(messages), document: quarantineDocument(messages) };
      }),
    );
}

function retryCommand(): Command {
  return messageCommand('retry', "Handles a message in quarantine once more and prints its reply's JSON.").action(
    (address: string, sequence: number, options: ClientOptions) =>
      printReply(async () => {
        await using client = await connectTo(options);
        return await client.quarantine.retry(address, sequence);
      }, options.json),
  );
}

function dropCommand(): Command {
  return messageCommand('drop', 'Forgets a message in quarantine.').action(
    (address: string, sequence: number, options: ClientOptions) =>
      answer(options, async (client) => {
        await client.quarantine.drop(address, sequence);
        return {
          text: `dropped message ${sequence} of ${address}`,
          document: { id: address, sequence, dropped: true },
        };
      }),
  );
}

function messageCommand(name: string, description: string): Command {
  return clientCommand(name, description)
    .argument('<actor>', 'SERVICE or SERVICE/KEY')
    .argument('<sequence>', "the message's number", parseSequence);
}
