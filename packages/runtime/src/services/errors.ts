/**
 * Errors on the wire: the gRPC status is the code, and google.rpc.ErrorInfo in the status details carries
 * reason and details, so that a client in any language reads them.
 */
import { PlexSpacesError, quote } from '@plexspaces/core';
import type { DeepPartial, ServiceError } from '@plexspaces/proto';
import type { CallContext, ServerMiddleware, ServerMiddlewareCall } from 'nice-grpc-common';
import { ServerError, Status } from 'nice-grpc-common';
import { ErrorInfo, errorDetailsServerMiddleware, RichServerError } from 'nice-grpc-error-details';
import type { Logger } from 'pino';
import type { Caller, CallerContext } from './caller.ts';
import { expectWhole } from './message-limits.ts';

const DOMAIN = 'plexspaces';

/**
 * Every method passes here: it learns who calls, what it throws leaves as a status of the closed set, and faults are
 * logged. Nothing is put around a call that a generator would be for: one inside the other cost more than all else of
 * a call's way.
 */
export function callMiddleware(
  callerOf: (context: CallContext) => Caller,
  logger: Logger,
): ServerMiddleware<CallerContext> {
  return (call, context) => {
    const fail = (thrown: unknown): Promise<never> => leave(statusOf(thrown, call.method.path, logger), call, context);
    try {
      if (!call.requestStream) expectWhole(call.request); // a stream's user does
      const known = Object.assign(context, { caller: callerOf(context) });
      return new Translated(call.next(call.request, known), fail);
    } catch (thrown) {
      return new Translated(failing(thrown), fail);
    }
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
  call: ServerMiddlewareCall<Request, Response, CallerContext>,
  context: CallContext,
): Promise<never> {
  const failed = { ...call, next: () => failing(error) };
  await errorDetailsServerMiddleware(failed, context).next();
  throw error;
}

async function* failing(error: unknown): AsyncGenerator<never, never, undefined> {
  yield* await Promise.reject<never[]>(error);
  throw error;
}

export function toServerError(error: PlexSpacesError): ServerError {
  const status = error.code === 'EXECUTION_ERROR' ? Status.UNKNOWN : Status[error.code];
  const info = ErrorInfo.fromPartial({
    reason: error.reason ?? error.code,
    domain: DOMAIN,
    metadata: { ...wireDetails(error) },
  });
  return new RichServerError(status, error.message, [info]);
}

/** Names that OKRA has for what is no different here. */
const OKRA_CODES: Readonly<Partial<Record<string, string>>> = {
  NOT_FOUND: 'API_NOT_FOUND',
  PERMISSION_DENIED: 'POLICY_DENIED',
  INTERNAL: 'INTERNAL_ERROR',
  REPLY_TOO_LARGE: 'RESPONSE_TOO_LARGE',
};

/** As every way out of the node tells them: there is always a reason, but for the guest's own error. */
export function wireDetails({ code, reason, details }: PlexSpacesError): Record<string, string> {
  if (code === 'EXECUTION_ERROR') return { ...details };
  const okraCode = OKRA_CODES[reason ?? ''] ?? OKRA_CODES[code];
  return { ...details, reason: reason ?? code, ...(okraCode !== undefined && { okraCode }) };
}

/** As a status has it, for a reply that is one of many. */
export function toServiceError(error: PlexSpacesError): ServiceError {
  const { code, message } = error;
  return { code, message, details: wireDetails(error) };
}

/** The guest's own "no", which is in a reply, as an error. */
export function guestErrorOf(error: DeepPartial<ServiceError> | undefined): PlexSpacesError {
  const details = Object.entries(error?.details ?? {}).map(([name, value]) => [name, value ?? ''] as const);
  return new PlexSpacesError('EXECUTION_ERROR', error?.message ?? '', { details: Object.fromEntries(details) });
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
