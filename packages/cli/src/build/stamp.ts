/** What was built lies beside its stamp: the inputs that it was made of, and its own hash. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { PlexSpacesError } from '@plexspaces/core';

export interface OutputFile {
  readonly hash: string;
  readonly bytes: number;
}

/** @throws INTERNAL if the compiler wrote nothing. */
export async function describeOutput(path: string): Promise<OutputFile> {
  const content = await readFile(path).catch((error: unknown) => {
    throw new PlexSpacesError('INTERNAL', `expected a component at ${path}, found none`, { cause: error });
  });
  if (content.length === 0)
    throw new PlexSpacesError('INTERNAL', `expected a component at ${path}, found an empty file`);
  return describe(content);
}

/** The output that is there, if it is whole and made of these inputs. A stamp that cannot be read counts as none. */
export async function findUnchanged(output: string, inputs: string): Promise<OutputFile | undefined> {
  const stamp = await readFile(stampPath(output), 'utf8').catch(() => undefined);
  if (stamp === undefined) return undefined;
  const content = await readFile(output).catch(() => undefined);
  if (content === undefined) return undefined;
  const found = describe(content);
  return stamp === stampText(inputs, found) ? found : undefined;
}

export async function writeStamp(output: string, inputs: string, made: OutputFile): Promise<void> {
  await writeFile(stampPath(output), stampText(inputs, made));
}

function stampPath(output: string): string {
  return `${output}.inputs`;
}

function stampText(inputs: string, made: OutputFile): string {
  return `${JSON.stringify({ inputs, hash: made.hash, bytes: made.bytes })}\n`;
}

function describe(content: Uint8Array): OutputFile {
  return { hash: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}
