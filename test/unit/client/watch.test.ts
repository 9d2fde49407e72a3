/** A watch of the client's: it begins when the node says so, gives everything, and ends once. */
import { connect } from '@plexspaces/client';
import { tupleToMessage } from '@plexspaces/proto';
import { ServerError, Status } from 'nice-grpc';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from './fake-node.ts';
import type { Answers } from './fake-node.ts';

const A = tupleToMessage([{ type: 'string', value: 'a' }]);
type Subscribe = NonNullable<NonNullable<Answers['tuples']>['subscribe']>;
type Context = Parameters<Subscribe>[1];

describe('a watch', () => {
  it('has begun when the node says so, and not before', async () => {
    const begin = Promise.withResolvers<void>();
    await using node = await startFakeNode(
      answering(async function* (context) {
        context.sendHeader(); // of itself no beginning
        await begin.promise;
        yield { tuple: A };
        await aborted(context);
      }),
    );
    await using client = await connect(node.address);
    let hasBegun = false;
    const watching = client.tuples.watch(['a']).then((watch) => {
      hasBegun = true;
      return watch;
    });
    await client.tuples.count(['a']); // the node answers meanwhile
    expect(hasBegun).toBe(false);
    begin.resolve();
    const watch = await watching;
    watch.close();
    await Array.fromAsync(watch);
  });

  it('gives everything in order, and ends the call where its reader leaves', async () => {
    const ended = Promise.withResolvers<void>();
    await using node = await startFakeNode(
      answering(async function* (context) {
        begun(context);
        try {
          for (let number = 0n; ; number += 1n) yield { tuple: tupleToMessage([{ type: 'int', value: number }]) };
        } finally {
          ended.resolve();
        }
      }),
    );
    await using client = await connect(node.address);
    const seen: unknown[] = [];
    for await (const tuple of await client.tuples.watch([{ '?': 'any' }])) {
      if (seen.push(tuple) === 3) break;
    }
    expect(seen).toEqual([[0], [1], [2]]);
    await ended.promise;
  });

  it('comes to its end where it is closed, and fails where the node ends it', async () => {
    let calls = 0;
    await using node = await startFakeNode(
      answering(async function* (context) {
        begun(context);
        calls += 1;
        if (calls === 1) yield* await aborted(context);
        else yield* await refused('too slow');
      }),
    );
    await using client = await connect(node.address);
    const closed = await client.tuples.watch(['a']);
    const all = Array.fromAsync(closed);
    closed.close();
    expect(await all).toEqual([]);
    const failing = await client.tuples.watch(['a']);
    await expect(Array.fromAsync(failing)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', message: 'too slow' });
  });

  it('fails to begin with what the node says, and with what the caller cancels', async () => {
    await using node = await startFakeNode(
      answering(async function* () {
        yield* await refused('too many');
      }),
    );
    await using client = await connect(node.address);
    await expect(client.tuples.watch(['a'])).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    const cancelled = client.tuples.watch(['a'], { signal: AbortSignal.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

function answering(subscribe: (context: Context) => ReturnType<Subscribe>): Answers {
  return { tuples: { subscribe: (_request, context) => subscribe(context), count: async () => ({ count: 0n }) } };
}

function begun(context: Context): void {
  context.header.set('plexspaces-subscribed', '1');
  context.sendHeader();
}

function aborted({ signal }: Context): Promise<never[]> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve([])));
}

function refused(message: string): Promise<never[]> {
  return Promise.reject(new ServerError(Status.RESOURCE_EXHAUSTED, message));
}
