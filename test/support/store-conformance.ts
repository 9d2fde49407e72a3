/** What every Store must do, run over each implementation. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeyRange, Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';

const CLOSED = /not open|closed/;
const SYNC = { sync: true } as const;
const EVERYTHING: KeyRange = { from: '', to: '\u{10ffff}' };

const anyKey = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'b', '/', '\0', '\u0001', 'é', '\u{ffff}', '\u{10000}'),
    minLength: 1,
    maxLength: 4,
  }),
);
const anyOperation: fc.Arbitrary<StoreOperation> = fc.oneof(
  fc
    .tuple(anyKey, fc.uint8Array({ maxLength: 4 }))
    .map(([key, value]): StoreOperation => ({ type: 'put', key, value })),
  anyKey.map((key): StoreOperation => ({ type: 'del', key })),
);

/** @param open gives an empty store each time; the suite closes it. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open();
    });

    afterEach(async () => {
      await store.close();
    });

    it('gives back what was put, and undefined for what was not or was deleted', async () => {
      await store.batch([put('a', 1), put('b', 2)], SYNC);
      await store.batch([{ type: 'del', key: 'a' }, put('b', 3), { type: 'del', key: 'never' }], SYNC);
      expect(await store.get('a')).toBeUndefined();
      expect(await valueOf(store, 'b')).toEqual([3]);
      expect(await store.get('c')).toBeUndefined();
    });

    it('applies the operations of a batch in their order', async () => {
      await store.batch([put('a', 1), { type: 'del', key: 'a' }, put('b', 1), put('b', 2)], SYNC);
      expect(await store.get('a')).toBeUndefined();
      expect(await valueOf(store, 'b')).toEqual([2]);
    });

    it('keeps a value apart from the bytes that it was put from', async () => {
      const value = Uint8Array.of(1, 2, 3);
      await store.batch([{ type: 'put', key: 'a', value: value.subarray(1) }], SYNC);
      value.fill(9);
      expect(await valueOf(store, 'a')).toEqual([2, 3]);
      (await store.get('a'))?.fill(7);
      expect(await valueOf(store, 'a')).toEqual([2, 3]);
    });

    it('takes an empty value and an empty batch', async () => {
      await store.batch([], SYNC);
      await store.batch([{ type: 'put', key: 'empty', value: new Uint8Array() }], SYNC);
      expect(await valueOf(store, 'empty')).toEqual([]);
    });

    it('gives a range with its beginning and without its end, in the order of UTF-8 bytes', async () => {
      // In UTF-16, which JavaScript compares by, U+10000 would come before U+FFFF.
      const keys = ['b', 'a\u0001', 'a\0z', 'a', '\u{ffff}', '\u{10000}', 'é', 'a\0'];
      await store.batch(
        keys.map((key) => put(key, 1)),
        SYNC,
      );
      expect(await keysIn(store, EVERYTHING)).toEqual([
        'a',
        'a\0',
        'a\0z',
        'a\u0001',
        'b',
        'é',
        '\u{ffff}',
        '\u{10000}',
      ]);
      expect(await keysIn(store, { from: 'a\0', to: 'a\u0001' })).toEqual(['a\0', 'a\0z']);
      expect(await keysIn(store, { from: 'x', to: 'y' })).toEqual([]);
      expect(await Array.fromAsync(store.keys({ from: 'a\0', to: 'b' }))).toEqual(['a\0', 'a\0z', 'a\u0001']);
      expect(await Array.fromAsync(store.keys({ from: 'x', to: 'y' }))).toEqual([]);
    });

    it('gives the first and the last key of a range, and none of an empty one', async () => {
      const keys = ['b', 'a\0', '\u{ffff}', '\u{10000}', 'a', 'c'];
      await store.batch(
        keys.map((key) => put(key, 1)),
        SYNC,
      );
      expect(await store.edgeKey(EVERYTHING, 'first')).toBe('a');
      expect(await store.edgeKey(EVERYTHING, 'last')).toBe('\u{10000}');
      const inner = { from: 'a\0', to: 'c' };
      expect([await store.edgeKey(inner, 'first'), await store.edgeKey(inner, 'last')]).toEqual(['a\0', 'b']);
      expect(await store.edgeKey({ from: 'x', to: 'y' }, 'last')).toBeUndefined();
    });

    it('goes through a range as it was, whatever is written meanwhile', async () => {
      await store.batch([put('a', 1), put('b', 1), put('c', 1)], SYNC);
      const seen: string[] = [];
      for await (const [key] of store.range(EVERYTHING)) {
        if (seen.length === 0) await store.batch([{ type: 'del', key: 'c' }, put('bb', 1)], SYNC);
        seen.push(key);
      }
      expect(seen).toEqual(['a', 'b', 'c']);
      expect(await keysIn(store, EVERYTHING)).toEqual(['a', 'b', 'bb']);
    });

    it('is like a map, after any batches', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(anyOperation, { maxLength: 5 }), { maxLength: 6 }), async (batches) => {
          await clear(store);
          const model = new Map<string, number[]>();
          for (const batch of batches) {
            await store.batch(batch, SYNC);
            for (const operation of batch) {
              if (operation.type === 'put') model.set(operation.key, [...operation.value]);
              else model.delete(operation.key);
            }
          }
          const expected = [...model].toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          const found = await Array.fromAsync(store.range(EVERYTHING), ([key, value]) => [key, [...value]]);
          expect(found).toEqual(expected);
          expect(await Array.fromAsync(store.keys(EVERYTHING))).toEqual(expected.map(([key]) => key));
        }),
        { numRuns: 50 },
      );
    });

    it('does nothing any more when it is closed', async () => {
      await store.close();
      await expect(store.get('a')).rejects.toThrow(CLOSED);
      await expect(store.batch([put('a', 1)], SYNC)).rejects.toThrow(CLOSED);
      await expect(keysIn(store, EVERYTHING)).rejects.toThrow(CLOSED);
      await expect(store.edgeKey(EVERYTHING, 'first')).rejects.toThrow(CLOSED);
      await expect(Array.fromAsync(store.keys(EVERYTHING))).rejects.toThrow(CLOSED);
    });
  });
}

function put(key: string, byte: number): StoreOperation {
  return { type: 'put', key, value: Uint8Array.of(byte) };
}

async function valueOf(store: Store, key: string): Promise<number[] | undefined> {
  const value = await store.get(key);
  return value && [...value];
}

async function keysIn(store: Store, range: KeyRange): Promise<string[]> {
  return Array.fromAsync(store.range(range), ([key]) => key);
}

async function clear(store: Store): Promise<void> {
  const keys = await keysIn(store, EVERYTHING);
  await store.batch(
    keys.map((key): StoreOperation => ({ type: 'del', key })),
    SYNC,
  );
}
