/**
 * What was made of components: `prepared/<component>/` and the core modules in `core/`, which components share.
 *
 * P1. A record is written last, after all that it names is in place; a record that is there is therefore whole,
 *     but for damage, which the hashes show.
 * P2. Adding and removing run one after the other: a core module is never removed while a new record takes it up.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { fromFileError, hashFile, moveDurably, readIfThere, sha256, syncPath, writeDurably } from './content-files.ts';
import { decodeRecord, encodeRecord } from './prepared-record.ts';
import type { CoreModuleRecord, PreparedRecord } from './prepared-record.ts';
import type { StorePaths } from './store-paths.ts';
import type { Transpiled } from './verdict.ts';

const CORE_FILE = /^([0-9a-f]{64})\.wasm$/;

export class PreparedFiles {
  readonly #paths: StorePaths;
  readonly #stamp: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(paths: StorePaths, stamp: string) {
    this.#paths = paths;
    this.#stamp = stamp;
  }

  /** The record of a component whose files seem to be there; undefined where it has to be made (again). */
  async find(component: string): Promise<PreparedRecord | undefined> {
    const record = await this.#readRecord(component);
    if (record === undefined) return undefined;
    const sizes = record.coreModules.map(async ({ hash, byteLength }) => {
      const size = await sizeOf(this.#paths.coreModule(hash));
      return size === byteLength;
    });
    const isPlain = record.javascript === undefined;
    const isThere = isPlain || (await sizeOf(this.#paths.javascript(component))) !== undefined;
    return isThere && (await Promise.all(sizes)).every(Boolean) ? record : undefined;
  }

  /** Takes the files that transpiling left in `directory` into the store. */
  async add(component: string, directory: string, made: Transpiled): Promise<PreparedRecord> {
    return this.#exclusively(async () => {
      try {
        return await this.#add(component, directory, made);
      } catch (error) {
        throw fromFileError(error);
      }
    });
  }

  /** Removes the record alone, so that the component is transpiled again; that mends what is damaged. */
  async forget(component: string): Promise<void> {
    await this.#exclusively(async () => rm(this.#paths.record(component), { force: true }));
  }

  /** Removes what was made of a component, and the core modules that no other record names. */
  async remove(component: string): Promise<void> {
    await this.#exclusively(async () => {
      await rm(this.#paths.preparedDirectory(component), { recursive: true, force: true });
      const named = await this.#namedCoreModules();
      for (const file of await readdir(this.#paths.core)) {
        const hash = CORE_FILE.exec(file)?.[1];
        if (hash !== undefined && !named.has(hash)) await rm(this.#paths.coreModule(hash), { force: true });
      }
    });
  }

  async #add(component: string, directory: string, made: Transpiled): Promise<PreparedRecord> {
    const coreModules: CoreModuleRecord[] = [];
    for (const name of made.coreModules) coreModules.push(await this.#addCoreModule(name, join(directory, name)));
    await mkdir(this.#paths.preparedDirectory(component), { recursive: true, mode: 0o700 });
    await syncPath(this.#paths.prepared);
    const javascript = made.javascript && (await this.#addJavascript(component, join(directory, made.javascript)));
    const record = { component, javascript, coreModules, imports: made.imports, exports: made.exports };
    const bytes = encodeRecord(this.#stamp, record);
    await writeDurably(this.#paths.record(component), bytes, this.#paths.temporary); // P1
    return record;
  }

  async #addJavascript(component: string, from: string): Promise<string> {
    const hash = await contentHash(from);
    await moveDurably(from, this.#paths.javascript(component));
    return hash;
  }

  /** One that is there already is kept if it is what its name says. */
  async #addCoreModule(name: string, from: string): Promise<CoreModuleRecord> {
    const hash = await contentHash(from);
    const byteLength = (await stat(from)).size;
    const place = this.#paths.coreModule(hash);
    if ((await hashFile(place)) !== hash) await moveDurably(from, place);
    return { name, hash, byteLength };
  }

  async #namedCoreModules(): Promise<Set<string>> {
    const named = new Set<string>();
    for (const component of await readdir(this.#paths.prepared)) {
      const record = await this.#readRecord(component);
      for (const { hash } of record?.coreModules ?? []) named.add(hash);
    }
    return named;
  }

  async #readRecord(component: string): Promise<PreparedRecord | undefined> {
    const bytes = await readIfThere(this.#paths.record(component));
    const record = bytes && decodeRecord(this.#stamp, bytes);
    return record?.component === component ? record : undefined;
  }

  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A file of the store that is not, or no longer, what its name or its record says. */
export class DamagedFile extends Error {
  readonly path: string;

  constructor(path: string, expected: string, found: string | undefined) {
    super(`${path}: expected content with hash ${expected}, found ${found ?? 'no such file'}`);
    this.path = path;
  }
}

/** @throws DamagedFile unless the file's content has that hash. */
export async function readVerified(path: string, hash: string): Promise<Uint8Array> {
  const bytes = await readIfThere(path);
  const found = bytes && sha256(bytes);
  if (bytes === undefined || found !== hash) throw new DamagedFile(path, hash, found);
  return bytes;
}

async function contentHash(path: string): Promise<string> {
  const hash = await hashFile(path);
  if (hash !== undefined) return hash;
  throw new PlexSpacesError('INTERNAL', `transpiling left no file ${path}`);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch {
    return undefined;
  }
}
