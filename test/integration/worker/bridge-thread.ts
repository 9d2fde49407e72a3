/** A thread that asks through the bridge as often as it is told to, and tells what came of each call. */
import { parentPort, workerData } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import { BridgeCaller } from '@plexspaces/worker';

const { buffer, timeoutMs } = workerData as { buffer: SharedArrayBuffer; timeoutMs: number };
const caller = new BridgeCaller(buffer, () => parentPort?.postMessage({ type: 'ring' }), { timeoutMs });

parentPort?.on('message', (request: Uint8Array) => parentPort?.postMessage({ type: 'outcome', ...ask(request) }));

function ask(request: Uint8Array): { reply?: Uint8Array; code?: string } {
  try {
    return { reply: caller.call(request) };
  } catch (thrown) {
    return { code: PlexSpacesError.from(thrown).code };
  }
}
