/** The journal: messages put together from their records, and everything that must not pass for one. */
import type { ActorAddress } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../../../packages/runtime/src/store/journal.ts';
import type { JournalBody, JournaledMessage } from '../../../packages/runtime/src/store/journal.ts';
import { actorJournal } from '../../../packages/runtime/src/store/key-layout.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';

const ACTOR: ActorAddress = { service: 'test.Echo', key: 'one' };
const RECEIVED: JournalBody = {
  $case: 'received',
  value: {
    fromActor: 'client',
    messageType: 'm',
    payload: Uint8Array.of(1),
    kind: MessageKind.MESSAGE_KIND_REQUEST,
    startMicros: 5n,
    seed: Uint8Array.of(2),
    attempt: 1,
    idempotencyKey: '',
  },
};
const CALL: JournalBody = {
  $case: 'hostCall',
  value: { function: 'tuplespace-count', argumentsDigest: Uint8Array.of(3), reply: Uint8Array.of(4) },
};
const PROCESSED: JournalBody = {
  $case: 'processed',
  value: { outcome: { $case: 'reply', value: Uint8Array.of(5) } },
};
const FAILED: JournalBody = { $case: 'failed', value: { code: 'INTERNAL', reason: 'TRAP', message: 'x', effects: [] } };

let store: MemoryStore;
let journal: Journal;

beforeEach(() => {
  store = new MemoryStore();
  journal = new Journal(store, 1n);
});

describe('messages', () => {
  it('are there, oldest first, with their calls and their end', async () => {
    await write(ACTOR, [RECEIVED, CALL, CALL, PROCESSED], [RECEIVED, FAILED], [RECEIVED, CALL]);
    const messages = await read(ACTOR);
    expect(messages.map(({ sequence, hostCalls, end }) => [sequence, hostCalls.length, end?.kind])).toEqual([
      [0n, 2, 'processed'],
      [1n, 0, 'failed'],
      [2n, 1, undefined],
    ]);
    expect(messages[0]).toMatchObject({ received: RECEIVED.value, hostCalls: [CALL.value, CALL.value] });
    expect(await read({ ...ACTOR, key: 'two' })).toEqual([]);
  });

  it('are many, in the order of their numbers', async () => {
    await write(ACTOR, ...Array.from({ length: 300 }, () => [RECEIVED, PROCESSED]));
    expect((await read(ACTOR)).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 300 }, (_n, i) => BigInt(i)),
    );
  });

  it('of one actor never turn up in the journal of another, whatever their names', async () => {
    const anySegment = fc.constantFrom('a', 'ab', 'b', 'a.b');
    const anyKeyText = fc.string({
      unit: fc.constantFrom('a', '/', '.', ' ', 'é', '\u{10ffff}', '0'),
      minLength: 1,
      maxLength: 4,
    });
    const anyActor = fc.record({ service: anySegment, key: anyKeyText });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyActor, { maxLength: 6, selector: ({ service, key }) => `${service}/${key}` }),
        async (actors) => {
          store = new MemoryStore();
          journal = new Journal(store, 1n);
          for (const [index, actor] of actors.entries()) {
            await write(actor, ...Array.from({ length: index + 1 }, () => [RECEIVED, PROCESSED]));
          }
          for (const [index, actor] of actors.entries()) expect(await read(actor)).toHaveLength(index + 1);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('go on under a later epoch', async () => {
    await write(ACTOR, [RECEIVED, CALL]);
    const next = new Journal(store, 2n);
    await store.batch([next.record(ACTOR, 0n, 2, PROCESSED)]);
    expect(await read(ACTOR)).toMatchObject([{ end: { kind: 'processed' } }]);
  });
});

describe('what is damaged', () => {
  it.each<[string, number, RegExp]>([
    ['the first record', 0, /expected record 0\.0, found 0\.1 \(hostCall\)/],
    ['a host call', 1, /expected record 0\.1, found 0\.2 \(processed\)/],
    ['an end that is not the last', 2, /expected record 0\.2, found 1\.0 \(received\)/],
    ['a whole beginning', 3, /expected record 1\.0, found 1\.1 \(processed\)/],
  ])('is told where it is: %s is missing', async (_what, index, message) => {
    await write(ACTOR, [RECEIVED, CALL, PROCESSED], [RECEIVED, PROCESSED]);
    const keys = await Array.fromAsync(store.range(actorJournal(ACTOR, 0n)), ([key]) => key);
    await store.batch([{ type: 'del', key: keys[index] ?? '' }]);
    await expect(read(ACTOR)).rejects.toMatchObject({ code: 'DATA_LOSS', message: expect.stringMatching(message) });
  });

  it('is told where a whole message is missing', async () => {
    await write(ACTOR, [RECEIVED, PROCESSED], [RECEIVED, PROCESSED], [RECEIVED, PROCESSED]);
    const keys = await Array.fromAsync(store.range(actorJournal(ACTOR, 0n)), ([key]) => key);
    await store.batch(keys.slice(2, 4).map((key): StoreOperation => ({ type: 'del', key })));
    await expect(read(ACTOR)).rejects.toThrow(/journal of test\.Echo\/one: expected record 1\.0, found 2\.0/);
  });

  it('is every flipped bit', async () => {
    await write(ACTOR, [RECEIVED, PROCESSED]);
    for await (const [key, value] of store.range(actorJournal(ACTOR, 0n))) {
      for (let bit = 0; bit < value.length * 8; bit += 7) {
        const flipped = Uint8Array.from(value, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        await store.batch([{ type: 'put', key, value: flipped }]);
        await expect(read(ACTOR)).rejects.toMatchObject({ code: 'DATA_LOSS' });
      }
      await store.batch([{ type: 'put', key, value }]);
    }
    expect(await read(ACTOR)).toHaveLength(1);
  });

  it('is a record of an earlier start behind one of a later', async () => {
    await store.batch([new Journal(store, 2n).record(ACTOR, 0n, 0, RECEIVED)]);
    await store.batch([new Journal(store, 1n).record(ACTOR, 0n, 1, PROCESSED)]);
    await expect(read(ACTOR)).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringMatching(/of epoch 1/),
    });
  });

  it('is a record behind the end', async () => {
    await write(ACTOR, [RECEIVED, PROCESSED, CALL]);
    await expect(read(ACTOR)).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });
});

describe('the purge', () => {
  it('takes every journal of a service, and none of another', async () => {
    const gone = [ACTOR, { ...ACTOR, key: 'a/b' }, { ...ACTOR, key: '\u{10ffff}' }];
    const kept = [
      { service: 'test.Echo.v1', key: 'one' },
      { service: 'test.Ech', key: 'one' },
      { service: 'test', key: 'Echo' },
    ];
    for (const actor of [...gone, ...kept]) await write(actor, [RECEIVED, PROCESSED]);
    await store.batch(await journal.purge('test.Echo'));
    for (const actor of gone) expect(await read(actor)).toEqual([]);
    for (const actor of kept) expect(await read(actor)).toHaveLength(1);
  });
});

async function write(actor: ActorAddress, ...messages: readonly JournalBody[][]): Promise<void> {
  const operations = messages.flatMap((bodies, sequence) =>
    bodies.map((body, index) => journal.record(actor, BigInt(sequence), index, body)),
  );
  await store.batch(operations);
}

function read(actor: ActorAddress): Promise<JournaledMessage[]> {
  return Array.fromAsync(journal.messages(actor));
}
