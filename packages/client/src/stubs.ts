/** The typed stubs of a node's services, each call with a deadline and with errors of the closed set. */
import {
  ActorServiceDefinition,
  ApplicationServiceDefinition,
  DescriptionServiceDefinition,
  ModuleServiceDefinition,
  PoolServiceDefinition,
  TupleSpaceServiceDefinition,
} from '@plexspaces/proto';
import type {
  ActorServiceClient,
  ApplicationServiceClient,
  DescriptionServiceClient,
  ModuleServiceClient,
  PoolServiceClient,
  TupleSpaceServiceClient,
} from '@plexspaces/proto';
import { createClientFactory } from 'nice-grpc';
import type { Channel } from 'nice-grpc';
import { Metadata } from 'nice-grpc-common';
import type { CallOptions as TransportOptions, ClientMiddleware } from 'nice-grpc-common';
import { errorDetailsClientMiddleware } from 'nice-grpc-error-details';
import { startDeadline } from './deadline.ts';
import { abortedError, isAbort, toPlexSpacesError } from './errors.ts';
import type { CallOptions, ResolvedConnectOptions } from './options.ts';

export interface DeadlineOption {
  readonly deadlineMs: number;
}

export interface Stubs {
  readonly actors: ActorServiceClient<DeadlineOption>;
  readonly applications: ApplicationServiceClient<DeadlineOption>;
  readonly descriptions: DescriptionServiceClient<DeadlineOption>;
  readonly modules: ModuleServiceClient<DeadlineOption>;
  readonly pools: PoolServiceClient<DeadlineOption>;
  readonly tuples: TupleSpaceServiceClient<DeadlineOption>;
}

/** Call options without what is undefined, as nice-grpc wants them. */
export interface StubCallOptions extends DeadlineOption {
  readonly signal?: AbortSignal;
}

/** @param closing ends every call. */
export function createStubs(channel: Channel, options: ResolvedConnectOptions, closing: AbortSignal): Stubs {
  const factory = createClientFactory().use(errorDetailsClientMiddleware).use(deadlineAndErrors(options, closing));
  return {
    actors: factory.create(ActorServiceDefinition, channel),
    applications: factory.create(ApplicationServiceDefinition, channel),
    descriptions: factory.create(DescriptionServiceDefinition, channel),
    modules: factory.create(ModuleServiceDefinition, channel),
    pools: factory.create(PoolServiceDefinition, channel),
    tuples: factory.create(TupleSpaceServiceDefinition, channel),
  };
}

/** @param moreMs added to the call's deadline (or to the default), for calls that wait on purpose. */
export function stubOptions(options: CallOptions, defaultMs: number, moreMs = 0): StubCallOptions {
  const deadlineMs = (options.deadlineMs ?? defaultMs) + moreMs;
  return options.signal === undefined ? { deadlineMs } : { deadlineMs, signal: options.signal };
}

function deadlineAndErrors(connection: ResolvedConnectOptions, closing: AbortSignal): ClientMiddleware<DeadlineOption> {
  const { token } = connection;
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  return async function* callWithDeadline(call, { deadlineMs = connection.deadlineMs, signal, ...given }) {
    const options =
      authorization === undefined ? given : { ...given, metadata: withAuthorization(given, authorization) };
    using deadline = startDeadline(deadlineMs, signal === undefined ? [closing] : [closing, signal]);
    try {
      return yield* call.next(call.request, { ...options, signal: deadline.signal });
    } catch (thrown) {
      if (!isAbort(thrown)) throw toPlexSpacesError(thrown, connection.address);
      throw abortedError(call.method.path, connection.address, deadline.passed ? deadlineMs : undefined);
    }
  };
}

function withAuthorization({ metadata }: TransportOptions, authorization: string): Metadata {
  return new Metadata(metadata).set('authorization', authorization);
}
