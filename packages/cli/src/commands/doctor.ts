import { PlexSpacesError } from '@plexspaces/core';
import type { Finding } from '@plexspaces/runtime';
import { Command } from 'commander';
import { oneLine, printJson, printLine, reportFailure } from '../output.ts';

interface DoctorOptions {
  readonly data: string;
  readonly json: boolean;
}

/** Looks at the directory itself, as no node may own it meanwhile. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Says what of a data directory is whole. Changes nothing; no node may run on it meanwhile.')
    .requiredOption('--data <directory>', 'what a node keeps')
    .option('--json', 'one JSON document a line, a summary at the end', false)
    .action(async ({ data, json }: DoctorOptions) => {
      const { examineDataDirectory } = await import('@plexspaces/runtime');
      let problems = 0;
      for await (const finding of examineDataDirectory(data)) {
        problems += finding.problems.length;
        if (json) printJson(findingDocument(finding));
        else for (const line of findingLines(finding)) printLine(line);
      }
      if (json) printJson({ whole: problems === 0, problems });
      else if (problems === 0) printLine('all is whole');
      if (problems > 0) reportFailure(new PlexSpacesError('DATA_LOSS', `${data}: found ${problems} problems`));
    });
}

function findingDocument({ check, name, facts, problems }: Finding): object {
  return { check, ...(name !== '' && { name }), whole: problems.length === 0, ...facts, problems };
}

function findingLines({ check, name, facts, problems }: Finding): string[] {
  const values = Object.entries(facts).map(([fact, value]) => `${fact}=${value ?? '-'}`);
  const state = problems.length === 0 ? 'whole  ' : 'DAMAGED';
  const head = [state, check, ...(name === '' ? [] : [name]), ...values].join(' ');
  return [head, ...problems.map((problem) => `        ${problem}`)].map(oneLineIndented);
}

/** A name may hold what would command a terminal. */
function oneLineIndented(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return indent + oneLine(text);
}
