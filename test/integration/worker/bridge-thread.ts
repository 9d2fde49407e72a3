/** A thread that asks through the bridge as often as it is told to, and tells what came of each call. */
import { parentPort, workerData } from 'node:worker_threads';
import { PlexSpacesError } from '@plexspaces/core';
import { BridgeCaller } from '@plexspaces/worker';

export interface Asked {
  readonly request: Uint8Array;
  /** Beyond the thread's limit. */
  readonly waitMs: number;
}

const { buffer, timeoutMs } = workerData as { buffer: SharedArrayBuffer; timeoutMs: number };
const caller = new BridgeCaller(buffer, () => parentPort?.postMessage({ type: 'ring' }), { timeoutMs });

parentPort?.on('message', (asked: Asked) => parentPort?.postMessage({ type: 'outcome', ...ask(asked) }));

function ask({ request, waitMs }: Asked): { reply?: Uint8Array; code?: string } {
  try {
    return { reply: caller.call(request, waitMs) };
  } catch (thrown) {
    return { code: PlexSpacesError.from(thrown).code };
  }
}
