/** A run of a service over model threads: whatever its pool may meet, in whatever order. */
import { PlexSpacesError } from '@plexspaces/core';
import { vi } from 'vitest';
import { WASMActor } from '../../../packages/runtime/src/actors/wasm-actor.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { echoSettings, SERVICE } from '../echo.ts';
import { openPorts } from '../ports.ts';
import { recordingLogger } from '../recording-logger.ts';
import { demand, demandThat } from './demand.ts';
import { bytesOf, MODEL_COMPONENT, RUN } from './model-guest.ts';
import type { Effect, Program } from './model-guest.ts';
import type { ThreadFaults } from './model-thread.ts';
import { ModelThreads } from './model-threads.ts';
import { watch } from './settled.ts';
import type { Settlement, Watched } from './settled.ts';
import type { Steps } from './steps.ts';
import { nameOf, Witness } from './witness.ts';

export type PoolCommand =
  | { readonly kind: 'post'; readonly effects: readonly Effect[]; readonly end: Program['end'] }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'kill-thread'; readonly which: number }
  | { readonly kind: 'time'; readonly passedMs: number }
  | { readonly kind: 'steps'; readonly count: number };

export interface PoolRunOptions {
  readonly max: number;
  readonly queueLimit: number;
  readonly faults?: ThreadFaults;
}

interface Posted {
  readonly program: Program;
  readonly outcome: Watched<Uint8Array>;
  readonly cancel: AbortController;
  wasTakenBack: boolean;
}

/** What callers are told of a call that no guest ran to its end. */
const NOT_RUN = /CANCELLED|UNAVAILABLE|QUEUE_FULL/;

/** After which a pool has at least min workers again. */
const REFILL_MS = 1000;
/** P7 of the pool. */
const NONE_LEFT = { known: 0, alive: 0 };

export class PoolRun {
  readonly #options: PoolRunOptions;
  readonly #steps: Steps;
  readonly #witness: Witness;
  readonly #threads: ModelThreads;
  readonly #actor: WASMActor;
  readonly #posted: Posted[] = [];

  private constructor(
    steps: Steps,
    witness: Witness,
    actor: WASMActor,
    threads: ModelThreads,
    options: PoolRunOptions,
  ) {
    this.#steps = steps;
    this.#witness = witness;
    this.#actor = actor;
    this.#threads = threads;
    this.#options = options;
  }

  static async start(steps: Steps, options: PoolRunOptions): Promise<PoolRun> {
    const witness = new Witness();
    const threads = new ModelThreads({ steps, witness, faults: options.faults ?? {} });
    const { max, queueLimit } = options;
    const actor = new WASMActor({
      settings: echoSettings({ kind: 'service', workers: { min: 1, max, queueLimit, idleTimeoutMs: 1000 } }),
      component: MODEL_COMPONENT,
      initialState: new Uint8Array(),
      environment: {},
      ports: await openPorts(new MemoryStore()),
      logger: recordingLogger().logger,
      threads,
    });
    const started = actor.start();
    await steps.finish();
    await started;
    return new PoolRun(steps, witness, actor, threads, options);
  }

  async do(command: PoolCommand): Promise<void> {
    switch (command.kind) {
      case 'post':
        this.#post(command);
        break;
      case 'cancel':
        this.#cancel(command.which);
        break;
      case 'kill-thread':
        this.#threads.kill(command.which);
        break;
      case 'time':
        vi.advanceTimersByTime(command.passedMs);
        break;
      case 'steps':
        await this.#steps.give(command.count);
        break;
    }
    this.#expectBounds();
  }

  /** All that is under way comes to its end. */
  async rest(): Promise<void> {
    await this.#steps.finish();
    vi.advanceTimersByTime(REFILL_MS);
    await this.#steps.finish();
    this.#expectSettled();
    const { active, queued, total, min } = this.#actor.stats();
    demand('at rest', { active, queued }, { active: 0, queued: 0 });
    demandThat(`at rest there are ${total} workers of at least ${min}`, total >= min);
  }

