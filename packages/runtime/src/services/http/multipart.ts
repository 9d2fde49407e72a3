/** Uploads: the parts of a multipart body by their names, each within its limit. */
import { fastifyMultipart } from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** A component, as a unary deploy over gRPC may carry it. */
export const MAX_FILE_BYTES: number = 96 * 1_048_576;
const MAX_FIELD_BYTES = 4 * 1_048_576;
const MAX_PARTS = 8;

/** In all, with what surrounds the parts. */
export const MAX_UPLOAD_BYTES: number = MAX_FILE_BYTES + 2 * MAX_FIELD_BYTES;

/** A part counts with its last value, be it sent as a file or as a field. */
export type Parts = ReadonlyMap<string, Uint8Array>;

export function acceptMultipart(app: FastifyInstance): void {
  const limits = { fileSize: MAX_FILE_BYTES, fieldSize: MAX_FIELD_BYTES, parts: MAX_PARTS, fieldNameSize: 100 };
  void app.register(fastifyMultipart, { limits, throwFileSizeLimit: true });
}

/** @throws what the framework says of a body that is too large, or none of this kind. */
export async function partsOf(request: FastifyRequest): Promise<Parts> {
  const parts = new Map<string, Uint8Array>();
  for await (const part of request.parts()) {
    parts.set(part.fieldname, part.type === 'file' ? await part.toBuffer() : Buffer.from(String(part.value)));
  }
  return parts;
}
