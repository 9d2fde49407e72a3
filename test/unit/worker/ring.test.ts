/** The ring: what is written is read whole and in its order, whatever its lengths, and nothing unread is written over. */
import { createBridgeBuffer, headerCells } from '@plexspaces/worker';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLS_RING, RESULTS_RING, RING_BYTES } from '../../../packages/worker/src/bridge/layout.ts';
import {
  CallReader,
  readResult,
  writeCall,
  writeMark,
  writeResult,
} from '../../../packages/worker/src/bridge/records.ts';
import { MAX_RECORD_BYTES, RingReader, RingWriter } from '../../../packages/worker/src/bridge/ring.ts';
import type { GuestCall, GuestResult, GuestTarget } from '../../../packages/worker/src/protocol.ts';

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 512 });
const bytes = fc.uint8Array({ maxLength: 300 });
const micros = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const id = fc.integer({ min: 1, max: 2 ** 29 });

const target: fc.Arbitrary<GuestTarget> = fc.oneof(
  fc.record({ export: fc.constant('init' as const), state: bytes }),
  fc.record({
    export: fc.constantFrom('handle-request' as const, 'handle-message' as const),
    fromActor: ascii,
    messageType: ascii,
    payload: bytes,
  }),
  fc.record({ export: fc.constantFrom('snapshot-state' as const, 'proven-snapshot' as const, 'shutdown' as const) }),
);

const message = fc.record({
  sequence: micros,
  selfId: fc.option(ascii, { nil: undefined }),
  startMicros: micros,
  seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  replayed: fc.boolean(),
  restoring: fc.boolean(),
  hostCalls: fc.constantFrom('all' as const, 'log-only' as const),
});

const call: fc.Arbitrary<GuestCall> = fc.record({ id, slot: fc.nat(), target, message });

const ok = fc.record({
  kind: fc.constant('ok' as const),
  payload: fc.option(bytes, { nil: undefined }),
  clockMicros: micros,
});
const result: fc.Arbitrary<GuestResult> = fc.record({
  id,
  outcome: fc.option(ok, { nil: undefined }),
  wornAfter: fc.nat(),
});

function ring(): [RingWriter, RingReader] {
  const buffer = createBridgeBuffer();
  const cells = headerCells(buffer);
  return [new RingWriter(buffer, cells, CALLS_RING), new RingReader(buffer, cells, CALLS_RING)];
}

/** Filled with its number. */
function write(writer: RingWriter, length: number, number: number): boolean {
  const at = writer.reserve(length);
  if (at === undefined) return false;
  writer.bytes.fill(number, at + 4, at + length);
  writer.publish();
  return true;
}

function read(reader: RingReader): { length: number; numbers: Set<number> } | undefined {
  const at = reader.next();
  if (at === undefined) return undefined;
  const length = reader.ints[at >> 2] ?? 0;
  const found = { length, numbers: new Set(reader.bytes.subarray(at + 4, at + length)) };
  reader.release();
  return found;
}