  async stop(deadlineMs: number): Promise<void> {
    const stopped = watch(this.#actor.stop({ deadlineMs }));
    await this.#steps.finish();
    if (deadlineMs > 0) this.#expectServed();
    vi.advanceTimersByTime(deadlineMs);
    await this.#steps.finish();
    demand('the stop', stopped.now.kind, 'resolved');
    this.#expectSettled();
    demand(
      'workers after the stop',
      { known: this.#actor.stats().total, alive: this.#threads.alive.length },
      NONE_LEFT,
    );
  }

  /** Before the deadline of a stop nobody who was let in is sent away. */
  #expectServed(): void {
    const sentAway = this.#posted.filter(({ outcome: { now } }) => now.kind !== 'resolved' && isSentAway(now));
    demand(
      'calls that were sent away',
      sentAway.map(({ program }) => nameOf(program)),
      [],
    );
  }

  #post({ effects, end }: Extract<PoolCommand, { kind: 'post' }>): void {
    const program: Program = { actor: SERVICE, id: this.#posted.length, effects, end };
    const cancel = new AbortController();
    const call = { key: 'default', fromActor: 'client', method: RUN, payload: bytesOf(program), signal: cancel.signal };
    this.#posted.push({ program, outcome: watch(this.#actor.invoke(call)), cancel, wasTakenBack: false });
  }

  #cancel(which: number): void {
    const waiting = this.#posted.filter(({ outcome }) => outcome.now.kind === 'pending');
    const posted = waiting[which % Math.max(1, waiting.length)];
    if (posted === undefined) return;
    posted.wasTakenBack = !this.#witness.starts.includes(nameOf(posted.program));
    posted.cancel.abort();
  }

  /** P1, and the bound of the queue: who is put back had been let in before. */
  #expectBounds(): void {
    const { max, queueLimit } = this.#options;
    const { active, idle, total, queued } = this.#actor.stats();
    demandThat(`${total} workers of at most ${max}`, total <= max && active + idle === total);
    demandThat(`${queued} calls are queued`, queued >= 0 && queued <= queueLimit + max);
  }

  #expectSettled(): void {
    const bad = this.#witness.violations.filter((violation) => /spent|worn/.test(violation));
    demand('what must never happen', bad, []);
    for (const posted of this.#posted) this.#expectEnd(posted);
    const { processed, errors } = this.#actor.messageCounts();
    demand('messages counted', processed + errors, this.#posted.length);
    if (this.#options.max === 1) this.#expectOrder();
  }

  #expectEnd({ program, outcome: { now }, wasTakenBack }: Posted): void {
    const name = nameOf(program);
    const told = this.#witness.told.filter((other) => nameOf(other.program) === name);
    const starts = this.#witness.starts.filter((start) => start === name).length;
    demandThat(`${name} settles`, now.kind !== 'pending');
    demandThat(`${name} was told of ${told.length} times`, told.length <= 1);
    demandThat(`${name} was cancelled, then run`, !wasTakenBack || starts === 0);
    // What had no effect may be run again where its thread died before it told of it (T1).
    demandThat(`${name} was run ${starts} times`, starts <= 1 || program.effects.length === 0);
    const error = now.kind === 'rejected' ? PlexSpacesError.from(now.reason) : undefined;
    const isUnsaid = error !== undefined && NOT_RUN.test(`${error.code} ${error.reason}`);
    if (!isUnsaid) demand(name, error === undefined ? 'ok' : saidBy(error), told[0]?.kind);
  }

  #expectOrder(): void {
    const ids = this.#witness.told.map(({ program }) => program.id);
    demand(
      'one worker runs calls in the order of posting',
      ids,
      ids.toSorted((a, b) => a - b),
    );
  }
}

function isSentAway(now: Exclude<Settlement<unknown>, { kind: 'resolved' }>): boolean {
  return now.kind === 'pending' || /is shutting down/.test(String(now.reason));
}

function saidBy({ code, reason }: PlexSpacesError): string {
  if (code === 'EXECUTION_ERROR') return 'guest-error';
  return reason === 'TRAP' ? 'trap' : `${code} ${reason}`;
}
