/** Who lives where: Residents over the pool as it is, with model threads, in any order of comings, goings and deaths. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Residents } from '../../../packages/runtime/src/actors/residents.ts';
import type { Place } from '../../../packages/runtime/src/actors/residents.ts';
import { WASMWorkerPool } from '../../../packages/runtime/src/pool/wasm-worker-pool.ts';
import type { WASMWorker } from '../../../packages/runtime/src/pool/wasm-worker.ts';
import { echoSettings } from '../../support/echo.ts';
import { MODEL_COMPONENT } from '../../support/simulation/model-guest.ts';
import { ModelResident } from '../../support/simulation/model-resident.ts';
import type { Use, Watcher } from '../../support/simulation/model-resident.ts';
import { ModelThreads } from '../../support/simulation/model-threads.ts';
import { demand } from '../../support/simulation/demand.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { watch } from '../../support/simulation/settled.ts';
import type { Watched } from '../../support/simulation/settled.ts';
import { Steps } from '../../support/simulation/steps.ts';
import { Witness } from '../../support/simulation/witness.ts';
import { TEST_TIMEOUT_MS } from '../../support/soak.ts';

type Command =
  | { readonly kind: 'use'; readonly resident: number; readonly end: 'ok' | 'trap'; readonly isPreferred: boolean }
  | { readonly kind: 'cancel' | 'kill-thread'; readonly which: number }
  | { readonly kind: 'dismiss'; readonly resident: number }
  | { readonly kind: 'evict' }
  | { readonly kind: 'time' }
  | { readonly kind: 'steps'; readonly count: number };

interface Size {
  readonly min: number;
  readonly max: number;
  readonly perWorker: number;
  /** No place comes up by itself, so that places are given in the order in which they were asked for. */
  readonly isSteady: boolean;
}

interface Wrong {
  /** The pool tells nobody that there is room. */
  readonly keepsRoomSecret?: boolean;
  readonly neverLeaves?: boolean;
  /** So many more than are allowed in a worker. */
  readonly crowd?: number;
}

interface Asking {
  state: 'waiting' | 'given' | 'at home' | 'refused';
}

const RESIDENTS = 6;
const IDLE_MS = 1000;

const resident = fc.nat({ max: RESIDENTS - 1 });
const which = fc.nat({ max: 50 });
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('use'),
      resident,
      end: fc.constantFrom('ok', 'ok', 'ok', 'trap'),
      isPreferred: fc.constantFrom(false, false, false, true),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('cancel', 'kill-thread'), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('dismiss'), resident }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('evict') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('time') }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('steps'), count: fc.integer({ min: 1, max: 6 }) }) },
);
const anySize = fc
  .record({ max: fc.integer({ min: 1, max: 3 }), perWorker: fc.integer({ min: 1, max: 3 }), isSteady: fc.boolean() })
  .map(({ max, perWorker, isSteady }): Size => ({ min: isSteady ? max : 1, max, perWorker, isSteady }));

class ResidentsRun implements Watcher {
  readonly #steps: Steps;
  readonly #size: Size;
  readonly #witness = new Witness();
  readonly #threads: ModelThreads;
  readonly #pool: WASMWorkerPool;
  readonly #residents: Residents<ModelResident>;
  readonly #all: ModelResident[];
  readonly #uses: { readonly cancel: AbortController; readonly outcome: Watched<void> }[] = [];
  readonly #evictions: Watched<boolean>[] = [];
  /** Places in use, and who asked for one, in that order. */
  readonly #taken = new Map<ModelResident, Place>();
  readonly #asking: Asking[] = [];

  constructor(scheduler: fc.Scheduler, isHurried: () => boolean, size: Size, wrong: Wrong) {
    this.#steps = new Steps(scheduler, isHurried, () => this.#look());
    this.#size = size;
    this.#threads = new ModelThreads({ steps: this.#steps, witness: this.#witness, faults: {} });
    this.#pool = new WASMWorkerPool({
      name: 'model',
      min: size.min,
      max: size.max,
      idleTimeoutMs: IDLE_MS,
      queueLimit: 0,
      component: MODEL_COMPONENT,
      limits: echoSettings().limits,
      threads: this.#threads,
      prepare: () => Promise.resolve(),
      mayEnd: (worker) => this.#residents.isEmpty(worker),
      onRoom: () => (wrong.keepsRoomSecret === true ? undefined : this.#residents.serve()),
    });
    const perWorker = size.perWorker + (wrong.crowd ?? 0);
    this.#residents = new Residents<ModelResident>(this.#pool, { perWorker, onGone: () => undefined });
    const residents = this.#residents;
    const neverLeaves = wrong.neverLeaves === true;
    const options = { residents, watcher: this, steps: this.#steps, isSlowToLeave: !size.isSteady, neverLeaves };
    this.#all = Array.from({ length: RESIDENTS }, (_none, index) => new ModelResident(`${index}`, options));
  }

