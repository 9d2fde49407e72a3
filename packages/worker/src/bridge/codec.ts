/**
 * The bytes of host calls and replies. Requests are canonical: equal calls have equal bytes, whose
 * digest replay compares with what was recorded. Journals hold replies in this form, so a tag that
 * was once given keeps its meaning.
 */
import { ByteReader, ByteWriter } from '@plexspaces/core';
import type { ErrorCode } from '@plexspaces/core';
import type { HostCall, HostReply } from '../protocol.ts';
import { readCall, writeCall } from './call-forms.ts';
import { MAX_MESSAGE_BYTES } from './layout.ts';
import { readValue, writeValue } from './value-forms.ts';

/** In place of a value's tag. */
const ERROR_TAG = 255;

/** @throws RESOURCE_EXHAUSTED over MAX_MESSAGE_BYTES. */
export function encodeHostCall(call: HostCall): Uint8Array {
  const writer = new ByteWriter(MAX_MESSAGE_BYTES, 'host call');
  writeCall(writer, call);
  return writer.finish();
}

export function decodeHostCall(bytes: Uint8Array): HostCall {
  return readCall(new ByteReader(bytes));
}

/** @throws RESOURCE_EXHAUSTED over MAX_MESSAGE_BYTES. */
export function encodeHostReply(reply: HostReply): Uint8Array {
  const writer = new ByteWriter(MAX_MESSAGE_BYTES, 'reply of the host').varint(reply.durationMicros);
  if (!reply.ok) return writer.u8(ERROR_TAG).string(reply.code).string(reply.message).finish();
  writeValue(writer, reply.value);
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
