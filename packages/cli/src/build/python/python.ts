/** Python: a module, its neighbours and our SDK, made into a component by componentize-py. */
import { basename, dirname, extname } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { digestInputs } from '../inputs.ts';
import type { Candidate, Language, LanguageOptions, PreparedBuild, Source } from '../language.ts';
import { componentize } from './componentize.ts';
import { resolveToolchain } from './toolchain.ts';

export const PYTHON: Language = { name: 'python', sources: 'a .py file', recognise, prepare };

const MODULE_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

async function recognise({ path, isDirectory }: Candidate): Promise<Source | undefined> {
  if (extname(path) !== '.py') return undefined;
  if (isDirectory) throw new PlexSpacesError('INVALID_ARGUMENT', `${path}: expected a file, found a directory`);
  const name = basename(path, '.py');
  if (MODULE_NAME.test(name)) return { path, name, directory: dirname(path) };
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `${basename(path)}: expected a file name of letters, digits, _ and -, such as my_actor.py`,
  );
}

/** componentize-py does not give the same bytes twice: its inputs alone tell whether there is anything to build. */
async function prepare(source: Source, options: LanguageOptions): Promise<PreparedBuild> {
  const toolchain = await resolveToolchain(options.tool, options.signal);
  const identity = ['python', source.name, ...toolchain.versions];
  const inputs = await digestInputs(identity, [source.directory, toolchain.sdk, toolchain.wit]);
  return { inputs, compile: (output) => componentize(source, toolchain, output, options) };
}