describe('a ring', () => {
  it('gives what was written, in its order, or refuses it', () => {
    const length = fc.oneof(fc.integer({ min: 5, max: 200 }), fc.integer({ min: 5, max: MAX_RECORD_BYTES }));
    const move = fc.option(length, { nil: 'read' as const });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 300 }), (moves) => {
        const [writer, reader] = ring();
        const model: { length: number; number: number }[] = [];
        for (const [index, each] of moves.entries()) {
          if (each === 'read') expectNext(reader, model);
          else if (write(writer, each, index % 256)) model.push({ length: each, number: index % 256 });
          else if (model.length === 0) throw new Error('an empty ring refused a record');
        }
        while (model.length > 0) expectNext(reader, model);
        expect(read(reader)).toBeUndefined();
        expect(reader.isEmpty).toBe(true);
      }),
    );
  });

  it('has room for a record of the largest size as long as less than a half is unread', () => {
    const [writer, reader] = ring();
    for (let count = 0; count < 100; count += 1) {
      expect(write(writer, MAX_RECORD_BYTES, count)).toBe(true);
      expect(write(writer, MAX_RECORD_BYTES - 8 * (count % 7), count)).toBe(true);
      expect([read(reader)?.length, read(reader)?.length]).toEqual([
        MAX_RECORD_BYTES,
        MAX_RECORD_BYTES - 8 * (count % 7),
      ]);
    }
  });

  it('is full when its bytes are', () => {
    const [writer, reader] = ring();
    let count = 0;
    while (write(writer, 64, 1)) count += 1;
    expect(count).toBe(RING_BYTES / 64);
    read(reader);
    expect([write(writer, 64, 1), write(writer, 64, 1)]).toEqual([true, false]);
  });

  it('does not show a record that is not published', () => {
    const [writer, reader] = ring();
    writer.reserve(64);
    expect(reader.isEmpty).toBe(true);
    writer.publish();
    expect(reader.isEmpty).toBe(false);
  });

  it('goes on where its counters begin again', () => {
    const buffer = createBridgeBuffer();
    const cells = headerCells(buffer);
    for (const cell of [CALLS_RING.writtenCell, CALLS_RING.readCell]) Atomics.store(cells, cell, 0x7f_ff_ff_c0);
    const [writer, reader] = [new RingWriter(buffer, cells, CALLS_RING), new RingReader(buffer, cells, CALLS_RING)];
    for (let count = 0; count < 50; count += 1) {
      expect(write(writer, 40, count)).toBe(true);
      expect(read(reader)).toEqual({ length: 40, numbers: new Set([count]) });
    }
    expect(Atomics.load(cells, CALLS_RING.writtenCell)).toBeLessThan(0);
  });
});

describe('records', () => {
  it('are calls, each as it was, marks among them', () => {
    fc.assert(
      fc.property(fc.array(fc.option(call, { nil: undefined }), { maxLength: 20 }), (calls) => {
        const [writer, reader] = ring();
        const written = calls.filter((each) =>
          each === undefined ? writeMark(writer) : writeCall(writer, each) === 'written',
        );
        const reads = new CallReader(reader);
        for (const each of written) {
          const found = reads.read(reader.next() ?? -1);
          expect(found && structuredClone(found)).toEqual(each);
          reader.release();
        }
        expect(written).toHaveLength(calls.length);
      }),
    );
  });

  it('are results, each as it was, with bytes of their own', () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 50 }), (results) => {
        const buffer = createBridgeBuffer();
        const cells = headerCells(buffer);
        const writer = new RingWriter(buffer, cells, RESULTS_RING);
        const reader = new RingReader(buffer, cells, RESULTS_RING);
        for (const each of results) expect(writeResult(writer, each)).toBe('written');
        for (const each of results) {
          const found = readResult(reader, reader.next() ?? -1);
          reader.release();
          expect(found).toEqual(each);
          const payload = found.outcome?.kind === 'ok' ? found.outcome.payload : undefined;
          expect(payload?.buffer ?? new ArrayBuffer(0)).toBeInstanceOf(ArrayBuffer);
        }
      }),
    );
  });

  it.each<[string, (of: GuestCall) => GuestCall]>([
    ['a text beyond ASCII', (of) => ({ ...of, target: { ...request, fromActor: 'größe' } })],
    ['a long text', (of) => ({ ...of, target: { ...request, messageType: 'x'.repeat(513) } })],
    ['another address beyond ASCII', (of) => ({ ...of, message: { ...of.message, selfId: '\u{1f600}' } })],
    ['many bytes', (of) => ({ ...of, target: { export: 'init', state: new Uint8Array(MAX_RECORD_BYTES) } })],
  ])('are not made of calls with %s', (_what, change) => {
    const [writer, reader] = ring();
    const of: GuestCall = {
      id: 1,
      slot: 1,
      target: request,
      message: {
        sequence: 1n,
        startMicros: 1n,
        seed: new Uint8Array(32),
        replayed: false,
        restoring: false,
        hostCalls: 'all',
      },
    };
    expect(writeCall(writer, change(of))).toBe('not-for-rings');
    expect(reader.isEmpty).toBe(true);
    expect(writeCall(writer, of)).toBe('written');
  });
});

const request = { export: 'handle-request', fromActor: 'a', messageType: 'b', payload: new Uint8Array(3) } as const;

function expectNext(reader: RingReader, model: { length: number; number: number }[]): void {
  const expected = model.shift();
  const found = read(reader);
  expect(found).toEqual(expected && { length: expected.length, numbers: new Set([expected.number]) });
}
