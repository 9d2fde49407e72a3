import type { Command } from 'commander';
import { clientCommand, connectTo, integerOption } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { journalDocument, journalLine } from '../inspection-shapes.ts';
import { printJson, printLine } from '../output.ts';

interface JournalCommandOptions extends ClientOptions {
  readonly from?: number;
}

/** One line a record, with --json one document a line, as they come. */
export function journalCommand(): Command {
  return clientCommand('journal', "A durable actor's journal, oldest first.")
    .argument('<actor>', 'SERVICE or SERVICE/KEY')
    .option('--from <n>', 'the first message to show', integerOption(0, Number.MAX_SAFE_INTEGER))
    .action(async (address: string, { from, ...options }: JournalCommandOptions) => {
      await using client = await connectTo(options);
      for await (const entry of client.journal(address, { from })) {
        if (options.json) printJson(journalDocument(entry));
        else printLine(journalLine(entry));
      }
    });
}
