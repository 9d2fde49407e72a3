/** A stream of tuple operations, on the client's side: how they travel, what is told to the node, what is a bad answer. */
import { connect } from '@plexspaces/client';
import type { PlexSpacesClient, TupleStream } from '@plexspaces/client';
import { tupleRequestBytes, TupleRequest } from '@plexspaces/proto';
import type { DeepPartial, TupleRequestFrame, TupleResponse, TupleResponseFrame } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../support/outcomes.ts';
import { until } from '../../support/until.ts';
import { startFakeNode } from './fake-node.ts';

type Answer = (request: TupleRequest) => DeepPartial<TupleResponse['outcome']>;

interface Opened extends AsyncDisposable {
  readonly client: PlexSpacesClient;
  readonly stream: TupleStream;
  readonly frames: readonly TupleRequestFrame[];
}

/** A node that answers frame by frame, but where the answer is none, and what it saw. */
async function open(answer: Answer): Promise<Opened> {
  const frames: TupleRequestFrame[] = [];
  const node = await startFakeNode({
    tuples: {
      async *stream(incoming): AsyncGenerator<DeepPartial<TupleResponseFrame>> {
        for await (const frame of incoming) {
          frames.push(frame);
          const answers = frame.requests.map((request) => ({
            correlation: request.correlation,
            outcome: answer(request),
          }));
          yield { responses: answers.filter(({ outcome }) => outcome !== undefined) };
        }
      },
    },
  });
  const client = await connect(node.address);
  const end = async (): Promise<void> => {
    client.close();
    await node[Symbol.asyncDispose]();
  };
  return { client, stream: client.tuples.stream(), frames, [Symbol.asyncDispose]: end };
}

const silence: Answer = () => undefined;
/** Of a write its request's namespace, which is a number, as the lease; of all else nothing in particular. */
const agree: Answer = ({ operation }) => {
  if (operation?.$case === 'write') return { $case: 'write', value: { lease: BigInt(operation.value.namespace) } };
  return { $case: operation?.$case, value: {} } as ReturnType<Answer>;
};

describe('operations of one turn', () => {
  it('travel in one frame, and their replies find them', async () => {
    await using opened = await open(agree);
    const leases = Array.from({ length: 50 }, (_none, index) => index + 1);
    const written = await Promise.all(
      leases.map((lease) => opened.stream.write(['x', lease], { namespace: String(lease), ttlMs: 5 })),
    );
    expect(written).toEqual(leases.map((lease) => ({ lease: BigInt(lease) })));
    expect(opened.frames.map(({ requests }) => requests.length)).toEqual([50]);
    expect(opened.frames[0]?.requests[0]?.operation).toMatchObject({ value: { ttlMs: 5n, idempotencyKey: '' } });
  });

  it('travel in more where one would be too large', async () => {
    await using opened = await open(agree);
    const large = new Uint8Array(200_000);
    await Promise.all(Array.from({ length: 12 }, () => opened.stream.write([large], { namespace: '0' })));
    expect(opened.frames.map(({ requests }) => requests.length)).toEqual([5, 5, 2]);
  });

  it('of each kind get the same as by themselves', async () => {
    await using opened = await open(agree);
    const { stream } = opened;
    expect(
      await Promise.all([
        stream.write(['x'], { namespace: '0' }),
        stream.take(['x']),
        stream.read(['x']),
        stream.readAll(['x']),
        stream.count(['x']),
        stream.renew(1n, 5),
        stream.compareAndSwap(['x'], ['x'], ['y']),
      ]),
    ).toEqual([{ lease: null }, null, null, [], 0, false, false]);
  });
});

describe('an operation settles once', () => {
  it("by the node's error, by an answer to something else and by none at all, and none ends the stream", async () => {
    const error = { code: 'NOT_FOUND', message: 'why', details: { reason: 'GONE' } };
    const answers: DeepPartial<TupleResponse['outcome']>[] = [
      { $case: 'error', value: error },
      { $case: 'count', value: {} },
      { $case: 'take', value: {} },
    ];
    await using opened = await open(() => answers.shift());
    const ends = await Promise.allSettled([1, 2, 3].map(() => opened.stream.take(['x'])));
    expect(ends.map((end) => (end.status === 'rejected' ? codeOf(end.reason) : end.value))).toEqual([
      'NOT_FOUND GONE',
      'INTERNAL',
      null,
    ]);
  });

  it('past the limit it is refused, and so is what it cannot send', async () => {
    await using opened = await open(silence);
    const stream = opened.client.tuples.stream({ maxPending: 1 });
    const waiting = stream.count(['x']);
    await expect(stream.count(['x'])).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await expect(stream.write([Number.MAX_VALUE, '\ud800'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    opened.client.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a caller that goes', () => {
  it('is told to the node, by its signal and by its deadline', async () => {
    await using opened = await open(silence);
    const caller = new AbortController();
    const aborted = opened.stream.take(['x'], { waitMs: 60_000, signal: caller.signal });
    const late = opened.stream.take(['x'], { deadlineMs: 50 });
    await until(
      () => opened.frames.length,
      (count) => count > 0,
    );
    caller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await until(
      () => opened.frames.flatMap(({ cancelled }) => cancelled),
      (cancelled) => cancelled.length === 2,
    );
    expect(opened.frames.flatMap(({ cancelled }) => cancelled)).toEqual([1n, 2n]);
  });

  it('while the stream closes is told, too, and the stream is closed then', async () => {
    await using opened = await open(silence);
    const caller = new AbortController();
    const aborted = opened.stream.take(['x'], { waitMs: 60_000, signal: caller.signal });
    const closed = Promise.all([opened.stream.close(), opened.stream.close()]);
    await expect(opened.stream.count(['x'])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await until(
      () => opened.frames.length,
      (count) => count > 0,
    );
    caller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'CANCELLED' });
    await closed;
    expect(opened.frames.flatMap(({ cancelled }) => cancelled)).toEqual([1n]);
  });

  it('before its request went, takes it along', async () => {
    await using opened = await open(agree);
    const caller = new AbortController();
    const all = [1, 2, 3].map((number) =>
      opened.stream.take(['x'], number === 2 ? { signal: caller.signal } : undefined),
    );
    caller.abort();
    await expect(Promise.allSettled(all)).resolves.toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'CANCELLED' } },
      { status: 'fulfilled' },
    ]);
    await opened.stream.count(['x']);
    expect(opened.frames.map(({ requests }) => requests.map(({ correlation }) => correlation))).toEqual([
      [1n, 3n],
      [4n],
    ]);
    expect(opened.frames.flatMap(({ cancelled }) => cancelled)).toEqual([]);
  });
});

it('knows about how large a request is', () => {
  const string = { value: { $case: 'string', value: 'x'.repeat(100) } } as const;
  const pattern = {
    fields: [{ value: { $case: 'exact', value: string } }, { value: { $case: 'any', value: true } }],
  } as const;
  const requests: DeepPartial<TupleRequest>[] = [
    { operation: { $case: 'write', value: { tuple: { fields: [string, string] } } } },
    { operation: { $case: 'count', value: { pattern: { fields: [...pattern.fields] } } } },
    {},
  ];
  expect(requests.map((request) => tupleRequestBytes(TupleRequest.fromPartial(request)))).toEqual([232, 132, 0]);
});
