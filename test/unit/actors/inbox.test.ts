/** What durable actors were sent and have not begun to handle: its order, its bounds, its way over a restart. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Inbox } from '../../../packages/runtime/src/actors/inbox.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { Numbers } from '../../../packages/runtime/src/store/numbers.ts';

const ONE = { service: 'test.Echo', key: 'one' };
const TWO = { service: 'test.Echo', key: 'two' };
const OTHER = { service: 'test.Other', key: 'one' };

let store: MemoryStore;
let inbox: Inbox;

beforeEach(() => {
  store = new MemoryStore();
  inbox = new Inbox(new Numbers(1n), { maxMessages: 3, maxBytes: 10 });
});

describe('an inbox', () => {
  it('gives the oldest first, of each actor its own', () => {
    inbox.put(ONE, message('a'));
    inbox.put(TWO, message('b'));
    inbox.put(ONE, message('c'));
    expect([types(ONE), types(TWO), types(OTHER)]).toEqual([['a', 'c'], ['b'], []]);
  });

  it('is there again after a restart, in its order, without what was taken', async () => {
    for (const type of ['a', 'b', 'c']) await store.batch(inbox.put(ONE, message(type)));
    const first = inbox.first(ONE);
    if (first === undefined) throw new Error('nothing is there');
    await store.batch(inbox.take(first));
    inbox = await Inbox.load(store, new Numbers(2n));
    await store.batch(inbox.put(ONE, message('d')));
    inbox = await Inbox.load(store, new Numbers(3n));
    expect(types(ONE)).toEqual(['b', 'c', 'd']);
  });

  it('refuses one more than a service may have, by number or by size, and takes it when there is room', () => {
    for (const actor of [ONE, TWO, ONE]) inbox.put(actor, message('x'));
    const full = { code: 'RESOURCE_EXHAUSTED', reason: 'QUEUE_FULL' };
    expect(() => inbox.put(TWO, message('x'))).toThrow(expect.objectContaining(full));
    inbox.put(OTHER, message('x')); // another service has room
    take(ONE);
    expect(() => inbox.put(TWO, message('x', 11))).toThrow(expect.objectContaining(full));
    inbox.put(TWO, message('x', 10));
  });

  it('tells of each message, of those that waited before as well, behind the turn in which it came', async () => {
    inbox.put(ONE, message('a'));
    const keys: string[] = [];
    inbox.attach('test.Echo', (key) => keys.push(key));
    expect(keys).toEqual(['one']);
    inbox.put(TWO, message('b'));
    expect(keys).toEqual(['one']);
    await Promise.resolve();
    expect(keys).toEqual(['one', 'two']);
    inbox.detach('test.Echo');
    inbox.put(ONE, message('c'));
    await Promise.resolve();
    expect(keys).toEqual(['one', 'two']);
    expect(types(ONE)).toEqual(['a', 'c']);
  });

  it('gives up nothing but the first message, and nothing of a service that is purged', () => {
    inbox.put(ONE, message('a'));
    const first = inbox.first(ONE);
    if (first === undefined) throw new Error('nothing is there');
    inbox.take(first);
    expect(() => inbox.take(first)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
    inbox.put(ONE, message('b'));
    inbox.purge('test.Echo');
    expect(types(ONE)).toEqual([]);
  });
});

function message(messageType: string, bytes = 0): Parameters<Inbox['put']>[1] {
  return { fromActor: 'client', messageType, payload: new Uint8Array(bytes), idempotencyKey: '' };
}

function take(actor: typeof ONE): string | undefined {
  const first = inbox.first(actor);
  if (first !== undefined) inbox.take(first);
  return first?.record.messageType;
}

/** Takes all. */
function types(actor: typeof ONE): string[] {
  const found: string[] = [];
  for (let type = take(actor); type !== undefined; type = take(actor)) found.push(type);
  return found;
}
