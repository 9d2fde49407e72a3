/**
 * A node as a process of its own, as an operator starts it: `plexspaces serve` on ports that the system gives
 * out. Tests reach it from outside only, by its addresses, its signals and its files.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from '@plexspaces/client';
import type { ConnectOptions, PlexSpacesClient } from '@plexspaces/client';
import { COMMAND_FILE, environment } from './command-line.ts';
import { makeScratchDirectory } from './scratch-directory.ts';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface ReadyLine {
  readonly ready: true;
  readonly grpc: string;
  readonly http: string;
  readonly pid: number;
}

const READY_TIMEOUT_MS = 30_000;

export interface DaemonOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A command in front of the node's own, which must become that process (exec): a tracer, another namespace. */
  readonly launcher?: readonly string[];
  /** What is started instead of `plexspaces serve`: a program, and what comes before the options. */
  readonly program?: readonly [file: string, ...args: readonly string[]];
}

const SERVE = [process.execPath, COMMAND_FILE, 'serve'] as const;

/** @throws with what the node wrote where it ends before it is ready. */
export async function startDaemon(dataDirectory: string, options: DaemonOptions = {}): Promise<Daemon> {
  const { args = [], env = {}, launcher = [], program = SERVE } = options;
  const where = ['--data', dataDirectory, '--grpc', '127.0.0.1:0', '--http', '127.0.0.1:0'];
  const [file = process.execPath, ...command] = [...launcher, ...program, ...where, ...args];
  const child = spawn(file, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment(), ...env },
  });
  const daemon = new Daemon(child, dataDirectory);
  await daemon.untilReady();
  return daemon;
}

/** A node on a directory of its own, which goes with it. */
export async function startFreshDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  return startDaemon(await makeScratchDirectory(), options);
}

export class Daemon implements AsyncDisposable {
  readonly dataDirectory: string;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #output = { stdout: '', stderr: '' };
  #ready: ReadyLine | undefined;

  constructor(child: ChildProcess, dataDirectory: string) {
    this.#child = child;
    this.dataDirectory = dataDirectory;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => (this.#output[name] += text));
    }
    this.exited = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode }));
  }

  async untilReady(): Promise<void> {
    const { promise: line, resolve } = Promise.withResolvers<'line'>();
    this.#child.stdout?.on('data', () => this.stdout.includes('\n') && resolve('line'));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), READY_TIMEOUT_MS);
    const first = await Promise.race([line, this.exited]);
    clearTimeout(timer);
    if (first !== 'line') throw new Error(`the node ended before it was ready: ${this.log}`);
    this.#ready = JSON.parse(this.stdout) as ReadyLine;
  }

  get grpc(): string {
    return this.#facts.grpc;
  }

  get http(): string {
    return this.#facts.http;
  }

  get pid(): number {
    return this.#facts.pid;
  }

  /** All of it so far; the ready line is to be all there ever is. */
  get stdout(): string {
    return this.#output.stdout;
  }

  /** What it wrote to stderr so far. */
  get log(): string {
    return this.#output.stderr;
  }

  /** Resolves when all of the texts are in its log. @throws where it ends before that. */
  async untilLogged(texts: readonly string[]): Promise<void> {
    const { promise: logged, resolve } = Promise.withResolvers<'logged'>();
    const look = (): void => void (texts.every((text) => this.log.includes(text)) && resolve('logged'));
    this.#child.stderr?.on('data', look);
    look();
    const first = await Promise.race([logged, this.exited]);
    this.#child.stderr?.off('data', look);
    if (first !== 'logged') throw new Error(`the node ended before it logged ${texts.join(', ')}: ${this.log}`);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Physical memory of the process, its threads included. */
  rssBytes(): number {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(found?.[1]) * 1024;
  }

  connect(options: ConnectOptions = {}): Promise<PlexSpacesClient> {
    return connect(this.grpc, options);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async kill(): Promise<Exit> {
    this.signal('SIGKILL');
    return this.exited;
  }

  async stop(): Promise<Exit> {
    this.signal('SIGTERM');
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  get #facts(): ReadyLine {
    if (this.#ready === undefined) throw new Error('the node is not ready');
    return this.#ready;
  }
}
