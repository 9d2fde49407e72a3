/**
 * Every host call of every guest passes here: bytes in, the effect on the node, bytes out.
 *
 * N1. An effect, its record in a journal and what brought it about are one append.
 *
 * An error of the closed set is an answer, which the guest sees; any other throw is a fault of the node.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { decodeHostCall, encodeHostReply } from '@plexspaces/worker';
import type { HostCall, HostReply } from '@plexspaces/worker';
import type { LogWriter } from '../store/log-writer.ts';
import type { StoreOperation } from '../store/store.ts';
import type { Timers } from '../timers/timers.ts';
import { requestCheckpoint } from './durability.ts';
import { isMessagingCall, runMessagingCall } from './messaging.ts';
import type { Messenger } from './messaging.ts';
import type { HostEffect, HostScope } from './scope.ts';
import { isStateCall, runStateCall } from './state.ts';
import type { GuestState } from './state.ts';
import { beginSleep } from './time.ts';
import { isTimersCall, runTimersCall } from './timers.ts';
import { isTuplespaceCall, runTuplespaceCall } from './tuplespace.ts';
import type { TuplespacePorts } from './tuplespace.ts';
import type { Activity } from './wait-graph.ts';
import type { HostAnswer, UnderWay, WaitingAnswer, WaitingEffect } from './waiting.ts';

export interface AnsweredCall {
  readonly function: string;
  readonly reply: Uint8Array;
  readonly operations: readonly StoreOperation[];
}

export interface HostCallContext {
  readonly scope: HostScope;
  readonly underWay: UnderWay;
  /** The message whose guest calls; undefined: nobody can come to wait for it. */
  readonly activity?: Activity | undefined;
  /** See WaitingCall; asked for where the call waits. Default: it has none. */
  readonly callId?: (() => string) | undefined;
  /** What has to be appended with the answer, its own operations among it (N1). */
  readonly compose: (answer: AnsweredCall) => readonly StoreOperation[];
}

export interface HostCallPorts extends TuplespacePorts {
  readonly writer: Pick<LogWriter, 'append'>;
  readonly messenger: Messenger;
  readonly state: GuestState;
  readonly timers: Timers;
}

/** A host call from its beginning to its answer. */
interface Begun {
  readonly call: HostCall;
  readonly context: HostCallContext;
  readonly elapsedMicros: () => number;
}

export class HostCalls {
  readonly #ports: HostCallPorts;

  constructor(ports: HostCallPorts) {
    this.#ports = ports;
  }

  answer(request: Uint8Array, context: HostCallContext): HostAnswer {
    const startedAt = performance.now();
    const elapsedMicros = (): number => Math.max(1, Math.round((performance.now() - startedAt) * 1000));
    const begun: Begun = { call: decodeHostCall(request), context, elapsedMicros };
    const effect = this.#begin(begun);
    if ('waitsFor' in effect) return this.#wait(begun, effect);
    const answer = answerOf(begun, effect);
    this.#ports.writer.append(context.compose(answer)); // N1
    return answer.reply;
  }

  #begin({ call, context }: Begun): HostEffect | WaitingEffect | PlexSpacesError {
    try {
      return this.#run(call, context);
    } catch (thrown) {
      if (thrown instanceof PlexSpacesError) return thrown;
      throw thrown;
    }
  }

  #run(call: HostCall, { scope, activity }: HostCallContext): HostEffect | WaitingEffect {
    if (isTuplespaceCall(call)) return runTuplespaceCall(this.#ports, call, scope);
    if (isMessagingCall(call)) return runMessagingCall(this.#ports.messenger, call, scope, activity);
    if (isTimersCall(call)) return runTimersCall(this.#ports.timers, call, scope);
    if (isStateCall(call)) return runStateCall(this.#ports.state, call, scope);
    switch (call.function) {
      case 'checkpoint':
        return requestCheckpoint(scope);
      case 'sleep-millis':
        return beginSleep(call);
    }
  }

  #wait(begun: Begun, { waitsFor, begin }: WaitingEffect): WaitingAnswer {
    const { underWay, callId, compose } = begun.context;
    const reply = Promise.withResolvers<Uint8Array>();
    let isOver = false;
    const settle = (outcome: HostEffect | PlexSpacesError): readonly StoreOperation[] => {
      if (isOver) return [];
      isOver = true;
      const answer = answerOf(begun, outcome);
      reply.resolve(answer.reply);
      return compose(answer);
    };
    underWay.signal.addEventListener('abort', () => {
      isOver = true;
      reply.reject(underWay.signal.reason);
    });
    begin({
      callId: callId?.(),
      signal: underWay.signal,
      get remainingMs() {
        return underWay.remainingMs;
      },
      settle,
      end: (outcome) => void this.#ports.writer.append(settle(outcome)), // N1
    });
    return { waitsFor, reply: reply.promise };
  }
}

/** What was done stands, whether or not the guest can be told of it. */
function answerOf({ call, elapsedMicros }: Begun, outcome: HostEffect | PlexSpacesError): AnsweredCall {
  const durationMicros = elapsedMicros();
  if (outcome instanceof PlexSpacesError) return { function: call.function, ...refusal(outcome, durationMicros) };
  const { value, operations } = outcome;
  const reply = tryEncode({ ok: true, value, durationMicros });
  return { function: call.function, reply, operations };
}

function refusal({ code, message }: PlexSpacesError, durationMicros: number): Omit<AnsweredCall, 'function'> {
  return { reply: encodeHostReply({ ok: false, code, message, durationMicros }), operations: [] };
}

/** A reply that is too large is answered with that. */
function tryEncode(reply: HostReply): Uint8Array {
  try {
    return encodeHostReply(reply);
  } catch (thrown) {
    return refusal(PlexSpacesError.from(thrown), reply.durationMicros).reply;
  }
}
