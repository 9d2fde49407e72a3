/**
 * Errors on the wire: the gRPC status is the code, and google.rpc.ErrorInfo in the status details carries
 * reason and details, so that a client in any language reads them.
 */
import { PlexSpacesError, quote } from '@plexspaces/core';
import type { CallContext, ServerMiddlewareCall } from 'nice-grpc-common';
import { ServerError, Status } from 'nice-grpc-common';
import { ErrorInfo, RichServerError } from 'nice-grpc-error-details';
import type { Logger } from 'pino';

const DOMAIN = 'plexspaces';

/** Every method passes here: what it throws leaves as a status of the closed set, and faults are logged. */
export function errorMiddleware(logger: Logger) {
  return async function* translateErrors<Request, Response>(
    call: ServerMiddlewareCall<Request, Response>,
    context: CallContext,
  ): AsyncGenerator<Response, Response | void, undefined> {
    try {
      return yield* call.next(call.request, context);
    } catch (thrown) {
      if (thrown instanceof ServerError) throw thrown;
      const error = PlexSpacesError.from(thrown);
      // With a reason it is a guest's own fault (TRAP, GUEST_EXIT), which is told to the caller alone.
      if (error.code === 'INTERNAL' && error.reason === undefined)
        logger.error({ method: call.method.path, err: thrown }, 'internal error');
      throw toServerError(error);
    }
  };
}

export function toServerError(error: PlexSpacesError): ServerError {
  const status = error.code === 'EXECUTION_ERROR' ? Status.UNKNOWN : Status[error.code];
  const info = ErrorInfo.fromPartial({
    reason: error.reason ?? error.code,
    domain: DOMAIN,
    metadata: { ...error.details },
  });
  return new RichServerError(status, error.message, [info]);
}

/** What a service has in its definition and this node does not serve. */
export function notServed(method: string): PlexSpacesError {
  return new PlexSpacesError('UNIMPLEMENTED', `${method} is not served by this node yet`);
}

/** The same for a method that answers with a stream. */
export async function* refuseStream(method: string): AsyncGenerator<never, void, undefined> {
  yield* await Promise.reject<never[]>(notServed(method));
}

/** @throws UNIMPLEMENTED (UNSUPPORTED_FIELD) if a field is set that has no meaning here yet. */
export function refuseFields(fields: Readonly<Record<string, boolean>>): void {
  for (const [field, isSet] of Object.entries(fields)) {
    if (!isSet) continue;
    throw new PlexSpacesError('UNIMPLEMENTED', `${field} is set, and is not served by this node yet`, {
      reason: 'UNSUPPORTED_FIELD',
      details: { field: quote(field) },
    });
  }
}
