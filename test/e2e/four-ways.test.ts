/**
 * One table of requests, each made by gRPC, by itself and in a stream, over HTTP, on the command line and with the client:
 * the same answer, and the same code, message and details where it is an error. Control: an answer that differs in one
 * place fails it.
 */
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ECHO_FILE } from '../support/component-files.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { CALLS, STATUS, TUPLES } from '../support/four-ways.ts';
import type { CallCase, Node, Outcome, TupleCase, Way } from '../support/four-ways.ts';
import { openWire } from '../support/wire.ts';

const SCHEMA = `type Service { echo(input: In!): Out! fail(input: In!): Out! }
input In { a: Int!, b: [String!] }
type Out { a: Int!, b: [String!] }`;

let node: Node;

beforeAll(async () => {
  const daemon = await startFreshDaemon({ args: ['--space-max-wait-ms', '1000'] });
  node = { daemon, client: await daemon.connect(), wire: await openWire(daemon.grpc) };
  const component = await readFile(ECHO_FILE);
  const workers = { min: 1, max: 1 };
  const limits = { payloadBytes: 1_000 };
  const deploy = (name: string, manifest: object): Promise<unknown> =>
    node.client.deploy({ name, version: '1', component, manifest: { workers, ...manifest } });
  await deploy('service', { kind: 'service', limits });
  await deploy('durable', { kind: 'durable' });
  await deploy('described', { kind: 'service', schema: SCHEMA });
  await deploy('stopped', { kind: 'service' });
  await node.client.stop('stopped');
  await node.client.invoke('durable/k', 'echo', { first: 1 }, { idempotencyKey: 'used' });
});

afterAll(async () => {
  node.client.close();
  node.wire.close();
  await node.daemon.kill();
});

const ECHO = { actor: 'service', method: 'echo', input: '{"a":[1,2.5,"x",null,true]}' };
const VALIDATION = { reason: 'VALIDATION' };

describe('a call', () => {
  it.each<[what: string, request: CallCase, expected: object]>([
    ['is answered', ECHO, { answer: { a: [1, 2.5, 'x', null, true] } }],
    ['of a durable actor is answered', { ...ECHO, actor: 'durable/a/b %', input: '"é"' }, { answer: 'é' }],
    ['is refused by the guest', { ...ECHO, method: 'fail', input: '"why"' }, no('no: "why"')],
    [
      'of nobody',
      { ...ECHO, actor: 'nobody' },
      error('NOT_FOUND', /no application serves nobody/, { okraCode: 'API_NOT_FOUND' }),
    ],
    ['of a name that is none', { ...ECHO, actor: '1x' }, error('INVALID_ARGUMENT', /service id: expected/)],
    ['with a key where there is none', { ...ECHO, actor: 'service/key' }, error('INVALID_ARGUMENT', /expected no key/)],
    ['of an application that is stopped', { ...ECHO, actor: 'stopped' }, error('FAILED_PRECONDITION', /is stopped/)],
    ['that traps', { ...ECHO, method: 'trap' }, error('INTERNAL', /./, { reason: 'TRAP', okraCode: 'INTERNAL_ERROR' })],
    ['that overflows', { ...ECHO, method: 'recurse' }, error('RESOURCE_EXHAUSTED', /./, { reason: 'STACK_OVERFLOW' })],
    [
      'that is too large',
      { ...ECHO, input: JSON.stringify('x'.repeat(2000)) },
      error('RESOURCE_EXHAUSTED', /./, { reason: 'PAYLOAD_TOO_LARGE' }),
    ],
    ['with an idempotency key where none is kept', { ...ECHO, idempotencyKey: 'k' }, error('FAILED_PRECONDITION', /./)],
    [
      'with a key that is used for another payload',
      { ...ECHO, actor: 'durable/k', idempotencyKey: 'used' },
      error('INVALID_ARGUMENT', /./),
    ],
    [
      'with a key that is known',
      { ...ECHO, actor: 'durable/k', idempotencyKey: 'used', input: '{"first":1}' },
      { answer: { first: 1 } },
    ],
    [
      'that is described is answered',
      { actor: 'described', method: 'echo', input: '{"a":1,"b":["x"]}' },
      { answer: { a: 1, b: ['x'] } },
    ],
    [
      'that no description has',
      { actor: 'described', method: 'sub', input: '{}' },
      error('NOT_FOUND', /expected one of the methods/, VALIDATION),
    ],
    [
      'that is not as described',
      { actor: 'described', method: 'echo', input: '{"a":1.5,"c":1}' },
      error('INVALID_ARGUMENT', /\$\.a: expected Int/, VALIDATION),
    ],
    [
      'that is described and refused by the guest',
      { actor: 'described', method: 'fail', input: '{"a":1}' },
      no('no: {"a":1}'),
    ],
  ])('%s, the same by every way', async (_what, request, expected) => {
    const outcomes = await askAll(CALLS, request);
    expect(differing(outcomes)).toEqual([]);
    expect(outcomes['gRPC']).toMatchObject(expected);
  });

  it('that takes too long has one code by every way', async () => {
    const request = { actor: 'service', method: 'loop', input: '{}', timeoutMs: 400 };
    for (const [way, ask] of Object.entries(CALLS)) {
      expect([way, await ask(node, request)]).toMatchObject([way, { code: 'DEADLINE_EXCEEDED' }]);
    }
  });
});