  async run(commands: readonly Command[]): Promise<void> {
    const started = watch(this.#pool.start());
    await this.#steps.finish();
    demand('the start', started.now.kind, 'resolved');
    for (const command of commands) await this.#do(command);
    await this.#steps.finish();
    const waiting = [...this.#uses.map(({ outcome }) => outcome), ...this.#evictions];
    demand('who waits for ever', waiting.filter(({ now }) => now.kind === 'pending').length, 0);
    demand('users that are left', this.#pool.stats().active, 0);
    demand('what must never happen', this.#witness.violations, []);
    const stopped = watch(this.#pool.shutdown({ deadlineMs: 0 }));
    await this.#steps.finish();
    demand('the shutdown', stopped.now.kind, 'resolved');
  }

  asks(who: ModelResident): (place: Place | undefined) => void {
    // Who lives there may wait for a neighbour that is preferred, and is passed by nobody.
    const asking: Asking = { state: this.#residents.has(who) ? 'at home' : 'waiting' };
    this.#asking.push(asking);
    const preferred = [...this.#taken].filter(([other, { home }]) => home.preferred === other); // H6
    return (place) => {
      if (place === undefined) asking.state = 'refused';
      else asking.state = place.isNew ? 'given' : 'at home';
      if (place === undefined) return;
      for (const [other, taken] of preferred) {
        const isThere = this.#taken.get(other) === taken && taken.home.worker.isAlive;
        if (isThere && place.home === taken.home)
          this.#witness.violations.push(`${who.name} was let in beside ${other.name}, which is preferred`);
      }
      this.#takes(who, place);
    };
  }

  leaves(who: ModelResident): void {
    this.#taken.delete(who);
  }

  async #do(command: Command): Promise<void> {
    switch (command.kind) {
      case 'use':
        return this.#use(command);
      case 'cancel':
        return this.#uses[command.which % Math.max(1, this.#uses.length)]?.cancel.abort();
      case 'kill-thread':
        return this.#threads.kill(command.which);
      case 'dismiss':
        return this.#dismiss(command.resident);
      case 'evict':
        this.#evictions.push(watch(this.#residents.evictLongestAtRest()));
        return;
      case 'time':
        vi.advanceTimersByTime(IDLE_MS);
        return;
      case 'steps':
        return await this.#steps.give(command.count);
    }
  }

  #use({ resident: number, end, isPreferred }: Extract<Command, { kind: 'use' }>): void {
    const cancel = new AbortController();
    const settle = Promise.withResolvers<void>();
    const use: Use = { id: this.#uses.length, end, isPreferred, signal: cancel.signal, settle };
    this.#uses.push({ cancel, outcome: watch(settle.promise) });
    this.#all[number]?.use(use);
  }

  #dismiss(number: number): void {
    const who = this.#all[number];
    if (who?.isAtRest === true) this.#residents.dismiss(who);
  }

  /** H2 */
  #takes(who: ModelResident, place: Place): void {
    for (const [other, { home, slot }] of this.#taken) {
      const isShared = home.worker === place.home.worker && slot === place.slot;
      if (isShared) this.#witness.violations.push(`${who.name} and ${other.name} are in one place`);
    }
    this.#taken.set(who, place);
  }

  /** H1, H3 */
  #look(): void {
    const { violations } = this.#witness;
    const { perWorker, max, isSteady } = this.#size;
    for (const thread of this.#threads.alive) {
      const count = this.#residents.of(thread as unknown as WASMWorker).length;
      if (count > perWorker) violations.push(`${count} live in one worker`);
    }
    if (this.#pool.stats().total > max) violations.push('more workers than there may be');
    const firstWaiting = this.#asking.findIndex(({ state }) => state === 'waiting');
    const lastGiven = this.#asking.findLastIndex(({ state }) => state === 'given');
    if (isSteady && firstWaiting >= 0 && firstWaiting < lastGiven) violations.push('somebody was passed by');
  }
}

const anyRun = fc.record({
  scheduler: fc.scheduler(),
  hurries: fc.infiniteStream(fc.boolean()),
  size: anySize,
  commands: fc.array(anyCommand, { minLength: 1, maxLength: 50, size: 'max' }),
});
type RunInput = typeof anyRun extends fc.Arbitrary<infer T> ? T : never;

async function check({ scheduler, hurries, size, commands }: RunInput, wrong: Wrong = {}): Promise<void> {
  vi.clearAllTimers();
  await new ResidentsRun(scheduler, () => hurries.next().value, size, wrong).run(commands);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('residents, whoever comes, goes and dies', () => {
  it(
    'share workers within the limit, in their turn, and nobody waits where there is room',
    async () => {
      expect(await findFailure(anyRun, (input) => check(input), 150)).toBeUndefined();
    },
    TEST_TIMEOUT_MS,
  );

  it('are seen to wait for ever where nobody tells them of room', async () => {
    const why = /who waits for ever/;
    expect(await findControlFailure(anyRun, (input) => check(input, { keepsRoomSecret: true }), why)).toMatch(why);
  });

  it('are seen to stay users where they do not leave', async () => {
    const why = /users that are left/;
    expect(await findControlFailure(anyRun, (input) => check(input, { neverLeaves: true }), why)).toMatch(why);
  });

  it('are seen to be too many in a worker', async () => {
    const why = /live in one worker/;
    expect(await findControlFailure(anyRun, (input) => check(input, { crowd: 1 }), why)).toMatch(why);
  });
});
