/**
 * A stream of calls against a list: whatever order calls end in, however slow the reader is and however frames are cut,
 * each request is answered once, bounds hold, and the end cancels what is left.
 */
import { PlexSpacesError } from '@plexspaces/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callStream } from '../../../packages/runtime/src/services/call-stream.ts';
import type { CallFrame, CallStreamPorts } from '../../../packages/runtime/src/services/call-stream.ts';
import { StreamCall } from '../../../packages/runtime/src/services/stream-call.ts';
import { demand } from '../../support/simulation/demand.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { watch } from '../../support/simulation/settled.ts';
import type { Watched } from '../../support/simulation/settled.ts';

/** When a call is answered: by itself some time, or as it is made. */
type Manner = 'later' | 'at once' | 'refused at once';

interface Request {
  readonly correlation: bigint;
  readonly bytes: number;
  readonly manner: Manner;
}

interface Response {
  readonly correlation: bigint;
  readonly bytes: number;
  readonly code?: string;
}

type Command =
  | { readonly kind: 'send'; readonly sent: readonly Omit<Request, 'correlation'>[] }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'settle'; readonly which: number; readonly outputBytes: number; readonly isGood: boolean }
  | { readonly kind: 'settle all' }
  | { readonly kind: 'take' };

interface History {
  readonly commands: readonly Command[];
  readonly end: 'half-close' | 'cancel' | 'closing';
}

const LIMITS = { calls: 4, bytes: 100, frameRequests: 8, frameBytes: 50, turnMs: 1_000 };
const QUICK_RUNS = 300;

const anyHistory: fc.Arbitrary<History> = fc.record({
  commands: fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('send' as const),
        sent: fc.array(
          fc.record({
            bytes: fc.nat({ max: 60 }),
            manner: fc.constantFrom<Manner[]>('later', 'later', 'at once', 'refused at once'),
          }),
          { maxLength: LIMITS.frameRequests },
        ),
      }),
      fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }),
      fc.record({
        kind: fc.constant('settle' as const),
        which: fc.nat(),
        outputBytes: fc.nat({ max: 60 }),
        isGood: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('settle all' as const) }),
      fc.record({ kind: fc.constant('take' as const) }),
    ),
    { size: 'max', maxLength: 40 },
  ),
  end: fc.constantFrom('half-close', 'cancel', 'closing'),
});

interface UnderWay {
  readonly request: Request;
  readonly signal: AbortSignal;
  readonly reply: PromiseWithResolvers<Response>;
}

type Ports = CallStreamPorts<Request, Response>;
type ResponseFrame = { responses: Response[] };
type Stream = AsyncGenerator<ResponseFrame, void, undefined>;
type Open = (ports: Ports, frames: AsyncIterable<CallFrame<Request>>, signal: AbortSignal) => Stream;

class StreamRun {
  readonly #cancel = new AbortController();
  readonly #closing = new AbortController();
  readonly #frames = new Frames();
  readonly #stream: Stream;
  #underWay: UnderWay[] = [];
  #sent = 0;
  #started = 0;
  #gated = 0;
  readonly #signals = new Set<AbortSignal>();
  /** Those that are told so as soon as their frame is read. */
  readonly #gone = new Set<UnderWay>();
  #waited = 0;
  #given: readonly Response[] = [];
  readonly #answered: bigint[] = [];
  #taking: Watched<IteratorResult<ResponseFrame, void>> | undefined;
  #frameCount = 0;
  #hasEnded = false;

  constructor(open: Open) {
    const ports: Ports = {
      run: (request, call) => this.#start(request, call),
      failureOf: ({ correlation }, { code }) => ({ correlation, bytes: 0, code }),
      sizeOf: { request: ({ bytes }) => bytes, response: ({ bytes }) => bytes },
      onError: () => undefined,
      gate: async (work) => {
        this.#gated += 1;
        return work();
      },
      closing: this.#closing.signal,
      limits: LIMITS,
    };
    this.#stream = open(ports, this.#frames, this.#cancel.signal);
  }

  async run({ commands, end }: History): Promise<void> {
    this.#take();
    for (const command of commands) {
      this.#do(command);
      await turn();
      this.#look();
    }
    if (end === 'cancel') return this.#expectCancelled();
    await this.#finish(end);
  }

