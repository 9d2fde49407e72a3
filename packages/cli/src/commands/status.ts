import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { applicationsDocument, applicationsTable } from '../shapes.ts';

/** One application in the form of a listing. */
export function statusCommand(): Command {
  return clientCommand('status', 'One application.')
    .argument('<name>', 'the application')
    .action((name: string, options: ClientOptions) =>
      answer(options, async (client) => {
        const applications = [await client.status(name)];
        return { text: applicationsTable(applications), document: applicationsDocument(applications) };
      }),
    );
}
