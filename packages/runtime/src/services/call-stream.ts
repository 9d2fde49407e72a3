/**
 * Many calls over one stream, many in a frame; replies come as they are ready, several in one frame where they are ready
 * in the same turn.
 *
 * It owns one stream's calls: those under way, and the replies that its reader has not taken. How a call is made, and
 * what a request and a reply are, is its user's to say (`run`).
 *
 * I1. Every request is answered once, by its correlation; what fails is its own reply, never the stream's end.
 * I2. What is under way and what waits for the reader is bounded, in number and bytes: past it no frame is read, so that
 *     the transport holds the client up.
 * I3. A frame passes the output gate once, as a whole, behind everything in it.
 * I4. The stream's end, however it comes about, cancels what is under way.
 * I5. Calls that are answered at once, one behind the other, leave the event loop to others from time to time.
 */
import { NumberedCalls, PlexSpacesError } from '@plexspaces/core';
import { expectWhole } from './message-limits.ts';
import type { OutputGate } from './output-gate.ts';
import { ReplyQueue } from './reply-queue.ts';
import { StreamCall } from './stream-call.ts';

export interface Correlated {
  readonly correlation: bigint;
}

export interface CallStreamPorts<Request extends Correlated, Response> {
  /** Where it needs no promise it answers at once. What it throws becomes the request's reply. */
  readonly run: (request: Request, call: StreamCall) => Promise<Response> | Response;
  readonly failureOf: (request: Request, error: PlexSpacesError) => Response;
  /** In bytes, or about. */
  readonly sizeOf: {
    readonly request: (request: Request) => number;
    readonly response: (response: Response) => number;
  };
  /** Of an error that is the node's own. */
  readonly onError: (error: PlexSpacesError) => void;
  readonly gate: OutputGate;
  /** Ends streams behind the replies that are there, with its reason. */
  readonly closing: AbortSignal;
  readonly limits?: Partial<CallStreamLimits> | undefined;
}

/** Of one stream. */
export interface CallStreamLimits {
  /** Requests under way and replies that were not taken; default 512: one stream does not fill a pool's queue. */
  readonly calls: number;
  /** Their inputs and outputs, in bytes; one that is larger by itself passes alone. Default 32 MiB. */
  readonly bytes: number;
  /** Requests in a frame; default 4,096. */
  readonly frameRequests: number;
  /** Outputs in a frame, in bytes; one that is larger by itself has a frame by itself. Default 1 MiB. */
  readonly frameBytes: number;
  /** Milliseconds for which calls that are answered at once keep the event loop, beside the last of them; default 5. */
  readonly turnMs: number;
}

export interface CallFrame<Request> {
  readonly requests: readonly Request[];
  /** Correlations, of this frame and earlier ones, whose callers have gone. */
  readonly cancelled?: readonly bigint[];
}

const MIB = 1_048_576;
const DEFAULT_LIMITS: CallStreamLimits = {
  calls: 512,
  bytes: 32 * MIB,
  frameRequests: 4_096,
  frameBytes: MIB,
  turnMs: 5,
};

/** @throws CANCELLED, RESOURCE_EXHAUSTED for a frame of too many requests, the reason of `closing`. */
export async function* callStream<Request extends Correlated, Response>(
  ports: CallStreamPorts<Request, Response>,
  frames: AsyncIterable<CallFrame<Request>>,
  signal: AbortSignal,
): AsyncGenerator<{ responses: Response[] }, void, undefined> {
  using calls = new StreamCalls(ports, signal);
  void calls.read(frames);
  for (;;) {
    const responses = await calls.next();
    if (responses === undefined) return;
    yield { responses };
  }
}

class StreamCalls<Request extends Correlated, Response> implements Disposable {
  readonly #ports: CallStreamPorts<Request, Response>;
  readonly #limits: CallStreamLimits;
  readonly #signal: AbortSignal;
  readonly #underWay = new NumberedCalls<StreamCall>();
  readonly #replies: ReplyQueue<Response>;
  /** Inputs of what is under way. */
  #bytes = 0;
  /** No frame comes any more; undefined: there may be more. */
  #end: { readonly error?: PlexSpacesError } | undefined;
  #onRoom: (() => void) | undefined;
  #turnEndsAt = 0;