describe('an operation on tuples', () => {
  const any = '["t",{"?":"any"}]';

  it.each<[what: string, request: TupleCase, expected: object]>([
    ['that writes', { operation: 'write', fields: ['["t",1.0]'] }, { answer: { written: true } }],
    ['that counts', { operation: 'count', fields: [any] }, { answer: { count: Object.keys(TUPLES).length } }],
    ['that tells floats from ints', { operation: 'count', fields: ['["t",1]'] }, { answer: { count: 0 } }],
    ['that reads', { operation: 'read', fields: [any] }, { answer: { tuple: ['t', { float: 1 }] } }],
    ['that finds nothing', { operation: 'take', fields: ['["none"]'] }, { answer: { tuple: null } }],
    [
      'that reads all',
      { operation: 'read-all', fields: [any], limit: 2 },
      {
        answer: {
          tuples: [
            ['t', { float: 1 }],
            ['t', { float: 1 }],
          ],
        },
      },
    ],
    ['that swaps nothing', { operation: 'cas', fields: [any, '["t",2]', '["t",3]'] }, { answer: { swapped: false } }],
    ['that swaps', { operation: 'cas', fields: [any, '["t",1.0]', '["t",1.0]'] }, { answer: { swapped: true } }],
    ['that takes', { operation: 'take', fields: [any] }, { answer: { tuple: ['t', { float: 1 }] } }],
    ['under a key', { operation: 'write', fields: ['["keyed"]'], idempotencyKey: 'w' }, { answer: { written: true } }],
    ['that was done once under its key', { operation: 'count', fields: ['["keyed"]'] }, { answer: { count: 1 } }],
    [
      'under a key of another one',
      { operation: 'write', fields: ['["other"]'], idempotencyKey: 'w' },
      error('INVALID_ARGUMENT', /./),
    ],
    [
      'that waits too long',
      { operation: 'read', fields: [any], waitMs: 1_001 },
      error('INVALID_ARGUMENT', /wait_ms: expected at most 1000/),
    ],
    [
      'in a namespace that is none',
      { operation: 'count', fields: [any], namespace: 'a/b' },
      error('INVALID_ARGUMENT', /namespace: expected/),
    ],
    ['that finds none of all', { operation: 'read-all', fields: [any], limit: 10_000 }, { answer: { tuples: [] } }],
    [
      'that writes for ten years',
      { operation: 'write', fields: ['["t"]'], ttlMs: 315_360_000_000 },
      { answer: { written: true, lease: expect.any(Number) } },
    ],
  ])('%s, the same by every way', async (_what, request, expected) => {
    const outcomes = await askAll(TUPLES, request);
    expect(differing(outcomes)).toEqual([]);
    expect(outcomes['gRPC']).toMatchObject(expected);
  });
});

describe('the status of an application', () => {
  it.each<[name: string, expected: object]>([
    ['service', { answer: { applicationId: 'service', service: 'service', version: '1' } }],
    ['nobody', error('NOT_FOUND', /no application is deployed as "nobody"/)],
    ['a b', error('INVALID_ARGUMENT', /application name: expected/)],
  ])('%s is the same by every way', async (name, expected) => {
    const outcomes = await askAll(STATUS, name);
    expect(differing(outcomes)).toEqual([]);
    expect(outcomes['gRPC']).toMatchObject(expected);
  });
});

it('control: a way that tells it in other words is found out', async () => {
  const answer = { a: [1, 2.5, 'x', null, 1] };
  const ways: Record<string, Way<CallCase>> = { ...CALLS, other: () => Promise.resolve({ answer }) };
  expect(differing(await askAll(ways, ECHO))).toEqual([['other', { answer }]]);
});

/** One after the other: what one of them changes, the next one finds. */
async function askAll<Case>(
  ways: Readonly<Record<string, Way<Case>>>,
  request: Case,
): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const [way, ask] of Object.entries(ways)) outcomes[way] = await ask(node, request);
  return outcomes;
}

/** Those that are not as gRPC's. The number of a lease is each one's own. */
function differing({ gRPC, ...others }: Record<string, Outcome>): [way: string, outcome: Outcome][] {
  const comparable = (outcome: Outcome | undefined): unknown =>
    JSON.parse(JSON.stringify(outcome, (key, value: unknown) => (key === 'lease' ? 'a lease' : value)));
  return Object.entries(others).filter(([, outcome]) => !isDeepStrictEqual(comparable(outcome), comparable(gRPC)));
}

function error(code: string, message: RegExp, details: object = {}): object {
  return { code, message: expect.stringMatching(message), details: { reason: expect.any(String), ...details } };
}

function no(message: string): object {
  return { code: 'EXECUTION_ERROR', message, details: {} };
}
