/** Messages between actors of a running node: tells, asks, and asks that would wait for themselves. */
import { readFile } from 'node:fs/promises';
import { connect } from '@plexspaces/client';
import type { ApplicationManifest, PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtFixture } from '../../support/built-actors.ts';
import { makeScratchDirectory } from '../../support/scratch-directory.ts';
import { until } from '../../support/until.ts';
import { RunningNode } from './running-node.ts';

type Step = readonly [operation: string, ...args: readonly unknown[]];

/** Each lives on one thread at most but `p.Wide`, so that places are what is short. */
const PUPPETS: readonly (readonly [service: string, manifest: ApplicationManifest])[] = [
  ['p.One', { kind: 'durable', workers: { max: 1 } }],
  ['p.Many', { kind: 'durable', workers: { max: 2, residentActors: 3 } }],
  ['p.Wide', { kind: 'durable', workers: { max: 4 } }],
  ['p.Duo', { kind: 'durable', workers: { min: 2, max: 2, residentActors: 2 } }],
  ['p.Shared', { kind: 'durable', workers: { max: 1, residentActors: 2 } }],
  ['p.Single', { kind: 'singleton' }],
  ['p.Pool', { kind: 'service', workers: { min: 1, max: 2 } }],
  ['p.Short', { kind: 'durable', workers: { max: 1 }, limits: { callMs: 300 }, durability: { maxAttempts: 2 } }],
  ['p.Mute', { kind: 'durable', capabilities: ['log'] }],
];

let node: RunningNode;
let client: PlexSpacesClient;

beforeAll(async () => {
  node = await RunningNode.start(await makeScratchDirectory());
  client = await connect(node.node.addresses.grpc);
  const component = await readFile(await builtFixture('puppet'));
  for (const [service, manifest] of PUPPETS) {
    await client.deploy({ name: service, version: '1.0.0', component, manifest });
  }
}, 120_000);

afterAll(async () => {
  client.close();
  await node[Symbol.asyncDispose]();
});

describe('a tell', () => {
  it('reaches handle-message with its sender and its type, in order', async () => {
    for (let number = 0; number < 20; number += 1) await client.tell('p.Wide/told', `m${number}`, []);
    const expected = Array.from({ length: 20 }, (_none, number) => `client m${number}`);
    expect(await notes('p.Wide/told')).toEqual(expected); // behind the messages: one mailbox
  });

  it('of an actor comes from it, in order, to a key of any service', async () => {
    const tells: Step[] = Array.from({ length: 5 }, (_none, number) => ['tell', 'p.Wide/b', `m${number}`, []]);
    await run('p.Wide/a', [...tells, ['tell', 'p.Single', 'one', []]]);
    expect(await notes('p.Wide/b')).toEqual(Array.from({ length: 5 }, (_none, number) => `p.Wide/a m${number}`));
    expect(await notes('p.Single')).toEqual(['p.Wide/a one']);
  });

  it('to itself is handled behind the message that sends it', async () => {
    await run('p.Wide/self', [
      ['tell', 'p.Wide/self', 'later', []],
      ['note', 'now'],
    ]);
    expect(await notes('p.Wide/self')).toEqual(['now', 'p.Wide/self later']);
  });

  it('to a service reaches a worker of its pool', async () => {
    await client.tell('p.Pool', 'work', [['write', 'done', 1]]);
    expect(await client.tuples.take(['done', { '?': 'any' }], { waitMs: 5_000 })).toEqual(['done', 1]);
  });

  it('with a key that is known is not handled again', async () => {
    for (let times = 0; times < 3; times += 1) await client.tell('p.Wide/keyed', 'm', [], { idempotencyKey: 'k' });
    expect(await notes('p.Wide/keyed')).toEqual(['client m']);
    await client.tell('p.Wide/keyed', 'm', []);
    expect(await notes('p.Wide/keyed')).toEqual(['client m', 'client m']); // the control: without a key
  });

  it('that its actor refuses, or cannot parse, is over', async () => {
    await client.tell('p.Wide/no', 'm', [['fail', 'no']]);
    expect(await notes('p.Wide/no')).toEqual(['client m']);
    expect(node.lines.some((line) => line['msg'] === 'a message was refused by its actor')).toBe(true);
  });

  it('that keeps ending its actor is put aside after its attempts, and the actor goes on', async () => {
    await client.tell('p.Short/trapped', 'bad', [['note', 'lost'], ['write', 'tried', 1], ['trap']]);
    await client.tell('p.Short/trapped', 'good', []);
    expect(await notes('p.Short/trapped')).toEqual(['client good']);
    expect(await client.tuples.count(['tried', { '?': 'any' }])).toBe(1); // once, over all attempts
    const quarantined = await client.quarantine.list('p.Short');
    expect(quarantined).toMatchObject([{ attempts: 2 }]);
  });

  it.each([
    ['an unknown service', 'p.Nobody', 'NOT_FOUND'],
    ['a key behind a singleton', 'p.Single/a', 'INVALID_ARGUMENT'],
    ['no address', '', 'INVALID_ARGUMENT'],
  ])('to %s is refused', async (_what, to, code) => {
    await expect(client.tell(to, 'm', [])).rejects.toMatchObject({ code });
    const [told] = await run('p.Wide/refused', [['tell', to, 'm', []]]);
    expect(told).toEqual({ error: expect.stringMatching(new RegExp(`^${code}: `)) });
  });

  it('without the capability is PERMISSION_DENIED', async () => {
    const error = expect.stringMatching(/^PERMISSION_DENIED: .*capability messaging/);
    expect(
      await run('p.Mute', [
        ['tell', 'p.Wide/a', 'm', []],
        ['ask', 'p.Wide/a', []],
      ]),
    ).toEqual([{ error }, { error }]);
  });
});

