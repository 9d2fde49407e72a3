/** A data directory as a crash left it, opened by a node in this process, and what that node says it has. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { connect, PlexSpacesError } from '@plexspaces/client';
import { PlexSpacesNode } from '@plexspaces/runtime';
import { recordingLogger } from './recording-logger.ts';
import { countOf, takeTuples } from './step-calls.ts';

export interface Found {
  /** What each actor counted, in the order of the addresses. */
  readonly counts: readonly number[];
  readonly tuples: { readonly first: readonly string[]; readonly second: readonly string[] };
}

export type Opened =
  | { readonly kind: 'open'; readonly found: Found }
  | { readonly kind: 'refused'; readonly why: string };

/** Of a data directory: made from components, so that it is the same in every state. */
const MADE = ['components', 'compiled'];

/** What the node keeps beside its components, by paths within the directory. */
export async function readFiles(dataDirectory: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(dataDirectory, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const files = new Map<string, Buffer>();
  for (const path of paths) {
    const inside = relative(dataDirectory, path);
    if (isKept(inside)) files.set(inside, await readFile(path));
  }
  return files;
}

export function isKept(path: string): boolean {
  return !MADE.some((directory) => path.startsWith(`${directory}/`));
}

/** @param from a data directory with the components. */
export async function openState(
  files: ReadonlyMap<string, Buffer>,
  from: string,
  addresses: readonly string[],
): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), 'plexspaces-state-'));
  try {
    for (const made of MADE) await cp(join(from, made), join(directory, made), { recursive: true });
    for (const [path, bytes] of files) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), bytes);
    }
    return { kind: 'open', found: await look(directory, addresses) };
  } catch (thrown) {
    // Anything else is no refusal but a fault.
    if (!(thrown instanceof PlexSpacesError) || thrown.code !== 'DATA_LOSS') throw thrown;
    return { kind: 'refused', why: thrown.message.replaceAll(directory, 'DIR') };
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function look(dataDirectory: string, addresses: readonly string[]): Promise<Found> {
  const { logger } = recordingLogger();
  const node = await PlexSpacesNode.start({ dataDirectory, grpc: '127.0.0.1:0', http: '127.0.0.1:0', logger });
  try {
    await using client = await connect(node.addresses.grpc);
    const counts: number[] = [];
    // Each activation finishes what the crash interrupted, tuples included.
    for (const address of addresses) counts.push(await countOf(client, address));
    return { counts, tuples: await takeTuples(client) };
  } finally {
    await node.close({ deadlineMs: 0 });
  }
}
