/** A caller's patience: its deadline and its cancellation, as one signal that says which of them it was. */
import { PlexSpacesError } from '@plexspaces/core';

export interface Patience {
  /** Undefined: it does not end. */
  readonly signal: AbortSignal | undefined;
  /** What is left for the guest, at most `limitMs`. */
  remainingMs(limitMs: number): number;
  [Symbol.dispose](): void;
}

const ENDLESS: Patience = { signal: undefined, remainingMs: (limitMs) => limitMs, [Symbol.dispose]: () => undefined };

/** @param timeoutMs the caller's; none: it waits as long as the node's own limits allow. */
export function startPatience(timeoutMs: number | undefined, cancel: AbortSignal | undefined): Patience {
  if (timeoutMs === undefined) return cancel === undefined ? ENDLESS : endlessBut(cancel);
  const controller = new AbortController();
  const endsAt = performance.now() + timeoutMs;
  const timer = setTimeout(() => controller.abort(late(timeoutMs)), timeoutMs);
  const onCancel = (): void => controller.abort(new PlexSpacesError('CANCELLED', 'the caller cancelled the call'));
  if (cancel?.aborted === true) onCancel();
  else cancel?.addEventListener('abort', onCancel, { once: true });
  return {
    signal: controller.signal,
    remainingMs: (limitMs) => Math.max(1, Math.min(limitMs, endsAt - performance.now())),
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      cancel?.removeEventListener('abort', onCancel);
    },
  };
}

/** Without a deadline the caller's own signal does: another one for each call would cost more than it tells. */
function endlessBut(signal: AbortSignal): Patience {
  return { signal, remainingMs: (limitMs) => limitMs, [Symbol.dispose]: () => undefined };
}

/** Stops waiting when the signal fires; the work itself goes on. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = (): void => reject(PlexSpacesError.from(signal.reason));
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  const settle = <V>(how: (value: V) => void, value: V): void => {
    signal.removeEventListener('abort', onAbort);
    how(value);
  };
  work.then(
    (value) => settle(resolve, value),
    (thrown: unknown) => settle(reject, thrown),
  );
  return promise;
}

function late(timeoutMs: number): PlexSpacesError {
  return new PlexSpacesError(
    'DEADLINE_EXCEEDED',
    `no answer within the caller's deadline of ${Math.round(timeoutMs)} ms`,
  );
}
