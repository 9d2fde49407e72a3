/** The one writer of the store against a list: what was appended is there in its order, and nobody is told too early. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommitMarks, findLogEnd } from '../../../packages/runtime/src/store/commit-marks.ts';
import { LogWriter } from '../../../packages/runtime/src/store/log-writer.ts';
import type { LogWriterOptions } from '../../../packages/runtime/src/store/log-writer.ts';
import type { Store, StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { TEST_TIMEOUT_MS } from '../../support/soak.ts';
import { demand, demandThat } from '../../support/simulation/demand.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { watch } from '../../support/simulation/settled.ts';
import type { Watched } from '../../support/simulation/settled.ts';
import { SteppedStore } from '../../support/simulation/stepped-store.ts';
import { Steps } from '../../support/simulation/steps.ts';

type Command =
  | { readonly kind: 'append'; readonly operations: number }
  | { readonly kind: 'stored' | 'synced'; readonly back: number }
  | { readonly kind: 'steps'; readonly count: number }
  | { readonly kind: 'time'; readonly passedMs: number }
  | { readonly kind: 'break' };

interface Wait {
  readonly what: 'stored' | 'synced';
  readonly lsn: bigint;
  readonly outcome: Watched<void>;
}

/** What is put between the writer and its store to make it wrong. */
type Spoil = (store: SteppedStore) => Store;

const INTERVAL_MS = 50;
const PUT = Uint8Array.of(1);
const FAILED = /storage failed/;

const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('append'), operations: fc.integer({ min: 0, max: 3 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('stored', 'synced'), back: fc.integer({ min: 0, max: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('steps'), count: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('time'), passedMs: fc.integer({ min: 1, max: 2 * INTERVAL_MS }) }),
  },
);
const anyCommands = fc.array(anyCommand, { minLength: 1, maxLength: 30, size: 'max' });
/** In half of the runs the disk breaks once, somewhere. */
const anyHistory: fc.Arbitrary<readonly Command[]> = fc
  .tuple(anyCommands, fc.option(fc.nat(), { freq: 2, nil: undefined }))
  .map(([commands, at]) =>
    at === undefined ? commands : commands.toSpliced(at % commands.length, 0, { kind: 'break' }),
  );

class WriterRun {
  readonly store: SteppedStore;
  readonly #steps: Steps;
  readonly #writer: LogWriter;
  readonly #mode: 'always' | 'interval' | 'never';
  /** The model: each append's keys, in order. */
  readonly #appended: string[][] = [];
  readonly #waits: Wait[] = [];
  #watermark = 0n;
  /** Who was told of something that was not so yet. */
  readonly #early: string[] = [];
  #isRefused = false;

