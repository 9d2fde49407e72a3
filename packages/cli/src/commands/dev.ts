import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { connectTo, integerOption, withCredentials } from '../client-command.ts';
import type { ClientCredentials } from '../client-command.ts';
import { printEvent } from '../dev/events.ts';
import type { DevEvent } from '../dev/events.ts';

interface DevCommandOptions extends ClientCredentials {
  readonly node?: string;
  readonly data?: string;
  readonly grpc: string;
  readonly http: string;
  readonly fresh: boolean;
  readonly settleMs: number;
  readonly json: boolean;
}

const SETTLE_MS = 100;
const SAME_SIGNAL_MS = 500;

export function devCommand(): Command {
  return withCredentials(new Command('dev'))
    .description('Builds an application, runs it on a node, and does so again at each change. Ctrl-C ends it.')
    .argument('[directory]', 'with plexspaces.json', '.')
    .addOption(
      new Option('--node <address>', 'a node that runs already (default: one of its own)').env('PLEXSPACES_NODE'),
    )
    .option('--data <directory>', 'what the own node keeps (default: a temporary directory)')
    .option('--grpc <host:port>', 'of the own node', '127.0.0.1:8000')
    .option('--http <host:port>', 'of the own node', '127.0.0.1:8001')
    .option('--fresh', 'each version begins without the state of the one before', false)
    .option('--settle-ms <ms>', 'how long nothing more must change before a build', integerOption(0, 60_000), SETTLE_MS)
    .option('--json', 'print one JSON document for each event', false)
    .action((directory: string, options: DevCommandOptions) => runDev(resolve(directory), options));
}

async function runDev(
  directory: string,
  { node, data, grpc, http, fresh, settleMs, json, ...credentials }: DevCommandOptions,
): Promise<void> {
  const stop = new AbortController();
  endOnSignals(stop);
  const report = (event: DevEvent): void => printEvent(event, json);
  // Only here: the other commands start faster without the node and the watcher.
  const [{ startLocalNode }, { watchSources }, { develop }] = await Promise.all([
    import('../dev/local-node.ts'),
    import('../dev/watch-sources.ts'),
    import('../dev/develop.ts'),
  ]);
  {
    await using changes = await watchSources(directory, { settleMs, onError: (error) => stop.abort(error) });
    await using own = node === undefined ? await startLocalNode({ data, grpc, http, onLog: printLog }) : undefined;
    await using client = await connectTo(
      own === undefined ? { node: node ?? grpc, ...credentials } : { node: own.grpc },
    );
    report({ event: 'ready', node: own?.grpc ?? node ?? grpc, data: own?.data });
    await develop({ directory, client, changes, isFresh: fresh, report, signal: stop.signal });
  }
  if (stop.signal.reason instanceof Error) throw stop.signal.reason;
  report({ event: 'stopped' });
}

/** The first one ends it in order, a later one at once. */
function endOnSignals(stop: AbortController): void {
  let first = Number.POSITIVE_INFINITY;
  const end = (): void => {
    // Whoever started this may hand on the signal that the terminal has sent already: that is one, not two.
    if (performance.now() - first > SAME_SIGNAL_MS) process.exit(1);
    if (stop.signal.aborted) return;
    first = performance.now();
    stop.abort('a signal');
  };
  process.on('SIGINT', end).on('SIGTERM', end).on('SIGHUP', end);
}

function printLog(line: string): void {
  process.stderr.write(`${line}\n`);
}
