/** How each host call is written: its tag, then its arguments in the order of the WIT. */
import { PlexSpacesError, readPattern, readTuple, writePattern, writeTuple } from '@plexspaces/core';
import type { ByteReader, ByteWriter } from '@plexspaces/core';
import type { HostCall, HostFunction } from '../protocol.ts';

type CallOf<F extends HostFunction> = Extract<HostCall, { function: F }>;
type Arguments<F extends HostFunction> = Omit<CallOf<F>, 'function'>;

interface CallForm<F extends HostFunction> {
  readonly tag: number;
  readonly write: (writer: ByteWriter, call: Arguments<F>) => void;
  readonly read: (reader: ByteReader) => Arguments<F>;
}

const PATTERN_ALONE = {
  write: (writer: ByteWriter, { pattern }: Arguments<'tuplespace-read'>): void => writePattern(writer, pattern),
  read: (reader: ByteReader): Arguments<'tuplespace-read'> => ({ pattern: readPattern(reader) }),
};

const PATTERN_AND_TIMEOUT = {
  write: (writer: ByteWriter, { pattern, timeoutMs }: Arguments<'tuplespace-read-blocking'>): void => {
    writePattern(writer, pattern);
    writer.u64(timeoutMs);
  },
  read: (reader: ByteReader): Arguments<'tuplespace-read-blocking'> => ({
    pattern: readPattern(reader),
    timeoutMs: reader.u64(),
  }),
};

const FORMS: { readonly [F in HostFunction]: CallForm<F> } = {
  'tuplespace-write': {
    tag: 1,
    write: (writer, { tuple }) => writeTuple(writer, tuple),
    read: (reader) => ({ tuple: readTuple(reader) }),
  },
  'tuplespace-read': { tag: 2, ...PATTERN_ALONE },
  'tuplespace-take': { tag: 3, ...PATTERN_ALONE },
  'tuplespace-count': { tag: 4, ...PATTERN_ALONE },
  checkpoint: { tag: 5, write: () => undefined, read: () => ({}) },
  'sleep-millis': {
    tag: 6,
    write: (writer, { micros }) => writer.u64(micros),
    read: (reader) => ({ micros: reader.u64() }),
  },
  'tuplespace-write-with-ttl': {
    tag: 7,
    write: (writer, { tuple, ttlMs }) => {
      writeTuple(writer, tuple);
      writer.u64(ttlMs);
    },
    read: (reader) => ({ tuple: readTuple(reader), ttlMs: reader.u64() }),
  },
  'tuplespace-renew': {
    tag: 8,
    write: (writer, { lease, ttlMs }) => writer.u64(lease).u64(ttlMs),
    read: (reader) => ({ lease: reader.u64(), ttlMs: reader.u64() }),
  },
  'tuplespace-read-blocking': { tag: 9, ...PATTERN_AND_TIMEOUT },
  'tuplespace-take-blocking': { tag: 10, ...PATTERN_AND_TIMEOUT },
  'tuplespace-read-all': {
    tag: 11,
    write: (writer, { pattern, limit }) => {
      writePattern(writer, pattern);
      writer.varint(limit);
    },
    read: (reader) => ({ pattern: readPattern(reader), limit: reader.varint() }),
  },
  'tuplespace-compare-and-swap': {
    tag: 12,
    write: (writer, { pattern, expected, replacement }) => {
      writePattern(writer, pattern);
      writeTuple(writer, expected);
      writeTuple(writer, replacement);
    },
    read: (reader) => ({
      pattern: readPattern(reader),
      expected: readTuple(reader),
      replacement: readTuple(reader),
    }),
  },
  'tuplespace-subscribe': { tag: 13, ...PATTERN_ALONE },
  'tuplespace-unsubscribe': {
    tag: 14,
    write: (writer, { subscription }) => writer.u64(subscription),
    read: (reader) => ({ subscription: reader.u64() }),
  },
  'send-message': {
    tag: 15,
    write: (writer, { to, messageType, payload }) => writer.string(to).string(messageType).bytes(payload),
    read: (reader) => ({ to: reader.string(), messageType: reader.string(), payload: reader.bytes() }),
  },
  ask: {
    tag: 16,
    write: (writer, { to, messageType, payload, timeoutMs }) =>
      writer.string(to).string(messageType).bytes(payload).u64(timeoutMs),
    read: (reader) => ({
      to: reader.string(),
      messageType: reader.string(),
      payload: reader.bytes(),
      timeoutMs: reader.u64(),
    }),
  },
  'send-after': {
    tag: 17,
    write: (writer, { delayMs, messageType, payload }) => writer.u64(delayMs).string(messageType).bytes(payload),
    read: (reader) => ({ delayMs: reader.u64(), messageType: reader.string(), payload: reader.bytes() }),
  },
  'cancel-timer': {
    tag: 18,
    write: (writer, { timer }) => writer.u64(timer),
    read: (reader) => ({ timer: reader.u64() }),
  },
  'state-get': {
    tag: 19,
    write: (writer, { key }) => writer.string(key),
    read: (reader) => ({ key: reader.string() }),
  },
  'state-put': {
    tag: 20,
    write: (writer, { key, value, ifVersion, ttlMs }) => {
      writer.string(key).bytes(value);
      writeOptional(writer, ifVersion);
      writeOptional(writer, ttlMs);
    },
    read: (reader) => ({
      key: reader.string(),
      value: reader.bytes(),
      ifVersion: readOptional(reader),
      ttlMs: readOptional(reader),
    }),
  },
  'state-delete': {
    tag: 21,
    write: (writer, { key, ifVersion }) => writeOptional(writer.string(key), ifVersion),
    read: (reader) => ({ key: reader.string(), ifVersion: readOptional(reader) }),
  },
  'state-list': {
    tag: 22,
    write: (writer, { prefix, limit }) => writer.string(prefix).varint(limit),
    read: (reader) => ({ prefix: reader.string(), limit: reader.varint() }),
  },
};

const NAME_OF_TAG = new Map((Object.keys(FORMS) as HostFunction[]).map((name) => [FORMS[name].tag, name]));

export function writeCall(writer: ByteWriter, call: HostCall): void {
  const form = FORMS[call.function] as CallForm<HostFunction>; // the form of this very function
  form.write(writer.u8(form.tag), call);
}

/** @throws INTERNAL at an unknown tag. */
export function readCall(reader: ByteReader): HostCall {
  const tag = reader.u8();
  const name = NAME_OF_TAG.get(tag);
  if (name === undefined) {
    throw new PlexSpacesError('INTERNAL', `host call: expected a known function tag, found ${tag}`);
  }
  return { function: name, ...FORMS[name].read(reader) } as HostCall; // the arguments of this very function
}

function writeOptional(writer: ByteWriter, value: bigint | undefined): void {
  writer.u8(value === undefined ? 0 : 1);
  if (value !== undefined) writer.u64(value);
}

function readOptional(reader: ByteReader): bigint | undefined {
  return reader.u8() === 0 ? undefined : reader.u64();
}
