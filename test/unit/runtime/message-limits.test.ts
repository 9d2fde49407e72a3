/** What a message may hold, whatever it has in bytes; what is refused is told to whoever takes it. */
import {
  ActorServiceDefinition,
  RequestFrame,
  TupleRequestFrame,
  TupleSpaceServiceDefinition,
  WriteRequest,
} from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { boundRequests, expectWhole } from '../../../packages/runtime/src/services/message-limits.ts';

/** A tag and a length each. */
const PARTS_OF_AN_EMPTY_REQUEST = 2;

describe('a message', () => {
  const messageParts = 20;
  const { invokeStream } = boundRequests({ messageParts })(ActorServiceDefinition).methods;
  const { stream, write } = boundRequests({ messageParts })(TupleSpaceServiceDefinition).methods;

  it('is taken up to its limit, and refused past it', () => {
    const atLimit = invokeStream.requestType.decode(frameOf(messageParts / PARTS_OF_AN_EMPTY_REQUEST));
    expect(atLimit.requests).toHaveLength(10);
    expect(refusalOf(atLimit)).toBeUndefined();
    const past = invokeStream.requestType.decode(frameOf(1 + messageParts / PARTS_OF_AN_EMPTY_REQUEST));
    expect(past.requests).toEqual([]);
    expect(refusalOf(past)).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: 'message: expected at most 20 tags, lengths and numbers, found more',
    });
  });

  it('counts what is nested in it, and not what is long', () => {
    const fields = Array.from({ length: 10 }, () => ({}));
    const nested = WriteRequest.encode(WriteRequest.fromPartial({ tuple: { fields } })).finish();
    expect(refusalOf(write.requestType.decode(nested))).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    const input = new Uint8Array(1_000_000);
    const long = RequestFrame.encode(RequestFrame.fromPartial({ requests: [{ input }] })).finish();
    expect(invokeStream.requestType.decode(long).requests[0]?.input).toHaveLength(input.length);
  });

  it('counts each number of a list that is packed', () => {
    const cancelled = (count: number): Uint8Array =>
      TupleRequestFrame.encode(
        TupleRequestFrame.fromPartial({ cancelled: Array.from({ length: count }, () => 1n) }),
      ).finish();
    const atLimit = stream.requestType.decode(cancelled(messageParts - 2));
    expect(atLimit.cancelled).toHaveLength(messageParts - 2);
    expect(refusalOf(atLimit)).toBeUndefined();
    const past = stream.requestType.decode(cancelled(messageParts - 1));
    expect(past.cancelled).toEqual([]);
    expect(refusalOf(past)).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });

  it('that is malformed is so', () => {
    const torn = Uint8Array.from([...frameOf(8), 0x0a, 4, 0x1a, 0x7f, 0, 0]); // an input of 127 bytes, of which 2 are there
    expect(() => invokeStream.requestType.decode(torn)).toThrow(RangeError);
  });

  it('by default holds what a frame of many small requests does', () => {
    const byDefault = boundRequests()(ActorServiceDefinition).methods.invokeStream.requestType;
    const request = {
      id: 'service/key',
      method: 'm',
      input: new Uint8Array(200),
      idempotencyKey: 'k',
      correlation: 1n,
    };
    const many = RequestFrame.fromPartial({ requests: Array.from({ length: 4_096 }, () => request) });
    const decoded = byDefault.decode(RequestFrame.encode(many).finish());
    expect(refusalOf(decoded)).toBeUndefined();
    expect(decoded.requests).toHaveLength(4_096);
    expect(refusalOf(byDefault.decode(frameOf(270_000)))).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });
});

/** So many empty requests, of two bytes each. */
function frameOf(count: number): Uint8Array {
  return new Uint8Array(2 * count).map((_byte, index) => (index % 2 === 0 ? 0x0a : 0));
}

function refusalOf(message: object): unknown {
  try {
    expectWhole(message);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}
