/**
 * Whether somebody has to be woken, and how long to look for what is about to come before going to sleep.
 *
 * A state cell for each side says what it takes to be seen by it:
 *
 *     IN_LOOP  a message: it is in its event loop, or busy with something else of it
 *     AWAKE    nothing: it looks again before it goes anywhere
 *     ASLEEP   a notification of this cell (the thread only: the main thread never sleeps but in its event loop)
 *
 * W1. Who sends writes first and then reads the state; who goes to sleep writes the state first and then looks once more.
 *     So one of them sees the other, and nothing is slept over.
 * W2. Whoever takes a state to AWAKE by compare-and-swap wakes, and nobody else.
 */
import { CONTROL_CELL, MAIN_STATE_CELL, THREAD_STATE_CELL } from './layout.ts';

type Cells = Int32Array<SharedArrayBuffer>;

export const SideState = { IN_LOOP: 0, AWAKE: 1, ASLEEP: 2 } as const;

/** By the main thread, behind what it wrote. @param post sends the thread a message. */
export function wakeThread(cells: Cells, post: () => void): void {
  for (;;) {
    const state = Atomics.load(cells, THREAD_STATE_CELL);
    if (state === SideState.AWAKE) return;
    if (Atomics.compareExchange(cells, THREAD_STATE_CELL, state, SideState.AWAKE) !== state) continue; // W2
    if (state === SideState.IN_LOOP) return post();
    Atomics.notify(cells, THREAD_STATE_CELL);
    return;
  }
}

/** By the main thread, behind a message that the thread's event loop is to deliver. */
export function sendToEventLoop(cells: Cells): void {
  Atomics.add(cells, CONTROL_CELL, 1);
  const [asleep, awake] = [SideState.ASLEEP, SideState.AWAKE];
  if (Atomics.compareExchange(cells, THREAD_STATE_CELL, asleep, awake) === asleep) {
    Atomics.notify(cells, THREAD_STATE_CELL);
  }
}

/** By the thread, behind what it wrote. @param post sends the main thread a message. */
export function wakeMain(cells: Cells, post: () => void): void {
  const { IN_LOOP, AWAKE } = SideState;
  if (Atomics.load(cells, MAIN_STATE_CELL) === AWAKE) return;
  if (Atomics.compareExchange(cells, MAIN_STATE_CELL, IN_LOOP, AWAKE) === IN_LOOP) post(); // W2
}

/** As long as waking somebody takes whose core is idle: 50 to 100 µs on a virtual machine. */
const LOOK_MS = 0.1;
/** Who sleeps longer was not kept waiting by it, and looks seldom enough to look each time. */
const LONG_SLEEP_MS = 1;
const FIRST_GAP = 64;
const LONGEST_GAP = 4096;
const MOST_TRUST = 4;
const MISS = 2;

/**
 * Whether to look for what is about to come for a moment before going to sleep. It is by far the fastest where the other
 * side has a core of its own, and keeps it from running where it has not: so it is done as long as it finds something,
 * and otherwise tried again after ever more short sleeps.
 */
export class Lookout {
  #trust = MOST_TRUST;
  #gap = FIRST_GAP;
  #sleepsUntilTrial = 0;
  #hasMissed = false;

  /** 0: not at all. */
  get lookMs(): number {
    return this.#trust > 0 ? LOOK_MS : 0;
  }

  /** It found something. */
  came(): void {
    this.#trust = Math.min(this.#trust + 1, MOST_TRUST);
    this.#gap = FIRST_GAP;
    this.#hasMissed = false;
  }

  /** It found nothing. To be followed by `slept`. */
  missed(): void {
    this.#hasMissed = true;
  }

  /** It slept for this long until something came. */
  slept(elapsedMs: number): void {
    if (elapsedMs > LONG_SLEEP_MS) this.#hasMissed = false;
    else if (this.#hasMissed) this.#distrust();
    else if (this.#trust <= 0) this.#awaitTrial();
  }

  #distrust(): void {
    this.#hasMissed = false;
    this.#trust -= MISS;
    if (this.#trust > 0) return;
    this.#sleepsUntilTrial = this.#gap;
    this.#gap = Math.min(this.#gap * 2, LONGEST_GAP);
  }

  #awaitTrial(): void {
    this.#sleepsUntilTrial -= 1;
    if (this.#sleepsUntilTrial <= 0) this.#trust = 1;
  }
}
