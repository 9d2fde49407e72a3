/** A client's subscription: everything in order, up to an end that is told. */
import { PlexSpacesError } from '@plexspaces/core';
import type { Pattern, Tuple } from '@plexspaces/core';
import { describe, expect, it } from 'vitest';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';
import { TupleFeed } from '../../../packages/runtime/src/tuplespace/tuple-feed.ts';

const ANY: Pattern = [{ match: 'any' }];
const never = new AbortController().signal;

describe('a feed', () => {
  it('gives what is written from its beginning on, whether it waits for it or not', async () => {
    const spaces = new Spaces();
    spaces.write('one', int(0), '');
    using feed = open(spaces);
    const waiting = feed.next();
    spaces.write('one', int(1), '');
    expect(await waiting).toEqual([int(1)]);
    spaces.write('one', int(2), '');
    spaces.write('two', int(9), '');
    spaces.write('one', int(3), '');
    expect(await feed.next()).toEqual([int(2), int(3)]);
  });

  it('ends behind what it holds where its reader is too slow, and leaves the space', async () => {
    const spaces = new Spaces({ subscriptionBuffer: 2, maxSubscriptions: 1 });
    using feed = open(spaces);
    for (let number = 0; number < 5; number += 1) spaces.write('one', int(number), '');
    expect(await feed.next()).toEqual([int(0), int(1)]);
    await expect(feed.next()).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining('at most 2 tuples'),
    });
    using another = open(spaces);
    spaces.write('one', int(6), '');
    expect(await another.next()).toEqual([int(6)]);
  });

  it('holds no more than 16 MiB', async () => {
    const spaces = new Spaces();
    using feed = open(spaces);
    const large: Tuple = [{ type: 'bytes', value: new Uint8Array(200_000) }];
    for (let count = 0; count < 90; count += 1) spaces.write('one', large, '');
    expect(await feed.next()).toHaveLength(83);
    await expect(feed.next()).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });

  it('ends with its caller and with the node', async () => {
    const spaces = new Spaces({ maxSubscriptions: 1 });
    const reason = new PlexSpacesError('UNAVAILABLE', 'the node is shutting down');
    for (const [signal, expected] of [
      ['signal', { code: 'CANCELLED' }],
      ['closing', { code: 'UNAVAILABLE' }],
    ] as const) {
      const controller = new AbortController();
      using feed = new TupleFeed(spaces, 'one', ANY, { signal: never, closing: never, [signal]: controller.signal });
      const waiting = feed.next();
      controller.abort(reason);
      await expect(waiting).rejects.toMatchObject(expected);
      await expect(feed.next()).rejects.toMatchObject(expected);
    }
    expect(() => new TupleFeed(spaces, 'one', ANY, { signal: never, closing: AbortSignal.abort(reason) })).toThrow(
      reason,
    );
  });
});

function open(spaces: Spaces): TupleFeed {
  return new TupleFeed(spaces, 'one', ANY, { signal: never, closing: never });
}

function int(value: number): Tuple {
  return [{ type: 'int', value: BigInt(value) }];
}
