import { Command } from 'commander';
import { buildComponent } from '../build/build.ts';
import { printAnswer } from '../output.ts';

const HASH_PREFIX = 12;

interface BuildCommandOptions {
  readonly output?: string;
  readonly json: boolean;
}

export function buildCommand(): Command {
  return new Command('build')
    .description('Builds a component from an actor.')
    .argument('<source>', 'a .py file, or a directory with plexspaces.json')
    .option('-o, --output <file>', 'where the component goes')
    .option('--json', 'print one JSON document', false)
    .action(async (source: string, { output, json }: BuildCommandOptions) => {
      const onOutput = (line: string): void => {
        process.stderr.write(`${line}\n`);
      };
      const built = await buildComponent(source, { onOutput, ...(output !== undefined && { output }) });
      const { path, hash, bytes, elapsedMs, cached } = built;
      const how = cached ? 'unchanged' : `${(elapsedMs / 1000).toFixed(1)} s`;
      const text = `${path}  ${(bytes / 1e6).toFixed(1)} MB  sha256 ${hash.slice(0, HASH_PREFIX)}…  ${how}`;
      printAnswer({ text, document: built }, json);
    });
}
