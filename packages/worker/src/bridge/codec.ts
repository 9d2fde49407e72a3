/**
 * The bytes of host calls and replies. Requests are canonical: equal calls have equal bytes, whose
 * digest replay compares with what was recorded. Journals hold replies in this form, so a tag that
 * was once given keeps its meaning.
 */
import {
  ByteReader,
  ByteWriter,
  PlexSpacesError,
  readPattern,
  readTuple,
  writePattern,
  writeTuple,
} from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';
import type { HostCall, HostFunction, HostReply, HostValue } from '../protocol.ts';
import { MAX_MESSAGE_BYTES } from './layout.ts';

const FUNCTION_TAG: Readonly<Record<HostFunction, number>> = {
  'tuplespace-write': 1,
  'tuplespace-read': 2,
  'tuplespace-take': 3,
  'tuplespace-count': 4,
  checkpoint: 5,
  'sleep-millis': 6,
};
const VALUE_TAG: Readonly<Record<HostValue['type'], number>> = { unit: 0, none: 1, tuple: 2, u64: 3 };
const ERROR_TAG = 255;

export function encodeHostCall(call: HostCall): Uint8Array {
  const writer = new ByteWriter(MAX_MESSAGE_BYTES, 'host call').u8(FUNCTION_TAG[call.function]);
  switch (call.function) {
    case 'tuplespace-write':
      writeTuple(writer, call.tuple);
      break;
    case 'tuplespace-read':
    case 'tuplespace-take':
    case 'tuplespace-count':
      writePattern(writer, call.pattern);
      break;
    case 'checkpoint':
      break;
    case 'sleep-millis':
      writer.u64(call.micros);
      break;
  }
  return writer.finish();
}

export function decodeHostCall(bytes: Uint8Array): HostCall {
  const reader = new ByteReader(bytes);
  const tag = reader.u8();
  switch (tag) {
    case FUNCTION_TAG['tuplespace-write']:
      return { function: 'tuplespace-write', tuple: readTuple(reader) };
    case FUNCTION_TAG['tuplespace-read']:
      return { function: 'tuplespace-read', pattern: readPattern(reader) };
    case FUNCTION_TAG['tuplespace-take']:
      return { function: 'tuplespace-take', pattern: readPattern(reader) };
    case FUNCTION_TAG['tuplespace-count']:
      return { function: 'tuplespace-count', pattern: readPattern(reader) };
    case FUNCTION_TAG.checkpoint:
      return { function: 'checkpoint' };
    case FUNCTION_TAG['sleep-millis']:
      return { function: 'sleep-millis', micros: reader.u64() };
    default:
      throw new PlexSpacesError('INTERNAL', `host call: expected a known function tag, found ${tag}`);
  }
}

export function encodeHostReply(reply: HostReply): Uint8Array {
  const writer = new ByteWriter(MAX_MESSAGE_BYTES, 'reply of the host').varint(reply.durationMicros);
  if (!reply.ok) return writer.u8(ERROR_TAG).string(reply.code).string(reply.message).finish();
  writer.u8(VALUE_TAG[reply.value.type]);
  if (reply.value.type === 'tuple') writeTuple(writer, reply.value.tuple);
  if (reply.value.type === 'u64') writer.u64(reply.value.value);
  return writer.finish();
}

export function decodeHostReply(bytes: Uint8Array): HostReply {
  const reader = new ByteReader(bytes);
  const durationMicros = reader.varint();
  const tag = reader.u8();
  if (tag === ERROR_TAG) {
    // The host wrote the code from the closed set; the reader of these bytes trusts it.
    return { durationMicros, ok: false, code: reader.string() as ErrorCode, message: reader.string() };
  }
  return { durationMicros, ok: true, value: readValue(tag, reader) };
}

function readValue(tag: number, reader: ByteReader): HostValue {
  switch (tag) {
    case VALUE_TAG.unit:
      return { type: 'unit' };
    case VALUE_TAG.none:
      return { type: 'none' };
    case VALUE_TAG.tuple:
      return { type: 'tuple', tuple: readTuple(reader) };
    case VALUE_TAG.u64:
      return { type: 'u64', value: reader.u64() };
    default:
      throw new PlexSpacesError('DATA_LOSS', `reply of the host: expected a known tag, found ${tag}`);
  }
}
