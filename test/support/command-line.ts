/** The `plexspaces` command as a user runs it: a process, its exit code and what it printed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const PROJECT: string = fileURLToPath(new URL('../..', import.meta.url));
export const COMMAND_FILE: string = fileURLToPath(new URL('../../packages/cli/bin/plexspaces.js', import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The node that client commands speak to. */
  readonly node?: string | undefined;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** Runs one command to its end. */
export async function plexspaces(args: readonly string[], { node, cwd, env }: RunOptions = {}): Promise<Result> {
  const address = node === undefined ? {} : { PLEXSPACES_NODE: node };
  return runProgram(process.execPath, [COMMAND_FILE, ...args], { cwd, env: { ...environment(), ...address, ...env } });
}

/** @throws with what it printed unless it exits with 0. */
export async function plexspacesJson(args: readonly string[], options: RunOptions = {}): Promise<unknown> {
  const { code, stdout, stderr } = await plexspaces([...args, '--json'], options);
  if (code !== 0) throw new Error(`plexspaces ${args.join(' ')}: exit code ${code}: ${stderr}`);
  return JSON.parse(stdout);
}

export interface ProgramOptions {
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
}

export async function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<Result> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  await once(child, 'close');
  return { code: child.exitCode, ...output };
}

/** What a shell would hand on, without what the test runner adds for itself. */
export function environment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR'];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
