/** InvokeStream of a whole node, over the wire: by the client's stream, and by frames of a test's own. */
import { connect } from '@plexspaces/client';
import type { PlexSpacesClient, PoolFigures } from '@plexspaces/client';
import { RequestFrame } from '@plexspaces/proto';
import type { ResponseFrame, ServiceRequest } from '@plexspaces/proto';
import { Status } from 'nice-grpc-common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../../fixtures/components/wat.ts';
import { countOf, milliseconds, text } from '../../support/echo.ts';
import { codeOf, tally } from '../../support/outcomes.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';
import { RunningNode } from './running-node.ts';

type Request = Partial<ServiceRequest>;

const NOTHING = new Uint8Array();

let temporary: TemporaryDirectory;
let running: RunningNode;
let client: PlexSpacesClient;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  running = await RunningNode.start(temporary.path);
  client = await connect(running.node.addresses.grpc);
  const component = readEcho();
  await client.deploy({ name: 'durable', version: '1', component });
  const service = { kind: 'service', workers: { min: 2, max: 2 } } as const;
  await client.deploy({ name: 'service', version: '1', component, manifest: service });
});

afterAll(async () => {
  client.close();
  await running.close();
  await temporary[Symbol.asyncDispose]();
});

describe("the client's stream", () => {
  it('calls services and durable actors, each in its order', async () => {
    await using stream = client.stream();
    const payloads = Array.from({ length: 500 }, (_none, index) => Buffer.from(`payload ${index}`));
    const echoes = payloads.map((payload) => stream.invoke('service', 'echo', payload));
    const counts = payloads.map((_payload, index) => stream.call(`durable/k${index % 5}`, 'count', NOTHING));
    expect((await Promise.all(echoes)).map((reply) => text(reply as Uint8Array))).toEqual(payloads.map(String));
    const counted = (await Promise.all(counts)).map(({ bytes }) => countOf(bytes));
    expect(counted).toEqual(payloads.map((_payload, index) => Math.floor(index / 5) + 1));
  });

  it('tells each failure to its call alone, in the same words as a call by itself', async () => {
    await using stream = client.stream();
    const calls: [address: string, method: string, options?: object][] = [
      ['service', 'fail'],
      ['durable/trap', 'trap'],
      ['nobody', 'x'],
      ['no service', 'x'],
      ['service', ''],
      ['service/key', 'echo'],
      ['service', 'echo', { idempotencyKey: 'k' }],
      ['service', 'loop', { deadlineMs: 50 }],
    ];
    const endsOf = async (via: Pick<PlexSpacesClient, 'invoke'>): Promise<string[][]> => {
      const ends = await Promise.allSettled(
        calls.map(([address, method, options]) => via.invoke(address, method, {}, options)),
      );
      return ends.map((end) =>
        end.status === 'rejected' ? [codeOf(end.reason), withoutTimes(String(end.reason))] : [],
      );
    };
    const ends = await endsOf(stream);
    expect(ends.map(([code]) => code)).toEqual([
      'EXECUTION_ERROR',
      'INTERNAL TRAP',
      'NOT_FOUND NOT_FOUND',
      'INVALID_ARGUMENT INVALID_ARGUMENT',
      'INVALID_ARGUMENT INVALID_ARGUMENT',
      'INVALID_ARGUMENT INVALID_ARGUMENT',
      'FAILED_PRECONDITION FAILED_PRECONDITION',
      'DEADLINE_EXCEEDED DEADLINE_EXCEEDED',
    ]);
    const alone = await endsOf(client);
    expect(ends.slice(0, -1)).toEqual(alone.slice(0, -1)); // a deadline's words say who came first
    expect(ends.at(-1)?.[0]).toBe(alone.at(-1)?.[0]);
    await expect(stream.invoke('service', 'echo', { still: 'there' })).resolves.toEqual({ still: 'there' });
  });

  it('gives a recorded reply to a repeated key', async () => {
    await using stream = client.stream();
    const options = { idempotencyKey: 'same' };
    const [first, second] = await Promise.all(
      [1, 2].map(() => stream.call('durable/keyed', 'count', NOTHING, options)),
    );
    expect([countOf(first?.bytes ?? NOTHING), countOf(second?.bytes ?? NOTHING)]).toEqual([1, 1]);
  });

  it('takes replies that are larger than a frame', async () => {
    await using stream = client.stream();
    const sizes = [3_000_000, 1, 2_000_000, 0];
    const replies = await Promise.all(sizes.map((size) => stream.call('service', 'echo', new Uint8Array(size))));
    expect(replies.map(({ bytes }) => bytes.length)).toEqual(sizes);
  });

  it('holds its caller up where the node has no room, and loses nothing', async () => {
    await using stream = client.stream();
    const ends = await Promise.allSettled(
      Array.from({ length: 5_000 }, () => stream.invoke('service', 'echo', { a: 1 })),
    );
    const counts = tally(ends.map((end) => (end.status === 'rejected' ? codeOf(end.reason) : 'ok')));
    expect(counts).toEqual({ ok: 5_000 });
  });
});

