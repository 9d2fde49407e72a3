/**
 * Errors on the wire: the gRPC status is the code, and google.rpc.ErrorInfo in the status details carries
 * reason and details, so that a client in any language reads them.
 */
import { PlexSpacesError, quote } from '@plexspaces/core';
import type { CallContext, ServerMiddleware, ServerMiddlewareCall } from 'nice-grpc-common';
import { ServerError, Status } from 'nice-grpc-common';
import { ErrorInfo, errorDetailsServerMiddleware, RichServerError } from 'nice-grpc-error-details';
import type { Logger } from 'pino';

const DOMAIN = 'plexspaces';

/**
 * Every method passes here: what it throws leaves as a status of the closed set, and faults are logged. Nothing is
 * put around a call that a generator would be for: one inside the other cost more than all else of a call's way.
 */
export function errorMiddleware(logger: Logger): ServerMiddleware {
  return (call, context) => {
    const fail = (thrown: unknown): Promise<never> => leave(statusOf(thrown, call.method.path, logger), call, context);
    return new Translated(call.next(call.request, context), fail);
  };
}

/** What a method gives, with its errors in other words. */
class Translated<Response> implements AsyncGenerator<Response, Response | void, undefined> {
  readonly #inner: AsyncGenerator<Response, Response | void, undefined>;
  readonly #fail: (thrown: unknown) => Promise<never>;

  constructor(inner: AsyncGenerator<Response, Response | void, undefined>, fail: (thrown: unknown) => Promise<never>) {
    this.#inner = inner;
    this.#fail = fail;
  }

  next(): Promise<IteratorResult<Response, Response | void>> {
    return this.#inner.next().catch(this.#fail);
  }

  return(value: Response | void | PromiseLike<Response | void>): Promise<IteratorResult<Response, Response | void>> {
    return this.#inner.return(value).catch(this.#fail);
  }

  throw(thrown: unknown): Promise<IteratorResult<Response, Response | void>> {
    return this.#inner.throw(thrown).catch(this.#fail);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

function statusOf(thrown: unknown, method: string, logger: Logger): ServerError {
  if (thrown instanceof ServerError) return thrown;
  const error = PlexSpacesError.from(thrown);
  logFault(error, method, logger);
  return toServerError(error);
}

/** What is nobody's fault but the node's. With a reason it is a guest's (TRAP, GUEST_EXIT), told to the caller alone. */
export function logFault(error: PlexSpacesError, method: string, logger: Logger): void {
  if (error.code !== 'INTERNAL' || error.reason !== undefined) return;
  logger.error({ method, err: error.cause ?? error }, 'internal error');
}

/** With its details in the trailer, which the library puts there as the error passes it. */
async function leave<Request, Response>(
  error: ServerError,
  call: ServerMiddlewareCall<Request, Response>,
  context: CallContext,
): Promise<never> {
  const failed = { ...call, next: () => failing(error) };
  await errorDetailsServerMiddleware(failed, context).next();
  throw error;
}

async function* failing(error: ServerError): AsyncGenerator<never, never, undefined> {
  yield* await Promise.reject<never[]>(error);
  throw error;
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
