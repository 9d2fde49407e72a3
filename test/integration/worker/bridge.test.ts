/** The bridge between two real threads. */
import { Worker } from 'node:worker_threads';
import { BridgeServer, createBridgeBuffer, MAX_MESSAGE_BYTES } from '@plexspaces/worker';
import type { BridgeHandler } from '@plexspaces/worker';
import { describe, expect, it } from 'vitest';
import type { Asked } from './bridge-thread.ts';

type FromThread =
  | { readonly type: 'ring' }
  | { readonly type: 'outcome'; readonly reply?: Uint8Array; readonly code?: string };

/** Enough on any machine. */
const PATIENCE_MS = 10_000;

describe('a host call', () => {
  it('goes there and back, ten thousand times without a lost wake-up', async () => {
    await using asker = new Asker({ handler: (request) => request.map((byte) => byte + 1) });
    for (let count = 0; count < 10_000; count += 1) {
      const reply = await asker.ask(Uint8Array.of(count, count >> 8));
      expect(reply).toEqual(Uint8Array.of(count + 1, (count >> 8) + 1));
    }
  });

  it('may be larger than the buffer began with, in both directions', async () => {
    await using asker = new Asker({
      handler: (request) => Uint8Array.from([...request.subarray(0, 10_000), ...request]),
    });
    const before = asker.buffer.byteLength;
    const request = Uint8Array.from({ length: 200_000 }, (_none, index) => index);
    const reply = await asker.ask(request);
    expect(reply?.length).toBe(210_000);
    expect(Buffer.compare(reply?.subarray(10_000) ?? new Uint8Array(), request)).toBe(0);
    expect(before).toBeLessThan(200_000);
    expect(asker.buffer.byteLength).toBeGreaterThan(210_000);
    // A short message behind a long one carries nothing of it.
    expect((await asker.ask(Uint8Array.of(7)))?.length).toBe(2);
  });

  it('may be as large as the limit, and not larger', async () => {
    await using asker = new Asker({ handler: (request) => Uint8Array.of(request.length >> 16) });
    expect(await asker.ask(new Uint8Array(MAX_MESSAGE_BYTES))).toEqual(Uint8Array.of(MAX_MESSAGE_BYTES >> 16));
    expect(await asker.codeOf(new Uint8Array(MAX_MESSAGE_BYTES + 1))).toBe('RESOURCE_EXHAUSTED');
    expect(asker.handled).toBe(1);
  });

  it('waits for an answer that takes its time', async () => {
    const answer = Promise.withResolvers<Uint8Array>();
    await using asker = new Asker({ handler: () => answer.promise });
    const reply = asker.ask(Uint8Array.of(1));
    await asker.rung();
    answer.resolve(Uint8Array.of(9));
    expect(await reply).toEqual(Uint8Array.of(9));
  });

  it('ends with DEADLINE_EXCEEDED where nobody serves it, and the next one works', async () => {
    await using asker = new Asker({ handler: (request) => request, timeoutMs: 30 });
    asker.isServing = false;
    expect(await asker.codeOf(Uint8Array.of(1))).toBe('DEADLINE_EXCEEDED');
    asker.isServing = true;
    expect(await asker.ask(Uint8Array.of(2))).toEqual(Uint8Array.of(2));
  });

  it('that was given up leaves its late answer to nobody', async () => {
    const late = Promise.withResolvers<Uint8Array>();
    let handler: BridgeHandler = () => late.promise;
    await using asker = new Asker({ handler: (request) => handler(request), timeoutMs: 30 });
    expect(await asker.codeOfHandled(Uint8Array.of(1))).toBe('DEADLINE_EXCEEDED');
    expect(await asker.codeOf(Uint8Array.of(2))).toBe('UNAVAILABLE');
    handler = (request) => request;
    late.resolve(Uint8Array.of(1));
    await asker.served();
    expect(await asker.ask(Uint8Array.of(3))).toEqual(Uint8Array.of(3));
  });

  it('whose handler throws is a fault that the main thread learns of', async () => {
    await using asker = new Asker({ handler: () => Promise.reject(new Error('a fault')), timeoutMs: 30 });
    expect(await asker.codeOfHandled(Uint8Array.of(1))).toBe('DEADLINE_EXCEEDED');
    await expect(asker.served()).rejects.toThrow('a fault');
  });

  it('whose answer is over the limit is such a fault', async () => {
    await using asker = new Asker({ handler: () => new Uint8Array(MAX_MESSAGE_BYTES + 1) });
    void asker.ask(Uint8Array.of(1)).catch(() => undefined); // the thread waits until it is ended
    await asker.rung();
    await expect(asker.served()).rejects.toThrow(RangeError);
  });
});

/** The main thread's side, and the thread. */
class Asker implements AsyncDisposable {
  readonly buffer = createBridgeBuffer();
  readonly #server = new BridgeServer(this.buffer);
  readonly #thread: Worker;
  readonly #handler: BridgeHandler;
  readonly #firstRing = Promise.withResolvers<void>();
  #serving: Promise<void> = Promise.resolve();
  #outcome = Promise.withResolvers<Extract<FromThread, { type: 'outcome' }>>();
  isServing = true;
  handled = 0;

  constructor(options: { handler: BridgeHandler; timeoutMs?: number }) {
    this.#handler = options.handler;
    const workerData = { buffer: this.buffer, timeoutMs: options.timeoutMs ?? PATIENCE_MS };
    this.#thread = new Worker(new URL('./bridge-thread.ts', import.meta.url), { workerData });
    this.#thread.on('message', (message: FromThread) => this.#receive(message));
    this.#thread.on('error', (error) => this.#outcome.reject(error));
  }

  /** The answer may take its time, whatever the thread's limit. */
  async ask(request: Uint8Array): Promise<Uint8Array | undefined> {
    return (await this.#ask({ request, waitMs: PATIENCE_MS })).reply;
  }

  async codeOf(request: Uint8Array): Promise<string | undefined> {
    return (await this.#ask({ request, waitMs: 0 })).code;
  }

  /** Of a call that the handler had: where the machine is busy, the thread may give some up before that. */
  async codeOfHandled(request: Uint8Array): Promise<string | undefined> {
    const before = this.handled;
    for (;;) {
      const code = await this.codeOf(request);
      if (this.handled > before) return code;
    }
  }

  /** The doorbell rang for the first time. */
  rung(): Promise<void> {
    return this.#firstRing.promise;
  }

  /** What the newest doorbell brought about has ended. */
  served(): Promise<void> {
    return this.#serving;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }

  #ask(asked: Asked): Promise<Extract<FromThread, { type: 'outcome' }>> {
    this.#outcome = Promise.withResolvers();
    this.#thread.postMessage(asked);
    return this.#outcome.promise;
  }

  #receive(message: FromThread): void {
    if (message.type === 'outcome') return this.#outcome.resolve(message);
    if (!this.isServing) return;
    this.#serving = this.#serve();
    this.#serving.catch(() => undefined); // a test that cares awaits it
    this.#firstRing.resolve();
  }

  async #serve(): Promise<void> {
    await this.#server.serve((request) => {
      this.handled += 1;
      return this.#handler(request);
    });
  }
}
