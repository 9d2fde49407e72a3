/**
 * Where the live instances of a durable application are: which worker holds which keys, and who has to make
 * room for whom.
 *
 * It owns the application's claims on its pool: a worker is the pool's `active` as long as somebody in it is
 * handled or is leaving. It knows of actors only what Resident says.
 *
 * H1. A worker holds at most `perWorker` residents, each with an instance of its own in a slot of its own.
 * H2. A resident has one place at most. It keeps it while it is handled; between messages it may have to go.
 * H3. Whoever finds no place waits, first in, first out. An empty worker is taken before a new one is started,
 *     then a free slot where most are free, then the place of the resident at rest that was used longest ago.
 * H4. While a worker is being started nobody else moves in or out: all would crowd into those that are there.
 * H5. On a thread whose guest waits in a host call nobody moves in, is handled or is made to leave: what the guest
 *     waits for may depend on it. Whoever lives there and is to be handled gets an instance elsewhere.
 * H6. Who was sent away from such a thread is preferred in its next place: until it has been handled nobody else moves in
 *     there or is handled, unless its guest waits. Where its neighbours ask often it would else be sent away for ever.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { FIRST_SLOT } from '@plexspaces/worker';
import type { InstanceSlot } from '@plexspaces/worker';
import type { CallEnd } from '../pool/pool-options.ts';
import type { WASMWorkerPool } from '../pool/wasm-worker-pool.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import type { LiveGroup } from './live-actors.ts';

/** What has an instance: a durable actor. */
export interface Resident {
  /** No message is being handled: its instance may go. */
  readonly isAtRest: boolean;
  /** When it was last handled, as performance.now() counts. */
  readonly usedAt: number;
  /** What is new is checkpointed, unless messages wait. Never throws. */
  passivate(): Promise<void>;
  /** Its instance is gone. */
  forgetInstance(): void;
}

export interface Place {
  readonly home: Home;
  readonly slot: InstanceSlot;
  /** What the slot holds is not the resident's instance. */
  readonly isNew: boolean;
}

/** A worker and who lives in it. */
interface Home {
  readonly worker: WASMWorker;
  /** Residents that are handled or are leaving. */
  users: number;
  readonly slots: Map<object, InstanceSlot>;
  readonly freeSlots: InstanceSlot[];
  /** H6 */
  preferred: object | undefined;
}

interface Waiter<R> {
  readonly resident: R;
  readonly isPreferred: boolean;
  readonly settle: PromiseWithResolvers<Place>;
}

/** It waits for who is preferred in its home. */
interface Held {
  readonly home: Home;
  readonly resident: object;
  readonly settle: PromiseWithResolvers<void>;
}

export interface ResidentsOptions<R> {
  readonly perWorker: number;
  /** Somebody has no place any more. */
  readonly onGone: (resident: R) => void;
}

export class Residents<R extends Resident> implements LiveGroup {
  readonly #pool: WASMWorkerPool;
  readonly #perWorker: number;
  readonly #onGone: (resident: R) => void;
  readonly #homes = new Map<WASMWorker, Home>();
  /** The one that was used last comes last. */
  readonly #homeOf = new Map<R, Home>();
  readonly #waiters: Waiter<R>[] = [];
  readonly #held = new Set<Held>();
  #starting = 0;
  #isServing = false;
  #closed: PlexSpacesError | undefined;

  constructor(pool: WASMWorkerPool, { perWorker, onGone }: ResidentsOptions<R>) {
    this.#pool = pool;
    this.#perWorker = perWorker;
    this.#onGone = onGone;
  }

  get size(): number {
    return this.#homeOf.size;
  }

  has(resident: R): boolean {
    return this.#homeOf.has(resident);
  }

