/** The main thread's half of host calls, as the node has it, before a thread that makes nothing else. */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { startMessage } from '../../packages/runtime/src/host/time.ts';
import { ThreadCalls } from '../../packages/runtime/src/pool/thread-calls.ts';
import type { CallHost } from '../../packages/runtime/src/pool/thread-calls.ts';
import { MemoryStore } from '../../packages/runtime/src/store/memory-store.ts';
import { createBridgeBuffer } from '../../packages/worker/src/bridge/layout.ts';
import { echoSettings } from '../../test/support/echo.ts';
import { openPorts } from '../../test/support/ports.ts';
import type { TupleAction, TupleRequest, TupleThreadData } from '../processes/tuple-thread.ts';
import type { Sample } from './figures.ts';
import { parseSample } from './sample.ts';

const TUPLE_THREAD = new URL('../processes/tuple-thread.ts', import.meta.url);
const CALL_TIMEOUT_MS = 86_400_000;
const SERVICE = 'bench.Tuples.v1';

export class TupleCalls implements AsyncDisposable {
  readonly #thread: Worker;
  readonly #ports: { close(): void }[];

  private constructor(thread: Worker, ports: { close(): void }[]) {
    this.#thread = thread;
    this.#ports = ports;
  }

  static async start(): Promise<TupleCalls> {
    const calls = new MessageChannel();
    const bare = new MessageChannel();
    const bridge = createBridgeBuffer();
    const cell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    answerBare(bare.port1, cell);
    const threadCalls = new ThreadCalls({ port: calls.port1, bridge, ...unwatched });
    const workerData: TupleThreadData = {
      calls: calls.port2,
      bridge,
      hostCallTimeoutMs: 1000,
      bare: { port: bare.port2, cell },
    };
    const thread = new Worker(TUPLE_THREAD, { workerData, transferList: [calls.port2, bare.port2] });
    const ended = threadCalls.call({
      target: { export: 'shutdown' },
      message: { sequence: 0n, ...startMessage(0n), replayed: false, restoring: false, hostCalls: 'all' },
      host: await tupleHost(),
      timeoutMs: CALL_TIMEOUT_MS,
    });
    ended.catch(() => undefined); // it ends with the thread, unanswered
    await once(thread, 'online');
    return new TupleCalls(thread, [calls.port1, bare.port1]);
  }

  /** The median of one call's time in µs. */
  async measure(action: TupleAction, durationMs: number): Promise<Sample> {
    const request: TupleRequest = { action, durationMs };
    this.#thread.postMessage(request);
    const [message]: unknown[] = await once(this.#thread, 'message');
    return parseSample(message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
    for (const port of this.#ports) port.close();
  }
}

const unwatched = {
  onTrap: (): void => undefined,
  onWorn: (): void => undefined,
  onWait: (): void => undefined,
  onWaitEnd: (): void => undefined,
  onFault: (reason: Error): void => {
    throw reason;
  },
};

function answerBare(port: MessageChannel['port1'], cell: Int32Array<SharedArrayBuffer>): void {
  port.on('message', () => {
    Atomics.add(cell, 0, 1);
    Atomics.notify(cell, 0);
  });
}

/** Over a store in memory: what the disk costs is not waited for in a host call. */
async function tupleHost(): Promise<CallHost> {
  const { hostCalls } = await openPorts(new MemoryStore());
  const { capabilities } = echoSettings();
  const address = { service: SERVICE, key: 'default' };
  const scope = { actor: SERVICE, address, isDurable: false, tenant: 'default', namespace: 'default', capabilities };
  return {
    answer: (request, underWay) =>
      hostCalls.answer(request, { scope, underWay, compose: ({ operations }) => operations }),
    log: () => undefined,
  };
}
