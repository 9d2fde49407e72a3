import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';

export function checkpointCommand(): Command {
  return clientCommand('checkpoint', 'Takes a snapshot of a durable actor and cuts its journal.')
    .argument('<actor>', 'SERVICE or SERVICE/KEY')
    .action((address: string, options: ClientOptions) =>
      answer(options, async (client) => {
        const { sequence, stateHash } = await client.checkpoint(address);
        return { text: `snapshot at ${sequence}, state ${stateHash}`, document: { sequence, stateHash } };
      }),
    );
}
