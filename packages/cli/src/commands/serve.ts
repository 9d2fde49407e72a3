import { PlexSpacesError } from '@plexspaces/core';
import type { PlexSpacesNode, SecurityOptions } from '@plexspaces/runtime';
import { Command, Option } from 'commander';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { printJson } from '../output.ts';
import { integerOption } from '../client-command.ts';
import { readServeConfig, REPLY_CHECKS, SYNC_MODES } from '../serve-config.ts';
import type { ServeSettings } from '../serve-config.ts';

/** Log lines that nobody reads are dropped past this, so that a stalled terminal cannot stop the node. */
const MAX_LOG_BUFFER_BYTES = 4_194_304;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

interface ServeOptions extends Partial<ServeSettings> {
  readonly config?: string;
  readonly logLevel: string;
}

const DEFAULTS: ServeSettings = {
  data: 'plexspaces-data',
  grpc: '127.0.0.1:8000',
  http: '127.0.0.1:8001',
  id: undefined,
  tokens: undefined,
  tokensInClear: undefined,
  tlsCert: undefined,
  tlsKey: undefined,
  tlsCa: undefined,
  httpHosts: undefined,
  sync: undefined,
  syncIntervalMs: undefined,
  maxLiveActors: undefined,
  maxThreads: undefined,
  checkReplies: undefined,
  spaceMaxTuples: undefined,
  spaceMaxBytes: undefined,
  spaceMaxWaiters: undefined,
  spaceMaxSubscriptions: undefined,
  spaceMaxWaitMs: undefined,
  spaceSubscriptionBuffer: undefined,
};

/** Of each tuple space. */
const SPACE_OPTIONS = [
  ['--space-max-tuples <n>', 'tuples in a space (default: 2000000)', 10_000_000],
  ['--space-max-bytes <n>', 'bytes of tuples in a space (default: 1 GiB)', 68_719_476_736],
  ['--space-max-waiters <n>', 'blocking reads and takes in a space (default: 10000)', 1_000_000],
  ['--space-max-subscriptions <n>', 'subscriptions to a space (default: 1000)', 100_000],
  ['--space-max-wait-ms <ms>', "longest wait of a client's read or take (default: 60000)", 86_400_000],
  ['--space-subscription-buffer <n>', 'tuples that a watching client may be behind (default: 1000)', 1_000_000],
] as const;

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Runs a node until SIGTERM. Prints one line of JSON when it is ready; logs go to stderr.')
    .option('--data <directory>', `what the node keeps (default: ${DEFAULTS.data})`)
    .option('--grpc <host:port>', `gRPC; beyond loopback with credentials only (default: ${DEFAULTS.grpc})`)
    .option('--http <host:port>', `HTTP; beyond loopback with credentials only (default: ${DEFAULTS.http})`)
    .option('--tokens <file>', 'JSON of who may do what, mode 0600; read again at SIGHUP')
    .option('--tls-cert <file>', "the node's certificate, PEM")
    .option('--tls-key <file>', 'and its key')
    .option('--tls-ca <file>', 'the authority of the certificates that callers have to bring')
    .option('--tokens-in-clear', 'tokens may leave the machine without TLS: to a proxy, or in a network of your own')
    .option('--http-hosts <names>', 'names under which HTTP clients may address the node, with commas')
    .option('--id <name>', "the node's name in its log")
    .addOption(new Option('--sync <mode>', 'when the log is synced (default: always)').choices(SYNC_MODES))
    .option('--sync-interval-ms <ms>', 'of --sync interval (default: 100)', integerOption(1, 60_000))
    .option(
      '--max-live-actors <n>',
      'durable actors that are live at once (default: 1000)',
      integerOption(1, 1_000_000),
    )
    .option('--max-threads <n>', 'worker threads of all applications (default: 64)', integerOption(1, 4_096))
    .addOption(
      new Option('--check-replies <mode>', 'of services with a description (default: on)').choices(REPLY_CHECKS),
    )
    .option('--config <file>', 'JSON with the settings above, in camelCase; the command line wins')
    .option('--json', 'as without it: the ready line is JSON', false)
    .addOption(new Option('--log-level <level>', 'least level logged').choices(LOG_LEVELS).default('info'))
    .action(async (options: ServeOptions) => {
      const { logLevel, config, ...given } = options;
      const fromFile = config === undefined ? {} : await readServeConfig(config);
      await serve({ ...DEFAULTS, ...fromFile, ...given }, logLevel);
    });
  for (const [flags, description, max] of SPACE_OPTIONS) command.option(flags, description, integerOption(1, max));
  return command;
}