  #do(command: Command): void {
    switch (command.kind) {
      case 'send': {
        const requests = command.sent.map((sent) => ({ ...sent, correlation: BigInt((this.#sent += 1)) }));
        this.#frames.push({ requests });
        return;
      }
      case 'cancel':
        this.#cancelOne(command.which);
        return;
      case 'settle':
        this.#settle(command.which, command.outputBytes, command.isGood);
        return;
      case 'settle all':
        for (let left = this.#underWay.length; left > 0; left -= 1) this.#settle(0, 1, true);
        return;
      case 'take':
        this.#take();
    }
  }

  #start(request: Request, call: Pick<UnderWay, 'signal'>): Promise<Response> | Response {
    this.#started += 1;
    const { correlation, bytes, manner } = request;
    if (manner === 'at once') return { correlation, bytes };
    if (manner === 'refused at once') throw new PlexSpacesError('NOT_FOUND', 'nobody');
    this.#waited += 1;
    const { signal } = call;
    this.#signals.add(signal);
    const reply = Promise.withResolvers<Response>();
    this.#underWay.push({ request, signal, reply });
    return reply.promise;
  }

  /** Of what is under way one that is told, and one that nobody knows. */
  #cancelOne(which: number): void {
    const gone = this.#underWay[which % Math.max(1, this.#underWay.length)];
    this.#frames.push({ requests: [], cancelled: [0n, gone?.request.correlation ?? 0n] });
    if (gone !== undefined) this.#gone.add(gone);
  }

  #settle(which: number, bytes: number, isGood: boolean): void {
    const index = which % Math.max(1, this.#underWay.length);
    const [settled] = this.#underWay.splice(index, 1);
    if (settled === undefined) return;
    const { correlation } = settled.request;
    if (isGood) settled.reply.resolve({ correlation, bytes });
    else settled.reply.reject(new PlexSpacesError('NOT_FOUND', 'nobody'));
  }

  #take(): void {
    this.#look();
    if (this.#taking?.now.kind === 'pending' || this.#hasEnded) return;
    this.#given = [];
    this.#taking = watch(this.#stream.next());
  }

  /** What the reader has of a frame counts until it asks for the next. */
  #look(): void {
    const taken = this.#taking?.now;
    if (taken?.kind === 'resolved') {
      this.#taking = undefined;
      if (taken.value.done === true) this.#hasEnded = true;
      else this.#receive(taken.value.value.responses);
    }
    if (taken?.kind === 'rejected') this.#hasEnded = true;
    const held = this.#started - this.#answered.length + this.#given.length;
    demand('signals', this.#signals.size, this.#waited);
    for (const { request, signal } of this.#underWay) {
      if (!signal.aborted || this.#cancel.signal.aborted) continue;
      demand(
        'told that it is not wanted',
        [...this.#gone].some((gone) => gone.request === request),
        true,
      );
    }
    demand('calls within the limit', held <= LIMITS.calls, true);
    const inputs = this.#underWay.reduce((sum, { request }) => sum + request.bytes, 0);
    demand('inputs within the limit, or one call', inputs <= LIMITS.bytes + 60 || this.#underWay.length === 1, true);
  }

  #receive(responses: readonly Response[]): void {
    this.#frameCount += 1;
    demand('passes of the gate', this.#gated, this.#frameCount);
    demand('a frame has a response', responses.length > 0, true);
    const all = responses.reduce((sum, { bytes }) => sum + bytes, 0);
    demand('a frame within its size', all <= LIMITS.frameBytes || responses.length === 1, true);
    for (const { correlation, code } of responses) {
      demand('answered before', this.#answered.includes(correlation), false);
      demand('a failure has its code', code ?? 'NOT_FOUND', 'NOT_FOUND');
      this.#answered.push(correlation);
    }
    this.#given = responses;
  }

  async #finish(end: 'half-close' | 'closing'): Promise<void> {
    if (end === 'half-close') this.#frames.end();
    else this.#closing.abort(new PlexSpacesError('UNAVAILABLE', 'the node is shutting down'));
    for (let rounds = 0; !this.#hasEnded; rounds += 1) {
      demand('an end in sight', rounds < 1_000, true);
      this.#settle(0, 1, true);
      this.#take();
      await turn();
      this.#look();
    }
    demand('all that began are answered', this.#answered.length, this.#started);
    if (end === 'half-close') demand('all that were sent began', this.#started, this.#sent);
    else demand('the reason', this.#taking?.now.kind, 'rejected');
  }

  async #expectCancelled(): Promise<void> {
    this.#cancel.abort();
    await turn();
    for (const { signal } of this.#underWay) demand('a call is told', signal.aborted, true);
    const startedBefore = this.#started;
    this.#frames.push({ requests: [{ bytes: 0, manner: 'later', correlation: 0n }] });
    for (let rounds = 0; !this.#hasEnded; rounds += 1) {
      demand('an end in sight', rounds < 1_000, true);
      this.#take();
      await turn();
      this.#look();
    }
    demand('nothing began behind it', this.#started, startedBefore);
    demand('the reason', this.#taking?.now.kind, 'rejected');
  }
}

/** What a client sends, when the node asks for it. */
class Frames implements AsyncIterable<CallFrame<Request>> {
  readonly #frames: CallFrame<Request>[] = [];
  #hasEnded = false;
  #wake: (() => void) | undefined;

  push(frame: CallFrame<Request>): void {
    this.#frames.push(frame);
    this.#wake?.();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CallFrame<Request>, void, undefined> {
    for (;;) {
      const next = this.#frames.shift();
      if (next !== undefined) yield next;
      else if (this.#hasEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** A call whose signal is that of all. */
function sharing(signal: AbortSignal): StreamCall {
  return Object.defineProperty(new StreamCall(0n), 'signal', { value: signal });
}

/** Two of them: what is flushed in one is taken in the other. */
async function turn(): Promise<void> {
  for (let count = 0; count < 2; count += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe('a stream of calls', () => {
  it('answers each request once, within its bounds, and cancels what is left at its end', async () => {
    const check = (history: History): Promise<void> => new StreamRun(callStream).run(history);
    expect(await findFailure(anyHistory, check, QUICK_RUNS)).toBeUndefined();
  });

  it.each<[what: string, open: Open, why: RegExp]>([
    [
      'it had no bound',
      (ports, frames, signal) => callStream({ ...ports, limits: { ...LIMITS, calls: 1_000 } }, frames, signal),
      /calls within the limit/,
    ],
    [
      'frames were of any size',
      (ports, frames, signal) => callStream({ ...ports, limits: { ...LIMITS, frameBytes: 1_000 } }, frames, signal),
      /a frame within its size/,
    ],
    [
      'a cancelled stream let its calls run on',
      (ports, frames, signal) =>
        callStream(
          { ...ports, run: (request) => ports.run(request, new StreamCall(request.correlation)) },
          frames,
          signal,
        ),
      /a call is told/,
    ],
    [
      'calls shared a signal',
      (ports, frames, signal) =>
        callStream({ ...ports, run: (request) => ports.run(request, sharing(signal)) }, frames, signal),
      /signals/,
    ],
    [
      'a reply came twice',
      async function* twice(ports, frames, signal) {
        for await (const frame of callStream(ports, frames, signal)) {
          yield { responses: [...frame.responses, ...frame.responses.slice(0, 1)] };
        }
      },
      /answered before|a frame within its size/,
    ],
  ])('would be found out if %s', async (_what, open, why) => {
    const check = (history: History): Promise<void> => new StreamRun(open).run(history);
    expect(await findControlFailure(anyHistory, check, why)).toMatch(why);
  });

  it('leaves the event loop to others between calls that are answered at once', async () => {
    expect(await turnsWhileAnswering(0)).toBeGreaterThan(1);
    expect(await turnsWhileAnswering(60_000)).toBe(1);
  });
});

/** In how many turns of the event loop a frame of calls is answered. */
async function turnsWhileAnswering(turnMs: number): Promise<number> {
  const frames = new Frames();
  const seen = new Set<number>();
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  const ports: Ports = {
    run: (request) => {
      seen.add(turns);
      return request;
    },
    failureOf: (request) => request,
    sizeOf: { request: () => 0, response: () => 0 },
    onError: () => undefined,
    gate: async (work) => work(),
    closing: new AbortController().signal,
    limits: { turnMs },
  };
  frames.push({
    requests: Array.from({ length: 100 }, () => ({ bytes: 0, manner: 'at once' as const, correlation: 0n })),
  });
  frames.end();
  setImmediate(count);
  await Array.fromAsync(callStream(ports, frames, new AbortController().signal));
  isOver = true;
  return seen.size;
}
