/** `plexspaces dev --json` as a developer runs it: a process, whose events can be awaited in turn. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { COMMAND_FILE, environment } from './command-line.ts';

export interface DevEventDocument {
  readonly event: string;
  readonly [key: string]: unknown;
}

export class DevSession implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #events: DevEventDocument[] = [];
  readonly #closed: Promise<unknown>;
  #wake = Promise.withResolvers<void>();
  #log = '';
  #read = 0;

  constructor(directory: string, args: readonly string[] = []) {
    const command = [
      COMMAND_FILE,
      'dev',
      directory,
      '--json',
      '--grpc',
      '127.0.0.1:0',
      '--http',
      '127.0.0.1:0',
      ...args,
    ];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#heard(() => (this.#log += text)));
    createInterface({ input: child.stdout }).on('line', (line) =>
      this.#heard(() => this.#events.push(JSON.parse(line) as DevEventDocument)),
    );
    this.#closed = once(child, 'close').then(() => this.#heard(() => undefined));
    this.#child = child;
  }

  /** The next event that was not read yet. @throws where it ends before. */
  async next(): Promise<DevEventDocument> {
    await this.#until(() => this.#events.length > this.#read, 'its next event');
    const event = this.#events[this.#read];
    this.#read += 1;
    if (event === undefined) throw new Error('expected an event');
    return event;
  }

  /** Passes over others. */
  async nextOf(name: string): Promise<DevEventDocument> {
    for (;;) {
      const event = await this.next();
      if (event.event === name) return event;
      if (event.event === 'failed') throw new Error(`expected ${name}, found ${JSON.stringify(event)}`);
    }
  }

  /** How many events of a name there were so far. */
  countOf(name: string): number {
    return this.#events.filter(({ event }) => event === name).length;
  }

  untilLogged(text: string): Promise<void> {
    return this.#until(() => this.#log.includes(text), text);
  }

  /** @returns the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    await this.#closed;
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }

  async #until(isThere: () => boolean, what: string): Promise<void> {
    while (!isThere()) {
      if (this.#child.exitCode !== null) throw new Error(`it ended before ${what}: ${this.#log}`);
      await this.#wake.promise;
    }
  }

  #heard(note: () => void): void {
    note();
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
