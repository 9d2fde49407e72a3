/**
 * Where the library's components are prepared: a directory that is named, or a temporary one.
 *
 * Owns the component stores of the process, one for each directory, so that actors of one component share what was
 * made of it.
 *
 * L1. A store is there as long as somebody holds it; who comes last closes it.
 * L2. The temporary directory goes with its store, and at the latest with the process.
 */
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { ComponentStore } from '../components/component-store.ts';
import type { LoadedComponent } from '../components/component-store.ts';

/** A WebAssembly component: its bytes, or the path of its file. */
export type ComponentInput = Uint8Array | string | URL;

/** Somebody's hold on a store. */
export interface PreparedComponents extends AsyncDisposable {
  /** Where threads keep what they compiled of JavaScript. */
  readonly compileCacheDirectory: string;
  /** @throws what refuses the component: INVALID_ARGUMENT, RESOURCE_EXHAUSTED, NOT_FOUND where there is no such file. */
  load(component: ComponentInput, options: { readonly memoryBytes: number }): Promise<LoadedComponent>;
}

interface OpenStore {
  readonly opened: Promise<{ readonly directory: string; readonly store: ComponentStore }>;
  holders: number;
}

const TEMPORARY = '';
const stores = new Map<string, OpenStore>();

/** @param cacheDirectory default: a temporary one. */
export async function holdComponents(cacheDirectory?: string): Promise<PreparedComponents> {
  const name = cacheDirectory === undefined ? TEMPORARY : resolve(cacheDirectory);
  const open = stores.get(name) ?? { opened: openStore(name), holders: 0 };
  stores.set(name, open);
  open.holders += 1;
  const letGo = (): Promise<void> => release(name, open);
  try {
    const { directory, store } = await open.opened;
    return {
      compileCacheDirectory: join(directory, 'compiled'),
      load: (component, options) => load(store, component, options),
      [Symbol.asyncDispose]: letGo,
    };
  } catch (thrown) {
    await letGo();
    throw thrown;
  }
}

async function openStore(name: string): Promise<{ directory: string; store: ComponentStore }> {
  const directory = name === TEMPORARY ? await makeTemporary() : name;
  return { directory, store: await ComponentStore.open(directory, { isShared: name !== TEMPORARY }) };
}

async function load(
  store: ComponentStore,
  component: ComponentInput,
  options: { readonly memoryBytes: number },
): Promise<LoadedComponent> {
  const bytes = component instanceof Uint8Array ? component : await readComponent(component);
  const { component: prepared } = await store.prepare(await store.put(bytes));
  return store.load(prepared, options);
}

async function readComponent(path: string | URL): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('NOT_FOUND', `expected a component at ${String(path)}: ${found}`, { cause });
  }
}

/** L1 */
async function release(name: string, open: OpenStore): Promise<void> {
  open.holders -= 1;
  if (open.holders > 0) return;
  stores.delete(name);
  if (name !== TEMPORARY) return;
  const temporary = await open.opened.catch(() => undefined);
  if (temporary !== undefined) await removeTemporary(temporary.directory); // L2
}

const temporaries = new Set<string>();

async function makeTemporary(): Promise<string> {
  if (temporaries.size === 0) process.once('exit', removeAllNow);
  const directory = await mkdtemp(join(tmpdir(), 'plexspaces-'));
  temporaries.add(directory);
  return directory;
}

async function removeTemporary(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  temporaries.delete(directory);
  if (temporaries.size === 0) process.off('exit', removeAllNow);
}

function removeAllNow(): void {
  for (const directory of temporaries) rmSync(directory, { recursive: true, force: true });
}