async function serve(settings: ServeSettings, logLevel: string): Promise<void> {
  const destination = pino.destination({ dest: 2, sync: false, maxLength: MAX_LOG_BUFFER_BYTES });
  const logger = pino({ level: logLevel }, destination);
  const { PlexSpacesNode } = await import('@plexspaces/runtime');
  const node = await PlexSpacesNode.start({
    dataDirectory: settings.data,
    grpc: settings.grpc,
    http: settings.http,
    id: settings.id,
    ...securityOf(settings),
    sync: settings.sync,
    syncIntervalMs: settings.syncIntervalMs,
    maxLiveActors: settings.maxLiveActors,
    maxThreads: settings.maxThreads,
    checkReplies: settings.checkReplies !== 'off',
    tupleSpaces: {
      maxTuples: settings.spaceMaxTuples,
      maxBytes: settings.spaceMaxBytes,
      maxWaiters: settings.spaceMaxWaiters,
      maxSubscriptions: settings.spaceMaxSubscriptions,
      maxWaitMs: settings.spaceMaxWaitMs,
      subscriptionBuffer: settings.spaceSubscriptionBuffer,
    },
    logger,
  });
  exitOnFault(logger);
  if (settings.tokens !== undefined) reloadOnHangup(node, logger);
  printJson({ ready: true, ...node.addresses, pid: process.pid });
  await stopSignal();
  await shutDown(node, logger);
  destination.flushSync();
  // Nothing that is left over, such as a connection of a client, may keep a stopped node alive.
  process.exit(0);
}

/** @throws INVALID_ARGUMENT for a part of what only goes together. */
function securityOf(settings: ServeSettings): SecurityOptions {
  const { tokens, tokensInClear, tlsCert: cert, tlsKey: key, tlsCa: ca, httpHosts } = settings;
  const hosts = httpHosts?.split(',').map((name) => name.trim());
  const options = { tokens, tokensInClear, httpHosts: hosts };
  if (cert !== undefined && key !== undefined) return { ...options, tls: { cert, key, ca } };
  if (cert === undefined && key === undefined && ca === undefined) return options;
  throw new PlexSpacesError('INVALID_ARGUMENT', 'tls: expected --tls-cert and --tls-key, found one of them or neither');
}

/** What is wrong with the file changes nothing but the log. */
function reloadOnHangup(node: PlexSpacesNode, logger: Logger): void {
  process.on('SIGHUP', () => {
    node.reloadCredentials().then(
      () => logger.info('credentials read again'),
      (thrown: unknown) => logger.error({ err: thrown }, 'credentials are as they were'),
    );
  });
}

async function shutDown(node: PlexSpacesNode, logger: Logger): Promise<void> {
  logger.info('shutting down');
  process.once('SIGTERM', giveUp).once('SIGINT', giveUp);
  await node.close();
  logger.info('stopped');
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve()).once('SIGINT', () => resolve());
  });
}

/** A second signal while the first is being followed. */
function giveUp(): void {
  process.exit(1);
}

/** A state that nobody foresaw is not served on from: what is synced is safe, a restart recovers it. */
function exitOnFault(logger: Logger): void {
  const fault = (thrown: unknown): void => {
    logger.fatal({ err: thrown }, PlexSpacesError.from(thrown).message);
    logger.flush(() => process.exit(1));
  };
  process.on('uncaughtException', fault).on('unhandledRejection', fault);
}
