import type { TupleWatch } from '@plexspaces/client';
import { Argument } from 'commander';
import type { Command } from 'commander';
import { answer, clientCommand, connectTo, integerOption } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { printJson, printLine } from '../output.ts';
import { checkTupleCommand, performTuples, TUPLE_OPERATIONS } from '../tuple-operations.ts';
import type { TupleOperation, TupleOptions } from '../tuple-operations.ts';

const MAX_WAIT_MS = 86_400_000;
const MAX_TTL_MS = 315_360_000_000;
const MAX_LIMIT = 10_000;

interface TuplesCommandOptions extends ClientOptions, TupleOptions {}

export function tuplesCommand(): Command {
  return clientCommand('tuples', "The node's tuple space.")
    .addArgument(new Argument('<operation>', 'what to do').choices(TUPLE_OPERATIONS))
    .argument('<fields...>', FIELDS)
    .option('--wait-ms <n>', 'how long read and take wait for a match', integerOption(0, MAX_WAIT_MS))
    .option('--ttl-ms <n>', 'write, renew: how long the tuple lives', integerOption(1, MAX_TTL_MS))
    .option('--limit <n>', 'of read-all (default: 1000)', integerOption(1, MAX_LIMIT))
    .option('--idempotency-key <key>', 'write, take: a repeated key gets the first answer')
    .option('--namespace <name>', 'of the tuple space')
    .action(async (operation: TupleOperation, fields: string[], options: TuplesCommandOptions) => {
      checkTupleCommand(operation, fields, options);
      if (operation === 'watch') await watch(fields[0] ?? '', options);
      else await answer(options, ({ tuples }) => performTuples(tuples, operation, fields, options));
    });
}

const FIELDS =
  'write TUPLE; read, take, read-all, count, watch PATTERN; cas PATTERN EXPECTED REPLACEMENT; renew LEASE. ' +
  'A tuple is a JSON array; in a pattern {"?":"any"} is a wildcard';

/** One tuple a line, as they are written, until it is interrupted. */
async function watch(pattern: string, options: TuplesCommandOptions): Promise<void> {
  await using client = await connectTo(options);
  await using watched = await client.tuples.watch(pattern, { namespace: options.namespace });
  closeOnSignal(watched);
  process.stderr.write('watching\n');
  for await (const tuple of watched) {
    if (options.json) printJson({ tuple });
    else printLine(JSON.stringify(tuple));
  }
}

function closeOnSignal(watched: TupleWatch): void {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => watched.close());
}
