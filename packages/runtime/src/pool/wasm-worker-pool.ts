/**
 * WASMWorkerPool: min to max WASMWorkers over piscina's threads.
 *
 * It owns which worker is whose. Threads are piscina's: a worker's session is one task that lasts as long
 * as the worker, so that piscina's own queue stays empty and its task order never matters.
 *
 * P1. total (workers, and workers that are starting) never passes max.
 * P2. Callers past max wait in one queue of bounded length, in the order of their arrival; a worker that comes free
 *     goes to its head. Calls that its workers were sent ahead (PoolCalls) count as queued here.
 * P3. While anyone waits, no worker is idle.
 * P4. A caller that is cancelled leaves the queue and takes nothing with it.
 * P5. A worker that is not usable any more leaves the pool when it is released; another is started if
 *     someone waits or the pool is below min.
 * P6. Above min it grows as the node's threads allow, and gives back what others need more (ThreadBudget).
 * P7. After its shutdown it has no worker: one that comes up while the others go does not come in.
 * P8. A worn instance is made afresh between two calls, in the same thread; its worker counts as starting meanwhile.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { callTimes } from './call-times.ts';
import type { CallTimes } from './call-times.ts';
import { CallerQueue } from './caller-queue.ts';
import type { Waiter } from './caller-queue.ts';
import { Drain } from './drain.ts';
import type { Borrower } from './thread-budget.ts';
import type { AcquireOptions, CallEnd, PoolOptions, ShutdownOptions } from './pool-options.ts';
import type { PoolStats } from './pool-stats.ts';
import { PiscinaThreads } from './threads.ts';
import type { Threads } from './threads.ts';
import type { Wear } from './wear.ts';
import type { WASMWorker } from './wasm-worker.ts';

/** After a worker that nobody waits for failed to start, until another one is tried where the pool is below min. */
const REFILL_MS = 1_000;
const LENT = 'another application needs its thread';

export class WASMWorkerPool {
  readonly #options: PoolOptions;
  readonly #threads: Threads;
  readonly #idle: WASMWorker[] = [];
  readonly #idleTimers = new Map<WASMWorker, NodeJS.Timeout>();
  readonly #active = new Set<WASMWorker>();
  readonly #waiters = new CallerQueue<WASMWorker>(() => this.#drain.look());
  readonly #drain = new Drain(() => this.#active.size === 0 && this.#waiters.length === 0);
  readonly #borrower: Borrower;
  readonly times: CallTimes = callTimes();
  #lastArrival = 0;
  #starting = 0;
  #ending = 0;
  #completed = 0;
  #failed = 0;
  #replaced = 0;
  #closed = false;
  /** What was let in has had its time. */
  #isDown = false;