  constructor(store: SteppedStore, steps: Steps, options: LogWriterOptions, spoil: Spoil) {
    this.store = store;
    this.#steps = steps;
    this.#mode = options.sync ?? 'always';
    const watermark = { write: (lsn: bigint): void => void (this.#watermark = lsn) };
    this.#writer = new LogWriter(spoil(store), { ...options, marks: new CommitMarks(1n), watermark });
  }

  async run(history: readonly Command[]): Promise<void> {
    for (const command of history) await this.#do(command);
    const closed = watch(this.#writer.close());
    await this.#steps.finish();
    demand('the close', closed.now.kind, 'resolved');
    demand('told early', this.#early, []);
    this.#expectOrder();
    for (const wait of this.#waits) this.#expectSettled(wait);
    await this.#expectEnd();
  }

  async #do(command: Command): Promise<void> {
    switch (command.kind) {
      case 'append':
        return this.#append(command.operations);
      case 'stored':
      case 'synced':
        return this.#wait(command.kind, this.#writer.lsn - BigInt(command.back));
      case 'steps':
        return await this.#steps.give(command.count);
      case 'time':
        vi.advanceTimersByTime(command.passedMs);
        return;
      case 'break':
        return this.store.breakOnce();
    }
  }

  #append(count: number): void {
    const number = this.#appended.length + 1;
    const keys = Array.from({ length: count }, (_none, index) => `k/${number}.${index}`);
    try {
      this.#writer.append(keys.map((key): StoreOperation => ({ type: 'put', key, value: PUT })));
      demandThat('W3: nothing is accepted behind what was refused', !this.#isRefused);
      if (count > 0) this.#appended.push(keys);
    } catch (thrown) {
      if (!FAILED.test(String(thrown))) throw thrown;
      this.#isRefused = true;
    }
  }

  /** What the store holds when somebody is told has to be what was asked for. */
  #wait(what: 'stored' | 'synced', lsn: bigint): void {
    const appended = this.#countUpTo(lsn);
    const isAsked = what === 'stored' || this.#mode === 'always';
    const outcome = watch(this.#writer[what](lsn), ({ kind }) => {
      if (kind !== 'resolved' || !isAsked) return;
      if (this.#applied.length < appended) this.#early.push(`${what} ${lsn} before it was`);
      if (this.#mode === 'always' && this.#watermark < lsn) this.#early.push(`${what} ${lsn} before the watermark`); // W4
    });
    this.#waits.push({ what, lsn, outcome });
  }

  get #applied(): string[] {
    return this.store.batches.flatMap(keysIn);
  }

  /** The keys of what is appended up to an LSN. A sync alone takes an LSN of its own, so they are counted from the end. */
  #countUpTo(lsn: bigint): number {
    const behind = Number(this.#writer.lsn - lsn);
    return this.#appended.slice(0, Math.max(0, this.#appended.length - behind)).flat().length;
  }

  #expectOrder(): void {
    const { batches, syncs, mostInFlight, behindFailure } = this.store;
    demandThat(`W1: ${mostInFlight} batches in flight`, mostInFlight <= 1);
    demand('W3: batches behind a failed one', behindFailure, 0);
    demand('the order', this.#applied, this.#appended.flat().slice(0, this.#applied.length));
    for (const batch of batches) {
      const appends = new Set(keysIn(batch).map((key) => Number(key.slice(2, key.indexOf('.')))));
      const whole = [...appends].flatMap((number) => this.#appended[number - 1]);
      demand('W2: whole appends', keysIn(batch), whole);
    }
    demandThat('each batch is synced', this.#mode !== 'always' || !syncs.includes(false));
  }

  #expectSettled({ what, lsn, outcome }: Wait): void {
    demandThat(`${what} ${lsn} settles`, outcome.now.kind !== 'pending');
    if (outcome.now.kind === 'rejected')
      demandThat(String(outcome.now.reason), FAILED.test(String(outcome.now.reason)));
  }

  /** Unless the disk broke, all of it is there, synced, and the marks lead to its end. */
  async #expectEnd(): Promise<void> {
    const hasFailed = this.#isRefused || this.#waits.some(({ outcome }) => outcome.now.kind === 'rejected');
    const isWhole = this.#applied.length === this.#appended.flat().length;
    if (hasFailed || !isWhole) return demandThat('nothing is lost without a failure', await isFailed(this.#writer));
    if (await isFailed(this.#writer)) return;
    const end = await findLogEnd(this.store);
    demand('the end of the marks', end.lsn, this.#writer.lsn);
    demandThat('a close syncs', this.store.syncs.at(-1) ?? true);
  }
}

const anyRun = fc.record({
  scheduler: fc.scheduler(),
  hurries: fc.infiniteStream(fc.boolean()),
  mode: fc.constantFrom('always', 'interval', 'never'),
  history: anyHistory,
});

type RunInput = typeof anyRun extends fc.Arbitrary<infer T> ? T : never;

async function check(input: RunInput, options: LogWriterOptions = {}, spoil: Spoil = (store) => store): Promise<void> {
  const { scheduler, hurries, mode, history } = input;
  const steps = new Steps(scheduler, () => hurries.next().value);
  const interval = mode === 'interval' ? { syncIntervalMs: INTERVAL_MS } : {};
  const store = await SteppedStore.of(steps);
  await new WriterRun(store, steps, { ...options, sync: mode, ...interval }, spoil).run(history);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the writer, in any order of appends, waits, batches, timers and a failure', () => {
  it(
    'keeps order, whole appends and one batch in flight, and tells of nothing early',
    async () => {
      expect(await findFailure(anyRun, (input) => check(input), 300)).toBeUndefined();
    },
    TEST_TIMEOUT_MS,
  );

  it('is seen to tell early over a store that does', async () => {
    const why = /told early/;
    expect(await findControlFailure(anyRun, (input) => check(input, {}, eager), why)).toMatch(why);
  });

  it('is seen to leave a hole where it goes on behind a failed batch', async () => {
    const goesOn = { unsafeGoOnAfterFailure: true };
    const why = /W3: batches behind a failed one/;
    expect(await findControlFailure(anyRun, (input) => check(input, goesOn), why)).toMatch(why);
  });
});

/** Says of each batch at once that it is through. */
function eager(store: SteppedStore): Store {
  let last: Promise<void> = Promise.resolve();
  return {
    batch: async (operations, options) => {
      const kept = [...operations];
      last = last.then(() => store.batch(kept, options)).catch(() => undefined);
    },
    get: (key) => store.get(key),
    range: (range) => store.range(range),
    keys: (range) => store.keys(range),
    edgeKey: (range, edge) => store.edgeKey(range, edge),
    close: () => store.close(),
  };
}

function keysIn(batch: readonly StoreOperation[]): string[] {
  return batch.map(({ key }) => key).filter((key) => key.startsWith('k/'));
}

async function isFailed(writer: LogWriter): Promise<boolean> {
  return await Promise.race([writer.failed.then(() => true), Promise.resolve().then(() => false)]);
}
