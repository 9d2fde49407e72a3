/**
 * Calls that any worker of a pool may run, several on their way to a worker while they are short.
 *
 * It owns which calls each worker has; workers, and who waits for one, are the pool's. A worker is the pool's
 * `active` as long as it has a call here; of its calls all but one count as queued.
 *
 * S1. A call goes to an idle worker; else behind the calls of one whose calls are short; else it waits. Nobody passes
 *     those who wait.
 * S2. What waits in a thread behind a call that turns out to be long is taken back to its place in the queue.
 * S3. A call that its thread did not come to (NOT_STARTED), or whose instance was over, is placed again, at the place that its arrival gives it.
 * S4. A worker is released when the last of its calls has ended.
 * S5. Where the calls of a worker are over as soon as they are brought, and another one's thread would need the main
 *     thread's core, a call goes behind them, as long as the worker answers.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { GuestOutcome } from '@plexspaces/worker';
import { NOT_STARTED } from './thread-calls.ts';
import type { CallSettler, WorkerCall } from './thread-calls.ts';
import type { WASMWorkerPool } from './wasm-worker-pool.ts';
import type { WASMWorker } from './wasm-worker.ts';

/** Told of its end once. */
export interface PoolCall extends CallSettler {
  /** It leaves, as long as no guest has begun with it. */
  readonly signal: AbortSignal | undefined;
  /** What a worker is to run; asked for at each attempt, since time goes on. */
  begin(): WorkerCall;
  /** The attempt came to nothing; there will be another. */
  putBack(): void;
}

/** The calls of one worker. */
interface Load {
  readonly worker: WASMWorker;
  calls: number;
  /** One of them takes long: nothing is put behind it. */
  isLong: boolean;
  /** When it last answered, or was given its first call; as performance.now() counts. */
  heardAt: number;
}

interface AttemptEnds {
  readonly resolve: (load: Load, call: PoolCall, outcome: GuestOutcome) => void;
  readonly reject: (load: Load, call: PoolCall, arrival: number, error: PlexSpacesError) => void;
}

/** A call in a worker. (An object with its functions would cost three times as much.) */
class Attempt implements CallSettler {
  readonly #ends: AttemptEnds;
  readonly #load: Load;
  readonly #call: PoolCall;
  readonly #arrival: number;

  constructor(ends: AttemptEnds, load: Load, call: PoolCall, arrival: number) {
    this.#ends = ends;
    this.#load = load;
    this.#call = call;
    this.#arrival = arrival;
  }

  resolve(outcome: GuestOutcome): void {
    this.#ends.resolve(this.#load, this.#call, outcome);
  }

  reject(error: PlexSpacesError): void {
    this.#ends.reject(this.#load, this.#call, this.#arrival, error);
  }
}

/** How long a call may run before nothing may wait behind it; looked at as often. */
const LONG_MS = 3;
/** For so long a worker may be silent that has quick calls: some times what waking another thread takes. */
const SILENT_MS = 0.25;

