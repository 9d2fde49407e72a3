/** What became of a promise, to be asked at any time. */
export type Settlement<T> =
  | { readonly kind: 'pending' }
  | { readonly kind: 'resolved'; readonly value: T }
  | { readonly kind: 'rejected'; readonly reason: unknown };

export interface Watched<T> {
  readonly now: Settlement<T>;
}

/** @param onSettled runs in the turn in which it settles. */
export function watch<T>(
  promise: Promise<T>,
  onSettled: (settled: Settlement<T>) => void = () => undefined,
): Watched<T> {
  const watched: { now: Settlement<T> } = { now: { kind: 'pending' } };
  const settle = (settled: Settlement<T>): void => {
    watched.now = settled;
    onSettled(settled);
  };
  promise.then(
    (value) => settle({ kind: 'resolved', value }),
    (reason: unknown) => settle({ kind: 'rejected', reason }),
  );
  return watched;
}
