import type { PlexSpacesClient } from '@plexspaces/client';
import { parsePatternText, parseTupleText, PlexSpacesError } from '@plexspaces/core';
import type { FieldOutput } from '@plexspaces/core';
import { Argument } from 'commander';
import type { Command } from 'commander';
import { answer, clientCommand, integerOption } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import type { Answer } from '../output.ts';

const MAX_WAIT_MS = 86_400_000;

type Operation = 'write' | 'read' | 'take' | 'count';
const OPERATIONS: readonly Operation[] = ['write', 'read', 'take', 'count'];

interface TuplesCommandOptions extends ClientOptions {
  readonly namespace?: string;
  readonly waitMs?: number;
}

export function tuplesCommand(): Command {
  return clientCommand('tuples', "The node's tuple space.")
    .addArgument(new Argument('<operation>', 'what to do').choices(OPERATIONS))
    .argument('<fields>', 'a JSON array: the tuple to write, or a pattern, in which {"?":"any"} is a wildcard')
    .option('--wait-ms <n>', 'how long read and take wait for a match', integerOption(0, MAX_WAIT_MS))
    .option('--namespace <name>', 'of the tuple space')
    .action(async (operation: Operation, fields: string, options: TuplesCommandOptions) => {
      expectWaitFits(operation, options.waitMs);
      // What is wrong with the text is known before a node is needed.
      if (operation === 'write') parseTupleText(fields);
      else parsePatternText(fields);
      await answer(options, (client) => perform(client, operation, fields, options));
    });
}

async function perform(
  { tuples }: PlexSpacesClient,
  operation: Operation,
  fields: string,
  { namespace, waitMs }: TuplesCommandOptions,
): Promise<Answer> {
  switch (operation) {
    case 'write':
      await tuples.write(fields, { namespace });
      return { text: 'written', document: { written: true } };
    case 'read':
      return found(await tuples.read(fields, { namespace, waitMs }));
    case 'take':
      return found(await tuples.take(fields, { namespace, waitMs }));
    case 'count': {
      const count = await tuples.count(fields, { namespace });
      return { text: String(count), document: { count } };
    }
  }
}

/** No match is an answer: null. */
function found(tuple: FieldOutput[] | null): Answer {
  return { text: JSON.stringify(tuple), document: { tuple } };
}

function expectWaitFits(operation: Operation, waitMs: number | undefined): void {
  if (waitMs === undefined || operation === 'read' || operation === 'take') return;
  throw new PlexSpacesError('INVALID_ARGUMENT', `--wait-ms: expected with read or take, found with ${operation}`);
}
