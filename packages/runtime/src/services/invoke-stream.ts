/**
 * ActorService.InvokeStream: many calls over one stream, many in a frame; replies come as they are ready, several in one
 * frame where they are ready in the same turn.
 *
 * It owns one stream's calls: those under way, and the replies that its reader has not taken. How a call is made is the
 * caller's to say (`invoke`), with its own deadline in the request.
 *
 * I1. Every request is answered once, by its correlation; what fails is its own reply, never the stream's end.
 * I2. What is under way and what waits for the reader is bounded, in number and bytes: past it no frame is read, so that
 *     the transport holds the client up.
 * I3. A frame passes the output gate once, as a whole, behind everything in it.
 * I4. The stream's end, however it comes about, cancels what is under way.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { RequestFrame, ResponseFrame, ServiceRequest, ServiceResponse } from '@plexspaces/proto';
import { wireDetails } from './errors.ts';
import type { OutputGate } from './output-gate.ts';

export interface InvokeStreamPorts {
  /** What it throws becomes the request's reply. */
  readonly invoke: (request: ServiceRequest, signal: AbortSignal) => Promise<ServiceResponse>;
  /** Of an error that is the node's own. */
  readonly onError: (error: PlexSpacesError) => void;
  readonly gate: OutputGate;
  /** Ends streams behind the replies that are there, with its reason. */
  readonly closing: AbortSignal;
  readonly limits?: Partial<InvokeStreamLimits> | undefined;
}

/** Of one stream. */
export interface InvokeStreamLimits {
  /** Requests under way and replies that were not taken; default 512: one stream does not fill a pool's queue. */
  readonly calls: number;
  /** Their inputs and outputs, in bytes; one that is larger by itself passes alone. Default 32 MiB. */
  readonly bytes: number;
  /** Requests in a frame; default 4,096. */
  readonly frameRequests: number;
  /** Outputs in a frame, in bytes; one that is larger by itself has a frame by itself. Default 1 MiB. */
  readonly frameBytes: number;
}

const MIB = 1_048_576;
const NOTHING_GIVEN = { calls: 0, bytes: 0 };
const NOTHING = new Uint8Array();
const DEFAULT_LIMITS: InvokeStreamLimits = { calls: 512, bytes: 32 * MIB, frameRequests: 4_096, frameBytes: MIB };

/** @throws CANCELLED, RESOURCE_EXHAUSTED for a frame of too many requests, the reason of `closing`. */
export async function* invokeStream(
  ports: InvokeStreamPorts,
  frames: AsyncIterable<RequestFrame>,
  signal: AbortSignal,
): AsyncGenerator<ResponseFrame, void, undefined> {
  using calls = new StreamCalls(ports, signal);
  void calls.read(frames);
  for (;;) {
    const responses = await calls.next();
    if (responses === undefined) return;
    yield { responses };
  }
}

class StreamCalls implements Disposable {
  readonly #ports: InvokeStreamPorts;
  readonly #limits: InvokeStreamLimits;
  readonly #signal: AbortSignal;
  /**
   * Each call has its own: whoever listens to a signal for a call may do so as long as the signal lasts, and with one for
   * all calls that would be as long as the stream.
   */
  readonly #underWay = new Set<AbortController>();
  #ready: ServiceResponse[] = [];
  /** Of the frame that the reader has; they count until it asks for the next one. */
  #given: { readonly calls: number; readonly bytes: number } = NOTHING_GIVEN;
  /** Inputs of what is under way, outputs of what is ready or given. */
  #bytes = 0;
  /** No frame comes any more; undefined: there may be more. */
  #end: { readonly error?: PlexSpacesError } | undefined;
  #isFlushing = false;
  #onFlush: (() => void) | undefined;
  #onRoom: (() => void) | undefined;

