/** One gRPC connection to one node: opened eagerly, so that a missing node is known before the first call. */
import { ChannelCredentials, connectivityState } from '@grpc/grpc-js';
import { PlexSpacesError } from '@plexspaces/core';
import { createChannel } from 'nice-grpc';
import type { Channel } from 'nice-grpc';
import type { ResolvedConnectOptions, TlsOptions } from './options.ts';

/** Above the 64 MiB that a node accepts at least, with room for what surrounds the module. */
const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

/** @throws UNAVAILABLE where no node answers within the connect timeout. */
export async function openChannel(options: ResolvedConnectOptions): Promise<Channel> {
  const channel = createChannel(options.address, credentialsOf(options.tls), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    // A proxy of the environment is for the web; a node is named by its own address.
    'grpc.enable_http_proxy': 0,
  });
  try {
    await waitUntilReady(channel, options);
    return channel;
  } catch (error) {
    channel.close();
    throw error;
  }
}

/** @throws INVALID_ARGUMENT for what is no PEM. */
function credentialsOf(tls: TlsOptions | undefined): ChannelCredentials {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  try {
    return ChannelCredentials.createSsl(bufferOf(tls.ca), bufferOf(tls.key), bufferOf(tls.cert));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PlexSpacesError('INVALID_ARGUMENT', `tls: expected certificates and keys in PEM: ${message}`, { cause });
  }
}

function bufferOf(pem: Uint8Array | string | undefined): Buffer | null {
  return pem === undefined ? null : Buffer.from(pem);
}

/** Ends at the first refusal: gRPC itself would try again until the timeout. */
async function waitUntilReady(channel: Channel, options: ResolvedConnectOptions): Promise<void> {
  const deadline = new Date(Date.now() + options.connectTimeoutMs);
  for (;;) {
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.READY) return;
    if (state === connectivityState.TRANSIENT_FAILURE) throw noNode(options.address);
    const inTime = await stateChange(channel, state, deadline);
    if (!inTime) throw noNode(`${options.address} within ${options.connectTimeoutMs} ms`);
  }
}

/** False where the deadline passed without a change. */
function stateChange(channel: Channel, state: connectivityState, deadline: Date): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  channel.watchConnectivityState(state, deadline, (error) => resolve(error === undefined));
  return promise;
}

function noNode(where: string): PlexSpacesError {
  return new PlexSpacesError('UNAVAILABLE', `no node answers at ${where}`);
}
