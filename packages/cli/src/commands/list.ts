import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { applicationsDocument, applicationsTable } from '../shapes.ts';

export function listCommand(): Command {
  return clientCommand('list', "The node's applications.").action((options: ClientOptions) =>
    answer(options, async (client) => {
      const applications = await client.list();
      return { text: applicationsTable(applications), document: applicationsDocument(applications) };
    }),
  );
}
