import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { poolDocument, poolText } from '../shapes.ts';

export function poolCommand(): Command {
  return clientCommand('pool', "The worker pool of an application's actors.")
    .argument('<name>', 'the application')
    .action((name: string, options: ClientOptions) =>
      answer(options, async (client) => {
        const pool = await client.pool(name);
        return { text: poolText(pool), document: poolDocument(pool) };
      }),
    );
}
