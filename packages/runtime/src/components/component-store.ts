/**
 * The node's components: stored by the hash of their content, screened and transpiled once, compiled once.
 *
 * Owns a directory: `modules/` what was uploaded, `prepared/` and `core/` what was made of it, `tmp/`. Does
 * not know applications; who may remove what is decided above.
 *
 * C1. Nothing of a component is compiled or imported for running before its screening has passed.
 * C2. Every file is checked against its hash when it is loaded. What was made of a component is mended from
 *     the component; a damaged component is DATA_LOSS, never something else under its name.
 * C3. One transpiling for each component at a time, however many ask.
 */
import { mkdir, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseModuleHash, PlexSpacesError } from '@plexspaces/core';
import type { ComponentSource } from '@plexspaces/worker';
import { CompileCache } from './compile-cache.ts';
import { clearTemporary } from './clear-temporary.ts';
import { fromFileError, temporaryPath } from './content-files.ts';
import { limitMemories, pagesOf } from './memory-limit.ts';
import { ModuleFiles } from './module-files.ts';
import type { ExpectedUpload } from './module-files.ts';
import { DamagedFile, PreparedFiles, readVerified } from './prepared-files.ts';
import { recordStamp } from './prepared-record.ts';
import type { CoreModuleRecord, PreparedRecord } from './prepared-record.ts';
import { SingleFlight } from './single-flight.ts';
import { resolveComponentStoreOptions } from './store-options.ts';
import type { ComponentStoreOptions, ResolvedComponentStoreOptions } from './store-options.ts';
import { StorePaths } from './store-paths.ts';
import { Transpiler } from './transpiler.ts';
import { kindOf, PREAMBLE_BYTES } from './wasm-binary.ts';
import type { BinaryKind } from './wasm-binary.ts';

/** A component that was screened and transpiled, or a plain core module that was screened. */
export interface PreparedComponent {
  readonly hash: string;
  /** Undefined: a plain core module. */
  readonly javascript: { readonly path: string; readonly hash: string } | undefined;
  /** `name` is what the generated code asks for. */
  readonly coreModules: readonly CoreModuleRecord[];
  /** Interfaces with their versions, as the component names them; a core module's functions. */
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

/** What a thread needs to instantiate it: plain data and modules, fit for structured clone. */
export type LoadedComponent = ComponentSource & { readonly hash: string };

export interface Preparation {
  readonly component: PreparedComponent;
  /** `hit`: it had been prepared before. */
  readonly cache: 'hit' | 'miss';
}

export interface ComponentStoreStatistics {
  /** Transpiling processes started. */
  readonly transpiles: number;
  /** Core modules compiled. */
  readonly compilations: number;
}

/** 2 GiB. */
const MAX_PLAIN_PAGES = 32_768;

export class ComponentStore {
  readonly #paths: StorePaths;
  readonly #modules: ModuleFiles;
  readonly #prepared: PreparedFiles;
  readonly #transpiler: Transpiler;
  readonly #compiled: CompileCache;
  readonly #preparations = new SingleFlight<Preparation>();

  /** Use `ComponentStore.open`. */
  private constructor(paths: StorePaths, options: ResolvedComponentStoreOptions) {
    this.#paths = paths;
    this.#modules = new ModuleFiles(paths, options.maxComponentBytes);
    this.#prepared = new PreparedFiles(paths, recordStamp(options.unsafeSkipScreening));
    this.#transpiler = new Transpiler(options);
    this.#compiled = new CompileCache(options.compileCacheBytes);
  }

  /** Opens the store in `directory`, which is made where it is missing; what an earlier run left half-done goes. */
  static async open(directory: string, options?: ComponentStoreOptions): Promise<ComponentStore> {
    const resolved = resolveComponentStoreOptions(options);
    // Absolute: the transpiling process has a working directory of its own.
    const paths = new StorePaths(resolve(directory));
    await clearTemporary(paths.temporary, resolved);
    for (const path of [paths.modules, paths.prepared, paths.core, paths.temporary]) {
      await mkdir(path, { recursive: true, mode: 0o700 });
    }
    return new ComponentStore(paths, resolved);
  }

