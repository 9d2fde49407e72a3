/**
 * What the kernel actors of all languages do, as a JavaScript function in the pool's own thread, in the form of the code
 * that is generated of a component: the bound that no guest can pass. (Loaded by path into worker threads.)
 */
import type { Instantiate } from '../../packages/worker/src/component-code.ts';

interface TupleSpace {
  tuplespaceWrite(tuple: readonly Field[]): void;
  tuplespaceTake(pattern: readonly PatternField[]): readonly Field[] | undefined;
}

type Field =
  | { readonly tag: 'string-value'; readonly val: string }
  | { readonly tag: 'integer-value'; readonly val: bigint };
type PatternField = { readonly tag: 'exact'; readonly val: Field } | { readonly tag: 'wildcard' };

const KIND: Field = { tag: 'string-value', val: 'kernel' };
const PATTERN: readonly PatternField[] = [{ tag: 'exact', val: KIND }, { tag: 'wildcard' }];

export const instantiate: Instantiate = (_getCoreModule, imports) => {
  const host = expectTupleSpace(imports['plexspaces:actor/host']);
  return {
    'plexspaces:actor/actor@0.1.0': {
      init: () => undefined,
      handleRequest: (_from: string, method: string, payload: Uint8Array) => handle(host, method, payload),
      handleMessage: () => undefined,
      snapshotState: () => undefined,
      shutdown: () => undefined,
    },
  };
};

function handle(host: TupleSpace, method: string, payload: Uint8Array): Uint8Array {
  switch (method) {
    case 'echo':
      return payload.slice();
    case 'json':
      return encode(decode(payload));
    case 'sieve':
      return encode({ primes: primes(numberOf(decode(payload), 'limit')) });
    case 'tuples':
      return encode({ times: writeAndTake(host, numberOf(decode(payload), 'times')) });
    default:
      throw new Error(`unknown method: ${method}`);
  }
}

function primes(limit: number): number {
  const composite = new Uint8Array(limit + 1);
  let found = 0;
  for (let number = 2; number <= limit; number += 1) {
    if (composite[number] === 1) continue;
    found += 1;
    for (let multiple = number * number; multiple <= limit; multiple += number) composite[multiple] = 1;
  }
  return found;
}

function writeAndTake(host: TupleSpace, times: number): number {
  for (let number = 0; number < times; number += 1) {
    host.tuplespaceWrite([KIND, { tag: 'integer-value', val: BigInt(number) }]);
    host.tuplespaceTake(PATTERN);
  }
  return times;
}

function decode(payload: Uint8Array): unknown {
  return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function numberOf(value: unknown, name: string): number {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  if (typeof found === 'number') return found;
  throw new Error(`${name}: expected a number`);
}

function expectTupleSpace(host: unknown): TupleSpace {
  if (isTupleSpace(host)) return host;
  throw new Error('expected the host functions');
}

function isTupleSpace(host: unknown): host is TupleSpace {
  return typeof host === 'object' && host !== null && 'tuplespaceWrite' in host && 'tuplespaceTake' in host;
}
