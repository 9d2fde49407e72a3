import type { DeployRequest, DeployResult, PlexSpacesClient } from '@plexspaces/client';
import { PlexSpacesError } from '@plexspaces/core';
import { Option } from 'commander';
import type { Command } from 'commander';
import { answer, clientCommand, integerOption } from '../client-command.ts';
import type { ClientOptions } from '../client-command.ts';
import type { DeployOverrides } from '../manifest.ts';
import { deployDocument, deployText } from '../shapes.ts';
import { uploadProgress } from '../upload-progress.ts';

const MAX_WORKERS = 256;

export function deployCommand(): Command {
  return clientCommand('deploy', 'Makes an application run on the node.')
    .argument('<app>', 'a directory with plexspaces.json, or a .wasm')
    .option('--name <name>', "the application's name")
    .option('--service <id>', 'the service id that callers address')
    .addOption(new Option('--kind <kind>', 'what its actors are').choices(['durable', 'service', 'singleton']))
    .option('--min <n>', 'worker threads kept warm', integerOption(1, MAX_WORKERS))
    .option('--max <n>', 'worker threads at most', integerOption(1, MAX_WORKERS))
    .action(async (path: string, options: ClientOptions & DeployOverrides) => {
      // Only deploy reads plexspaces.json; the other commands start faster without what parses it.
      const { readApplication } = await import('../application-directory.ts');
      const request = await readApplication(path, options);
      await answer(options, async (client) => {
        const result = await deployWithProgress(client, request);
        return { text: deployText(result), document: deployDocument(result) };
      });
    });
}

async function deployWithProgress(client: PlexSpacesClient, request: DeployRequest): Promise<DeployResult> {
  const progress = uploadProgress(process.stderr, request.name);
  try {
    const result = await client.deploy(request, { onProgress: progress.report });
    if (result.status !== 'FAILED') return result;
    throw new PlexSpacesError('FAILED_PRECONDITION', `${request.name}: expected it to run, found it FAILED`);
  } finally {
    progress.stop();
  }
}
