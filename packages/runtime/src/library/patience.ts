/** How long a program waits: a deadline and a signal, as the actors below know them. */
import { PlexSpacesError } from '@plexspaces/core';

/** Milliseconds from now, or a moment. */
export type Deadline = number | Date;

export interface InvokeOptions {
  /** The call fails with CANCELLED when it fires; with DEADLINE_EXCEEDED where it is `AbortSignal.timeout`. */
  readonly signal?: AbortSignal | undefined;
  /** Past it the call fails with DEADLINE_EXCEEDED, and a guest that still runs is ended. Default: none but `limits.callMs`. */
  readonly deadline?: Deadline | undefined;
}

export interface ShutdownOptions {
  /** Until then calls that run and wait may finish; 0 ends them now. Default: 30 s. */
  readonly deadline?: Deadline | undefined;
}

const MAX_DEADLINE_MS = 86_400_000;

/** @throws INVALID_ARGUMENT for what is no deadline: a moment given as a number, too. */
export function millisecondsUntil(deadline: Deadline): number {
  const ms = deadline instanceof Date ? Math.max(0, deadline.getTime() - Date.now()) : deadline;
  if (ms >= 0 && ms <= MAX_DEADLINE_MS) return ms;
  const expected = `a Date or 0 to ${MAX_DEADLINE_MS} ms from now`;
  throw new PlexSpacesError('INVALID_ARGUMENT', `deadline: expected ${expected}, found ${String(deadline)}`);
}

/** Runs it with a signal whose reason is always an error of the closed set. */
export async function withPatience<T>(
  { signal, deadline }: InvokeOptions,
  run: (patience: { readonly signal?: AbortSignal; readonly timeoutMs?: number }) => Promise<T>,
): Promise<T> {
  const timeoutMs = deadline === undefined ? undefined : millisecondsUntil(deadline);
  const timed = timeoutMs === undefined ? {} : { timeoutMs };
  if (signal === undefined) return run(timed);
  if (signal.aborted) throw given(signal);
  const controller = new AbortController();
  const abort = (): void => controller.abort(given(signal));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await run({ ...timed, signal: controller.signal });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Whatever a program aborts with, it has given up. */
function given({ reason }: AbortSignal): PlexSpacesError {
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  const code = isTimeout ? 'DEADLINE_EXCEEDED' : 'CANCELLED';
  return new PlexSpacesError(code, `the caller has given up: ${describe(reason)}`, { cause: reason });
}

function describe(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
