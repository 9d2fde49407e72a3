/**
 * Writes a new application: the template of a language with its names replaced.
 *
 * A template is an application that works where it lies, called `greeter` and `Greeter`, with the SDK at a path from
 * there. Replaced are those two words, that path, how Node is started and {{command}}; nothing else in it is special.
 * N1. A directory that exists is never written to; what was begun and cannot be finished is removed.
 */
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlexSpacesError } from '@plexspaces/core';
import { fileError, systemCode } from '../build/file-error.ts';
import { PACKAGE, SDKS } from '../resources.ts';
import { TEMPLATES } from './templates.ts';
import type { TemplateName } from './templates.ts';

export interface NewApplication {
  /** Absolute. */
  readonly directory: string;
  readonly name: string;
  readonly service: string;
  readonly language: TemplateName;
  /** From the directory. */
  readonly files: readonly string[];
}

/** As Node finds it for this command itself. */
const NODE_SDK_ENTRY = fileURLToPath(import.meta.resolve('@plexspaces/actor'));
const NODE_SDK = resolve(dirname(NODE_SDK_ENTRY), '..');
const SOURCE_CONDITION = '@plexspaces/source';
const IS_SOURCE = NODE_SDK_ENTRY.endsWith('.ts');
const COMMAND_FILE = join(PACKAGE, 'bin', 'plexspaces.js');
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** npm leaves a file of the hidden name out of what it packs. */
const HIDDEN: Readonly<Record<string, string>> = { gitignore: '.gitignore' };
/** What running a template where it lies leaves behind. */
const LEFT_BEHIND = new Set(['__pycache__', 'dist', 'node_modules', 'target']);

/**
 * @param parent Where the directory of the application's name is made.
 * @throws INVALID_ARGUMENT for a name, ALREADY_EXISTS for a directory, FAILED_PRECONDITION without the SDK.
 */
export async function writeApplication(name: string, language: TemplateName, parent: string): Promise<NewApplication> {
  const typeName = typeNameOf(expectName(name));
  const sdk = await expectSdk(language);
  const directory = resolve(parent, name);
  const replacements = replacementsOf(name, typeName, sdk);
  await makeDirectory(directory);
  try {
    const files = await copyTemplate(join(PACKAGE, 'templates', language), directory, replacements);
    await link(sdk, directory, TEMPLATES[language].linkedAs);
    return { directory, name, service: `example.${typeName}.v1`, language, files };
  } catch (error) {
    await rm(directory, { recursive: true, force: true }); // N1
    throw fileError(error, `cannot write ${directory}`);
  }
}

type Replacements = readonly (readonly [pattern: RegExp, by: string])[];

function replacementsOf(name: string, typeName: string, sdk: string): Replacements {
  const condition = IS_SOURCE ? SOURCE_CONDITION : '';
  return [
    [/\bgreeter\b/g, name],
    [/\bGreeter\b/g, typeName],
    [/(?:\.\.\/)+sdk\/[a-z]+/g, escaped(sdk)],
    [/\bnode (?=--conditions=)/g, escaped(`"${process.execPath}" `)],
    [/--conditions=@plexspaces\/source /g, condition === '' ? '' : `--conditions=${condition} `],
    [/\["@plexspaces\/source"\]/g, JSON.stringify(condition === '' ? [] : [condition])],
    [/\{\{command\}\}/g, `"${process.execPath}" "${COMMAND_FILE}"`],
  ];
}

/** Within the quotes of JSON, TOML and Python alike. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function expectName(name: string): string {
  if (NAME.test(name)) return name;
  throw new PlexSpacesError(
    'INVALID_ARGUMENT',
    `name: expected a letter and up to 63 letters, digits, _ or -, found ${JSON.stringify(name)}`,
  );
}

/** `word-count` is `WordCount`. */
function typeNameOf(name: string): string {
  const words = name.split(/[-_]+/).filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

async function expectSdk(language: TemplateName): Promise<string> {
  const { sdk: folder, linkedAs } = TEMPLATES[language];
  const sdk = linkedAs === undefined ? join(SDKS, folder) : NODE_SDK;
  const found = await stat(sdk).catch(() => undefined);
  if (found?.isDirectory() === true) return sdk;
  throw new PlexSpacesError('FAILED_PRECONDITION', `expected the SDK for ${language} at ${sdk}, found nothing`);
}

async function makeDirectory(directory: string): Promise<void> {
  await mkdir(directory).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw fileError(error, `cannot make ${directory}`);
    throw new PlexSpacesError('ALREADY_EXISTS', `${directory}: expected nothing there, found something`);
  });
}

/** As `npm install` links what lies on the same machine, so that tests and `npx plexspaces` run at once. */
async function link(sdk: string, directory: string, name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const modules = join(directory, 'node_modules');
  for (const [target, path] of [
    [sdk, join(modules, name)],
    [COMMAND_FILE, join(modules, '.bin', 'plexspaces')],
  ] as const) {
    await mkdir(dirname(path), { recursive: true });
    await symlink(target, path);
  }
}

async function copyTemplate(template: string, directory: string, replacements: Replacements): Promise<string[]> {
  const written: string[] = [];
  for (const file of await filesOf(template)) {
    const text = await readFile(join(template, file), 'utf8');
    const target = HIDDEN[file] ?? file;
    await mkdir(dirname(join(directory, target)), { recursive: true });
    const replaced = replacements.reduce((now, [pattern, value]) => now.replaceAll(pattern, () => value), text);
    await writeFile(join(directory, target), replaced, { flag: 'wx' });
    written.push(target);
  }
  return written.toSorted();
}

async function filesOf(template: string): Promise<string[]> {
  const entries = await readdir(template, { withFileTypes: true, recursive: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths
    .map((path) => relative(template, path))
    .filter((path) => !path.split('/').some((part) => LEFT_BEHIND.has(part)));
}
