/** A history in parts that cannot meet in a tuple, so that each of them is judged by itself. */
import type { Action, Operation, Pattern, Tuple } from './model.ts';

/**
 * By arity; and by first field as well, where every pattern of that arity names it. What a swap finds and what it leaves
 * must lie in the same part. @throws where they do not.
 */
export function partition<T extends Operation>(history: readonly T[]): T[][] {
  const shapes = history.flatMap(({ action }) => shapesOf(action));
  const mixed = new Set(shapes.filter(([first]) => first === null).map(({ length }) => length));
  const parts = new Map<string, T[]>();
  for (const operation of history) {
    const part = partOf(operation.action, mixed);
    parts.set(part, [...(parts.get(part) ?? []), operation]);
  }
  return [...parts.values()];
}

function partOf(action: Action, mixed: ReadonlySet<number>): string {
  const names = new Set(shapesOf(action).map((shape) => nameOf(shape, mixed)));
  const [name] = names;
  if (name === undefined || names.size > 1) throw new Error(`expected one part, found ${[...names].join(' and ')}`);
  return name;
}

function nameOf(shape: Pattern, mixed: ReadonlySet<number>): string {
  return mixed.has(shape.length) ? `${shape.length}` : JSON.stringify([shape.length, shape[0]]);
}

function shapesOf(action: Action): (Pattern | Tuple)[] {
  if (action.kind === 'write') return [action.tuple];
  return action.kind === 'swap' ? [action.pattern, action.expected, action.replacement] : [action.pattern];
}
