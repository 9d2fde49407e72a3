/** Calls of a described application, over the echo component: its counter tells what reached a guest. */
import { ActorKind } from '@plexspaces/proto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { DescribedService } from '../../../packages/runtime/src/description/described-service.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import type { TemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { countOf, text } from '../../support/echo.ts';
import { codeOf } from '../../support/outcomes.ts';
import { ALL_SCALARS, changedPayload, randomSchema, schemaText, validPayload } from '../../support/random-schema.ts';
import type { Draw } from '../../support/random-schema.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { quickOrLong } from '../../support/soak.ts';
import { deployment, EchoApplications } from './echo-applications.ts';

const { ACTOR_KIND_DURABLE, ACTOR_KIND_SERVICE, ACTOR_KIND_SINGLETON } = ActorKind;
/** The guest gives back what it gets; what `count` gives is its counter's bytes. */
const SCHEMA = `type Service {
  echo(input: [Float!]): [Float!]
  wrong(input: [Float!]): String
  count(input: [Float!]): Int
  fail(input: [Float!]): String
}`;
const KINDS = [
  ['service', ACTOR_KIND_SERVICE],
  ['singleton', ACTOR_KIND_SINGLETON],
  ['durable', ACTOR_KIND_DURABLE],
] as const;
const ADDRESS = { service: 'test.a', key: 'default' };

const ROUNDS = quickOrLong(8, 100);
const RANDOM = seededRandom();

let temporary: TemporaryStore;
let store: MemoryStore;
let hash: string;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  hash = await temporary.store.put(readEcho());
});
afterAll(() => temporary[Symbol.asyncDispose]());
beforeEach(() => {
  store = new MemoryStore();
});

describe.each(KINDS)('a described %s', (_name, kind) => {
  it('is not called with what is not described', async () => {
    await using node = await start({ checkReplies: false });
    await node.applications.deploy(deployment('a', hash, { kind, schema: SCHEMA }));
    expect(countOf(await node.invoke('test.a', 'count'))).toBe(1);
    await expect(node.invoke('test.a', 'count', 'default', '["x"]')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'VALIDATION',
      message: 'test.a count: $[0]: expected Float, found String',
    });
    await expect(node.invoke('test.a', 'trap')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'test.a: expected one of the methods echo, wrong, count, fail, found "trap"',
    });
    const asked = { fromActor: 'test.b', method: 'count', payload: Buffer.from('[1') };
    await expect(node.applications.invoke(ADDRESS, asked)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(countOf(await node.invoke('test.a', 'count'))).toBe(2);
  });

  it('gets what is described, byte for byte', async () => {
    await using node = await start();
    await node.applications.deploy(deployment('a', hash, { kind, schema: SCHEMA }));
    const payload = ' [1.0,\t2e0 ,3] ';
    expect(text(await node.invoke('test.a', 'echo', 'default', payload))).toBe(payload);
    await expect(node.invoke('test.a', 'fail')).rejects.toMatchObject({ code: 'EXECUTION_ERROR', message: 'no: ' });
  });

  it('answers what is described, or INTERNAL', async () => {
    await using node = await start();
    await node.applications.deploy(deployment('a', hash, { kind, schema: SCHEMA }));
    await expect(node.invoke('test.a', 'wrong', 'default', '[1]')).rejects.toMatchObject({
      code: 'INTERNAL',
      reason: 'VALIDATION',
      message: 'reply of test.a wrong: $: expected String, found a list',
    });
  });

  it('answers what it likes where replies are not checked', async () => {
    await using node = await start({ checkReplies: false });
    await node.applications.deploy(deployment('a', hash, { kind, schema: SCHEMA }));
    expect(text(await node.invoke('test.a', 'wrong', 'default', '[1]'))).toBe('[1]');
  });

  it('is told by clients only what is described; by actors anything', async () => {
    await using node = await start({ checkReplies: false });
    await node.applications.deploy(deployment('a', hash, { kind, schema: SCHEMA }));
    const tell = (fromActor: string, messageType: string, payload: string): unknown =>
      node.applications.deliver(ADDRESS, { fromActor, messageType, payload: Buffer.from(payload), idempotencyKey: '' });
    expect(() => tell('client', 'other', '')).toThrow(/expected one of the methods/);
    expect(() => tell('client', 'count', '["x"]')).toThrow('test.a count: $[0]: expected Float, found String');
    expect(() => tell('test.b', 'other', '["x"]')).not.toThrow();
    expect(() => tell('client', 'echo', '[1]')).not.toThrow();
  });

  it('without its description gets everything', async () => {
    await using node = await start();
    await node.applications.deploy(deployment('a', hash, { kind }));
    expect(text(await node.invoke('test.a', 'echo', 'default', '["x"]'))).toBe('["x"]');
    expect(countOf(await node.invoke('test.a', 'count', 'default', '["x"]'))).toBe(1);
    await expect(node.invoke('test.a', 'trap')).rejects.toMatchObject({ reason: 'TRAP' });
  });
});

