/** A worker thread that says where it finds @plexspaces/core, and loads it if it is asked to. */
import { parentPort, workerData } from 'node:worker_threads';

const loaded: unknown = workerData === 'load' ? Object.keys(await import('@plexspaces/core')) : null;
parentPort?.postMessage({ url: import.meta.resolve('@plexspaces/core'), loaded });
