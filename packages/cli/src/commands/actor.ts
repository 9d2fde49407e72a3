import { Command } from 'commander';
import { answer, clientCommand, integerOption } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { forkDocument, forkText, rewindDocument, rewindText } from '../repair-shapes.ts';

const sequenceOption = integerOption(0, Number.MAX_SAFE_INTEGER);

export function actorCommand(): Command {
  return new Command('actor')
    .description('Takes a durable actor back, or makes another one of its past.')
    .addCommand(rewindCommand())
    .addCommand(forkCommand());
}

function rewindCommand(): Command {
  return clientCommand(
    'rewind',
    'Takes a durable actor back to its state behind a message; keeps the rest as a branch.',
  )
    .argument('<actor>', 'SERVICE or SERVICE/KEY')
    .requiredOption('--to <n>', 'the last message that is to stay; 0: only init', sequenceOption)
    .action((address: string, options: ClientOptions & { readonly to: number }) =>
      answer(options, async (client) => {
        const result = await client.rewind(address, options.to);
        return { text: rewindText(address, result), document: rewindDocument(result) };
      }),
    );
}

function forkCommand(): Command {
  return clientCommand('fork', 'Makes an actor with the state that another one had behind a message.')
    .argument('<actor>', 'SERVICE or SERVICE/KEY')
    .argument('<new-key>', 'of the same service')
    .requiredOption('--at <n>', 'the last message that the new actor has handled; 0: only init', sequenceOption)
    .action((address: string, newKey: string, options: ClientOptions & { readonly at: number }) =>
      answer(options, async (client) => {
        const result = await client.fork(address, options.at, newKey);
        return { text: forkText(result), document: forkDocument(result) };
      }),
    );
}
