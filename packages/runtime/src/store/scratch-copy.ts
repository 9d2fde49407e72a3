/**
 * A database opened beside itself: LevelDB knows no reading without writing, and an opening of a damaged log drops
 * for good what it cannot read. So what it may write to is copied to a directory that goes afterwards; tables, which
 * never change, are linked.
 */
import { copyFile, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { LevelStore } from './level-store.ts';
import { textOf } from './storage-failure.ts';
import type { Store } from './store.ts';

export interface ScratchCopy extends AsyncDisposable {
  readonly store: Store;
}

const TABLE = /\.(?:ldb|sst)$/;
/** LevelDB's lock, and what it notes of its work. */
const LEFT_OUT = new Set(['LOCK', 'LOG', 'LOG.old']);

/**
 * @throws FAILED_PRECONDITION (DATA_DIRECTORY_IN_USE) while a process owns the database, DATA_LOSS where there is
 * none or where LevelDB cannot open it.
 */
export async function openScratchCopy(database: string): Promise<ScratchCopy> {
  await expectUnowned(database);
  const scratch = await mkdtemp(join(tmpdir(), 'plexspaces-doctor-'));
  try {
    await copyInto(scratch, database);
    await expectUnowned(database); // or it may have changed meanwhile
    const store = await LevelStore.open(scratch, { createIfMissing: false });
    const dispose = async (): Promise<void> => {
      await store.close();
      await rm(scratch, { recursive: true, force: true });
    };
    return { store, [Symbol.asyncDispose]: dispose };
  } catch (thrown) {
    await rm(scratch, { recursive: true, force: true });
    throw thrown;
  }
}

async function copyInto(scratch: string, database: string): Promise<void> {
  for (const name of await readdir(database)) {
    if (LEFT_OUT.has(name)) continue;
    const from = join(database, name);
    if (TABLE.test(name)) await symlink(from, join(scratch, name));
    else await copyFile(from, join(scratch, name));
  }
}

async function expectUnowned(database: string): Promise<void> {
  const files = await readdir(database).catch((cause: unknown) => {
    throw new PlexSpacesError('DATA_LOSS', `${database}: expected a database: ${textOf(cause)}`, { cause });
  });
  if (files.length === 0) throw new PlexSpacesError('DATA_LOSS', `${database}: expected a database, found no file`);
  if (!(await LevelStore.isOwned(database))) return;
  throw new PlexSpacesError('FAILED_PRECONDITION', `${database} is in use by another process; stop it first`, {
    reason: 'DATA_DIRECTORY_IN_USE',
  });
}