  constructor(ports: CallStreamPorts<Request, Response>, signal: AbortSignal) {
    this.#ports = ports;
    this.#limits = { ...DEFAULT_LIMITS, ...ports.limits };
    this.#replies = new ReplyQueue(this.#limits);
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    ports.closing.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted || ports.closing.aborted) this.#onAbort();
  }

  async read(frames: AsyncIterable<CallFrame<Request>>): Promise<void> {
    try {
      for await (const frame of frames) {
        await this.#begin(frame);
        if (this.#end !== undefined) return;
      }
      this.#finish({});
    } catch (thrown) {
      this.#finish({ error: PlexSpacesError.from(thrown) });
    }
  }

  /** What is ready, once this turn has brought all that it brings; undefined: all are answered. @throws why it ended. */
  async next(): Promise<Response[] | undefined> {
    this.#replies.release();
    this.#lookForRoom();
    while (this.#replies.isEmpty ? !this.#isOver : this.#replies.isFlushing) await this.#replies.flushed();
    if (this.#signal.aborted) throw cancelled();
    if (this.#replies.isEmpty) {
      if (this.#end?.error !== undefined) throw this.#end.error;
      return undefined;
    }
    return this.#ports.gate(() => this.#replies.takeFrame()); // I3
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#ports.closing.removeEventListener('abort', this.#onAbort);
    this.#finish({ error: cancelled() });
    this.#cancelAll();
  }

  async #begin(frame: CallFrame<Request>): Promise<void> {
    expectWhole(frame);
    const { requests, cancelled: gone = [] } = frame;
    const { frameRequests, turnMs } = this.#limits;
    const count = Math.max(requests.length, gone.length);
    if (count > frameRequests) throw tooMany(count, frameRequests);
    this.#turnEndsAt = performance.now() + turnMs;
    for (const request of requests) {
      if (!this.#hasRoom) await this.#room(); // I2
      if (performance.now() >= this.#turnEndsAt) await this.#nextTurn(); // I5
      if (this.#end !== undefined) return;
      this.#start(request);
    }
    if (gone.length > 0) this.#cancel(new Set(gone));
  }

  #start(request: Request): void {
    const call = new StreamCall(request.correlation);
    const answer = this.#run(request, call);
    if (!(answer instanceof Promise)) return this.#reply(answer);
    const bytes = this.#ports.sizeOf.request(request);
    this.#underWay.add(call);
    this.#bytes += bytes;
    const settle = (response: Response): void => {
      this.#underWay.take(call.id);
      this.#bytes -= bytes;
      this.#reply(response);
    };
    answer.then(settle, (thrown: unknown) => settle(this.#failure(request, thrown)));
  }

  #run(request: Request, call: StreamCall): Promise<Response> | Response {
    try {
      return this.#ports.run(request, call);
    } catch (thrown) {
      return this.#failure(request, thrown);
    }
  }

  #reply(response: Response): void {
    this.#replies.push(response, this.#ports.sizeOf.response(response));
    this.#lookForRoom();
  }

  /** I1 */
  #failure(request: Request, thrown: unknown): Response {
    const error = PlexSpacesError.from(thrown);
    this.#ports.onError(error);
    return this.#ports.failureOf(request, error);
  }

  get #hasRoom(): boolean {
    const calls = this.#underWay.size + this.#replies.calls;
    return calls === 0 || (calls < this.#limits.calls && this.#bytes + this.#replies.bytes < this.#limits.bytes);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => (this.#onRoom = resolve));
  }

  #lookForRoom(): void {
    if (this.#onRoom === undefined || !(this.#hasRoom || this.#end !== undefined)) return;
    this.#onRoom();
    this.#onRoom = undefined;
  }

  async #nextTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#turnEndsAt = performance.now() + this.#limits.turnMs;
  }

  /** Nothing more is to come. Who cancelled reads nothing either. */
  get #isOver(): boolean {
    return this.#signal.aborted || (this.#end !== undefined && this.#underWay.size === 0);
  }

  #finish(end: { readonly error?: PlexSpacesError }): void {
    this.#end ??= end;
    this.#lookForRoom();
    if (this.#isOver) this.#replies.wake();
  }

  #cancel(gone: ReadonlySet<bigint>): void {
    for (const call of this.#underWay.all()) if (gone.has(call.correlation)) call.cancel(cancelled());
  }

  /** I4 */
  #cancelAll(): void {
    for (const call of this.#underWay.all()) call.cancel(cancelled());
  }

  readonly #onAbort = (): void => {
    const error = this.#signal.aborted ? cancelled() : PlexSpacesError.from(this.#ports.closing.reason);
    this.#finish({ error });
    if (this.#signal.aborted) this.#cancelAll();
  };
}

function cancelled(): PlexSpacesError {
  return new PlexSpacesError('CANCELLED', 'the stream was cancelled by the caller');
}

function tooMany(found: number, limit: number): PlexSpacesError {
  return new PlexSpacesError('RESOURCE_EXHAUSTED', `frame: expected at most ${limit} requests, found ${found}`);
}