  of(worker: WASMWorker): R[] {
    return [...this.#homeOf].filter(([, home]) => home.worker === worker).map(([resident]) => resident);
  }

  isEmpty(worker: WASMWorker): boolean {
    return (this.#homes.get(worker)?.slots.size ?? 0) === 0;
  }

  get restingSince(): number | undefined {
    return this.#longestAtRest()?.usedAt;
  }

  /**
   * The place of a resident that is to be handled and so is not at rest; at once where it has one. `leave` has to
   * follow.
   * @param isPreferred it was sent away (H6).
   * @throws the signal's reason while it waits, what keeps a worker from starting, UNAVAILABLE after `close`.
   */
  enter(resident: R, signal: AbortSignal | undefined, isPreferred: boolean = false): Place | Promise<Place> {
    const home = this.#homeOf.get(resident);
    const slot = home?.slots.get(resident);
    if (home !== undefined && isKeptFrom(home, resident)) return this.#hold(resident, home, signal, isPreferred); // H6
    if (home !== undefined && home.worker.waitsFor !== undefined) this.dismiss(resident); // H5
    else if (home !== undefined && slot !== undefined && this.#claim(home)) {
      if (isPreferred) home.preferred = resident;
      return this.#stay(resident, home, slot);
    }
    return this.#moveIn(resident, signal, isPreferred);
  }

  #stay(resident: R, home: Home, slot: InstanceSlot): Place {
    this.#homeOf.delete(resident);
    this.#homeOf.set(resident, home); // it is the one used last
    return { home, slot, isNew: false };
  }

  /** @param isSpent its instance must not be called again. */
  leave(resident: R, { home, slot }: Place, end: CallEnd, isSpent: boolean): void {
    this.#pool.count(end);
    if (isSpent && home.slots.get(resident) === slot) this.#discard(resident, home, slot);
    if (home.preferred === resident) home.preferred = undefined;
    this.#release(home);
    this.serve();
  }

  /** Sees whether those who wait find a place now. */
  serve(): void {
    if (this.#held.size > 0) this.#letIn();
    if (this.#waiters.length === 0) return;
    if (this.#isServing) return; // whoever makes room for the first one may say so before that one has left the queue
    this.#isServing = true;
    try {
      this.#serveInTurn();
    } finally {
      this.#isServing = false;
    }
  }

  async evictLongestAtRest(): Promise<boolean> {
    const resident = this.#longestAtRest();
    const home = resident && this.#homeOf.get(resident);
    if (resident === undefined || home === undefined || !this.#claim(home)) return false;
    const slot = this.#unregister(resident, home);
    await resident.passivate();
    this.#gone(resident);
    this.#drop(home, slot);
    this.#release(home);
    this.serve();
    return true;
  }

  /** The instance of one that is not handled right now goes as it is. */
  dismiss(resident: R): void {
    const home = this.#homeOf.get(resident);
    if (home === undefined || !this.#claim(home)) return;
    const slot = this.#unregister(resident, home);
    this.#gone(resident);
    this.#drop(home, slot);
    this.#release(home);
  }

  /** Whoever lives there and is at rest goes, behind a checkpoint; nobody moves in meanwhile. Never rejects. */
  async vacate(worker: WASMWorker): Promise<void> {
    const home = this.#homes.get(worker);
    if (home === undefined || worker.waitsFor !== undefined || !this.#claim(home)) return; // H5
    const freed = home.freeSlots.splice(0);
    for (const resident of this.of(worker)) {
      if (!resident.isAtRest || this.#homeOf.get(resident) !== home) continue;
      const slot = this.#unregister(resident, home);
      await resident.passivate();
      this.#gone(resident);
      this.#drop(home, slot);
      freed.push(...home.freeSlots.splice(0));
    }
    home.freeSlots.push(...freed);
    this.#release(home);
    this.serve();
  }

  /** Whoever waits is sent away, and whoever comes. */
  close(reason: PlexSpacesError): void {
    this.#closed = reason;
    for (const { settle } of [...this.#waiters.splice(0), ...this.#held]) settle.reject(reason);
  }

  #serveInTurn(): void {
    for (let [first] = this.#waiters; first !== undefined; [first] = this.#waiters) {
      const place = this.#find(first);
      if (place === undefined) return;
      this.#waiters.shift();
      first.settle.resolve(place);
    }
  }

  #longestAtRest(): R | undefined {
    for (const [resident, { worker }] of this.#homeOf) {
      if (resident.isAtRest && worker.waitsFor === undefined) return resident; // H5
    }
    return undefined;
  }

  #letIn(): void {
    for (const { home, resident, settle } of this.#held) if (!isKeptFrom(home, resident)) settle.resolve();
  }

  async #hold(resident: R, home: Home, signal: AbortSignal | undefined, isPreferred: boolean): Promise<Place> {
    signal?.throwIfAborted();
    const held: Held = { home, resident, settle: Promise.withResolvers() };
    const leave = (): void => held.settle.reject(PlexSpacesError.from(signal?.reason));
    signal?.addEventListener('abort', leave, { once: true });
    this.#held.add(held);
    try {
      await held.settle.promise;
    } finally {
      this.#held.delete(held);
      signal?.removeEventListener('abort', leave);
    }
    return await this.enter(resident, signal, isPreferred);
  }

  async #moveIn(resident: R, signal: AbortSignal | undefined, isPreferred: boolean): Promise<Place> {
    if (this.#closed !== undefined) throw this.#closed;
    signal?.throwIfAborted();
    const waiter: Waiter<R> = { resident, isPreferred, settle: Promise.withResolvers() };
    const place = this.#waiters.length === 0 ? this.#find(waiter) : undefined;
    return place ?? (await this.#wait(waiter, signal));
  }

  #wait(waiter: Waiter<R>, signal: AbortSignal | undefined): Promise<Place> {
    const leave = (): void => {
      const index = this.#waiters.indexOf(waiter);
      if (index < 0) return; // it was found one
      this.#waiters.splice(index, 1);
      waiter.settle.reject(PlexSpacesError.from(signal?.reason));
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.#waiters.push(waiter);
    return waiter.settle.promise.finally(() => signal?.removeEventListener('abort', leave));
  }

  /** H3 */
  #find(waiter: Waiter<R>): Place | Promise<Place> | undefined {
    const empty = this.#pool.takeIdle((worker) => this.isEmpty(worker));
    if (empty !== undefined) return this.#settle(waiter, this.#openHome(empty));
    if (this.#pool.canGrow) return this.#grow(waiter);
    if (this.#starting > 0) return undefined; // H4
    const roomiest = this.#roomiest();
    if (roomiest !== undefined && this.#claim(roomiest)) return this.#settle(waiter, roomiest);
    return this.#replaceOne(waiter);
  }

  async #grow(waiter: Waiter<R>): Promise<Place> {
    this.#starting += 1;
    try {
      return this.#settle(waiter, this.#openHome(await this.#pool.grow()));
    } finally {
      this.#starting -= 1;
      this.serve();
    }
  }

  /** A worker that was just taken; its taker is its first user. */
  #openHome(worker: WASMWorker): Home {
    const known = this.#homes.get(worker);
    if (known !== undefined) {
      known.users += 1;
      return known;
    }
    const freeSlots = Array.from({ length: this.#perWorker }, (_none, index) => FIRST_SLOT + index);
    const home: Home = { worker, users: 1, slots: new Map(), freeSlots, preferred: undefined };
    this.#homes.set(worker, home);
    void worker.ended.then(() => this.#abandon(home));
    return home;
  }

  /** The slot of one that is leaving is neither its own any more nor free yet. */
  #roomiest(): Home | undefined {
    const roomy = [...this.#homes.values()].filter(
      (home) => home.worker.isAlive && isOpen(home) && home.freeSlots.length > 0,
    );
    return roomy.toSorted((a, b) => a.slots.size - b.slots.size)[0];
  }

  #replaceOne(waiter: Waiter<R>): Promise<Place> | undefined {
    for (const [other, home] of this.#homeOf) {
      if (other.isAtRest && isOpen(home) && this.#claim(home)) return this.#replace(other, waiter, home);
    }
    return undefined;
  }

  async #replace(old: R, waiter: Waiter<R>, home: Home): Promise<Place> {
    const slot = this.#unregister(old, home);
    this.#register(waiter, home, slot); // nobody else may take it meanwhile
    await old.passivate();
    this.#gone(old);
    return { home, slot, isNew: true };
  }

  #settle(waiter: Waiter<R>, home: Home): Place {
    const slot = home.freeSlots.shift();
    if (slot === undefined) throw new PlexSpacesError('INTERNAL', 'a worker with room has no free slot');
    this.#register(waiter, home, slot);
    return { home, slot, isNew: true };
  }

  #register({ resident, isPreferred }: Waiter<R>, home: Home, slot: InstanceSlot): void {
    if (isPreferred) home.preferred = resident;
    home.slots.set(resident, slot);
    this.#homeOf.set(resident, home);
  }

  #unregister(resident: R, home: Home): InstanceSlot {
    const slot = home.slots.get(resident);
    if (slot === undefined) throw new PlexSpacesError('INTERNAL', 'a resident has no slot in its home');
    home.slots.delete(resident);
    this.#homeOf.delete(resident);
    return slot;
  }

  /** Where others live beside it, the instance goes; else the worker does, with a clean memory for the next one. */
  #discard(resident: R, home: Home, slot: InstanceSlot): void {
    this.#unregister(resident, home);
    this.#gone(resident);
    if (home.slots.size > 0 || home.worker.isUsable) this.#drop(home, slot);
  }

  /** Its next message finds it without an instance. */
  #gone(resident: R): void {
    resident.forgetInstance();
    this.#onGone(resident);
  }

  #drop(home: Home, slot: InstanceSlot): void {
    home.freeSlots.push(slot);
    if (home.worker.isAlive) home.worker.drop(slot).catch(() => undefined); // a thread that died holds nothing
  }

  /** To be followed by `release`. */
  #claim(home: Home): boolean {
    const isOurs = home.worker.isAlive && (home.users > 0 || this.#pool.take(home.worker));
    if (isOurs) home.users += 1;
    return isOurs;
  }

  #release(home: Home): void {
    home.users -= 1;
    if (home.users === 0) this.#pool.release(home.worker, 'unused');
  }

  /** Its thread ended. */
  #abandon(home: Home): void {
    this.#homes.delete(home.worker);
    home.slots.clear();
    const lost = [...this.#homeOf].filter(([, where]) => where === home).map(([resident]) => resident);
    for (const resident of lost) this.#homeOf.delete(resident);
    for (const resident of lost) this.#gone(resident);
    this.serve();
  }
}

/** Others may move in or make room. */
function isOpen({ worker, preferred }: Home): boolean {
  return worker.waitsFor === undefined && preferred === undefined; // H5, H6
}

function isKeptFrom({ worker, preferred }: Home, resident: object): boolean {
  const isFree = preferred === undefined || preferred === resident;
  return !isFree && worker.isAlive && worker.waitsFor === undefined;
}
