/** What the guests of all languages are asked to do. Each answer is looked at. */
import { isDeepStrictEqual } from 'node:util';
import type { GuestActor } from './guest-languages.ts';

export interface Work {
  readonly name: string;
  readonly actor: GuestActor;
  readonly method: string;
  readonly payload: Uint8Array;
  /** @throws where the answer is another one. */
  readonly expect: (answer: Uint8Array) => void;
}

export const SIEVE: Work = json('sieve to 10,000', 'kernel', 'sieve', { limit: 10_000 }, { primes: 1_229 });
export const ADD: Work = json('calculator add', 'calculator', 'add', { operands: [1, 2, 3] }, undefined);

export const WORKS: readonly Work[] = [
  echo('echo, 100 B', 100),
  ADD,
  sameJson('JSON of 1 KiB there and back', 1_024),
  sameJson('JSON of 64 KiB there and back', 65_536),
  SIEVE,
  json('20 tuples written and taken', 'kernel', 'tuples', { times: 20 }, { times: 20 }),
];

function echo(name: string, bytes: number): Work {
  const payload = new Uint8Array(bytes).fill(7);
  const expect = (answer: Uint8Array): void => {
    if (Buffer.compare(answer, payload) !== 0) throw new Error(`${name}: expected the payload back`);
  };
  return { name, actor: 'kernel', method: 'echo', payload, expect };
}

/** @param expected undefined: whatever has a `result` of 6; a calculator counts its calls in its answers. */
function json(name: string, actor: GuestActor, method: string, input: object, expected: object | undefined): Work {
  const expect = (answer: Uint8Array): void => {
    const found = parse(answer);
    const isRight =
      expected === undefined
        ? typeof found === 'object' && found !== null && 'result' in found && found.result === 6
        : isDeepStrictEqual(found, expected);
    if (!isRight) throw new Error(`${name}: found ${JSON.stringify(found)}`);
  };
  return { name, actor, method, payload: Buffer.from(JSON.stringify(input)), expect };
}

/** The answer is parsed once: at 64 KiB that would take longer than some of what is measured. */
function sameJson(name: string, bytes: number): Work {
  const value = documentOf(bytes);
  let right: Uint8Array | undefined;
  const expect = (answer: Uint8Array): void => {
    if (right !== undefined && Buffer.compare(right, answer) === 0) return;
    if (!isDeepStrictEqual(parse(answer), value)) throw new Error(`${name}: expected the same value back`);
    right = answer;
  };
  return { name, actor: 'kernel', method: 'json', payload: Buffer.from(JSON.stringify(value)), expect };
}

/** Texts, numbers and nesting, of about that many bytes. */
function documentOf(bytes: number): object {
  const items: object[] = [];
  for (let index = 0; JSON.stringify(items).length < bytes; index += 1) {
    items.push({ id: index, name: `item ${index}`, price: index / 4, tags: ['a', 'b'], isNew: index % 2 === 0 });
  }
  return { items };
}

function parse(answer: Uint8Array): unknown {
  return JSON.parse(Buffer.from(answer).toString());
}
