/**
 * The two ends of the way for calls, one thread playing both: at any of its operations on shared memory either side may
 * be interrupted by the other one. Whatever the order, each call is run once and told once, in its order, and nobody
 * sleeps over what was sent, or lies in the event loop without a message that wakes him.
 *
 * The ends are the real ones. Atomics.wait, setImmediate and the ports' deliveries are played; a sleep that ends by its
 * time limit while something lies there is a wake-up that was lost.
 */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { createBridgeBuffer, headerCells, MainEnd, sendToEventLoop } from '@plexspaces/worker';
import type { GuestCall, GuestTarget } from '@plexspaces/worker';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  BridgeState,
  CALLS_RING,
  MAIN_STATE_CELL,
  STATE_CELL,
  THREAD_STATE_CELL,
} from '../../../packages/worker/src/bridge/layout.ts';
import { ThreadEnd } from '../../../packages/worker/src/bridge/thread-end.ts';
import { SideState } from '../../../packages/worker/src/bridge/wake-up.ts';

/** What the main thread does next. */
type Move = 'send' | 'send-large' | 'send-long' | 'control' | 'turn';
const MOVES: readonly Move[] = ['send', 'send', 'send', 'send-large', 'send-long', 'control', 'turn', 'turn'];
/** How a call ends: by the ring, as a message, behind a line, behind a host call. */
const MOST_SENT = 40;
const ENDS = ['ring', 'ring', 'ring', 'message', 'line', 'host-call'] as const;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('both ends', () => {
  it('lose no call, no result and no wake-up, whoever is interrupted when', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...MOVES), { minLength: 1, maxLength: 25 }),
        fc.array(fc.constantFrom(...ENDS), { minLength: 1, maxLength: 10 }),
        fc.infiniteStream(fc.boolean()),
        (moves, ends, interruptions) => {
          const play = new Play(moves, ends, interruptions);
          try {
            play.run();
          } finally {
            vi.restoreAllMocks();
            play.close();
          }
          const sent = Array.from({ length: play.sent }, (_, index) => index + 1);
          expect(play.ran).toEqual(sent);
          expect(play.results.toSorted((a, b) => a - b)).toEqual(sent);
          expect(play.strayLines).toEqual([]);
          expect(play.lost).toEqual([]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

class Play {
  readonly #channel = new MessageChannel();
  readonly #bridge = createBridgeBuffer();
  readonly #cells = headerCells(this.#bridge);
  readonly #moves: Move[];
  readonly #ends: readonly (typeof ENDS)[number][];
  readonly #interruptions: Iterator<boolean>;
  readonly #immediates: (() => void)[] = [];
  readonly #main: MainEnd;
  readonly #thread: ThreadEnd;
  /** Who is interrupted is not interrupted again. */
  #isNested = false;
  #isThreads = false;
  #now = 0;
  #depth = 0;
  sent = 0;
  readonly ran: number[] = [];
  readonly results: number[] = [];
  readonly strayLines: number[] = [];
  readonly lost: string[] = [];

  constructor(moves: readonly Move[], ends: readonly (typeof ENDS)[number][], interruptions: Iterator<boolean>) {
    this.#moves = [...moves];
    this.#ends = ends;
    this.#interruptions = interruptions;
    this.#main = new MainEnd(this.#channel.port1, this.#bridge, {
      onResult: ({ id }) => this.#onResult(id),
      onResults: () => undefined,
      onLine: (_line, id) => {
        if (this.results.includes(id)) this.strayLines.push(id);
      },
      onHostCall: () => Atomics.store(this.#cells, STATE_CELL, BridgeState.DONE),
    });
    this.#thread = new ThreadEnd(this.#channel.port2, this.#bridge);
    this.#thread.listen((call) => this.#handle(call));
  }

  run(): void {
    this.#mock();
    for (let turns = 0; this.#moves.length > 0 || this.#isUnsettled; turns += 1) {
      if (turns > 2000) return void this.lost.push('it does not come to rest');
      if (this.#coin) this.#mainStep();
      else this.#threadStep();
      if (!this.#isUnsettled) this.#expectAwake();
    }
  }

  close(): void {
    this.#channel.port1.close();
    this.#channel.port2.close();
  }

  /** Some ends bring about another call at once, as those do that wait for a worker. */
  #onResult(id: number): void {
    this.results.push(id);
    this.#depth += 1;
    if (this.#depth > 1) this.lost.push('a result within a result');
    if (id % 3 === 0 && this.sent < MOST_SENT) this.#send('send');
    this.#depth -= 1;
  }

  /** Each operation is a place where the other side may come in between. */
  #mock(): void {
    for (const name of ['load', 'store', 'compareExchange', 'add'] as const) {
      const real = Atomics[name].bind(Atomics) as (...args: unknown[]) => unknown;
      vi.spyOn(Atomics, name).mockImplementation(((...args: unknown[]) => {
        this.#interrupt();
        return real(...args);
      }) as never);
    }
    vi.spyOn(Atomics, 'wait').mockImplementation(((_cells: unknown, cell: number, value: number) =>
      this.#sleep(cell, value)) as never);
    vi.spyOn(performance, 'now').mockImplementation(() => (this.#now += 0.004));
    vi.spyOn(globalThis, 'setImmediate').mockImplementation(((action: () => void) => {
      this.#immediates.push(action);
      return { isThreads: this.#isThreads };
    }) as never);
  }

  #interrupt(): void {
    if (this.#isNested || !this.#coin) return;
    this.#nested(() => (this.#isThreads ? this.#mainStep() : this.#threadStep()));
  }

  #nested(action: () => void): void {
    const [wasNested, wasThreads] = [this.#isNested, this.#isThreads];
    this.#isNested = true;
    action();
    [this.#isNested, this.#isThreads] = [wasNested, wasThreads];
  }

  #mainStep(): void {
    this.#isThreads = false;
    const immediate = this.#immediates.shift();
    const move = immediate === undefined ? this.#moves.shift() : 'turn';
    if (immediate !== undefined) immediate();
    else if (move === 'turn' || move === undefined) deliver(this.#channel.port1);
    else if (move === 'control') sendToEventLoop(this.#cells);
    else this.#send(move);
  }

  #threadStep(): void {
    this.#isThreads = true;
    deliver(this.#channel.port2);
    this.#isThreads = false;
  }

  #send(move: Move): void {
    this.sent += 1;
    const state = new Uint8Array(move === 'send-large' ? 20_000 : 16_000);
    this.#main.send(guestCall(this.sent, { export: 'init', state }), move !== 'send-long');
  }

  #handle({ id }: GuestCall): void {
    this.ran.push(id);
    const end = this.#ends[id % this.#ends.length];
    if (end === 'host-call') this.#askHost();
    if (end === 'line') this.#thread.send({ line: { source: 'log', level: 'info', text: '', droppedBytes: 0 }, id });
    const payload = new Uint8Array(end === 'message' ? 20_000 : 16_000);
    this.#thread.tell(
      { id, outcome: { kind: 'ok', payload, clockMicros: 0n }, wornAfter: 0 },
      id % 2 === 0,
      end === 'line',
    );
  }

  /** A thread that interrupts the main thread cannot wait for it: its host call is to be seen behind that all the same. */
  #askHost(): void {
    if (this.#cells[STATE_CELL] === BridgeState.POSTED) return;
    Atomics.store(this.#cells, STATE_CELL, BridgeState.POSTED);
    this.#thread.wakeMain();
    if (this.#isNested) return;
    this.#nested(() => {
      for (let looks = 0; this.#cells[STATE_CELL] !== BridgeState.DONE; looks += 1) {
        if (looks > 100) return void this.lost.push('a host call');
        this.#mainStep();
      }
    });
  }

  /** While it sleeps the main thread does all that it has to do. In between it may be out of time at any moment. */
  #sleep(cell: number, value: number): 'not-equal' | 'ok' | 'timed-out' {
    if (this.#cells[cell] !== value) return 'not-equal';
    if (this.#isNested) return 'timed-out';
    this.#nested(() => {
      while (this.#cells[cell] === value && (this.#immediates.length > 0 || this.#coin)) this.#mainStep();
    });
    if (this.#cells[cell] !== value) return 'ok';
    if (!this.#unreadIsEmpty) this.lost.push('slept over a call');
    return 'timed-out';
  }

  get #unreadIsEmpty(): boolean {
    return this.#cells[CALLS_RING.writtenCell] === this.#cells[CALLS_RING.readCell];
  }

  get #coin(): boolean {
    return this.#interruptions.next().value === true;
  }

  get #isUnsettled(): boolean {
    return this.results.length < this.sent || this.#cells[STATE_CELL] === BridgeState.POSTED;
  }

  /** At rest nobody may count on being seen without a message. */
  #expectAwake(): void {
    if (this.#immediates.length > 0 || this.#moves.length > 0) return;
    const [thread, main] = [this.#cells[THREAD_STATE_CELL], this.#cells[MAIN_STATE_CELL]];
    const isQuiet = receiveMessageOnPort(this.#channel.port2) === undefined;
    if (isQuiet && thread !== SideState.IN_LOOP) this.lost.push('a thread that is thought to be awake');
    if (receiveMessageOnPort(this.#channel.port1) === undefined && main !== SideState.IN_LOOP)
      this.lost.push('a main thread that is thought to be awake');
  }
}

/** As the event loop would: one message, if there is one. */
function deliver(port: MessagePort): void {
  const received: { readonly message: unknown } | undefined = receiveMessageOnPort(port);
  if (received !== undefined) port.emit('message', received.message);
}

function guestCall(id: number, target: GuestTarget): GuestCall {
  const seed = new Uint8Array(32);
  const message = { sequence: 0n, startMicros: 0n, seed, replayed: false, restoring: false, hostCalls: 'all' } as const;
  return { id, slot: 1, target, message };
}
