/** Says when the sources of an application have changed: once for several files that are saved together. */
import { basename, extname, relative, sep } from 'node:path';
import { once } from 'node:events';
import { watch } from 'chokidar';

export interface WatchOptions {
  /** How long nothing more must change. */
  readonly settleMs: number;
  readonly onError: (error: unknown) => void;
}

export interface Changes extends AsyncDisposable {
  /** Aborted by the next change from now on. */
  next(): AbortSignal;
}

/** What builds write, or tools keep, beside sources. */
const OTHER_DIRECTORIES = new Set(['dist', 'node_modules', '__pycache__', 'venv', 'target']);
const OTHER_EXTENSIONS = new Set(['.wasm', '.inputs', '.tmp', '.pyc']);
/** Cargo's own, written by the first build. */
const LOCK = 'Cargo.lock';

export async function watchSources(directory: string, { settleMs, onError }: WatchOptions): Promise<Changes> {
  let change = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const settled = (): void => {
    const ended = change;
    change = new AbortController();
    ended.abort();
  };
  const watcher = watch(directory, { ignoreInitial: true, ignored: (path) => isOther(relative(directory, path)) });
  const ready = once(watcher, 'ready');
  watcher.on('error', onError).on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(settled, settleMs);
  });
  await ready;
  return {
    next: () => change.signal,
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

function isOther(path: string): boolean {
  if (path === '') return false;
  const names = path.split(sep);
  return (
    names.some((name) => name.startsWith('.') || OTHER_DIRECTORIES.has(name)) ||
    OTHER_EXTENSIONS.has(extname(path)) ||
    basename(path) === LOCK
  );
}
