/**
 * What the calculators do, to the last bit as the ones in Python do it: sums are compensated, products and sums of
 * integers are exact before they are rounded.
 */

export type Operation = 'add' | 'subtract' | 'multiply' | 'divide';

export const OPERATIONS: readonly Operation[] = ['add', 'subtract', 'multiply', 'divide'];

/** @throws RangeError that says what is wrong. */
export function calculate(operation: Operation, operands: readonly number[]): number {
  const result = compute(operation, operands);
  if (Number.isFinite(result)) return result;
  throw new RangeError(`${operation}: expected a result of at most 1.79769e+308, found a larger one`);
}

export function isOperation(name: string): name is Operation {
  return OPERATIONS.some((operation) => operation === name);
}

function compute(operation: Operation, operands: readonly number[]): number {
  const [first = 0, ...others] = operands;
  switch (operation) {
    case 'add':
      return sum(operands);
    case 'subtract':
      return first - sum(others);
    case 'multiply':
      return product(operands);
    case 'divide':
      if (others.includes(0)) throw new RangeError('divide: expected divisors other than 0, found 0');
      return first / product(others);
  }
}

/** Neumaier's sum: what each addition rounds away is added up beside. */
function sum(numbers: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const number of numbers) {
    const next = total + number;
    lost += Math.abs(total) >= Math.abs(number) ? total - next + number : number - next + total;
    total = next;
  }
  return Number.isFinite(lost) ? total + lost : total;
}

function product(numbers: readonly number[]): number {
  if (!numbers.every(Number.isSafeInteger)) return numbers.reduce((left, right) => left * right, 1);
  return Number(numbers.reduce((left, right) => left * BigInt(right), 1n));
}
