import { writeFile } from 'node:fs/promises';
import { PlexSpacesError } from '@plexspaces/core';
import type { Command } from 'commander';
import { answer, clientCommand } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import { typedClient } from '../typed-client/typed-client.ts';

interface TypedClientOptions extends ClientOptions {
  readonly output: string;
}

export function typedClientCommand(): Command {
  return clientCommand('client', 'Writes a typed client in TypeScript for a service that has a description.')
    .argument('<service>', 'the service')
    .requiredOption('-o, --output <file>', 'where the TypeScript goes')
    .action((service: string, options: TypedClientOptions) =>
      answer(options, async (client) => {
        const { className, source, methods } = typedClient(await client.describe(service));
        await write(options.output, source);
        const document = { path: options.output, class: className, methods };
        return { text: `${options.output}: class ${className} with ${methods.length} methods`, document };
      }),
    );
}

async function write(path: string, source: string): Promise<void> {
  try {
    await writeFile(path, source);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('FAILED_PRECONDITION', `${path}: expected a file that can be written: ${text}`, {
      cause,
    });
  }
}
