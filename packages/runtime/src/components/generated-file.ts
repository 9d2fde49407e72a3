/** The generated JavaScript's file, looked at each time before a thread imports it. */
import { fileURLToPath } from 'node:url';
import { PlexSpacesError } from '@plexspaces/core';
import type { ComponentSource } from '@plexspaces/worker';
import { hashFile } from './content-files.ts';

/**
 * A thread imports by the file's name, long after the component was loaded. The hash is taken here, since what takes it
 * costs each thread a MiB.
 *
 * @throws DATA_LOSS where the file is not what its hash says.
 */
export async function expectGeneratedFile(source: ComponentSource): Promise<void> {
  if (source.kind !== 'component') return;
  const { javascriptUrl, javascriptHash } = source;
  const found = await hashFile(fileURLToPath(javascriptUrl));
  if (found === javascriptHash) return;
  const wanted = `expected sha256 ${javascriptHash}, found ${found ?? 'no such file'}`;
  throw new PlexSpacesError('DATA_LOSS', `${javascriptUrl}: ${wanted}`);
}
