import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { answer, clientCommand, connectTo } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { printAnswer } from '../output.ts';
import { poolDocument, poolLine, poolText } from '../shapes.ts';

const WATCH_INTERVAL_MS = 1_000;

interface PoolOptions extends ClientOptions {
  readonly watch: boolean;
}

export function poolCommand(): Command {
  return clientCommand('pool', "The worker pool of an application's actors.")
    .argument('<name>', 'the application')
    .option('--watch', 'the figures once a second, a line each, until it is interrupted', false)
    .action((name: string, options: PoolOptions) => (options.watch ? watch(name, options) : show(name, options)));
}

function show(name: string, options: PoolOptions): Promise<void> {
  return answer(options, async (client) => {
    const pool = await client.pool(name);
    return { text: poolText(pool), document: poolDocument(pool) };
  });
}

async function watch(name: string, options: PoolOptions): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());
  await using client = await connectTo(options);
  while (!interrupted.signal.aborted) {
    const pool = await client.pool(name);
    printAnswer({ text: poolLine(pool), document: poolDocument(pool) }, options.json);
    await delay(WATCH_INTERVAL_MS, undefined, { signal: interrupted.signal }).catch(() => undefined);
  }
}
