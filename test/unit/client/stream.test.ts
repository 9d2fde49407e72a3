/** A stream of calls, on the client's side: how calls travel together, and that each of them settles once. */
import { connect, PlexSpacesError } from '@plexspaces/client';
import type { ActorStream, PlexSpacesClient } from '@plexspaces/client';
import type { DeepPartial, RequestFrame, ResponseFrame, ServiceRequest, ServiceResponse } from '@plexspaces/proto';
import { ServerError, Status } from 'nice-grpc';
import { describe, expect, it } from 'vitest';
import { codeOf, tally } from '../../support/outcomes.ts';
import { startFakeNode } from './fake-node.ts';

type Answer = (request: ServiceRequest) => DeepPartial<ServiceResponse>;

/** A node that answers frame by frame, and what it saw. */
async function open(answer: Answer): Promise<Opened> {
  const frames: RequestFrame[] = [];
  const node = await startFakeNode({
    actors: {
      async *invokeStream(incoming): AsyncGenerator<DeepPartial<ResponseFrame>> {
        for await (const frame of incoming) {
          frames.push(frame);
          yield {
            responses: frame.requests.map((request) => ({ correlation: request.correlation, ...answer(request) })),
          };
        }
      },
    },
  });
  const client = await connect(node.address);
  const end = async (): Promise<void> => {
    client.close();
    await node[Symbol.asyncDispose]();
  };
  return { client, stream: client.stream(), frames, [Symbol.asyncDispose]: end };
}

interface Opened extends AsyncDisposable {
  readonly client: PlexSpacesClient;
  readonly stream: ActorStream;
  readonly frames: readonly RequestFrame[];
}

const echo: Answer = ({ id, input }) => ({ id, success: true, output: input });
const silence: Answer = () => ({ correlation: 0n });

describe('calls of one turn', () => {
  it('travel in one frame, and their replies find them', async () => {
    await using opened = await open(({ input }) => ({ success: true, output: input }));
    const values = Array.from({ length: 50 }, (_none, index) => ({ index }));
    const replies = await Promise.all(values.map((value) => opened.stream.invoke('a', 'm', value)));
    expect(replies).toEqual(values);
    expect(opened.frames.map(({ requests }) => requests.length)).toEqual([50]);
    const [first] = opened.frames[0]?.requests ?? [];
    expect(first).toMatchObject({ id: 'a', method: 'm', timeout: { seconds: 30n, nanos: 0 } });
  });

  it('travel in more where one would be too long or too large', async () => {
    await using opened = await open(echo);
    await Promise.all(Array.from({ length: 1_500 }, () => opened.stream.invoke('a', 'm')));
    expect(opened.frames.map(({ requests }) => requests.length)).toEqual([1_024, 476]);
    const large = new Uint8Array(700_000);
    await Promise.all([1, 2].map(() => opened.stream.invoke('a', 'm', large)));
    expect(opened.frames.slice(2).map(({ requests }) => requests.length)).toEqual([1, 1]);
  });
});

describe('a call settles once', () => {
  it("by the guest's no and by an error of the node, and neither ends the stream", async () => {
    await using opened = await open(({ method }) => ({
      success: false,
      error: { code: method, message: 'why', details: { reason: 'TRAP' } },
    }));
    const ends = await Promise.allSettled(
      ['EXECUTION_ERROR', 'NOT_FOUND', 'a code of tomorrow'].map((method) => opened.stream.invoke('a', method)),
    );
    expect(ends.map((end) => end.status === 'rejected' && codeOf(end.reason))).toEqual([
      'EXECUTION_ERROR TRAP',
      'NOT_FOUND TRAP',
      'EXECUTION_ERROR TRAP',
    ]);
  });

  it('by its deadline and by its signal, where no reply comes; one that comes later finds nobody', async () => {
    await using opened = await open(silence);
    const abort = new AbortController();
    const calls = [
      opened.stream.invoke('a', 'm', {}, { deadlineMs: 1 }),
      opened.stream.invoke('a', 'm', {}, { signal: abort.signal }),
      opened.stream.invoke('a', 'm', {}, { signal: AbortSignal.abort() }),
    ];
    abort.abort();
    const ends = await Promise.allSettled(calls);
    expect(ends.map((end) => end.status === 'rejected' && codeOf(end.reason))).toEqual([
      'DEADLINE_EXCEEDED',
      'CANCELLED',
      'CANCELLED',
    ]);
    expect(opened.frames[0]?.requests).toHaveLength(1); // of the others the callers had gone before it went
  });

  it('past the limit it is refused at once', async () => {
    await using opened = await open(silence);
    const stream = opened.client.stream({ maxPending: 2 });
    const refused = [1, 2, 3].map(() => stream.invoke('a', 'm'));
    await expect(refused[2]).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    opened.client.close();
    const ends = await Promise.allSettled(refused);
    expect(tally(ends.map((end) => (end.status === 'rejected' ? codeOf(end.reason) : 'ok')))).toEqual({
      CANCELLED: 2,
      RESOURCE_EXHAUSTED: 1,
    });
  });

  it("by the stream's end, with the node's reason; then nothing is taken", async () => {
    await using node = await startFakeNode({
      actors: {
        async *invokeStream(incoming): AsyncGenerator<DeepPartial<ResponseFrame>> {
          for await (const frame of incoming) {
            if (frame.requests[0]?.method === 'end') throw new ServerError(Status.RESOURCE_EXHAUSTED, 'too much');
            yield { responses: [] };
          }
        },
      },
    });
    await using client = await connect(node.address);
    const stream = client.stream();
    const calls = [stream.invoke('a', 'end'), stream.invoke('a', 'm')];
    for (const call of calls)
      await expect(call).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', message: 'too much' });
    await expect(stream.invoke('a', 'm')).rejects.toBeInstanceOf(PlexSpacesError);
    await stream.close();
  });
});

describe('close', () => {
  it('lets calls come to their end, and takes no more', async () => {
    await using opened = await open(echo);
    const calls = Promise.all(Array.from({ length: 10 }, (_none, index) => opened.stream.invoke('a', 'm', index)));
    const closed = opened.stream.close();
    await expect(opened.stream.invoke('a', 'm')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await closed;
    await expect(calls).resolves.toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await opened.stream.close();
  });

  it('leaves no stream behind: the control is that an open one ends with the client alone', async () => {
    await using opened = await open(echo);
    expect(await opened.stream.invoke('a', 'm', 1)).toBe(1);
    opened.client.close();
    await expect(opened.stream.invoke('a', 'm')).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

it('refuses options that are out of their range', async () => {
  await using opened = await open(echo);
  expect(() => opened.client.stream({ maxPending: 0 })).toThrow(/maxPending: expected an integer of 1-1000000/);
  expect(() => opened.client.stream({ deadlineMs: 0 })).toThrow(/deadlineMs/);
});
