/** Harm done to the files of a database that no process has open: what a bad disk or a power loss leaves. */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** LevelDB's newest log in a data directory. */
export function newestLog(dataDirectory: string): string {
  const database = join(dataDirectory, 'db');
  const logs = readdirSync(database).filter((name) => name.endsWith('.log'));
  const newest = logs.toSorted().at(-1);
  if (newest === undefined) throw new Error(`${database} has no log`);
  return join(database, newest);
}

export type Harm = (path: string) => void;

/** @param part of the file, 0 to 1. */
export function cutAt(part: number): Harm {
  return (path) => truncateSync(path, Math.floor(statSync(path).size * part));
}

/** @param part of the file, 0 to 1; the lowest bit of the byte there. */
export function flipAt(part: number): Harm {
  return (path) => {
    const bytes = readFileSync(path);
    const at = Math.min(bytes.length - 1, Math.floor(bytes.length * part));
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(path, bytes);
  };
}

/** Cuts and flips in turn, evenly over the file. */
export function harmsAt(places: number): { readonly name: string; readonly harm: Harm }[] {
  return Array.from({ length: places }, (_none, place) => {
    const part = (place + 0.5) / places;
    const harm = place % 2 === 0 ? cutAt(part) : flipAt(part);
    return { name: `${place % 2 === 0 ? 'cut' : 'bit flipped'} at ${Math.round(part * 100)} %`, harm };
  });
}

/** A copy of its own of a data directory that nobody has open, at `to`. */
export function copyDirectory(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
  return to;
}
