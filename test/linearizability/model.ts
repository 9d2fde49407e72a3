/**
 * What a history of the tuple space is made of. Tuples, patterns and matching are written here once more, and not taken
 * from the project: a checker that shared its matching with the node would not see where that is wrong.
 */
export type Field = string | number;
export type Tuple = readonly Field[];
/** null: any field. */
export type Pattern = readonly (Field | null)[];

export type Action =
  | { readonly kind: 'write'; readonly tuple: Tuple }
  | { readonly kind: 'read' | 'take'; readonly pattern: Pattern }
  | { readonly kind: 'count'; readonly pattern: Pattern }
  | { readonly kind: 'read-all'; readonly pattern: Pattern; readonly limit: number }
  | { readonly kind: 'swap'; readonly pattern: Pattern; readonly expected: Tuple; readonly replacement: Tuple };

export type Result =
  | { readonly kind: 'written' }
  | { readonly kind: 'found'; readonly tuple: Tuple }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'counted'; readonly count: number }
  | { readonly kind: 'listed'; readonly tuples: readonly Tuple[] }
  | { readonly kind: 'swapped'; readonly isSwapped: boolean };

export interface Operation {
  readonly process: string;
  readonly action: Action;
  /** Moments of one clock; no two are the same. */
  readonly call: number;
  /** When its result was there, or when it could take effect no more: its node was dead, or the history over. */
  readonly end: number;
  /** undefined: nobody knows whether it took effect, nor what it found. */
  readonly result: Result | undefined;
}

export function matches(pattern: Pattern, tuple: Tuple): boolean {
  if (pattern.length !== tuple.length) return false;
  return pattern.every((wanted, index) => wanted === null || wanted === tuple[index]);
}

export function areEqual(one: Tuple, other: Tuple): boolean {
  return matches(one, other);
}

/** The tuple that the action leaves in the space, if it does what it is there for. */
export function leftBy(action: Action): Tuple | undefined {
  if (action.kind === 'write') return action.tuple;
  return action.kind === 'swap' ? action.replacement : undefined;
}

/** One line for each operation, as a reader of a refused history needs it. */
export function describeOperation({ process, action, call, end, result }: Operation): string {
  const { kind, ...about } = action;
  const found = result === undefined ? 'nobody knows' : JSON.stringify(result);
  return `${process} [${call}, ${end}] ${kind} ${JSON.stringify(about)}: ${found}`;
}
