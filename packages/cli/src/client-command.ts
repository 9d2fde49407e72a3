/** What every command that talks to a node has: --node, --json, a connection, one answer. */
import { connect } from '@plexspaces/client';
import type { PlexSpacesClient } from '@plexspaces/client';
import { Command, InvalidArgumentError, Option } from 'commander';
import { printAnswer } from './output.ts';
import type { Answer } from './output.ts';

export interface ClientOptions {
  readonly node: string;
  readonly json: boolean;
}

export function clientCommand(name: string, description: string): Command {
  const node = new Option('--node <address>', 'HOST:PORT of the node').env('PLEXSPACES_NODE').default('127.0.0.1:8000');
  return new Command(name).description(description).addOption(node).option('--json', 'print one JSON document', false);
}

/** Connects, asks, prints; the connection is closed whatever happens. */
export async function answer(
  options: ClientOptions,
  ask: (client: PlexSpacesClient) => Promise<Answer>,
): Promise<void> {
  await using client = await connect(options.node);
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
