/**
 * A directory as a sequence of writes makes it, and as it is found behind a crash.
 *
 * kill -9 leaves all that was written. Power loss leaves of a file what was synced of it, and the names that
 * stood at the last sync of anything, as a journaling file system keeps them. What nobody syncs may have
 * reached the disk all the same: see `Crash`.
 */
import type { FileEvent } from './write-trace.ts';

/** `power, unsynced kept`: all but what was not synced of the database. */
export type Crash = 'kill' | 'power' | 'power, unsynced kept';

interface Content {
  bytes: Buffer;
  synced: Buffer;
}

export class DiskModel {
  #names: Map<string, Content>;
  #syncedNames: Map<string, Content>;

  /** @param files what is on the disk, synced, before the first event. */
  constructor(files: ReadonlyMap<string, Buffer>) {
    this.#names = new Map(Array.from(files, ([path, bytes]) => [path, { bytes, synced: bytes }]));
    this.#syncedNames = new Map(this.#names);
  }

  apply(event: FileEvent): void {
    switch (event.kind) {
      case 'open':
        return this.#open(event.path, event);
      case 'write':
        return this.#write(event.path, event.offset, event.bytes);
      case 'truncate':
        return this.#truncate(event.path, event.length);
      case 'rename':
        return this.#rename(event.path, event.to);
      case 'unlink':
        this.#names.delete(event.path);
        return;
      case 'sync':
        return this.#sync(event.path);
    }
  }

  /** @param isDatabase files whose unsynced writes are lost in `power, unsynced kept`. */
  after(crash: Crash, isDatabase: (path: string) => boolean): Map<string, Buffer> {
    if (crash === 'kill') return contents(this.#names, ({ bytes }) => bytes);
    const lost = contents(this.#syncedNames, ({ synced }) => synced);
    if (crash === 'power') return lost;
    const kept = [...this.#names]
      .filter(([path]) => !isDatabase(path))
      .map(([path, { bytes }]) => [path, bytes] as const);
    return new Map([...lost, ...kept]);
  }

  #open(path: string, { creates, truncates }: { readonly creates: boolean; readonly truncates: boolean }): void {
    const present = this.#names.get(path);
    if (present === undefined && creates) this.#names.set(path, { bytes: Buffer.alloc(0), synced: Buffer.alloc(0) });
    if (present !== undefined && truncates) present.bytes = Buffer.alloc(0);
  }

  #write(path: string, offset: number, bytes: Buffer): void {
    const content = this.#names.get(path);
    if (content === undefined) return; // removed while it was open
    const from = offset < 0 ? content.bytes.length : offset;
    const size = Math.max(content.bytes.length, from + bytes.length);
    const next = Buffer.alloc(size);
    content.bytes.copy(next);
    bytes.copy(next, from);
    content.bytes = next;
  }

  #truncate(path: string, length: number): void {
    const content = this.#names.get(path);
    if (content === undefined) return;
    const next = Buffer.alloc(length);
    content.bytes.copy(next);
    content.bytes = next;
  }

  #rename(path: string, to: string): void {
    const content = this.#names.get(path);
    if (content === undefined) return;
    this.#names.delete(path);
    this.#names.set(to, content);
  }

  #sync(path: string): void {
    const content = this.#names.get(path);
    if (content !== undefined) content.synced = content.bytes;
    this.#syncedNames = new Map(this.#names);
  }
}

function contents(names: ReadonlyMap<string, Content>, pick: (content: Content) => Buffer): Map<string, Buffer> {
  return new Map(Array.from(names, ([path, content]) => [path, pick(content)]));
}
