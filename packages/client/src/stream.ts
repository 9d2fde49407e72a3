/** Calls of actors over one stream. */
import type { ServiceRequest, ServiceResponse } from '@plexspaces/proto';
import { CallStream } from './call-stream.ts';
import type { StreamOptions } from './call-stream.ts';
import { NODE_ANSWER_MS, toReply, toReplyError, toRequest } from './invoke.ts';
import type { InvokeOptions, InvokeReply } from './invoke.ts';
import { expectTimerMs } from './options.ts';
import type { Stubs } from './stubs.ts';

export interface ActorStream extends AsyncDisposable {
  /**
   * As the client's `invoke`. A signal that aborts, and a deadline that passes, end the waiting: what the node has is not
   * taken back.
   * @throws EXECUTION_ERROR where the guest itself says no; UNAVAILABLE once the stream has ended.
   */
  invoke(address: string, method: string, input?: unknown, options?: InvokeOptions): Promise<unknown>;
  /** As invoke, with all that came back. */
  call(address: string, method: string, input?: unknown, options?: InvokeOptions): Promise<InvokeReply>;
  /** Takes nothing new, and resolves when every call has settled. */
  close(): Promise<void>;
}

/** @param defaultMs the connection's deadline of a call. @throws INVALID_ARGUMENT for options out of their range. */
export function openStream({ actors }: Stubs, options: StreamOptions, defaultMs: number): ActorStream {
  const kind = {
    send: actors.invokeStream.bind(actors),
    sizeOf: ({ input }: ServiceRequest) => input.length,
    tellsCancelled: false,
  };
  return new Stream(new CallStream(kind, options, defaultMs));
}

class Stream implements ActorStream {
  readonly #calls: CallStream<ServiceRequest, ServiceResponse>;

  constructor(calls: CallStream<ServiceRequest, ServiceResponse>) {
    this.#calls = calls;
  }

  async invoke(address: string, method: string, input: unknown = {}, options: InvokeOptions = {}): Promise<unknown> {
    const { value } = await this.call(address, method, input, options);
    return value;
  }

  async call(address: string, method: string, input: unknown = {}, options: InvokeOptions = {}): Promise<InvokeReply> {
    const deadlineMs = expectTimerMs(options.deadlineMs ?? this.#calls.deadlineMs, 'deadlineMs');
    const request = toRequest(address, method, input, { ...options, deadlineMs });
    const numbered = (correlation: bigint): ServiceRequest => ({ ...request, correlation });
    return replyOf(await this.#calls.call(numbered, deadlineMs + NODE_ANSWER_MS, options.signal));
  }

  async close(): Promise<void> {
    await this.#calls.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function replyOf(response: ServiceResponse): InvokeReply {
  if (!response.success) throw toReplyError(response.error);
  return toReply(response);
}
