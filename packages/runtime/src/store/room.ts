/** Whether the disk has room for a database to be opened and to work, found by taking it for a moment. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Two write buffers of LevelDB: what its logs may hold, which an opening writes anew as tables. */
const ROOM_BYTES = 8_388_608;

/** Quotas and limits of files count as well, which asking the file system for its free blocks would not show. @throws ENOSPC or the like. */
export async function findRoom(directory: string): Promise<void> {
  const path = join(directory, 'room');
  try {
    await writeFile(path, Buffer.alloc(ROOM_BYTES), { mode: 0o600 });
  } finally {
    await rm(path, { force: true });
  }
}