  /** Its least number of threads is its own from here until `shutdown`. @throws RESOURCE_EXHAUSTED (THREADS). */
  constructor(options: PoolOptions) {
    this.#options = options;
    this.#borrower = this.#makeBorrower(options);
    options.threadBudget?.join(this.#borrower);
    this.#threads = options.threads ?? new PiscinaThreads({ ...options, times: this.times });
  }

  /** Warms min workers. @throws what the first that fails to start throws; the pool is then closed. */
  async start(): Promise<void> {
    try {
      const start = (): Promise<void> => this.#startWorker((worker) => this.#offer(worker));
      await Promise.all(Array.from({ length: this.#options.min }, start));
    } catch (thrown) {
      await this.shutdown({ deadlineMs: 0 });
      throw thrown;
    }
  }

  /** @throws UNAVAILABLE after shutdown, RESOURCE_EXHAUSTED (QUEUE_FULL), CANCELLED or the signal's own reason. */
  async acquire({ signal }: AcquireOptions = {}): Promise<WASMWorker> {
    if (this.#closed) throw this.#unavailable();
    signal?.throwIfAborted();
    if (this.#idle.length === 0) this.#expectRoomInQueue();
    const { promise, resolve, reject } = Promise.withResolvers<WASMWorker>();
    this.wait({ arrival: this.nextArrival(), resolve, reject }, signal);
    return promise;
  }

  /** Of a caller that comes now. */
  nextArrival(): number {
    this.#lastArrival += 1;
    return this.#lastArrival;
  }

  /**
   * Waits for a worker at the place that its arrival gives it, whether or not there is room: of a caller that was let in.
   * It leaves on the signal (P4).
   */
  wait(waiter: Waiter<WASMWorker>, signal: AbortSignal | undefined): void {
    if (this.#isDown) return waiter.reject(this.#unavailable());
    if (signal?.aborted === true) return waiter.reject(PlexSpacesError.from(signal.reason));
    const idle = this.#idle.at(-1);
    if (idle !== undefined) return waiter.resolve(this.#activate(idle)); // P3
    this.#waiters.enter(waiter, signal);
    this.growIfWanted();
  }

  get hasWaiters(): boolean {
    return this.#waiters.length > 0;
  }

  /** Gives a worker that is acquired to who waits longest as well. `release` is to be called once for all of them. */
  share(worker: WASMWorker): void {
    this.#waiters.next()?.resolve(worker);
  }

  /** @throws what `acquire` would at once. */
  expectOpen(): void {
    if (this.#closed) throw this.#unavailable();
    if (this.#idle.length === 0) this.#expectRoomInQueue();
  }

  /** Takes this worker if it is idle. To be followed by `release`. */
  take(worker: WASMWorker): boolean {
    if (this.#closed || !this.#idle.includes(worker)) return false;
    this.#activate(worker);
    return true;
  }

  /** Takes the worker that was busy last: it is awake, and those above min that are not needed come to their end. */
  takeWarm(): WASMWorker | undefined {
    const found = this.#closed ? undefined : this.#idle.at(-1);
    return found && this.#activate(found);
  }

  /** Takes the worker that is idle longest among those wanted. */
  takeIdle(isWanted: (worker: WASMWorker) => boolean): WASMWorker | undefined {
    const found = this.#closed ? undefined : this.#idle.find(isWanted);
    return found && this.#activate(found);
  }

  /** There is room for another worker; where only the node has none, it is asked for. */
  get canGrow(): boolean {
    return this.#isBelowMax && this.#mayHaveThread;
  }

  /** Starts a worker for the caller alone. @throws what keeps it from starting. */
  async grow(): Promise<WASMWorker> {
    if (!this.#isBelowMax) throw new PlexSpacesError('INTERNAL', 'there is no room for another worker');
    const started = Promise.withResolvers<WASMWorker>();
    await this.#startWorker((worker) => {
      this.#active.add(worker);
      started.resolve(worker);
    });
    return started.promise;
  }

  /** Counts a call that shared its worker with others. */
  count(end: CallEnd): void {
    if (end === 'completed') this.#completed += 1;
    if (end === 'failed') this.#failed += 1;
  }

  /** Gives a worker back; to be called exactly once for each acquire. */
  release(worker: WASMWorker, end: CallEnd): void {
    if (!this.#active.delete(worker)) throw new PlexSpacesError('INTERNAL', 'released a worker that was not acquired');
    this.count(end);
    if (!worker.isUsable) void this.#retire(worker); // P5
    else if (this.#options.wear !== undefined && worker.wornAfter() > 0) void this.#renew(worker, this.#options.wear);
    else this.#offer(worker);
    this.#drain.look();
  }

  stats(): PoolStats {
    const { min, max } = this.#options;
    return {
      min,
      max,
      total: this.#idle.length + this.#active.size,
      active: this.#active.size,
      idle: this.#idle.length,
      queued: this.#queued,
      blockedOnTuplespace: [...this.#active].filter(({ waitsFor }) => waitsFor === 'tuple').length,
      completed: this.#completed,
      failed: this.#failed,
      replaced: this.#replaced,
      renewed: this.#options.wear?.renewed ?? 0,
    };
  }

  /**
   * Takes nothing new, lets running and waiting callers finish until the deadline, then ends the threads.
   * `beforeTerminate` runs when the deadline is over; `farewell` on each idle worker before it goes.
   */
  async shutdown(options: ShutdownOptions): Promise<void> {
    this.#closed = true;
    await this.#drain.wait(options.deadlineMs);
    this.#isDown = true;
    options.beforeTerminate?.();
    this.#waiters.rejectAll(this.#unavailable());
    for (const worker of this.#active) worker.terminate(this.#unavailable());
    const idle = this.#idle.splice(0);
    for (const worker of idle) this.#stopIdleTimer(worker);
    const { farewell } = options;
    if (farewell !== undefined && options.deadlineMs > 0)
      await Promise.allSettled(idle.map((worker) => farewell(worker)));
    await this.#threads.destroy().finally(() => this.#options.threadBudget?.leave(this.#borrower));
  }

  /** P1 counts on this: workers that are starting and ending are part of it. */
  get #total(): number {
    return this.#idle.length + this.#active.size + this.#starting + this.#ending;
  }

  /** P6 */
  get #mayHaveThread(): boolean {
    return this.#options.threadBudget?.mayGrow(this.#borrower) ?? true;
  }

  get #isBelowMax(): boolean {
    return !this.#closed && this.#total < this.#options.max;
  }

  #activate(worker: WASMWorker): WASMWorker {
    this.#idle.splice(this.#idle.indexOf(worker), 1);
    this.#stopIdleTimer(worker);
    this.#active.add(worker);
    return worker;
  }

  get #queued(): number {
    return this.#waiters.length + (this.#options.callsBehind?.() ?? 0);
  }

  /** @param isNew it serves once before it may go, or pools that wait for each other would only start threads. */
  #offer(worker: WASMWorker, isNew = false): void {
    this.#idle.push(worker);
    const staysForNow = isNew && this.#queued > 0;
    if (!staysForNow && this.#giveBack(worker)) return;
    const waiter = this.#waiters.next(); // P2
    if (waiter !== undefined) return waiter.resolve(this.#activate(worker)); // P3
    this.#startIdleTimer(worker);
    this.#options.onRoom?.();
  }

  /** One worker at a time for each caller that has none coming, up to max (P1). */
  growIfWanted(): void {
    const belowMin = this.#total < this.#options.min && !this.#closed;
    const wanted = this.#queued > this.#starting || belowMin;
    if (!wanted || this.#total >= this.#options.max || !this.#mayHaveThread) return;
    this.#startWorker((worker) => this.#offer(worker, true)).catch((thrown: unknown) => {
      // Whoever waits longest learns of it; the others get another try, so that none waits for ever.
      this.#waiters.next()?.reject(PlexSpacesError.from(thrown));
      if (this.#waiters.length > 0) this.growIfWanted();
      else setTimeout(() => this.growIfWanted(), REFILL_MS).unref(); // P5, but what keeps it from starting may last
      this.#drain.look();
      this.#options.onRoom?.();
    });
  }

  #startWorker(put: (worker: WASMWorker) => void): Promise<void> {
    return this.#bringUp(this.#threads.start(this.#options.component), put);
  }

  /** @param put gives the worker its place, in the turn in which it stops counting as starting (P1). */
  async #bringUp(starting: Promise<WASMWorker>, put: (worker: WASMWorker) => void): Promise<void> {
    this.#starting += 1;
    let worker: WASMWorker;
    try {
      worker = await starting;
      worker.watchWaits(() => this.#options.onRoom?.());
      await this.#prepare(worker);
    } catch (thrown) {
      this.#starting -= 1;
      this.#options.threadBudget?.serve();
      throw thrown;
    }
    this.#starting -= 1;
    if (this.#isDown) {
      worker.terminate(this.#unavailable());
      throw this.#unavailable(); // P7
    }
    put(worker);
  }

  async #prepare(worker: WASMWorker): Promise<void> {
    try {
      await this.#options.prepare(worker);
    } catch (thrown) {
      worker.terminate(PlexSpacesError.from(thrown)); // or it would keep its thread, and nobody would have it
      await worker.ended;
      throw thrown;
    }
  }

  /** P8. Where no other instance comes up in it, another worker takes its place (P5). */
  async #renew(worker: WASMWorker, wear: Wear): Promise<void> {
    wear.renew(worker.wornAfter());
    try {
      await this.#bringUp(Promise.resolve(worker), (renewed) => this.#offer(renewed, true));
    } catch {
      await this.#retire(worker);
    }
  }

  /** Its thread is waited for, so that the next worker finds it free. */
  async #retire(worker: WASMWorker): Promise<void> {
    this.#replaced += 1;
    await this.#end(worker, 'the worker is being replaced');
  }

  async #end(worker: WASMWorker, why: string): Promise<void> {
    this.#ending += 1; // its place is taken until its thread is free (P1)
    if (worker.isUsable) await worker.close();
    else worker.terminate(new PlexSpacesError('UNAVAILABLE', why));
    await worker.ended;
    this.#ending -= 1;
    this.growIfWanted();
    this.#options.onRoom?.();
    this.#options.threadBudget?.serve();
  }

  #startIdleTimer(worker: WASMWorker): void {
    if (this.#total <= this.#options.min) return;
    const timer = setTimeout(() => this.#endIdle(worker), this.#options.idleTimeoutMs);
    this.#idleTimers.set(worker, timer.unref());
  }

  #stopIdleTimer(worker: WASMWorker): void {
    clearTimeout(this.#idleTimers.get(worker));
    this.#idleTimers.delete(worker);
  }

  #endIdle(worker: WASMWorker): void {
    this.#idleTimers.delete(worker);
    const index = this.#idle.indexOf(worker);
    if (index < 0 || this.#total <= this.#options.min) return;
    if (this.#options.mayEnd?.(worker) === false) return this.#startIdleTimer(worker);
    this.#idle.splice(index, 1);
    void this.#end(worker, 'the worker was idle for long');
  }

  #makeBorrower({ name, min }: PoolOptions): Borrower {
    const total = (): number => this.#total;
    return {
      name,
      min,
      get total() {
        return total();
      },
      grow: () => {
        this.growIfWanted();
        this.growIfWanted(); // it stands in line again where it wants another one
        this.#options.onRoom?.();
      },
      endSpare: () => this.#endSpare(),
    };
  }

  /** P6 */
  #endSpare(): Promise<void> | undefined {
    const [first] = this.#idle;
    if (first === undefined || this.#total <= this.#options.min) return undefined;
    const free = this.#idle.find((worker) => this.#options.mayEnd?.(worker) !== false);
    return free === undefined ? this.#vacate(first) : this.#endNow(free);
  }

  /** P6, where a worker comes free. */
  #giveBack(worker: WASMWorker): boolean {
    const { threadBudget, min, mayEnd } = this.#options;
    if (threadBudget?.isShort !== true || this.#total <= min) return false;
    if (mayEnd?.(worker) !== false) {
      return threadBudget.takeBack(this.#borrower, this.#waiters.length > 0, () => this.#endNow(worker));
    }
    // Whoever lives in it may be called again at any moment, so that it counts as wanted.
    void Promise.resolve().then(() => threadBudget.takeBack(this.#borrower, true, () => this.#vacate(worker)));
    return false;
  }

  async #vacate(worker: WASMWorker): Promise<void> {
    if (this.#idle.includes(worker)) await this.#options.vacate?.(worker);
    if (this.#idle.includes(worker) && this.#options.mayEnd?.(worker) !== false) await this.#endNow(worker);
  }

  #endNow(worker: WASMWorker): Promise<void> {
    this.#idle.splice(this.#idle.indexOf(worker), 1);
    this.#stopIdleTimer(worker);
    return this.#end(worker, LENT);
  }

  #expectRoomInQueue(): void {
    const { queueLimit, max, name } = this.#options;
    const coming = max - this.#idle.length - this.#active.size; // who gets a worker that starts is not past max
    if (this.#queued < queueLimit + coming) return;
    const found = `${name}: expected at most ${queueLimit} waiting calls, found one more`;
    throw new PlexSpacesError('RESOURCE_EXHAUSTED', found, { reason: 'QUEUE_FULL' });
  }

  #unavailable(): PlexSpacesError {
    return new PlexSpacesError('UNAVAILABLE', `${this.#options.name} is shutting down`);
  }
}
