/** The life of a node under strace: its writes and its replies in one order, ended by SIGKILL. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COMMAND_FILE } from './command-line.ts';
import { startDaemon } from './daemon.ts';
import type { Daemon } from './daemon.ts';
import { makeScratchDirectory } from './scratch-directory.ts';
import { CALLS, parseTrace } from './write-trace.ts';
import type { TraceEvent } from './write-trace.ts';

const MAX_STRING_BYTES = 4_194_304;
const OPTIONS = ['-f', '-y', '-xx', '-s', String(MAX_STRING_BYTES), '-e', `trace=${CALLS}`];

/** False where there is no strace, or it may not trace. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
}

/** @param use is given the node, which is killed when that has ended. */
export async function recordLife(
  dataDirectory: string,
  use: (daemon: Daemon) => Promise<void>,
): Promise<readonly TraceEvent[]> {
  const file = join(await makeScratchDirectory(), 'trace');
  const program = ['strace', ...OPTIONS, '-o', file, process.execPath, COMMAND_FILE, 'serve'] as const;
  // Otherwise writes could go to the kernel without a call.
  const daemon = await startDaemon(dataDirectory, { program, env: { UV_USE_IO_URING: '0' } });
  try {
    await use(daemon);
  } finally {
    process.kill(daemon.pid, 'SIGKILL'); // strace ends when what it traces has ended, and its output is whole then
    await daemon.exited;
  }
  return parseTrace(await readFile(file, 'latin1'));
}