  constructor(ports: InvokeStreamPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#limits = { ...DEFAULT_LIMITS, ...ports.limits };
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    ports.closing.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted || ports.closing.aborted) this.#onAbort();
  }

  async read(frames: AsyncIterable<RequestFrame>): Promise<void> {
    try {
      for await (const { requests } of frames) {
        if (requests.length > this.#limits.frameRequests) throw tooMany(requests.length, this.#limits.frameRequests);
        for (const request of requests) {
          if (!this.#hasRoom) await this.#room(); // I2
          if (this.#end !== undefined) return;
          this.#start(request);
        }
      }
      this.#finish({});
    } catch (thrown) {
      this.#finish({ error: PlexSpacesError.from(thrown) });
    }
  }

  /** What is ready, once this turn has brought all that it brings; undefined: all are answered. @throws why it ended. */
  async next(): Promise<ServiceResponse[] | undefined> {
    this.#release();
    if (this.#ready.length === 0 || this.#isFlushing) await this.#flushed();
    if (this.#signal.aborted) throw cancelled();
    if (this.#ready.length === 0) {
      if (this.#end?.error !== undefined) throw this.#end.error;
      return undefined;
    }
    return this.#ports.gate(() => this.#takeFrame()); // I3
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#ports.closing.removeEventListener('abort', this.#onAbort);
    this.#finish({ error: cancelled() });
    this.#cancelAll();
  }

  #start(request: ServiceRequest): void {
    const { length } = request.input;
    const cancel = new AbortController();
    this.#underWay.add(cancel);
    this.#bytes += length;
    const settle = (response: ServiceResponse): void => {
      this.#underWay.delete(cancel);
      this.#bytes += response.output.length - length;
      this.#ready.push(response);
      this.#lookForRoom();
      this.#flushSoon();
    };
    this.#ports.invoke(request, cancel.signal).then(settle, (thrown: unknown) => {
      settle(this.#failure(request, PlexSpacesError.from(thrown))); // I1
    });
  }

  #failure({ id, correlation }: ServiceRequest, error: PlexSpacesError): ServiceResponse {
    const { code, message } = error;
    this.#ports.onError(error);
    const answer = { code, message, details: wireDetails(error) }; // as a status has it
    return { id, success: false, output: NOTHING, error: answer, metadata: {}, duration: undefined, correlation };
  }

  /** As many as a frame holds, and one at least. */
  #takeFrame(): ServiceResponse[] {
    let bytes = 0;
    let count = 0;
    for (const { output } of this.#ready) {
      if (count > 0 && bytes + output.length > this.#limits.frameBytes) break;
      bytes += output.length;
      count += 1;
    }
    this.#given = { calls: count, bytes };
    return this.#ready.splice(0, count);
  }

  get #hasRoom(): boolean {
    const calls = this.#underWay.size + this.#ready.length + this.#given.calls;
    return calls === 0 || (calls < this.#limits.calls && this.#bytes < this.#limits.bytes);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => (this.#onRoom = resolve));
  }

  /** What the reader had it has taken. */
  #release(): void {
    this.#bytes -= this.#given.bytes;
    this.#given = NOTHING_GIVEN;
    this.#lookForRoom();
  }

  #lookForRoom(): void {
    if (this.#onRoom === undefined || !(this.#hasRoom || this.#end !== undefined)) return;
    this.#onRoom();
    this.#onRoom = undefined;
  }

  /** Behind what else is ready in this turn of the event loop. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.#wake();
    });
  }

  #flushed(): Promise<void> {
    if (!this.#isFlushing && this.#isOver) return Promise.resolve();
    return new Promise((resolve) => (this.#onFlush = resolve));
  }

  #wake(): void {
    this.#onFlush?.();
    this.#onFlush = undefined;
  }

  /** Nothing more is to come. Who cancelled reads nothing either. */
  get #isOver(): boolean {
    return this.#signal.aborted || (this.#end !== undefined && this.#underWay.size === 0);
  }

  #finish(end: { readonly error?: PlexSpacesError }): void {
    this.#end ??= end;
    this.#lookForRoom();
    if (!this.#isFlushing && this.#isOver) this.#wake();
  }

  /** I4 */
  #cancelAll(): void {
    for (const cancel of this.#underWay) cancel.abort(cancelled());
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
