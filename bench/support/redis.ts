/** Redis, where it is installed: a server of its own on a socket in the measured directory, and what it is asked. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

export type AppendFsync = 'always' | 'no';
/** A status or number, a string, or none. */
type Reply = string | null;

const PROGRAM = 'redis-server';
const READY = 'ready to accept connections';

export function redisProgram(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.map((directory) => join(directory, PROGRAM)).find((path) => existsSync(path));
}

export class Redis implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  readonly #waiting: PromiseWithResolvers<Reply>[] = [];
  #received = '';

  private constructor(child: ChildProcess, socket: Socket) {
    this.#child = child;
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => this.#receive(text));
    socket.on('close', () => {
      for (const waiting of this.#waiting.splice(0)) waiting.reject(new Error('Redis has closed the connection'));
    });
  }

  static async start(program: string, directory: string, appendFsync: AppendFsync): Promise<Redis> {
    await mkdir(directory, { recursive: true });
    const own = await mkdtemp(join(tmpdir(), 'redis-'));
    const path = join(own, 'socket'); // a socket's path has room for a hundred bytes
    const durability = ['--appendonly', 'yes', '--appendfsync', appendFsync, '--save', ''];
    const child = spawn(program, ['--port', '0', '--unixsocket', path, '--dir', directory, ...durability], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('Redis ended before it was ready')));
    await Promise.race([ready(child), ended]);
    ended.catch(() => undefined); // it ends some time
    const socket = createConnection(path);
    await once(socket, 'connect');
    await rm(own, { recursive: true }); // the connection is there
    return new Redis(child, socket);
  }

  /** @throws what Redis refuses. */
  send(...words: readonly string[]): Promise<Reply> {
    const waiting = Promise.withResolvers<Reply>();
    this.#waiting.push(waiting);
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.#socket.write(`*${words.length}\r\n${parts.join('')}`);
    return waiting.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #receive(text: string): void {
    this.#received += text;
    for (let line = this.#line(0); line !== undefined; line = this.#line(0)) {
      const used = this.#settle(line);
      if (used === undefined) return; // the string has not come yet
      this.#received = this.#received.slice(used);
    }
  }

  /** @returns how much of what was received the reply is; undefined: it is not all there. */
  #settle(line: string): number | undefined {
    const behind = line.length + 2;
    const rest = line.slice(1);
    if (line.startsWith('-')) this.#waiting.shift()?.reject(new Error(`Redis: ${rest}`));
    else if (!line.startsWith('$')) this.#waiting.shift()?.resolve(rest);
    else if (rest === '-1') this.#waiting.shift()?.resolve(null);
    else {
      const end = behind + Number(rest);
      if (this.#received.length < end + 2) return undefined;
      this.#waiting.shift()?.resolve(this.#received.slice(behind, end));
      return end + 2;
    }
    return behind;
  }

  #line(from: number): string | undefined {
    const end = this.#received.indexOf('\r\n', from);
    return end < 0 ? undefined : this.#received.slice(from, end);
  }
}

async function ready(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('Redis: expected a pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes(READY)) {
      child.stdout.resume(); // nobody reads the rest
      return;
    }
  }
}
