/** What was built, and the stamp beside it: the inputs that it was made of, and its own hash. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { PlexSpacesError } from '@plexspaces/core';
import { surveyComponent } from '@plexspaces/runtime/survey';
import type { SurveyItem } from '@plexspaces/runtime/survey';

export interface OutputFile {
  /** sha256 of the component, hexadecimal. */
  readonly hash: string;
  readonly bytes: number;
  /** Names of the interfaces, and of single functions if there are any. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

/** @throws INTERNAL if the compiler wrote no component. */
export async function describeOutput(path: string): Promise<OutputFile> {
  const content = await readFile(path).catch((error: unknown) => {
    throw new PlexSpacesError('INTERNAL', `expected a component at ${path}, found none`, { cause: error });
  });
  try {
    return describe(content);
  } catch (error) {
    const { message } = PlexSpacesError.from(error);
    throw new PlexSpacesError('INTERNAL', `expected a component at ${path}: ${message}`, { cause: error });
  }
}

/** The output that is there, if it is whole and made of these inputs. A stamp that cannot be read counts as none. */
export async function findUnchanged(output: string, inputs: string): Promise<OutputFile | undefined> {
  const stamp = await readFile(stampPath(output), 'utf8').catch(() => undefined);
  if (stamp === undefined) return undefined;
  const content = await readFile(output).catch(() => undefined);
  if (content === undefined) return undefined;
  return stamp === stampText(inputs, digest(content), content.length) ? describe(content) : undefined;
}

export async function writeStamp(output: string, inputs: string, made: OutputFile): Promise<void> {
  await writeFile(stampPath(output), stampText(inputs, made.hash, made.bytes));
}

function stampPath(output: string): string {
  return `${output}.inputs`;
}

function stampText(inputs: string, hash: string, bytes: number): string {
  return `${JSON.stringify({ inputs, hash, bytes })}\n`;
}

function describe(content: Uint8Array): OutputFile {
  const { imports, exports } = surveyComponent(content);
  return { hash: digest(content), bytes: content.length, imports: names(imports), exports: names(exports) };
}

function names(items: readonly SurveyItem[]): string[] {
  return items.map(({ name }) => name).toSorted();
}

function digest(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