export class PoolCalls {
  readonly #pool: WASMWorkerPool;
  readonly #queueLimit: number;
  readonly #loads = new Map<WASMWorker, Load>();
  readonly #ends: AttemptEnds = {
    resolve: (load, call, outcome) => this.#resolve(load, call, outcome),
    reject: (load, call, arrival, error) => this.#reject(load, call, arrival, error),
  };
  #behind = 0;
  #isLooking = false;

  /** @param queueLimit the pool's. */
  constructor(pool: WASMWorkerPool, queueLimit: number) {
    this.#pool = pool;
    this.#queueLimit = queueLimit;
  }

  /** Calls that wait in threads. */
  get behind(): number {
    return this.#behind;
  }

  /** The call is rejected with UNAVAILABLE after shutdown, RESOURCE_EXHAUSTED (QUEUE_FULL), its signal's reason. */
  run(call: PoolCall): void {
    if (call.signal?.aborted === true) return call.reject(PlexSpacesError.from(call.signal.reason));
    const enough = this.#enough();
    const idle = enough === undefined ? this.#pool.takeWarm() : undefined;
    if (idle !== undefined) return this.#place(idle, call, this.#pool.nextArrival());
    try {
      this.#pool.expectOpen();
    } catch (thrown) {
      return call.reject(PlexSpacesError.from(thrown));
    }
    this.#queue(call, this.#pool.nextArrival(), enough);
  }

  /** S1 */
  #queue(call: PoolCall, arrival: number, enough: Load | undefined): void {
    const load = enough ?? (this.#pool.hasWaiters ? undefined : this.#roomiest());
    if (load === undefined) return this.#wait(call, arrival);
    this.#post(load, call, arrival);
    this.#pool.growIfWanted();
  }

  #wait(call: PoolCall, arrival: number): void {
    const resolve = (worker: WASMWorker): void => this.#place(worker, call, arrival);
    this.#pool.wait({ arrival, resolve, reject: (error) => call.reject(error) }, call.signal);
  }

  /** S5. Only while there is room in the queue, where its calls count. */
  #enough(): Load | undefined {
    if (this.#pool.hasWaiters || this.#behind >= this.#queueLimit) return undefined;
    for (const load of this.#loads.values()) {
      if (hasRoom(load) && load.worker.isEnough && performance.now() - load.heardAt < SILENT_MS) return load;
    }
    return undefined;
  }

  #roomiest(): Load | undefined {
    let found: Load | undefined;
    for (const load of this.#loads.values()) {
      if (hasRoom(load) && (found === undefined || load.calls < found.calls)) found = load;
    }
    return found;
  }

  /** In a worker that the pool gave for it. */
  #place(worker: WASMWorker, call: PoolCall, arrival: number): void {
    let load = this.#loads.get(worker);
    if (load === undefined) {
      load = { worker, calls: 0, isLong: false, heardAt: performance.now() };
      this.#loads.set(worker, load);
    }
    this.#post(load, call, arrival);
    this.#fill(load);
  }

  #post(load: Load, call: PoolCall, arrival: number): void {
    load.calls += 1;
    if (load.calls > 1) {
      this.#behind += 1;
      this.#lookSoon();
    }
    load.worker.start(call.begin(), new Attempt(this.#ends, load, call, arrival));
  }

  #resolve(load: Load, call: PoolCall, outcome: GuestOutcome): void {
    this.#pool.count(outcome.kind === 'trap' ? 'failed' : 'completed');
    load.isLong = false;
    load.heardAt = performance.now();
    call.resolve(outcome);
    this.#leave(load);
  }

  #reject(load: Load, call: PoolCall, arrival: number, error: PlexSpacesError): void {
    const hasStarted = error.reason !== NOT_STARTED;
    if (hasStarted) this.#pool.count('failed');
    if (hasStarted || call.signal?.aborted === true) call.reject(error);
    else this.#putBack(call, arrival);
    this.#leave(load);
  }

  /** S3 */
  #putBack(call: PoolCall, arrival: number): void {
    call.putBack();
    this.#wait(call, arrival);
  }

  #leave(load: Load): void {
    load.calls -= 1;
    if (load.calls > 0) {
      this.#behind -= 1;
      return this.#fill(load);
    }
    this.#loads.delete(load.worker);
    this.#pool.release(load.worker, 'unused'); // S4
  }

  /** S1 */
  #fill(load: Load): void {
    while (this.#pool.hasWaiters && hasRoom(load)) this.#pool.share(load.worker);
  }

  #lookSoon(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setTimeout(() => this.#takeBackFromLong(), LONG_MS).unref();
  }

  /** S2 */
  #takeBackFromLong(): void {
    this.#isLooking = false;
    for (const load of this.#loads.values()) {
      if (load.calls < 2 || load.worker.runsForMs < LONG_MS) continue;
      load.isLong = true;
      load.worker.takeBackAll(new PlexSpacesError('UNAVAILABLE', 'the call before it takes long'));
    }
    if (this.#behind > 0) this.#lookSoon();
  }
}

function hasRoom({ worker, calls, isLong }: Load): boolean {
  return calls > 0 && calls <= worker.mostBehind && !isLong;
}
