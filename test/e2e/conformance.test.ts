/** The same actors in each language answer the same, through a real node; what a machine has not built is skipped by name. */
import { readFile } from 'node:fs/promises';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plexspacesJson } from '../support/command-line.ts';
import { answerTo, CONVERSATIONS, expectedOf } from '../support/conforming-calls.ts';
import type { Conversation } from '../support/conforming-calls.ts';
import { findApplications, LANGUAGES, makeReady } from '../support/conforming-languages.ts';
import type { ActorName, ConformingApplication } from '../support/conforming-languages.ts';
import { startDaemon } from '../support/daemon.ts';
import type { Daemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { until } from '../support/until.ts';

const ANY = { '?': 'any' } as const;
/** Kept for the next start by their actors alone. */
const DURABLE: readonly ActorName[] = ['counter', 'calculator'];
const JOBS = 150;

describe.each(LANGUAGES)('actors in $name', (language) => {
  const here = findApplications(language);
  let daemon: Daemon;
  let client: PlexSpacesClient;

  beforeAll(async () => {
    daemon = await startDaemon(await makeScratchDirectory());
    client = await daemon.connect();
    for (const found of here.values()) {
      await plexspacesJson(['deploy', await makeReady(language, found)], { node: daemon.grpc });
    }
  }, 600_000);

  afterAll(async () => {
    client.close();
    await daemon.kill();
  });

  /** Skipped, by its name, is what this machine does not have. */
  const isMissing = (actor: ActorName): boolean => !here.has(actor);
  const application = (actor: ActorName): ConformingApplication => {
    const found = here.get(actor);
    if (found === undefined) throw new Error(`${actor} is not on this machine`);
    return found;
  };

  for (const [actor, conversations] of Object.entries(CONVERSATIONS) as [ActorName, readonly Conversation[]][]) {
    conversations.forEach((conversation, index) =>
      it.skipIf(isMissing(actor))(`${actor}: ${conversation.name}`, async () => {
        const { service } = application(actor);
        const address = DURABLE.includes(actor) ? `${service}/${index}` : service;
        const answers = [];
        for (const call of conversation.calls) answers.push(await answerTo(client, address, call));
        expect(answers).toEqual(conversation.calls.map(expectedOf));
      }),
    );
  }

  it.skipIf(isMissing('echo'))('echo: gives payloads back byte for byte, whatever the method', async () => {
    const { service } = application('echo');
    for (const bytes of [
      [],
      [0x7b],
      [0, 0xff, 0xfe],
      [...Buffer.from(' { "a" : 1.0 } ')],
      Array<number>(100_000).fill(7),
    ]) {
      for (const method of ['echo', 'any other method']) {
        const { bytes: reply } = await client.call(service, method, Uint8Array.from(bytes));
        expect(reply).toEqual(Uint8Array.from(bytes));
      }
    }
  });

  it.skipIf(isMissing('tuplespace_calculator'))(
    'tuplespace_calculator: writes operation, operands, a float and the caller',
    async () => {
      const { service } = application('tuplespace_calculator');
      await client.invoke(service, 'multiply', { operands: [6, 7] });
      const pattern = ['calculator_result', 'multiply', { '?': 'string' }, { float: 42 }, 'client'] as const;
      const [, , operands] = (await client.tuples.take(pattern)) ?? [];
      expect(JSON.parse(operands as string)).toEqual([6, 7]);
    },
  );

  it.skipIf(isMissing('word_count'))('word_count: splits a text over its pool, leaves nothing behind', async () => {
    const { service, name } = application('word_count');
    const text = Array.from({ length: 4_000 }, (_, index) => `w${index % 7}`).join(' ');
    const expected = {
      words: 4_000,
      distinct: 7,
      top: Array.from({ length: 7 }, (_, index) => [`w${index}`, index < 3 ? 572 : 571]),
    };
    const { completed } = await client.pool(name);
    const counted = await Promise.all([1, 2, 3].map(() => client.invoke(service, 'count', { text, parts: 8 })));
    expect(counted).toEqual([expected, expected, expected]);
    for (const kind of ['wc-task', 'wc-done']) expect(await client.tuples.count([kind, ANY, ANY, ANY])).toBe(0);
    // Three masters, and 24 messages to whoever is free.
    await until(
      () => client.pool(name),
      (pool) => pool.completed >= completed + 27,
    );
  });

  it.skipIf(isMissing('poller'))('poller: works by itself, a hundred jobs at a time', async () => {
    const { service, component } = application('poller');
    for (let job = 0; job < JOBS; job += 1) await client.tuples.write(['poll-job', job]);
    for (let job = 0; job < JOBS; job += 1) {
      await expect(client.tuples.take(['poll-result', job], { waitMs: 20_000 })).resolves.toEqual(['poll-result', job]);
    }
    const status = (await client.invoke(service, 'status')) as { polls: number; seen: number };
    expect(status.seen).toBe(JOBS);
    expect(status.polls).toBeGreaterThanOrEqual(2);
    // The control: the same component that nobody sends anything.
    await client.deploy({
      name: 'idle',
      version: '1.0.0',
      component: await readFile(component),
      manifest: { service: 'test.Idle', kind: 'singleton' },
    });
    await until(
      () => client.invoke(service, 'status'),
      (now) => (now as typeof status).polls >= status.polls + 2,
    );
    await expect(client.invoke('test.Idle', 'status')).resolves.toEqual({ polls: 0, seen: 0 });
    await client.undeploy('idle');
  });

  describe('after a kill -9', () => {
    const counts = { method: 'increment', durable: 'killed', forgetful: 'test.Forgetful' };

    beforeAll(async () => {
      const counter = here.get('counter');
      if (counter !== undefined) await fill(client, counter, here.get('calculator'), counts);
      await daemon.kill();
      client.close();
      daemon = await startDaemon(daemon.dataDirectory);
      client = await daemon.connect();
    });

    it.skipIf(isMissing('counter'))(
      'counter: goes on counting, and begins again where it keeps no journal',
      async () => {
        const { service } = application('counter');
        await expect(client.invoke(`${service}/${counts.durable}`, counts.method)).resolves.toEqual({ count: 4 });
        await expect(client.invoke(counts.forgetful, counts.method)).resolves.toEqual({ count: 1 });
      },
    );

    it.skipIf(isMissing('calculator'))('calculator: knows what it has calculated', async () => {
      const { service } = application('calculator');
      const address = `${service}/${counts.durable}`;
      await expect(client.invoke(address, 'count')).resolves.toEqual({ operation_count: 12 });
      const { history } = (await client.invoke(address, 'history')) as { history: { result: number }[] };
      expect(history.map(({ result }) => result)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      const reply = { result: 2, operation: 'add', operation_count: 13, durable: true };
      await expect(client.invoke(address, 'add', [1, 1])).resolves.toEqual(reply);
    });
  });
});

/** What the kill must not take; and the control, a counter that keeps no journal. */
async function fill(
  client: PlexSpacesClient,
  counter: ConformingApplication,
  calculator: ConformingApplication | undefined,
  { method, durable, forgetful }: Readonly<Record<'method' | 'durable' | 'forgetful', string>>,
): Promise<void> {
  const manifest = { service: forgetful, kind: 'singleton' } as const;
  await client.deploy({ name: 'forgetful', version: '1.0.0', component: await readFile(counter.component), manifest });
  for (let count = 1; count <= 3; count += 1) {
    for (const address of [`${counter.service}/${durable}`, forgetful]) {
      await expect(client.invoke(address, method)).resolves.toEqual({ count });
    }
  }
  if (calculator === undefined) return;
  for (let operand = 1; operand <= 12; operand += 1) {
    // A checkpoint in the middle: what comes back is a snapshot and the messages behind it.
    if (operand === 7) await client.checkpoint(`${calculator.service}/${durable}`);
    await client.invoke(`${calculator.service}/${durable}`, 'add', [operand]);
  }
}