  get statistics(): ComponentStoreStatistics {
    return { transpiles: this.#transpiler.runs, compilations: this.#compiled.compilations };
  }

  /** Whether there is a file for it; whether that is whole is seen when it is read. */
  async holds(hash: string): Promise<boolean> {
    return this.#modules.holds(hash);
  }

  /** Whether the component is there and whole. */
  async has(hash: string): Promise<boolean> {
    return this.#modules.has(hash);
  }

  /** What the stored bytes are, by how they begin. @throws NOT_FOUND. */
  async formOf(hash: string): Promise<BinaryKind> {
    return kindOf(await this.#modules.readHead(parseModuleHash(hash), PREAMBLE_BYTES));
  }

  /**
   * Stores a component and answers its hash.
   *
   * @throws RESOURCE_EXHAUSTED over `maxComponentBytes`, INVALID_ARGUMENT (HASH_MISMATCH) naming both hashes.
   */
  async put(bytes: Uint8Array, expectedHash?: string): Promise<string> {
    return this.#modules.put(bytes, expectedHash);
  }

  /** Stores a component that arrives in pieces; the stream is read no further than what it announced. */
  async upload(
    expected: ExpectedUpload,
    chunks: AsyncIterable<Uint8Array>,
    options: { signal?: AbortSignal } = {},
  ): Promise<string> {
    return this.#modules.upload(expected, chunks, options.signal);
  }

  /**
   * Screens and transpiles a stored component unless that was done before.
   *
   * @throws INVALID_ARGUMENT with NOT_A_COMPONENT, FOREIGN_IMPORT or UNSAFE_NAME; RESOURCE_EXHAUSTED over a
   * limit; NOT_FOUND; DATA_LOSS naming the file; CANCELLED.
   */
  async prepare(hash: string, options: { signal?: AbortSignal } = {}): Promise<Preparation> {
    return this.#preparations.run(parseModuleHash(hash), (signal) => this.#prepare(hash, signal), options.signal);
  }

  /**
   * Reads, checks and compiles what a thread needs; each memory gets at most `memoryBytes`.
   *
   * @throws RESOURCE_EXHAUSTED (MEMORY_LIMIT) where it starts out with more, DATA_LOSS naming the file.
   */
  async load(component: PreparedComponent, options: { memoryBytes: number }): Promise<LoadedComponent> {
    const maxPages = pagesOf(options.memoryBytes);
    try {
      return await this.#load(component, maxPages);
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error;
    }
    return this.#loadMended(component.hash, maxPages);
  }

  /** Removes a component and what was made of it; core modules that others share stay. */
  async remove(hash: string): Promise<void> {
    await this.#prepared.remove(parseModuleHash(hash));
    await this.#modules.remove(hash);
  }

  /** The hashes of all stored components. */
  async list(): Promise<string[]> {
    return this.#modules.list();
  }

  async #prepare(hash: string, signal: AbortSignal): Promise<Preparation> {
    const record = await this.#prepared.find(hash);
    if (record !== undefined) return { component: this.#describe(record), cache: 'hit' };
    return { component: this.#describe(await this.#transpile(hash, signal)), cache: 'miss' };
  }

  async #transpile(hash: string, signal: AbortSignal): Promise<PreparedRecord> {
    const input = await this.#modules.verify(hash); // C2
    const output = temporaryPath(this.#paths.temporary);
    try {
      await mkdir(output, { mode: 0o700 });
      const made = await this.#transpiler.run(input, output, signal);
      return await this.#prepared.add(hash, output, made);
    } catch (error) {
      throw fromFileError(error);
    } finally {
      await rm(output, { recursive: true, force: true });
    }
  }

  #describe({ component: hash, javascript, ...names }: PreparedRecord): PreparedComponent {
    const path = this.#paths.javascript(hash);
    return { ...names, hash, javascript: javascript === undefined ? undefined : { path, hash: javascript } };
  }

  async #load(component: PreparedComponent, maxPages: number): Promise<LoadedComponent> {
    const { hash, javascript, coreModules } = component;
    if (javascript === undefined) return this.#loadPlain(component, maxPages);
    await readVerified(javascript.path, javascript.hash);
    const modules: Record<string, WebAssembly.Module> = {};
    for (const core of coreModules) modules[core.name] = await this.#compile(core, maxPages);
    const javascriptUrl = pathToFileURL(javascript.path).href;
    const hasWasi = component.imports.some((name) => name.startsWith('wasi:'));
    return { kind: 'component', hash, javascriptUrl, javascriptHash: javascript.hash, modules, hasWasi };
  }

  /** Half of what addresses reach: the upper half of them would stand for errors (see the worker's okra-code). */
  async #loadPlain({ hash, coreModules }: PreparedComponent, maxPages: number): Promise<LoadedComponent> {
    const [only] = coreModules;
    if (only === undefined) throw new PlexSpacesError('INTERNAL', `expected a core module of ${hash}, found none`);
    return { kind: 'core-module', hash, module: await this.#compile(only, Math.min(maxPages, MAX_PLAIN_PAGES)) };
  }

  #compile({ hash, byteLength }: CoreModuleRecord, maxPages: number): Promise<WebAssembly.Module> {
    const read = async (): Promise<Uint8Array> =>
      limitMemories(await readVerified(this.#paths.coreModule(hash), hash), maxPages);
    return this.#compiled.compile(`${hash}:${maxPages}`, byteLength, read);
  }

  async #loadMended(hash: string, maxPages: number): Promise<LoadedComponent> {
    await this.#prepared.forget(hash);
    const { component } = await this.prepare(hash);
    try {
      return await this.#load(component, maxPages);
    } catch (error) {
      if (!(error instanceof DamagedFile)) throw error;
      throw new PlexSpacesError('DATA_LOSS', `damaged again right after mending: ${error.message}`, { cause: error });
    }
  }
}
