import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';

interface UndeployCommandOptions extends ClientOptions {
  readonly purge: boolean;
}

export function undeployCommand(): Command {
  return clientCommand('undeploy', 'Stops an application and forgets it.')
    .argument('<name>', 'the application')
    .option('--purge', 'delete the state of its actors too', false)
    .action((name: string, { purge, ...options }: UndeployCommandOptions) =>
      answer(options, async (client) => {
        await client.undeploy(name, { purge });
        const state = purge ? 'and deleted its state' : 'its state stays';
        return { text: `undeployed ${name}, ${state}`, document: { applicationId: name, purged: purge } };
      }),
    );
}
