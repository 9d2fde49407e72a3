import { Command } from 'commander';
import { buildComponent } from '../build/build.ts';
import type { BuildResult } from '../build/build.ts';
import { describeSources } from '../build/languages.ts';
import { listInterfaces, summarise } from '../build/summary.ts';
import { printAnswer } from '../output.ts';

interface BuildCommandOptions {
  readonly output?: string;
  readonly json: boolean;
}

export function buildCommand(): Command {
  return new Command('build')
    .description('Builds a component from an actor.')
    .argument('<source>', `${describeSources()}, or a directory with plexspaces.json`)
    .option('-o, --output <file>', 'where the component goes')
    .option('--json', 'print one JSON document', false)
    .action(async (source: string, { output, json }: BuildCommandOptions) => {
      const onOutput = (line: string): void => {
        process.stderr.write(`${line}\n`);
      };
      const built = await buildComponent(source, { onOutput, ...(output !== undefined && { output }) });
      printAnswer({ text: describe(built), document: built }, json);
    });
}

function describe(built: BuildResult): string {
  return [
    `${built.path}  ${summarise(built)}`,
    ...listInterfaces(built.imports).map((line) => `  imports ${line}`),
    ...listInterfaces(built.exports).map((line) => `  exports ${line}`),
  ].join('\n');
}
