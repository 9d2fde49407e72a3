/** Programs that a measurement needs beside its own process; whoever starts one disposes of it, which ends it. */
import { fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const START_TIMEOUT_MS = 30_000;

/** A program that prints one line of JSON when it serves. */
export class Server implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #addresses: object;

  private constructor(child: ChildProcess, addresses: object) {
    this.#child = child;
    this.#addresses = addresses;
  }

  get grpc(): string {
    return addressIn(this.#addresses, 'grpc');
  }

  get http(): string {
    return addressIn(this.#addresses, 'http');
  }

  static async start(file: string | URL, args: readonly string[] = []): Promise<Server> {
    const command = [...process.execArgv, pathOf(file), ...args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      return new Server(child, addressesIn(await firstLine(child, pathOf(file))));
    } catch (thrown) {
      await end(child);
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#child);
  }
}

/** A program that answers one message at a time. */
export class Helper<Request extends object, Answer> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #parse: (message: unknown) => Answer;

  constructor(file: URL, parse: (message: unknown) => Answer, args: readonly string[] = []) {
    this.#child = fork(fileURLToPath(file), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#parse = parse;
  }

  /** @throws where the program ends instead. */
  async ask(request: Request): Promise<Answer> {
    const ended = new AbortController();
    const exit = once(this.#child, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`the helper ended with code ${code} before it answered`);
    });
    const answer = once(this.#child, 'message', { signal: ended.signal });
    this.#child.send(request);
    try {
      const [message]: unknown[] = await Promise.race([answer, exit]);
      return this.#parse(message);
    } finally {
      exit.catch(() => undefined); // what is waited for no more
      answer.catch(() => undefined);
      ended.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#child);
  }
}

async function firstLine(child: ChildProcess, name: string): Promise<string> {
  if (child.stdout === null) throw new Error(`${name}: expected a pipe`);
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const lines = createInterface({ input: child.stdout });
  const line = once(lines, 'line', { signal });
  const closed = once(lines, 'close', { signal });
  const [text]: unknown[] = await Promise.race([line, closed]);
  for (const waiting of [line, closed]) waiting.catch(() => undefined); // the other one is waited for no more
  if (typeof text === 'string') return text;
  throw new Error(`${name} ended before it was ready`);
}

function addressesIn(line: string): object {
  const facts: unknown = JSON.parse(line);
  if (typeof facts === 'object' && facts !== null) return facts;
  throw new Error(`expected addresses, found ${line}`);
}

function addressIn(addresses: object, protocol: 'grpc' | 'http'): string {
  const found: unknown = Object.entries(addresses).find(([name]) => name === protocol)?.[1];
  if (typeof found === 'string') return found;
  throw new Error(`expected an address for ${protocol}, found ${JSON.stringify(addresses)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function pathOf(file: string | URL): string {
  return typeof file === 'string' ? file : fileURLToPath(file);
}
