/**
 * Calls and results as records of a ring (see ring.ts): numbers in their places, then texts and bytes.
 *
 * What is rare or large is not written here but sent as a message (see packing.ts): texts that are long or not of ASCII,
 * results that are errors. In the ring a call that was sent so leaves a mark, which keeps its place among the others.
 *
 * Bytes of a call are read where they lie: they are the guest's own until its record is released.
 */
import type { GuestCall, GuestResult, GuestTarget } from '../protocol.ts';
import { MAX_RECORD_BYTES } from './ring.ts';
import type { RingReader, RingWriter } from './ring.ts';
import { SmallCopies } from './small-copies.ts';
import { TextReader } from './text-reader.ts';

/** In the place of a call's number. */
const BY_MESSAGE = 0;
const MAX_TEXT = 512;
const MAX_ASCII = 127;
const NONE = -1;
const SEED_BYTES = 32;

/** Places in a record, in 32-bit cells; `_LONG` those of 64 bits. */
const ID = 1;
const MARK_BYTES = 8;
const CALL = {
  SLOT: 2,
  KIND: 3,
  SEQUENCE_LONG: 2,
  START_LONG: 3,
  SELF_ID: 8,
  FROM_ACTOR: 9,
  TYPE: 10,
  PAYLOAD: 11,
  SEED_BYTE: 48,
  HEAD_BYTES: 80,
} as const;
const RESULT = { PAYLOAD: 2, WORN_AFTER: 3, CLOCK_LONG: 2, HEAD_BYTES: 24 } as const;
/** In the place of a payload's length. */
const TAKEN_BACK = -2;

const REPLAYED = 1;
const RESTORING = 2;
const LOG_ONLY = 4;
const FLAG_BITS = 3;
const EXPORTS = ['init', 'handle-request', 'handle-message', 'snapshot-state', 'proven-snapshot', 'shutdown'] as const;
const NO_BYTES = new Uint8Array(0);

const copies = new SmallCopies();

export type WriteEnd = 'written' | 'full' | 'not-for-rings';

export function writeCall(ring: RingWriter, { id, slot, target, message }: GuestCall): WriteEnd {
  const { selfId, seed } = message;
  const [fromActor, type, payload] = partsOf(target);
  if (!isShortText(selfId ?? '') || !isShortText(fromActor) || !isShortText(type)) return 'not-for-rings';
  const length = CALL.HEAD_BYTES + (selfId?.length ?? 0) + fromActor.length + type.length + payload.length;
  if (length > MAX_RECORD_BYTES || seed.length !== SEED_BYTES) return 'not-for-rings';
  const at = ring.reserve(length);
  if (at === undefined) return 'full';
  const { ints, longs, bytes } = ring;
  const cell = at >> 2;
  ints[cell + ID] = id;
  ints[cell + CALL.SLOT] = slot;
  ints[cell + CALL.KIND] = kindOf(target, message);
  longs[(at >> 3) + CALL.SEQUENCE_LONG] = message.sequence;
  longs[(at >> 3) + CALL.START_LONG] = message.startMicros;
  ints[cell + CALL.SELF_ID] = selfId?.length ?? NONE;
  ints[cell + CALL.FROM_ACTOR] = fromActor.length;
  ints[cell + CALL.TYPE] = type.length;
  ints[cell + CALL.PAYLOAD] = payload.length;
  bytes.set(seed, at + CALL.SEED_BYTE);
  let end = at + CALL.HEAD_BYTES;
  if (selfId !== undefined) end = writeText(bytes, end, selfId);
  end = writeText(bytes, end, fromActor);
  end = writeText(bytes, end, type);
  bytes.set(payload, end);
  ring.publish();
  return 'written';
}

/** The place of a call that was sent as a message. False: the ring is full. */
export function writeMark(ring: RingWriter): boolean {
  const at = ring.reserve(MARK_BYTES);
  if (at === undefined) return false;
  ring.ints[(at >> 2) + ID] = BY_MESSAGE;
  ring.publish();
  return true;
}

export class CallReader {
  readonly #ring: RingReader;
  readonly #selfId = new TextReader();
  readonly #fromActor = new TextReader();
  readonly #type = new TextReader();

  constructor(ring: RingReader) {
    this.#ring = ring;
  }

