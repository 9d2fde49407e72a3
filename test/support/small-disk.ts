/**
 * A disk of a few MiB: a file system in memory, mounted where only processes that are sent into its namespace see
 * it, and gone when its holder ends. It takes the rights to mount, which not every machine gives.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratchDirectory } from './scratch-directory.ts';

const MIB = 1_048_576;
const SMALLEST_WRITE_BYTES = 4096;

/** What keeps this machine from having one; undefined: nothing. */
export function whyNoSmallDisk(): string | undefined {
  const mount = ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', '/tmp'];
  const { status, stderr, error } = spawnSync('unshare', mount, { encoding: 'utf8' });
  return status === 0 ? undefined : `no right to mount a small file system: ${error?.message ?? stderr.trim()}`;
}

export class SmallDisk implements AsyncDisposable {
  /** As processes with the launcher see it. */
  readonly path: string;
  readonly #holder: ChildProcess;

  private constructor(path: string, holder: ChildProcess) {
    this.path = path;
    this.#holder = holder;
  }

  static async mount(sizeMib: number): Promise<SmallDisk> {
    const path = await makeScratchDirectory();
    const script = `mount -t tmpfs -o size=${sizeMib}m none "$0" && echo mounted && exec cat`;
    const holder = spawn('unshare', ['-m', 'sh', '-c', script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    return new SmallDisk(path, holder);
  }

  /** In front of a command that is to see the disk. */
  get launcher(): string[] {
    return ['nsenter', '-t', String(this.#holder.pid), '-m', '--'];
  }

  /** Takes all room but `leaveBytes`. */
  fill(leaveBytes = 0): void {
    const reserve = this.#seen('reserve');
    writeBytes(reserve, leaveBytes);
    writeBytes(this.#seen('ballast'), Infinity);
    rmSync(reserve);
  }

  makeRoom(): void {
    rmSync(this.#seen('ballast'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#holder.stdin?.end();
    await once(this.#holder, 'close');
  }

  /** As this process, which has other mounts, sees it. */
  #seen(name: string): string {
    return join('/proc', String(this.#holder.pid), 'root', this.path, name);
  }
}

/** As many as there is room for, at most `bytes`. */
function writeBytes(path: string, bytes: number): void {
  const file = openSync(path, 'w');
  let chunk = Buffer.alloc(Math.min(bytes, MIB), 1);
  try {
    for (let left = bytes; left > 0 && chunk.length > 0;) {
      try {
        left -= writeSync(file, chunk, 0, Math.min(left, chunk.length));
      } catch {
        chunk = chunk.subarray(0, chunk.length > SMALLEST_WRITE_BYTES ? chunk.length >> 1 : 0);
      }
    }
  } finally {
    closeSync(file);
  }
}
