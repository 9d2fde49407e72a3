/** Errors on their way to the wire. */
import { GRPC_STATUS, isGrpcErrorCode, PlexSpacesError } from '@plexspaces/core';
import { ErrorInfo, RichServerError } from 'nice-grpc-error-details';
import { describe, expect, it } from 'vitest';
import { refuseFields, toServerError } from '../../../packages/runtime/src/services/errors.ts';

describe('a status', () => {
  it.each(Object.keys(GRPC_STATUS).filter(isGrpcErrorCode))(
    "has gRPC's number for %s, and the code as reason",
    (code) => {
      const error = toServerError(new PlexSpacesError(code, 'what was found'));
      expect(error).toMatchObject({ code: GRPC_STATUS[code], details: 'what was found' });
      expect(infoOf(error)).toMatchObject({ reason: code, domain: 'plexspaces' });
    },
  );

  it('carries reason and details in a google.rpc.ErrorInfo', () => {
    const options = { reason: 'TRAP', details: { field: 'x' } } as const;
    const error = toServerError(new PlexSpacesError('INTERNAL', 'm', options));
    expect(infoOf(error)).toMatchObject({ reason: 'TRAP', metadata: { reason: 'TRAP', field: 'x' } });
  });
});

describe('what is not served', () => {
  it('is a field that is set, by its name; one that is not set is nothing', () => {
    refuseFields({ a: false, b: false });
    expect(() => refuseFields({ a: false, b: true })).toThrow(
      expect.objectContaining({
        code: 'UNIMPLEMENTED',
        reason: 'UNSUPPORTED_FIELD',
        message: 'b is set, and is not served by this node yet',
      }),
    );
  });
});

function infoOf(error: unknown): unknown {
  if (!(error instanceof RichServerError)) throw new Error('expected a status with details');
  return error.extra.find((detail: { $type?: string }) => detail.$type === ErrorInfo.$type);
}
