/**
 * One walk through a payload: where it is, and what was wrong so far. It ends at a number of errors, so that what a
 * caller sends does not decide how long an answer gets.
 */
import { quote } from '@plexspaces/core';

export const MAX_ERRORS = 32;
const MAX_PATH_LENGTH = 200;
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]{0,79}$/;

export class PayloadWalk {
  readonly errors: string[] = [];
  /** Of all objects that were walked through. */
  members = 0;
  readonly #path: (string | number)[] = [];

  get isFull(): boolean {
    return this.errors.length >= MAX_ERRORS;
  }

  enter(segment: string | number): void {
    this.#path.push(segment);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Notes that something else stands where the walk is. */
  fail(expected: string, found: string): void {
    if (!this.isFull) this.errors.push(`${this.#place()}: expected ${expected}, found ${found}`);
  }

  #place(): string {
    const path = this.#path.map(segmentText).join('');
    return path.length > MAX_PATH_LENGTH ? `$…${path.slice(-MAX_PATH_LENGTH)}` : `$${path}`;
  }
}

/** A JSON value in an error: its kind, and the value where that is what is wrong. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'String';
    case 'boolean':
      return 'Boolean';
    case 'bigint':
      return 'Int';
    case 'number':
      return Number.isInteger(value) ? 'Int' : 'Float';
    default:
      return 'an object';
  }
}

/** With the value where it is short. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `String ${quote(value)}`;
  if (typeof value === 'number' || typeof value === 'bigint') return `${kindOf(value)} ${String(value).slice(0, 80)}`;
  return kindOf(value);
}

function segmentText(segment: string | number): string {
  if (typeof segment === 'number') return `[${segment}]`;
  return PLAIN_KEY.test(segment) ? `.${segment}` : `[${quote(segment)}]`;
}
