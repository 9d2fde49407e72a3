/** Runs a tool to its end, with a limit on its time and on what is kept of its output. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { PlexSpacesError } from '@plexspaces/core';

export interface ProcessOptions {
  /** Replaces the environment; default: this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs; default: where this process does. */
  readonly cwd?: string;
  readonly timeoutMs: number;
  /** Of stdout and of stderr; default 262,144, the last ones. */
  readonly maxKeptCharacters?: number;
  readonly onOutput?: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface EndedProcess {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_KEPT_CHARACTERS = 262_144;

/** @throws DEADLINE_EXCEEDED, CANCELLED, or the system's error if the command cannot be started. */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<EndedProcess> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    signal,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env && { env: { ...options.env } }),
  });
  const ended = whenEnded(child);
  try {
    const [exitCode, stdout, stderr] = await Promise.all([
      ended,
      keep(child.stdout, options),
      keep(child.stderr, options),
    ]);
    return { exitCode, stdout, stderr };
  } catch (error) {
    if (deadline.aborted) {
      throw new PlexSpacesError('DEADLINE_EXCEEDED', `${command}: did not end within ${options.timeoutMs} ms`);
    }
    throw signal.aborted ? new PlexSpacesError('CANCELLED', `${command}: cancelled`, { cause: error }) : error;
  }
}

/** The end is `close`, when the output is whole too; `error` if it could not be started or was aborted. */
function whenEnded(child: ChildProcess): Promise<number | null> {
  return new Promise((settle, fail) => {
    child.once('close', settle);
    child.once('error', fail);
  });
}

/** The last characters: what a tool says last is why it failed. */
async function keep(stream: Readable, options: ProcessOptions): Promise<string> {
  const { onOutput, maxKeptCharacters = MAX_KEPT_CHARACTERS } = options;
  let kept = '';
  for await (const line of createInterface({ input: stream })) {
    onOutput?.(line);
    kept = `${kept}${line}\n`.slice(-maxKeptCharacters);
  }
  return kept;
}
