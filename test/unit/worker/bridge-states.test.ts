/**
 * The bridge's state cell against a model: whatever the order of posting, serving, answering, giving up and stale
 * doorbells, a caller gets the answer to its own request or an error, and the cell ends free.
 *
 * The thread's moves are made here by hand, since its real half sleeps; integration/worker/bridge.test.ts has the
 * two halves on two threads.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BridgeCaller } from '../../../packages/worker/src/bridge/caller.ts';
import {
  BridgeState,
  createBridgeBuffer,
  headerCells,
  MAX_MESSAGE_BYTES,
  putMessage,
  STATE_CELL,
  takeMessage,
} from '../../../packages/worker/src/bridge/layout.ts';
import { BridgeServer } from '../../../packages/worker/src/bridge/server.ts';

type Move = 'post' | 'serve' | 'answer' | 'give-up' | 'collect';
const MOVES: readonly Move[] = ['post', 'serve', 'answer', 'give-up', 'collect'];

describe('the state of the bridge', () => {
  it('never mixes up requests, and never sticks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...MOVES), { maxLength: 60 }), async (moves) => {
        const bridge = new Bridge();
        for (const move of moves) await bridge.make(move);
        await bridge.finish();
        expect(bridge.state).toBe(BridgeState.FREE);
        expect(bridge.collected.every(({ request, reply }) => request === reply)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('goes the whole round for one call', async () => {
    const bridge = new Bridge();
    const states = [bridge.state];
    for (const move of ['post', 'serve', 'answer', 'collect'] as const) {
      await bridge.make(move);
      states.push(bridge.state);
    }
    const { FREE, POSTED, CLAIMED, DONE } = BridgeState;
    expect(states).toEqual([FREE, POSTED, CLAIMED, DONE, FREE]);
  });

  it('is taken back before it is claimed, and abandoned behind', async () => {
    const bridge = new Bridge();
    await bridge.make('post');
    await bridge.make('give-up');
    expect(bridge.state).toBe(BridgeState.FREE);
    await bridge.make('post');
    await bridge.make('serve');
    await bridge.make('give-up');
    expect(bridge.state).toBe(BridgeState.ABANDONED);
    await bridge.make('answer');
    expect(bridge.state).toBe(BridgeState.FREE);
    expect(bridge.collected).toEqual([]);
  });
});

describe('the caller', () => {
  it('gives up with DEADLINE_EXCEEDED where nobody serves, and can ask again', () => {
    const caller = new BridgeCaller(createBridgeBuffer(), () => undefined, { timeoutMs: 10 });
    for (let count = 0; count < 2; count += 1) {
      expect(() => caller.call(Uint8Array.of(1))).toThrow(
        expect.objectContaining({ code: 'DEADLINE_EXCEEDED', message: 'host call: no answer within 10 ms' }),
      );
    }
  });

  it('refuses a request over the limit before it takes memory for it', () => {
    const buffer = createBridgeBuffer();
    const caller = new BridgeCaller(buffer, () => undefined, { timeoutMs: 10 });
    const before = buffer.byteLength;
    expect(() => caller.call(new Uint8Array(MAX_MESSAGE_BYTES + 1))).toThrow(
      expect.objectContaining({ code: 'RESOURCE_EXHAUSTED' }),
    );
    expect(buffer.byteLength).toBe(before);
  });

  it('makes no second call while an abandoned one is under way', () => {
    const buffer = createBridgeBuffer();
    const claim = (): void => {
      Atomics.store(headerCells(buffer), STATE_CELL, BridgeState.CLAIMED);
    };
    const caller = new BridgeCaller(buffer, claim, { timeoutMs: 5 });
    expect(() => caller.call(Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }));
    expect(() => caller.call(Uint8Array.of(2))).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
    Atomics.store(headerCells(buffer), STATE_CELL, BridgeState.FREE);
    expect(() => caller.call(Uint8Array.of(3))).toThrow(expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }));
  });
});

/** A bridge whose two sides move when they are told to. */
class Bridge {
  readonly #buffer = createBridgeBuffer();
  readonly #cells = headerCells(this.#buffer);
  readonly #server = new BridgeServer(this.#buffer);
  readonly collected: { request: number; reply: number | undefined }[] = [];
  readonly #handlers: (() => void)[] = [];
  readonly #serving: Promise<void>[] = [];
  #posted = 0;

  get state(): number {
    return Atomics.load(this.#cells, STATE_CELL);
  }

  async make(move: Move): Promise<void> {
    const { FREE, POSTED, CLAIMED, DONE, ABANDONED } = BridgeState;
    switch (move) {
      case 'post':
        if (this.state !== FREE) return;
        this.#posted += 1;
        putMessage(this.#buffer, Uint8Array.of(this.#posted));
        Atomics.store(this.#cells, STATE_CELL, POSTED);
        return;
      case 'serve': // also without a request: a stale doorbell
        this.#serving.push(Promise.resolve(this.#server.serve((request) => this.#hold(request))));
        return;
      case 'answer':
        this.#handlers.shift()?.();
        await Promise.allSettled(this.#serving.slice(0, this.#serving.length - this.#handlers.length));
        return;
      case 'give-up':
        if (Atomics.compareExchange(this.#cells, STATE_CELL, POSTED, FREE) === POSTED) return;
        Atomics.compareExchange(this.#cells, STATE_CELL, CLAIMED, ABANDONED);
        return;
      case 'collect':
        if (this.state !== DONE) return;
        this.collected.push({ request: this.#posted, reply: takeMessage(this.#buffer)[0] });
        Atomics.store(this.#cells, STATE_CELL, FREE);
    }
  }

  async finish(): Promise<void> {
    for (const answer of this.#handlers.splice(0)) answer();
    await Promise.all(this.#serving);
    await this.make('collect');
    await this.make('give-up');
  }

  /** Echoes the request when it is told to. */
  #hold(request: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => this.#handlers.push(() => resolve(request)));
  }
}
