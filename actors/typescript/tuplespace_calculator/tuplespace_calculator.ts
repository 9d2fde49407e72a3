/**
 * A calculator that leaves every result in the tuple space, for whoever looks for it.
 *
 * Writes ("calculator_result", operation, operands as JSON, result as a float, caller).
 */
import { ActorError, any, defineActor, float, string, toNumber, tuples } from '@plexspaces/actor';
import type { Actor, Context, Found } from '@plexspaces/actor';
import { calculate } from '../arithmetic.ts';
import type { Operation } from '../arithmetic.ts';
import { dumps, repr } from '../python-text.ts';

const KIND = 'calculator_result';

/** A result of one operation. */
function resultOf(operation: string): readonly ['calculator_result', string, ...typeof REST] {
  return [KIND, operation, ...REST];
}

const REST = [string(), float(), string()] as const;

export const actor: Actor = defineActor({
  handlers: {
    add: (input, context) => share('add', input, context),
    subtract: (input, context) => share('subtract', input, context),
    multiply: (input, context) => share('multiply', input, context),
    divide: (input, context) => share('divide', input, context),
    /** The oldest result of the operation, which stays; null if there is none. */
    read_result: (input) => described(tuples.read(resultOf(expectOperation(input)))),
    /** The oldest result of the operation, which is gone then; null if there is none. */
    take_result: (input) => described(tuples.take(resultOf(expectOperation(input)))),
    /** How many results are there, of one operation or of all. */
    count_results: (input) => ({
      count: tuples.count([KIND, argument(input, 'operation') === undefined ? any : expectOperation(input), ...REST]),
    }),
  },
});

function share(operation: Operation, input: unknown, { from }: Context<unknown>): object {
  const operands = expectNumbers(argument(input, 'operands'));
  const result = attempt(() => calculate(operation, operands));
  tuples.write(KIND, operation, dumps(operands), float(result), from);
  return { result, operation, tuplespace_used: true };
}

function described(found: Found<ReturnType<typeof resultOf>> | undefined): object | null {
  if (found === undefined) return null;
  const [, operation, operands, result, from] = found;
  const parsed: unknown = JSON.parse(operands);
  return { result: toNumber(result), operation, operands: parsed, from };
}

/** An object's member of that name, or the value itself where it is no object. */
function argument(input: unknown, name: string): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.entries(input).find(([key]) => key === name)?.[1];
}

function expectOperation(input: unknown): string {
  const operation = argument(input, 'operation');
  if (typeof operation === 'string') return operation;
  throw new ActorError(`operation: expected a name, found ${repr(operation)}`);
}

function expectNumbers(operands: unknown): number[] {
  if (!Array.isArray(operands) || operands.length === 0) {
    throw new ActorError(`operands: expected one or more numbers, found ${repr(operands)}`);
  }
  return operands.map((operand: unknown) => {
    if (typeof operand === 'number' && Number.isFinite(operand)) return operand;
    throw new ActorError(`operands: expected finite numbers, found ${repr(operand)}`);
  });
}

/** What arithmetic refuses is an answer. */
function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof RangeError ? new ActorError(error.message) : error;
  }
}
