/** The store on LevelDB. LevelDB's own lock makes one process own the directory. */
import { PlexSpacesError } from '@plexspaces/core';
import { Level } from 'level';
import { isOutOfRoom, storageFailure, textOf } from './storage-failure.ts';
import type { KeyRange, Store, StoreOperation } from './store.ts';

/** Entries fetched at once where a range is read. */
const READ_AHEAD = 1000;

type Database = Level<string, Uint8Array>;

interface BatchIterator<T> extends AsyncDisposable {
  nextv(size: number): Promise<T[]>;
}

export interface LevelStoreOptions {
  /** Default true. False where there must be a database: LevelDB would begin an empty one in place of a lost one. */
  readonly createIfMissing?: boolean;
}

export class LevelStore implements Store {
  readonly #database: Database;
  readonly #directory: string;

  private constructor(database: Database, directory: string) {
    this.#database = database;
    this.#directory = directory;
  }

  /**
   * @throws FAILED_PRECONDITION (DATA_DIRECTORY_IN_USE) where another process owns it, DATA_LOSS where the database
   * is missing or damaged, RESOURCE_EXHAUSTED (STORAGE_FULL), UNAVAILABLE with whatever else keeps it from opening.
   */
  static async open(directory: string, { createIfMissing = true }: LevelStoreOptions = {}): Promise<LevelStore> {
    const database: Database = new Level(directory, { keyEncoding: 'utf8', valueEncoding: 'view', createIfMissing });
    try {
      await database.open();
    } catch (cause) {
      throw explainOpenFailure(directory, cause);
    }
    return new LevelStore(database, directory);
  }

  /** Whether a process owns the database, found by asking for it in a way in which it is not opened. */
  static async isOwned(directory: string): Promise<boolean> {
    // LevelDB takes its lock, then finds the database, which is to be there, and gives up.
    const probe: Database = new Level(directory, { errorIfExists: true, createIfMissing: false });
    try {
      await probe.open();
    } catch (thrown) {
      return codeOf(innerCause(thrown)) === 'LEVEL_LOCKED';
    }
    await probe.close();
    return false;
  }

  async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    const batch = this.#database.batch();
    for (const operation of operations) {
      // Half as dear as a batch that is given as an array, once it has more than a few operations.
      if (operation.type === 'put') batch.put(operation.key, operation.value);
      else batch.del(operation.key);
    }
    await batch.write(options);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#database.get(key);
    } catch (cause) {
      throw this.#explainReadFailure(cause);
    }
  }

  range(range: KeyRange): AsyncGenerator<readonly [key: string, value: Uint8Array], void, undefined> {
    return this.#readAll(() => this.#database.iterator({ gte: range.from, lt: range.to }));
  }

  keys(range: KeyRange): AsyncGenerator<string, void, undefined> {
    return this.#readAll(() => this.#database.keys({ gte: range.from, lt: range.to }));
  }

  async edgeKey(range: KeyRange, edge: 'first' | 'last'): Promise<string | undefined> {
    const options = { gte: range.from, lt: range.to, limit: 1, reverse: edge === 'last' };
    try {
      const [key] = await this.#database.keys(options).all();
      return key;
    } catch (cause) {
      throw this.#explainReadFailure(cause);
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async *#readAll<T>(open: () => BatchIterator<T>): AsyncGenerator<T, void, undefined> {
    await using entries = open();
    try {
      for (;;) {
        const some = await entries.nextv(READ_AHEAD); // bounded by bytes as well
        if (some.length === 0) return;
        yield* some;
      }
    } catch (cause) {
      throw this.#explainReadFailure(cause);
    }
  }

  #explainReadFailure(cause: unknown): unknown {
    const code = codeOf(cause);
    if (code === 'LEVEL_CORRUPTION') return damaged(this.#directory, cause);
    if (code === 'LEVEL_IO_ERROR') return storageFailure(cause);
    if (!CLOSED_CODES.has(code)) return cause;
    return new PlexSpacesError('UNAVAILABLE', `the database in ${this.#directory} is closed`, { cause });
  }
}

const CLOSED_CODES = new Set(['LEVEL_DATABASE_NOT_OPEN', 'LEVEL_ITERATOR_NOT_OPEN', 'LEVEL_STATUS_NOT_OPEN']);
/** LevelDB says so by the words `Invalid argument`, which have no code. */
const NO_DATABASE = /does not exist \(create_if_missing is false\)/;

function explainOpenFailure(directory: string, cause: unknown): PlexSpacesError {
  const inner = innerCause(cause);
  const text = textOf(inner);
  if (codeOf(inner) === 'LEVEL_LOCKED') {
    return new PlexSpacesError('FAILED_PRECONDITION', `${directory} is in use by another process`, {
      cause,
      reason: 'DATA_DIRECTORY_IN_USE',
    });
  }
  if (codeOf(inner) === 'LEVEL_CORRUPTION') return damaged(directory, cause);
  if (NO_DATABASE.test(text)) {
    return new PlexSpacesError('DATA_LOSS', `${directory}: expected a database, found none`, { cause });
  }
  if (isOutOfRoom(inner)) return storageFailure(inner);
  return new PlexSpacesError('UNAVAILABLE', `cannot open the database in ${directory}: ${text}`, { cause });
}

function damaged(directory: string, cause: unknown): PlexSpacesError {
  return new PlexSpacesError('DATA_LOSS', `the database in ${directory} is damaged: ${textOf(cause)}`, { cause });
}

function innerCause(thrown: unknown): unknown {
  return thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}
