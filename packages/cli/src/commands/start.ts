import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';

export function startCommand(): Command {
  return clientCommand('start', 'Starts a stopped application.')
    .argument('<name>', 'the application')
    .action((name: string, options: ClientOptions) =>
      answer(options, async (client) => {
        const change = await client.start(name);
        return { text: `${change.applicationId}: ${change.status}`, document: change };
      }),
    );
}