describe('an ask', () => {
  it('has the reply of an actor of any kind', async () => {
    const asks: Step[] = ['p.Wide/asked', 'p.Single', 'p.Pool', 'p.Many/asked'].map((to) => ['ask', to, [['self']]]);
    expect(await run('p.Wide/asker', asks)).toEqual([['p.Wide/asked'], ['p.Single'], ['p.Pool'], ['p.Many/asked']]);
    expect(await run('p.Pool', asks)).toMatchObject([['p.Wide/asked'], ['p.Single'], ['p.Pool'], ['p.Many/asked']]);
  });

  it("has the other's no, and what keeps it from answering, as errors", async () => {
    const [no, trap, nobody, late] = await run('p.Wide/errors', [
      ['ask', 'p.Wide/e', [['fail', 'because']]],
      ['ask', 'p.Wide/e', [['trap']]],
      ['ask', 'p.Nobody', []],
      ['ask', 'p.Wide/e', [['sleep', 500]], 50],
    ]);
    expect(no).toEqual({ error: expect.stringMatching(/^EXECUTION_ERROR: .*because/) });
    expect(trap).toEqual({ error: expect.stringMatching(/^INTERNAL: /) });
    expect(nobody).toEqual({ error: expect.stringMatching(/^NOT_FOUND: /) });
    expect(late).toEqual({ error: expect.stringMatching(/^DEADLINE_EXCEEDED: /) });
  });

  it('of an actor on the same thread is answered, which gets an instance on another one', async () => {
    await run('p.Many/x', [['note', 'x']]);
    await run('p.Many/y', [['note', 'y']]);
    await run('p.Many/z', [['note', 'z']]);
    const asks: Step[] = ['p.Many/y', 'p.Many/z', 'p.Many/y'].map((to) => ['ask', to, [['notes']]]);
    expect(await run('p.Many/x', asks)).toEqual([[['y']], [['z']], [['y']]]);
  });

  it('however many there are, sends nobody away who comes to life on the same thread', async () => {
    const asks = Array.from({ length: 10 }, (): Step[] => [
      ['sleep', 40], // in which the other moves in
      ['ask', 'p.Wide/slow', [['sleep', 10]]],
    ]);
    const asking = run('p.Shared/asker', [['write', 'asking', 1], ...asks.flat()]);
    await awaited('asking');
    expect(await run('p.Shared/newcomer', [['self']])).toEqual(['p.Shared/newcomer']);
    await asking;
  });

  it('one after the other for ever, lets those come to life that share its thread, after a few', async () => {
    await using load = new AskingLoad('p.Shared/busy');
    for (const newcomer of ['p.Shared/n1', 'p.Shared/n2', 'p.Shared/n3']) {
      await load.nextAsk();
      const before = load.asked;
      await run(newcomer, [['self']]);
      expect(load.asked - before).toBeLessThan(8);
    }
  });

  it('by one that its neighbour was held up for is answered by that neighbour', async () => {
    for (const key of ['a', 'b', 'd']) await run(`p.Duo/${key}`, [['self']]);
    const full = [run('p.Duo/a', [['sleep', 1_200]]), run('p.Duo/d', [['self']])]; // of the first thread
    const neighbour = run('p.Duo/b', [
      ['write', 'b runs', 1],
      ['sleep', 300], // in which the newcomer moves in
      ['take', 'go', 10_000], // which sends it away
      ['sleep', 100], // in which it moves in again
    ]);
    await awaited('b runs');
    const newcomer = run('p.Duo/c', [
      ['write', 'c runs', 1],
      ['sleep', 2_000], // in which the neighbour is held up, and the first thread gets free
      ['ask', 'p.Duo/b', [['self']], 3_000],
    ]);
    await until(
      () => client.pool('p.Duo'),
      ({ blockedOnTuplespace }) => blockedOnTuplespace === 1,
    );
    await client.tuples.write(['go', 1]);
    await awaited('c runs');
    const held = run('p.Duo/b', [['self']]);
    expect((await newcomer).at(-1)).toEqual(['p.Duo/b']);
    await Promise.all([...full, neighbour, held]);
  });
});

