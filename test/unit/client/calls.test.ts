import { connect } from '@plexspaces/client';
import type { PlexSpacesError } from '@plexspaces/core';
import type { ServiceRequest } from '@plexspaces/proto';
import { ServerError, Status } from 'nice-grpc';
import { ErrorInfo, RichServerError } from 'nice-grpc-error-details';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from './fake-node.ts';
import type { Answers } from './fake-node.ts';

describe('invoke', () => {
  it('sends a JSON value and gives the parsed reply', async () => {
    const seen: ServiceRequest[] = [];
    await using node = await startFakeNode({
      actors: {
        invoke: async (request) => {
          seen.push(request);
          return { id: request.id, success: true, output: bytes('{"result":6}'), metadata: { a: 'b' } };
        },
      },
    });
    await using client = await connect(node.address);
    const options = { deadlineMs: 1_500, metadata: { traceparent: 't' }, idempotencyKey: 'k' };
    expect(await client.invoke('demo.Calculator.v1/x', 'add', { operands: [1, 2, 3] }, options)).toEqual({ result: 6 });
    expect(seen).toMatchObject([
      {
        id: 'demo.Calculator.v1/x',
        method: 'add',
        timeout: { seconds: 1n, nanos: 500_000_000 },
        metadata: { traceparent: 't' },
        idempotencyKey: 'k',
      },
    ]);
    expect(text(seen[0]?.input)).toBe('{"operands":[1,2,3]}');
  });

  it('sends {} where nothing is given, and bytes as they are', async () => {
    await using node = await startFakeNode(echo());
    await using client = await connect(node.address);
    expect(await client.invoke('s', 'm')).toEqual({});
    const { bytes: spelled } = await client.call('s', 'm', bytes('{"a": 6.0}'));
    expect(text(spelled)).toBe('{"a": 6.0}');
  });

  it('gives bytes back where the reply is no JSON, or nothing at all', async () => {
    await using node = await startFakeNode(echo());
    await using client = await connect(node.address);
    expect(await client.invoke('s', 'm', Uint8Array.of(0xff, 0x00))).toEqual(Uint8Array.of(0xff, 0x00));
    expect(await client.invoke('s', 'm', new Uint8Array())).toEqual(new Uint8Array());
  });

  it('refuses an input that has no JSON form', async () => {
    await using node = await startFakeNode(echo());
    await using client = await connect(node.address);
    await expect(client.invoke('s', 'm', () => 1)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it("ends in EXECUTION_ERROR with the guest's own words where it says no", async () => {
    await using node = await startFakeNode({
      actors: {
        invoke: async () => ({
          success: false,
          error: { code: 'EXECUTION_ERROR', message: 'division by zero', details: { operand: '2' } },
        }),
      },
    });
    await using client = await connect(node.address);
    await expect(client.invoke('s', 'divide')).rejects.toMatchObject({
      code: 'EXECUTION_ERROR',
      message: 'division by zero',
      details: { operand: '2' },
    });
  });
});

describe('errors', () => {
  it('carries code, message, reason and details of the node', async () => {
    const info = ErrorInfo.fromPartial({ reason: 'QUEUE_FULL', domain: 'plexspaces', metadata: { limit: '10' } });
    await using node = await startFakeNode(failing(new RichServerError(Status.RESOURCE_EXHAUSTED, 'full', [info])));
    await using client = await connect(node.address);
    await expect(client.list()).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: 'full',
      details: { limit: '10', reason: 'QUEUE_FULL' },
    });
  });

  it("leaves another domain's details alone", async () => {
    const info = ErrorInfo.fromPartial({ reason: 'OTHER', domain: 'example.com', metadata: { a: 'b' } });
    await using node = await startFakeNode(failing(new RichServerError(Status.ABORTED, 'no', [info])));
    await using client = await connect(node.address);
    await expect(client.list()).rejects.toSatisfy(({ code, details }: PlexSpacesError) => {
      expect({ code, details }).toEqual({ code: 'ABORTED', details: {} });
      return true;
    });
  });

  it('maps a gRPC status to its code, and what has no name to INTERNAL', async () => {
    const codes = [
      [Status.INVALID_ARGUMENT, 'INVALID_ARGUMENT'],
      [Status.NOT_FOUND, 'NOT_FOUND'],
      [Status.ALREADY_EXISTS, 'ALREADY_EXISTS'],
      [Status.UNIMPLEMENTED, 'UNIMPLEMENTED'],
      [Status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
      [Status.UNKNOWN, 'INTERNAL'],
    ] as const;
    for (const [status, code] of codes) {
      await using node = await startFakeNode(failing(new ServerError(status, 'why')));
      await using client = await connect(node.address);
      await expect(client.list()).rejects.toMatchObject({ code, message: 'why' });
    }
  });
});

describe('deadline and cancellation', () => {
  it('ends a call that gets no answer in DEADLINE_EXCEEDED and cancels it at the node', async () => {
    const cancelled = Promise.withResolvers<void>();
    await using node = await startFakeNode(silent(() => cancelled.resolve()));
    await using client = await connect(node.address, { deadlineMs: 100 });
    await expect(client.list()).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: expect.stringContaining('within 100 ms'),
    });
    await cancelled.promise;
  });

  it("ends in CANCELLED at the caller's signal and cancels it at the node", async () => {
    const cancelled = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    await using node = await startFakeNode(
      silent(
        () => cancelled.resolve(),
        () => reached.resolve(),
      ),
    );
    await using client = await connect(node.address);
    const controller = new AbortController();
    const listing = client.list({ signal: controller.signal });
    await reached.promise;
    controller.abort();
    await expect(listing).rejects.toMatchObject({ code: 'CANCELLED' });
    await cancelled.promise;
  });

  it('does not start a call whose signal is aborted already', async () => {
    let calls = 0;
    await using node = await startFakeNode(
      silent(
        () => undefined,
        () => (calls += 1),
      ),
    );
    await using client = await connect(node.address);
    await expect(client.list({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(calls).toBe(0);
  });

  it('gives a wait its own time on top of the deadline', async () => {
    await using node = await startFakeNode({
      tuples: { take: async ({ waitMs }) => (await elapsed(Number(waitMs)), {}) },
    });
    await using client = await connect(node.address, { deadlineMs: 500 });
    expect(await client.tuples.take(['a'], { waitMs: 600 })).toBeNull();
  });
});

function echo(): Answers {
  return { actors: { invoke: async ({ id, input }) => ({ id, success: true, output: input }) } };
}

function failing(error: Error): Answers {
  return {
    applications: {
      listApplications: () => {
        throw error;
      },
    },
  };
}

function silent(onCancel: () => void, onCall: () => void = () => undefined): Answers {
  return {
    applications: {
      listApplications: async (_request, { signal }) => {
        onCall();
        signal.addEventListener('abort', onCancel);
        return Promise.withResolvers<never>().promise;
      },
    },
  };
}

function elapsed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function text(content: Uint8Array | undefined): string {
  return new TextDecoder().decode(content);
}
