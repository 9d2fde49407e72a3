import { relative } from 'node:path';
import { Command, Option } from 'commander';
import { TEMPLATES } from '../new/templates.ts';
import type { TemplateName } from '../new/templates.ts';
import { writeApplication } from '../new/write-application.ts';
import type { NewApplication } from '../new/write-application.ts';
import { printAnswer } from '../output.ts';

interface NewCommandOptions {
  readonly lang: TemplateName;
  readonly json: boolean;
}

export function newCommand(): Command {
  const languages = new Option('--lang <language>', 'what it is written in').choices(Object.keys(TEMPLATES));
  return new Command('new')
    .description('Writes a working application with its test into a new directory.')
    .argument('<name>', "the application's name, and the directory's")
    .addOption(languages.makeOptionMandatory())
    .option('--json', 'print one JSON document', false)
    .action(async (name: string, { lang, json }: NewCommandOptions) => {
      const written = await writeApplication(name, lang, process.cwd());
      printAnswer({ text: describe(written), document: written }, json);
    });
}

function describe({ directory, language, files, service }: NewApplication): string {
  const here = relative(process.cwd(), directory);
  return [
    `${here}: ${files.join(', ')}`,
    `  cd ${here}`,
    `  ${TEMPLATES[language].test}`.padEnd(28) + 'its tests, without a node',
    '  plexspaces dev'.padEnd(28) + `builds it and runs it on a node, as ${service}`,
  ].join('\n');
}
