/** Starts the command as a user does, in its own process from bin/, or quickly within this one. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { run } from '../../../packages/cli/src/program.ts';

export const BIN: string = fileURLToPath(new URL('../../../packages/cli/bin/plexspaces.js', import.meta.url));
const LIMIT_MS = 30_000;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const { promise, resolve, reject } = Promise.withResolvers<Finished>();
  const options = { env: { ...process.env, PLEXSPACES_NODE: '127.0.0.1:1', ...env }, timeout: LIMIT_MS };
  execFile(process.execPath, [BIN, ...args], options, (error, stdout, stderr) => {
    if (error?.killed === true) reject(error);
    else resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  return promise;
}

/** For what needs no process of its own: the same code behind bin/ and main.ts. */
export async function runHere(args: readonly string[]): Promise<Finished> {
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    await run(args);
    return { code: process.exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.exitCode = before;
    stdout.restore();
    stderr.restore();
  }
}

function capture(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const spy = vi.spyOn(stream, 'write').mockReturnValue(true);
  return { text: () => spy.mock.calls.map(([chunk]) => String(chunk)).join(''), restore: () => spy.mockRestore() };
}