describe('frames', () => {
  it('are answered as calls end, not as they were asked', async () => {
    const responses = await exchange([
      { id: 'service', method: 'sleep', input: milliseconds(100), correlation: 1n },
      { id: 'service', method: 'echo', correlation: 2n },
    ]);
    expect(responses.map(({ correlation }) => correlation)).toEqual([2n, 1n]);
    expect(responses).toMatchObject([{ id: 'service/default', success: true }, { success: true }]);
  });

  it('give several replies in one where they are ready together', async () => {
    const requests = Array.from({ length: 100 }, (_none, index) => ({
      id: 'service',
      method: 'echo',
      correlation: BigInt(index),
    }));
    const frames = await Array.fromAsync(running.actors.invokeStream(frameOf(requests)));
    expect(frames.flatMap(({ responses }) => responses)).toHaveLength(100);
    expect(frames.length).toBeLessThan(50);
  });

  it('of too many requests end the stream', async () => {
    const requests = Array.from({ length: 4_097 }, () => ({ id: 'service', method: 'echo' }));
    await expect(exchange(requests)).rejects.toMatchObject({
      details: 'frame: expected at most 4096 requests, found 4097',
    });
  });

  it('that become much more than they are in bytes are refused before they do', async () => {
    const refused = {
      code: Status.RESOURCE_EXHAUSTED,
      details: 'message: expected at most 524288 tags, lengths and numbers, found more',
    };
    await expect(exchange(Array.from({ length: 270_000 }, () => ({})))).rejects.toMatchObject(refused);
    const metadata = Object.fromEntries(Array.from({ length: 100_000 }, (_none, index) => [`${index}`, '.']));
    const alone = running.actors.invoke({ id: 'service', method: 'echo', metadata });
    await expect(alone).rejects.toMatchObject(refused);
  });

  it('that are cancelled take what waits with them: the pool is free again', async () => {
    const cancel = new AbortController();
    const { completed: before } = await client.pool('service');
    const requests = Array.from({ length: 40 }, () => ({ id: 'service', method: 'sleep', input: milliseconds(300) }));
    const stream = running.actors.invokeStream(frameOf(requests), { signal: cancel.signal });
    const reading = Array.fromAsync(stream);
    const pool = (): Promise<PoolFigures> => client.pool('service');
    await until(pool, ({ queued }) => queued > 30);
    cancel.abort();
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    await until(pool, ({ queued }) => queued === 0);
    // What ran goes on to its end: of those that waited none ran.
    const { completed } = await until(pool, ({ active }) => active === 0);
    expect(completed - before).toBeLessThanOrEqual(10);
  });
});

describe('a node that goes', () => {
  it('ends its streams behind the replies that it has', async () => {
    await using directory = await makeTemporaryDirectory();
    await using node = await RunningNode.start(directory.path);
    await using own = await connect(node.node.addresses.grpc);
    await own.deploy({ name: 'service', version: '1', component: readEcho(), manifest: { kind: 'service' } });
    const stream = own.stream();
    const slow = stream.invoke('service', 'sleep', milliseconds(200));
    await until(
      () => own.pool('service'),
      ({ active }) => active === 1,
    );
    const closed = node.node.close({ deadlineMs: 5_000 });
    await expect(slow).resolves.toEqual(NOTHING);
    await expect(stream.invoke('service', 'echo')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await Promise.all([closed, stream.close()]);
  });
});

async function* frameOf(requests: readonly Request[]): AsyncGenerator<RequestFrame> {
  yield RequestFrame.fromPartial({ requests: [...requests] });
}

async function exchange(requests: readonly Request[]): Promise<ResponseFrame['responses']> {
  const frames = await Array.fromAsync(running.actors.invokeStream(frameOf(requests)));
  return frames.flatMap(({ responses }) => responses);
}

function withoutTimes(words: string): string {
  return words.replaceAll(/\d+/g, 'N');
}
