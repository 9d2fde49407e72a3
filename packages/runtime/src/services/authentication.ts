/**
 * Credentials over gRPC: looked at when a call's headers come, before anything of its message is read. The call then
 * goes on with the name under which its caller was admitted, which no client can bring along.
 */
import { ResponderBuilder, ServerInterceptingCall, ServerListenerBuilder, status } from '@grpc/grpc-js';
import type { ServerInterceptingCallInterface, ServerInterceptor } from '@grpc/grpc-js';
import { PlexSpacesError } from '@plexspaces/core';
import type { CallContext } from 'nice-grpc-common';
import type { Caller } from './caller.ts';
import { certificateNames } from './certificates.ts';
import type { Admitted, Credentials } from './credentials.ts';

const HANDLE = 'plexspaces-caller';
/** Whoever watches over a node needs no more than this. */
const OPEN = '/grpc.health.v1.Health/';

export function authenticate(credentials: Credentials): ServerInterceptor {
  return (method, call) => {
    if (method.path.startsWith(OPEN)) return new ServerInterceptingCall(call);
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const [authorization] = metadata.get('authorization').map(String);
        const admitted = admit(credentials, call, authorization);
        if (admitted === undefined) return;
        metadata.set(HANDLE, admitted.handle);
        next(metadata);
      })
      .build();
    return new ServerInterceptingCall(call, new ResponderBuilder().withStart((next) => next(listener)).build());
  };
}

/** @throws UNAUTHENTICATED where the credentials have changed since. */
export function callerOf(credentials: Credentials, context: CallContext): Caller {
  return credentials.find(credentials.isGuarded ? context.metadata.get(HANDLE) : undefined);
}

/** Undefined: it was answered. */
function admit(
  credentials: Credentials,
  call: ServerInterceptingCallInterface,
  authorization: string | undefined,
): Admitted | undefined {
  try {
    const names = certificateNames(call.getAuthContext().sslPeerCertificate);
    return credentials.admit({ authorization, certificateNames: names });
  } catch (thrown) {
    call.sendStatus({ code: status.UNAUTHENTICATED, details: PlexSpacesError.from(thrown).message });
    return undefined;
  }
}