describe('random payloads', () => {
  it('reach the guest always where they are valid, and never where they are not', async () => {
    await using node = await start({ checkReplies: false });
    const counts = { taken: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const drawn = fc.sample(fc.gen().map(drawCase), { numRuns: 1, seed: RANDOM.below(2 ** 31) })[0];
      if (drawn === undefined) throw new Error('expected a case, found none');
      const { schema, payloads } = drawn;
      const id = `a${round}`;
      const { application } = await node.applications.deploy(
        deployment(id, hash, { kind: ACTOR_KIND_SERVICE, schema, workers: { min: 1, max: 1 } }),
      );
      const described = new DescribedService(id, schema);
      for (const payload of payloads) {
        const isValid = outcomeOf(() => described.expectCall('call', Buffer.from(payload))) === undefined;
        counts[isValid ? 'taken' : 'refused'] += 1;
        const before = application.host?.messageCounts().processed ?? 0;
        const reply = await node.invoke(`test.${id}`, 'call', 'default', payload).then(text, codeOf);
        expect({ seed: RANDOM.seed, schema, reply }).toEqual({
          seed: RANDOM.seed,
          schema,
          reply: isValid ? payload : 'INVALID_ARGUMENT VALIDATION',
        });
        expect(application.host?.messageCounts().processed).toBe(before + (isValid ? 1 : 0));
      }
      await node.applications.undeploy(id, { purge: true, deadlineMs: 0 });
    }
    expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(ROUNDS);
  });
});

describe('a description', () => {
  it('refuses a call before its key is kept', async () => {
    await using node = await start({ checkReplies: false });
    await node.applications.deploy(deployment('a', hash, { schema: SCHEMA }));
    const call = (payload: string): Promise<Uint8Array> =>
      node.applications.invoke(ADDRESS, {
        fromActor: 'client',
        method: 'count',
        payload: Buffer.from(payload),
        idempotencyKey: 'k',
      });
    await expect(call('["x"]')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(countOf(await call('[1]'))).toBe(1);
    expect(countOf(await call('[1]'))).toBe(1);
  });

  it('is behind the limit of a payload', async () => {
    await using node = await start();
    const limits = { payloadBytes: 4n };
    await node.applications.deploy(deployment('a', hash, { schema: SCHEMA, limits }));
    await expect(node.invoke('test.a', 'echo', 'default', '["x"]')).rejects.toMatchObject({
      reason: 'PAYLOAD_TOO_LARGE',
    });
  });

  it('is there again after a restart', async () => {
    await using before = await start();
    await before.applications.deploy(deployment('a', hash, { schema: SCHEMA }));
    await before.recorded();
    await using node = await start();
    await expect(node.invoke('test.a', 'echo', 'default', '["x"]')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(node.applications.get('a').description?.text).toBe(SCHEMA);
  });

  it('that a later node cannot read fails its application, not the node', async () => {
    await using before = await start();
    await before.applications.deploy(deployment('a', hash, { schema: SCHEMA }));
    const [record] = await before.recorded();
    if (record?.manifest === undefined) throw new Error('expected a record, found none');
    await using node = await start();
    node.applications.restore([{ ...record, applicationId: 'b', manifest: { ...record.manifest, schema: 'x' } }]);
    await expect(node.applications.start('b')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(node.applications.get('b').status).toBe('FAILED');
  });
});

/** A description and 20 payloads, every second one of them changed. */
function drawCase(draw: Draw): { schema: string; payloads: string[] } {
  const schema = randomSchema(draw, ALL_SCALARS);
  const payloads = Array.from({ length: 20 }, (_, index) => {
    const valid = validPayload(draw, schema);
    return JSON.stringify(index % 2 === 0 ? valid : changedPayload(draw, valid));
  });
  return { schema: schemaText(schema, 'graphql'), payloads };
}

function outcomeOf(call: () => void): unknown {
  try {
    call();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

function start(options: { readonly checkReplies?: boolean } = {}): Promise<EchoApplications> {
  return EchoApplications.start(temporary.store, store, 1n, options);
}
