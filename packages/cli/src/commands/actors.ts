import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { actorsDocument, actorsTable } from '../inspection-shapes.ts';

export function actorsCommand(): Command {
  return clientCommand('actors', "The node's actors, live or not; runs none of them.")
    .argument('[name]', 'the application; default: all')
    .action((name: string | undefined, options: ClientOptions) =>
      answer(options, async (client) => {
        const actors = await client.actors(name);
        return { text: actorsTable(actors), document: actorsDocument(actors) };
      }),
    );
}
