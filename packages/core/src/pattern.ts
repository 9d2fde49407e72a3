/** Patterns: what a read, take or count looks for. A pattern matches tuples of its own arity only. */
import { fieldsEqual } from './tuple.ts';
import type { FieldType, Tuple, TupleField } from './tuple.ts';

export type PatternField =
  | { readonly match: 'exact'; readonly field: TupleField }
  | { readonly match: 'any' }
  | { readonly match: 'type'; readonly type: FieldType };

export type Pattern = readonly PatternField[];

export function matches(pattern: Pattern, tuple: Tuple): boolean {
  if (pattern.length !== tuple.length) return false;
  return pattern.every((wanted, index) => {
    const field = tuple[index];
    return field !== undefined && fieldMatches(wanted, field);
  });
}

function fieldMatches(wanted: PatternField, field: TupleField): boolean {
  switch (wanted.match) {
    case 'any':
      return true;
    case 'type':
      return wanted.type === field.type;
    case 'exact':
      return fieldsEqual(wanted.field, field);
  }
}