  /** Undefined: what lies there is a mark. */
  read(at: number): GuestCall | undefined {
    const { ints, longs, bytes } = this.#ring;
    const cell = at >> 2;
    const id = ints[cell + ID] ?? BY_MESSAGE;
    if (id === BY_MESSAGE) return undefined;
    const [kind, selfLength] = [ints[cell + CALL.KIND] ?? 0, ints[cell + CALL.SELF_ID] ?? NONE];
    const selfEnd = at + CALL.HEAD_BYTES + Math.max(selfLength, 0);
    const message = {
      sequence: longs[(at >> 3) + CALL.SEQUENCE_LONG] ?? 0n,
      startMicros: longs[(at >> 3) + CALL.START_LONG] ?? 0n,
      selfId: selfLength === NONE ? undefined : this.#selfId.read(bytes, at + CALL.HEAD_BYTES, selfLength),
      seed: bytes.subarray(at + CALL.SEED_BYTE, at + CALL.SEED_BYTE + SEED_BYTES),
      replayed: (kind & REPLAYED) !== 0,
      restoring: (kind & RESTORING) !== 0,
      hostCalls: (kind & LOG_ONLY) === 0 ? 'all' : 'log-only',
    } as const;
    return { id, slot: ints[cell + CALL.SLOT] ?? 0, message, target: this.#target(cell, selfEnd, kind >> FLAG_BITS) };
  }

  #target(cell: number, from: number, kind: number): GuestTarget {
    const { ints, bytes } = this.#ring;
    const name = EXPORTS[kind] ?? 'shutdown';
    const payloadLength = ints[cell + CALL.PAYLOAD] ?? 0;
    switch (name) {
      case 'init':
        return { export: name, state: bytes.subarray(from, from + payloadLength) };
      case 'handle-request':
      case 'handle-message': {
        const typeAt = from + (ints[cell + CALL.FROM_ACTOR] ?? 0);
        const payloadAt = typeAt + (ints[cell + CALL.TYPE] ?? 0);
        return {
          export: name,
          fromActor: this.#fromActor.read(bytes, from, typeAt - from),
          messageType: this.#type.read(bytes, typeAt, payloadAt - typeAt),
          payload: bytes.subarray(payloadAt, payloadAt + payloadLength),
        };
      }
      default:
        return { export: name };
    }
  }
}

export function writeResult(ring: RingWriter, { id, outcome, wornAfter }: GuestResult): WriteEnd {
  if (outcome !== undefined && outcome.kind !== 'ok') return 'not-for-rings';
  const payload = outcome?.payload;
  const length = RESULT.HEAD_BYTES + (payload?.length ?? 0);
  if (length > MAX_RECORD_BYTES) return 'not-for-rings';
  const at = ring.reserve(length);
  if (at === undefined) return 'full';
  ring.ints[(at >> 2) + ID] = id;
  ring.ints[(at >> 2) + RESULT.PAYLOAD] = outcome === undefined ? TAKEN_BACK : (payload?.length ?? NONE);
  ring.ints[(at >> 2) + RESULT.WORN_AFTER] = wornAfter;
  ring.longs[(at >> 3) + RESULT.CLOCK_LONG] = outcome?.clockMicros ?? 0n;
  if (payload !== undefined) ring.bytes.set(payload, at + RESULT.HEAD_BYTES);
  ring.publish();
  return 'written';
}

/** Its bytes are a copy, which may lie beside others (small-copies.ts). */
export function readResult({ ints, longs, bytes }: RingReader, at: number): GuestResult {
  const id = ints[(at >> 2) + ID] ?? 0;
  const length = ints[(at >> 2) + RESULT.PAYLOAD] ?? NONE;
  const wornAfter = ints[(at >> 2) + RESULT.WORN_AFTER] ?? 0;
  if (length === TAKEN_BACK) return { id, outcome: undefined, wornAfter };
  const from = at + RESULT.HEAD_BYTES;
  const payload = length === NONE ? undefined : copies.copy(bytes, from, length);
  const clockMicros = longs[(at >> 3) + RESULT.CLOCK_LONG] ?? 0n;
  return { id, outcome: { kind: 'ok', payload, clockMicros }, wornAfter };
}

function kindOf({ export: name }: GuestTarget, { replayed, restoring, hostCalls }: GuestCall['message']): number {
  const flags = (replayed ? REPLAYED : 0) | (restoring ? RESTORING : 0) | (hostCalls === 'log-only' ? LOG_ONLY : 0);
  return (EXPORTS.indexOf(name) << FLAG_BITS) | flags;
}

function partsOf(target: GuestTarget): readonly [fromActor: string, type: string, payload: Uint8Array] {
  switch (target.export) {
    case 'init':
      return ['', '', target.state];
    case 'handle-request':
    case 'handle-message':
      return [target.fromActor, target.messageType, target.payload];
    default:
      return ['', '', NO_BYTES];
  }
}

function isShortText(text: string): boolean {
  if (text.length > MAX_TEXT) return false;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > MAX_ASCII) return false;
  return true;
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index);
  return at + text.length;
}
