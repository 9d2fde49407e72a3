/**
 * The one error class of the project and its closed set of codes.
 *
 * The names are gRPC's, with EXECUTION_ERROR beside them: the guest's own answer "no", which is an
 * answer and no failure of the node.
 */

/** gRPC's numbers for the codes; EXECUTION_ERROR travels inside a successful gRPC reply and has none. */
export const GRPC_STATUS = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcErrorCode = keyof typeof GRPC_STATUS;
export type ErrorCode = GrpcErrorCode | 'EXECUTION_ERROR';

/** The closed set of reasons that `details.reason` may hold. */
export type ErrorReason =
  | 'TRAP'
  | 'STACK_OVERFLOW'
  | 'MEMORY_LIMIT'
  | 'CPU_LIMIT'
  | 'GUEST_EXIT'
  | 'QUEUE_FULL'
  | 'THREADS'
  | 'CALL_CYCLE'
  | 'POOL_STARVED'
  | 'NOT_STARTED'
  | 'GUEST_WAITS'
  | 'RESUME_FAILED'
  | 'QUARANTINED'
  | 'REPLAY_DIVERGED'
  | 'NOT_A_COMPONENT'
  | 'FOREIGN_IMPORT'
  | 'UNSAFE_NAME'
  | 'HASH_MISMATCH'
  | 'VALIDATION'
  | 'UNSUPPORTED_FIELD'
  | 'DATA_DIRECTORY_IN_USE'
  | 'STORAGE_FULL'
  | 'STORAGE_FAILED'
  | 'PAYLOAD_TOO_LARGE'
  | 'REPLY_TOO_LARGE';

export interface ErrorOptionsWithDetails {
  cause?: unknown;
  reason?: ErrorReason;
  /** Machine-readable facts about the failure; `reason` is added to them. */
  details?: Readonly<Record<string, string>>;
}

/** Says what was expected and what was found; `code` is what callers switch on. */
export class PlexSpacesError extends Error {
  override readonly name = 'PlexSpacesError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptionsWithDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = { ...options.details, ...(options.reason && { reason: options.reason }) };
  }

  get reason(): string | undefined {
    return this.details['reason'];
  }

  /** Any thrown value as a PlexSpacesError: an abort is CANCELLED, a timeout DEADLINE_EXCEEDED, the rest INTERNAL. */
  static from(thrown: unknown): PlexSpacesError {
    if (thrown instanceof PlexSpacesError) return thrown;
    if (thrown instanceof Error) return new PlexSpacesError(codeOfName(thrown.name), thrown.message, { cause: thrown });
    return new PlexSpacesError('INTERNAL', String(thrown));
  }
}

function codeOfName(name: string): ErrorCode {
  if (name === 'AbortError') return 'CANCELLED';
  return name === 'TimeoutError' ? 'DEADLINE_EXCEEDED' : 'INTERNAL';
}

/** The form in which an error reaches a guest: `CODE: message`. */
export function toGuestText(error: PlexSpacesError): string {
  return `${error.code}: ${error.message}`;
}

/** The code for a gRPC status number; INTERNAL where gRPC's number has no name in the closed set. */
export function codeOfGrpcStatus(status: number): GrpcErrorCode {
  for (const [code, number] of Object.entries(GRPC_STATUS)) {
    if (number === status && isGrpcErrorCode(code)) return code;
  }
  return 'INTERNAL';
}

export function isGrpcErrorCode(code: string): code is GrpcErrorCode {
  return Object.hasOwn(GRPC_STATUS, code);
}
