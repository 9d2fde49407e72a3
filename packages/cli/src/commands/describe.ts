import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { descriptionText } from '../description-text.ts';

export function describeCommand(): Command {
  return clientCommand('describe', 'What a service says of itself: methods, types, and a call for each.')
    .argument('<service>', 'the service')
    .action((service: string, options: ClientOptions) =>
      answer(options, async (client) => {
        const description = await client.describe(service);
        return { text: descriptionText(description), document: description };
      }),
    );
}