describe('asks that would wait for themselves', () => {
  const cycle = (chain: string): unknown => ({
    error: `FAILED_PRECONDITION: CALL_CYCLE: the ask would wait for itself: ${chain}`,
  });

  it.each([
    ['p.Wide/a', 'p.Wide/b'],
    ['p.Wide/a', 'p.Many/b'],
    ['p.Many/a', 'p.Many/b'],
  ])('%s asks %s, which asks back', async (a, b) => {
    expect(await run(a, [['ask', b, [['ask', a, []]]]])).toEqual([[cycle(`${b} -> ${a} -> ${b}`)]]);
  });

  it('over three, and itself', async () => {
    const [a, b, c] = ['p.Wide/c1', 'p.Single', 'p.Many/c3'];
    const steps: Step[] = [['ask', b, [['ask', c, [['ask', a, []]]]]]];
    expect(await run(a, steps)).toEqual([[[cycle(`${c} -> ${a} -> ${b} -> ${c}`)]]]);
    expect(await run(a, [['ask', a, []]])).toEqual([cycle(`${a} -> ${a}`)]);
  });

  it('two at once that ask each other: one is refused, the other answered', async () => {
    const [a, b] = ['p.Wide/d1', 'p.Wide/d2'];
    const ask = (from: string, to: string): Promise<unknown[]> =>
      run(from, [
        ['sleep', 100],
        ['ask', to, [['self']]],
      ]);
    const answers = (await Promise.all([ask(a, b), ask(b, a)])).map((results) => results.at(-1));
    const refused = answers.filter((each) => JSON.stringify(each).includes('CALL_CYCLE'));
    expect([refused.length, answers.length]).toEqual([1, 2]);
    expect(answers).toContainEqual(expect.arrayContaining([expect.stringMatching(/^p\.Wide\/d/)]));
  });

  it('for want of a worker: all of a pool wait for the one that asks', async () => {
    expect(await run('p.One/a', [['ask', 'p.One/b', []]])).toEqual([cycle('p.One/a -> p.One/b -> p.One/a')]);
    const three: Step = ['ask', 'p.Pool', [['ask', 'p.Pool', [['ask', 'p.Pool', []]]]]];
    expect(JSON.stringify(await run('p.Pool', [three]))).toContain('CALL_CYCLE');
    expect(await run('p.Pool', [['ask', 'p.Pool', [['self']]]])).toEqual([['p.Pool']]); // the control: a second worker is there
  });
});

/** An actor that is asked to ask, two times at once and without an end. */
class AskingLoad implements AsyncDisposable {
  readonly #loads: Promise<void>[];
  #isOver = false;
  #next = Promise.withResolvers<void>();
  asked = 0;

  constructor(address: string) {
    this.#loads = [1, 2].map(() => this.#load(address));
  }

  nextAsk(): Promise<void> {
    return this.#next.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loads);
  }

  async #load(address: string): Promise<void> {
    while (!this.#isOver) {
      await run(address, [['ask', 'p.Pool', [['sleep', 5]]]]);
      this.asked += 1;
      this.#next.resolve();
      this.#next = Promise.withResolvers();
    }
  }
}

async function awaited(what: string): Promise<void> {
  await client.tuples.take([what, 1], { waitMs: 10_000 });
}

async function run(address: string, steps: readonly Step[]): Promise<unknown[]> {
  const results = await client.invoke(address, 'do', steps);
  if (!Array.isArray(results)) throw new Error(`expected results, found ${JSON.stringify(results)}`);
  return results;
}

async function notes(address: string): Promise<unknown> {
  const [found] = await run(address, [['notes']]);
  return found;
}
