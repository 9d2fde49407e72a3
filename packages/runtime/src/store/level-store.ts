/** The store on LevelDB. LevelDB's own lock makes one process own the directory. */
import { PlexSpacesError } from '@plexspaces/core';
import { Level } from 'level';
import type { KeyRange, Store, StoreOperation } from './store.ts';

type Database = Level<string, Uint8Array>;

export class LevelStore implements Store {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** @throws FAILED_PRECONDITION (DATA_DIRECTORY_IN_USE) where another process owns it. */
  static async open(directory: string): Promise<LevelStore> {
    const database: Database = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
    try {
      await database.open();
    } catch (cause) {
      throw explainOpenFailure(directory, cause);
    }
    return new LevelStore(database);
  }

  async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    await this.#database.batch([...operations], options);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#database.get(key);
  }

  range(range: KeyRange): AsyncIterable<readonly [key: string, value: Uint8Array]> {
    return this.#database.iterator({ gte: range.from, lt: range.to });
  }

  async edgeKey(range: KeyRange, edge: 'first' | 'last'): Promise<string | undefined> {
    const options = { gte: range.from, lt: range.to, limit: 1, reverse: edge === 'last' };
    const [key] = await this.#database.keys(options).all();
    return key;
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

function explainOpenFailure(directory: string, cause: unknown): PlexSpacesError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (inner instanceof Error && 'code' in inner && inner.code === 'LEVEL_LOCKED') {
    return new PlexSpacesError('FAILED_PRECONDITION', `${directory} is in use by another process`, {
      cause,
      reason: 'DATA_DIRECTORY_IN_USE',
    });
  }
  const text = inner instanceof Error ? inner.message : String(inner);
  return new PlexSpacesError('UNAVAILABLE', `cannot open the database in ${directory}: ${text}`, { cause });
}
