/** A calculator that counts its operations and remembers the last ten. */
import { ActorError, decodeUtf8, defineActor } from '@plexspaces/actor';
import type { Actor, Context } from '@plexspaces/actor';
import { calculate, isOperation, OPERATIONS } from '../arithmetic.ts';
import type { Operation } from '../arithmetic.ts';
import { dumps } from '../python-text.ts';

interface Done {
  readonly operation: Operation;
  readonly operands: readonly number[];
  readonly result: number;
}

interface Saved {
  readonly operation_count: number;
  readonly history: readonly Done[];
}

interface State {
  count: number;
  history: readonly Done[];
}

const HISTORY_LENGTH = 10;
const EXPECTED = 'expected one or more finite numbers as operands';

/** add, subtract, multiply, divide over {"operands": [...]} or a bare list; count; history. */
export const actor: Actor = defineActor({
  init: (saved: Saved | undefined): State => ({ count: saved?.operation_count ?? 0, history: saved?.history ?? [] }),
  handlers: {
    count: (_input, { state }) => ({ operation_count: state.count }),
    history: (_input, { state }) => ({ history: state.history }),
  },
  anyRequest(payload, { method, state }: Context<State>) {
    if (!isOperation(method)) {
      const expected = [...OPERATIONS, 'count', 'history'].join(', ');
      throw new ActorError(`unknown method '${method}': expected one of ${expected}`);
    }
    const operands = readOperands(method, payload);
    const result = attempt(() => calculate(method, operands));
    state.count += 1;
    state.history = [...state.history, { operation: method, operands, result }].slice(-HISTORY_LENGTH);
    return { result, operation: method, operation_count: state.count, durable: true };
  },
  snapshot: ({ count, history }): Saved => ({ operation_count: count, history }),
});

function readOperands(operation: Operation, payload: Uint8Array): number[] {
  const value = parse(operation, payload);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const operands: unknown = isObject ? ('operands' in value ? value.operands : null) : value;
  if (!Array.isArray(operands) || operands.length === 0) {
    throw new ActorError(`${operation}: ${EXPECTED}, found ${dumps(operands)}`);
  }
  return operands.map((operand: unknown) => {
    if (typeof operand === 'number' && Number.isFinite(operand)) return operand;
    throw new ActorError(`${operation}: ${EXPECTED}, found ${dumps(operand)}`);
  });
}

function parse(operation: Operation, payload: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(payload));
  } catch (error) {
    throw new ActorError(`${operation}: ${EXPECTED}, found no JSON (${String(error)})`);
  }
}

/** What arithmetic refuses is an answer. */
function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof RangeError ? new ActorError(error.message) : error;
  }
}
