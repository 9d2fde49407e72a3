/** A pool of echo workers, and calls through it as an actor makes them. */
import type { GuestOutcome } from '@plexspaces/worker';
import { HostCalls } from '../../../packages/runtime/src/host/host-calls.ts';
import type { HostScope } from '../../../packages/runtime/src/host/scope.ts';
import { startMessage } from '../../../packages/runtime/src/host/time.ts';
import { expectAnswer } from '../../../packages/runtime/src/pool/guest-errors.ts';
import type { ThreadBudget } from '../../../packages/runtime/src/pool/thread-budget.ts';
import { WASMWorkerPool } from '../../../packages/runtime/src/pool/wasm-worker-pool.ts';
import type { PoolSize } from '../../../packages/runtime/src/pool/pool-options.ts';
import type { PoolStats } from '../../../packages/runtime/src/pool/pool-stats.ts';
import type { WASMWorker } from '../../../packages/runtime/src/pool/wasm-worker.ts';
import type { LoadedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { hostCallPorts } from '../../support/host-call-ports.ts';
import { SERVICE, echoSettings } from '../../support/echo.ts';

const HOST_CALLS = new HostCalls(hostCallPorts());
const SCOPE: HostScope = {
  actor: SERVICE,
  address: { service: SERVICE, key: 'default' },
  isDurable: false,
  tenant: 'default',
  namespace: 'default',
  capabilities: new Set(),
};

export interface EchoCall {
  readonly method?: string;
  readonly payload?: Uint8Array;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface EchoPoolOptions extends Partial<PoolSize> {
  readonly threadBudget?: ThreadBudget;
  readonly cpuMs?: number;
}

export class EchoPool implements AsyncDisposable {
  readonly pool: WASMWorkerPool;
  /** The most that were seen at once, at every start of a worker and of a call. */
  mostTotal = 0;
  /** Workers made ready. */
  prepared = 0;
  /** What the next workers fail with while they are made ready. */
  failure: Error | undefined;
  /** What the next workers wait for before they are ready. */
  delay: Promise<void> | undefined;

  private constructor(component: LoadedComponent, { threadBudget, cpuMs, ...size }: EchoPoolOptions) {
    const { workers, limits } = echoSettings({ workers: size, limits: cpuMs === undefined ? {} : { cpuMs } });
    const prepare = (worker: WASMWorker): Promise<void> => this.#prepare(worker);
    this.pool = new WASMWorkerPool({ ...workers, name: SERVICE, component, limits, prepare, threadBudget });
  }

  /** Not started yet. */
  static of(component: LoadedComponent, options: EchoPoolOptions): EchoPool {
    return new EchoPool(component, options);
  }

  static async start(component: LoadedComponent, options: EchoPoolOptions): Promise<EchoPool> {
    const echo = new EchoPool(component, options);
    await echo.pool.start();
    return echo;
  }

  get stats(): PoolStats {
    return this.pool.stats();
  }

  async call(call: EchoCall = {}): Promise<Uint8Array> {
    const worker = await this.pool.acquire({ signal: call.signal });
    this.#look();
    let outcome: GuestOutcome | undefined;
    try {
      outcome = await run(worker, call);
    } finally {
      this.pool.release(worker, outcome === undefined || outcome.kind === 'trap' ? 'failed' : 'completed');
    }
    return expectAnswer(outcome);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool.shutdown({ deadlineMs: 0 });
  }

  async #prepare(worker: WASMWorker): Promise<void> {
    this.#look();
    if (this.failure !== undefined) throw this.failure;
    await worker.activate({ actor: SERVICE, environment: {}, logBytesPerSecond: 0 });
    await this.delay;
    this.prepared += 1;
  }

  #look(): void {
    this.mostTotal = Math.max(this.mostTotal, this.stats.total);
  }
}

export function run(worker: WASMWorker, call: EchoCall): Promise<GuestOutcome> {
  const { method = 'echo', payload = new Uint8Array(), timeoutMs = 10_000 } = call;
  return worker.call({
    target: { export: 'handle-request', fromActor: 'client', messageType: method, payload },
    message: { sequence: 0n, ...startMessage(0n), replayed: false, restoring: false, hostCalls: 'all' },
    host: {
      answer: (request, underWay) => HOST_CALLS.answer(request, { scope: SCOPE, underWay, compose: () => [] }),
      log: () => undefined,
    },
    timeoutMs,
  });
}
