/** What every command that talks to a node has: --node, --json, a connection, one answer. */
import { readFile } from 'node:fs/promises';
import { connect, PlexSpacesError } from '@plexspaces/client';
import type { PlexSpacesClient, TlsOptions } from '@plexspaces/client';
import { Command, InvalidArgumentError, Option } from 'commander';
import { printAnswer } from './output.ts';
import type { Answer } from './output.ts';

export interface ClientOptions extends ClientCredentials {
  readonly node: string;
  readonly json: boolean;
}

export interface ClientCredentials {
  readonly token?: string;
  /** With the authorities that Node knows, where no other is given. */
  readonly tls?: boolean;
  /** Files in PEM. */
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export function clientCommand(name: string, description: string): Command {
  const node = new Option('--node <address>', 'HOST:PORT of the node').env('PLEXSPACES_NODE').default('127.0.0.1:8000');
  const command = new Command(name).description(description).addOption(node);
  return withCredentials(command).option('--json', 'print one JSON document', false);
}

/** What shows a node who calls it. */
export function withCredentials(command: Command): Command {
  for (const [flags, text, variable] of CREDENTIALS) command.addOption(new Option(flags, text).env(variable));
  return command;
}

const CREDENTIALS = [
  ['--token <token>', 'for a node that asks for one', 'PLEXSPACES_TOKEN'],
  ['--tls', 'the node is reached over TLS', 'PLEXSPACES_TLS'],
  ['--tls-ca <file>', "the authority of the node's certificate", 'PLEXSPACES_TLS_CA'],
  ['--tls-cert <file>', 'a certificate of your own, for a node that asks for one', 'PLEXSPACES_TLS_CERT'],
  ['--tls-key <file>', 'and its key', 'PLEXSPACES_TLS_KEY'],
] as const;

/** @throws NOT_FOUND naming a file that is missing. */
export async function connectTo({
  node,
  token,
  ...options
}: ClientCredentials & Pick<ClientOptions, 'node'>): Promise<PlexSpacesClient> {
  return await connect(node, { token, tls: await readTls(options) });
}

async function readTls({ tls = false, tlsCa, tlsCert, tlsKey }: ClientCredentials): Promise<TlsOptions | undefined> {
  const paths = [tlsCa, tlsCert, tlsKey];
  if (!tls && paths.every((path) => path === undefined)) return undefined;
  const [ca, cert, key] = await Promise.all(paths.map(readPem));
  return { ca, cert, key };
}

async function readPem(path: string | undefined): Promise<Uint8Array | undefined> {
  try {
    return path === undefined ? undefined : await readFile(path);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('NOT_FOUND', `tls: ${message}`, { cause });
  }
}

/** Connects, asks, prints; the connection is closed whatever happens. */
export async function answer(
  options: ClientOptions,
  ask: (client: PlexSpacesClient) => Promise<Answer>,
): Promise<void> {
  await using client = await connectTo(options);
  printAnswer(await ask(client), options.json);
}

/** For commander: an integer within limits, or a usage error. */
export function integerOption(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected an integer of ${min}-${max}.`);
  };
}
