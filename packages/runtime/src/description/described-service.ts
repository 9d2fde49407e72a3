/**
 * A described service: its payloads and replies are checked, by functions that are made once.
 *
 * V1. What is checked is what the guest gets: a payload goes on as it came, byte for byte.
 * V2. Nothing that a caller sends decides how long a check or its answer takes: depth, number and length of errors are
 *     limited, time grows with the payload alone.
 */
import { PlexSpacesError, quote } from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';
import type { Description, Method, MethodInput, TypeReference } from './description.ts';
import { isMandatory } from './description.ts';
import { readJson } from './json-text.ts';
import { parseDescription } from './parse-description.ts';
import { MAX_ERRORS, PayloadWalk } from './payload-walk.ts';
import { listed, TypeChecks } from './type-checks.ts';
import type { Check } from './type-checks.ts';

interface PayloadCheck {
  readonly check: Check;
  /** No bytes at all are a payload, too. */
  readonly mayBeEmpty: boolean;
}

interface MethodChecks {
  readonly input: PayloadCheck;
  readonly output: PayloadCheck;
}

/** Of an error's text: it travels in the trailer of a gRPC reply, twice, and clients take 8 KiB. */
const MAX_TEXT_LENGTH = 1_500;

export class DescribedService {
  readonly description: Description;
  readonly #service: string;
  readonly #methods: ReadonlyMap<string, MethodChecks>;
  readonly #exactIntegers: boolean;

  /** @param service its id, for errors. @throws as parseDescription. */
  constructor(service: string, text: string) {
    this.description = parseDescription(text);
    this.#service = service;
    const checks = new TypeChecks(this.description);
    const methods = [...this.description.methods.values()];
    this.#methods = new Map(methods.map((method) => [method.name, checksOf(method, checks)]));
    this.#exactIntegers = /\bBigInt\b/.test(text);
  }

  /** @throws NOT_FOUND naming the methods, INVALID_ARGUMENT (VALIDATION) with every error. */
  expectCall(method: string, payload: Uint8Array): void {
    this.#expect('INVALID_ARGUMENT', '', method, this.#checksOf(method).input, payload);
  }

  /** @returns the reply. @throws INTERNAL (VALIDATION): the guest's answer is not what its description says. */
  expectReply(method: string, reply: Uint8Array): Uint8Array {
    this.#expect('INTERNAL', 'reply of ', method, this.#checksOf(method).output, reply);
    return reply;
  }

  #checksOf(method: string): MethodChecks {
    const checks = this.#methods.get(method);
    if (checks !== undefined) return checks;
    const expected = `one of the methods ${listed([...this.#methods.keys()])}`;
    throw new PlexSpacesError('NOT_FOUND', `${this.#service}: expected ${expected}, found ${quote(method)}`, {
      reason: 'VALIDATION',
    });
  }

  #expect(code: ErrorCode, what: string, method: string, checks: PayloadCheck, payload: Uint8Array): void {
    if (payload.length === 0 && checks.mayBeEmpty) return;
    const errors = errorsOf(payload, checks.check, this.#exactIntegers);
    if (errors.length === 0) return;
    const told = fitting(errors);
    const rest = errors.length - told.length + (errors.length === MAX_ERRORS ? 1 : 0);
    const more = rest === 0 ? '' : `; and ${errors.length === MAX_ERRORS ? 'more' : `${rest} more`}`;
    throw new PlexSpacesError(code, `${what}${this.#service} ${method}: ${told.join('; ')}${more}`, {
      reason: 'VALIDATION',
      details: { errors: JSON.stringify(told) },
    });
  }
}

function checksOf({ input, output }: Method, checks: TypeChecks): MethodChecks {
  return { input: inputCheck(input, checks), output: valueCheck(output, checks) };
}

function inputCheck(input: MethodInput, checks: TypeChecks): PayloadCheck {
  switch (input.kind) {
    case 'none':
      return { check: checkNothing(checks.ofFields('no input', [])), mayBeEmpty: true };
    case 'value':
      return valueCheck(input.type, checks);
    case 'fields':
      return { check: checks.ofFields('an object', input.fields), mayBeEmpty: !input.fields.some(isMandatory) };
  }
}

function valueCheck(type: TypeReference, checks: TypeChecks): PayloadCheck {
  return { check: checks.of(type), mayBeEmpty: !type.isRequired };
}

function checkNothing(checkEmpty: Check): Check {
  return (value, walk) => (value === null ? undefined : checkEmpty(value, walk));
}

function errorsOf(payload: Uint8Array, check: Check, exactIntegers: boolean): readonly string[] {
  const walk = new PayloadWalk();
  const json = readJson(payload, exactIntegers);
  if (json.kind === 'bad') walk.fail(json.expected, json.found);
  else {
    check(json.value, walk);
    // Every object was walked through where nothing was wrong.
    if (walk.errors.length === 0 && walk.members !== json.members) walk.fail('each field once', 'one twice');
  }
  return walk.errors;
}

function fitting(errors: readonly string[]): readonly string[] {
  let length = 0;
  return errors.filter((error, index) => (length += error.length + 2) <= MAX_TEXT_LENGTH || index === 0);
}
