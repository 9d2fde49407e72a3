import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';

export function stopCommand(): Command {
  return clientCommand('stop', 'Stops an application; running calls finish, it stays deployed.')
    .argument('<name>', 'the application')
    .action((name: string, options: ClientOptions) =>
      answer(options, async (client) => {
        const change = await client.stop(name);
        return { text: `${change.applicationId}: ${change.status}`, document: change };
      }),
    );
}
