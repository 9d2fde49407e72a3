/** A run of durable actors under everything that may happen to them while the process lives. */
import { PlexSpacesError } from '@plexspaces/core';
import { vi } from 'vitest';
import { demand, demandThat } from './demand.ts';
import type { Effect, Program } from './model-guest.ts';
import { watch } from './settled.ts';
import type { Watched } from './settled.ts';
import { addressOf, SimulatedNode } from './simulated-node.ts';
import type { SimulationOptions } from './simulated-node.ts';
import { SteppedStore } from './stepped-store.ts';
import type { Steps } from './steps.ts';
import { nameOf, Witness } from './witness.ts';

export type ActorCommand =
  | {
      readonly kind: 'post';
      readonly actor: number;
      readonly effects: readonly Effect[];
      readonly end: Program['end'];
    }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'checkpoint' | 'drop-instance'; readonly actor: number }
  | { readonly kind: 'kill-thread'; readonly which: number }
  | { readonly kind: 'time'; readonly passedMs: number }
  | { readonly kind: 'steps'; readonly count: number };

interface Posted {
  readonly program: Program;
  readonly outcome: Watched<Uint8Array>;
  readonly cancel: AbortController;
  /** It was cancelled, and no guest had begun to handle it. */
  wasTakenBack: boolean;
}

/** What the main thread says of a message that no guest handled to its end. */
const NOT_HANDLED = /CANCELLED|UNAVAILABLE/;

export class ActorRun {
  readonly #steps: Steps;
  readonly #witness: Witness;
  readonly #node: SimulatedNode;
  readonly #store: SteppedStore;
  readonly #posted: Posted[] = [];
  readonly #asides: Watched<unknown>[] = [];

  private constructor(steps: Steps, witness: Witness, store: SteppedStore, node: SimulatedNode) {
    this.#steps = steps;
    this.#witness = witness;
    this.#store = store;
    this.#node = node;
  }

  static async start(steps: Steps, options: SimulationOptions): Promise<ActorRun> {
    const witness = new Witness();
    const store = await SteppedStore.of(steps);
    return new ActorRun(steps, witness, store, await SimulatedNode.start(store, steps, witness, options));
  }

  async do(command: ActorCommand): Promise<void> {
    switch (command.kind) {
      case 'post':
        return this.#post(command);
      case 'cancel':
        return this.#cancel(command.which);
      case 'checkpoint':
        return this.#aside(this.#node.actors.checkpoint(`${command.actor}`, new AbortController().signal));
      case 'drop-instance':
        return this.#dropInstance(`${command.actor}`);
      case 'kill-thread':
        return this.#node.threads.kill(command.which);
      case 'time':
        vi.advanceTimersByTime(command.passedMs);
        return;
      case 'steps':
        return await this.#steps.give(command.count);
    }
  }

  /** All that is under way comes to its end; then everybody is asked what it came to. */
  async rest(): Promise<void> {
    await this.#steps.finish();
    this.#expectSettled();
    this.#expectCounts();
    await this.#expectStates(this.#node);
  }

  /** The process stops, with or without patience; the next start finds what was there. */
  async stop(deadlineMs: number, options: SimulationOptions): Promise<void> {
    const stopped = watch(this.#node.actors.stop({ deadlineMs }));
    await this.#steps.finish();
    vi.advanceTimersByTime(deadlineMs);
    await this.#steps.finish();
    demand('the stop', stopped.now.kind, 'resolved');
    this.#expectSettled();
    const store = await SteppedStore.of(this.#steps, this.#store.batches);
    const next = await SimulatedNode.start(store, this.#steps, this.#witness, { ...options, epoch: 2n });
    await this.#expectStates(next);
    await next.finish(next.actors.stop({ deadlineMs: 0 }));
  }

  #post({ actor, effects, end }: Extract<ActorCommand, { kind: 'post' }>): void {
    const address = addressOf(`${actor}`);
    const id = this.#posted.filter(({ program }) => program.actor === address).length;
    const program: Program = { actor: address, id, effects, end };
    const cancel = new AbortController();
    const outcome = watch(this.#node.invoke(program, cancel.signal));
    this.#posted.push({ program, outcome, cancel, wasTakenBack: false });
  }

  #cancel(which: number): void {
    const waiting = this.#posted.filter(({ outcome }) => outcome.now.kind === 'pending');
    const posted = waiting[which % Math.max(1, waiting.length)];
    if (posted === undefined) return;
    posted.wasTakenBack = !this.#witness.started.has(nameOf(posted.program));
    posted.cancel.abort();
  }

  #dropInstance(key: string): void {
    const drop = async ({ dropInstance }: { readonly dropInstance: () => void }): Promise<void> => dropInstance();
    this.#aside(this.#node.actors.betweenMessages(key, drop, new AbortController().signal));
  }

  #aside(work: Promise<unknown>): void {
    this.#asides.push(watch(work));
  }

  #expectSettled(): void {
    demand('what must never happen', this.#witness.violations, []);
    demand('asides that wait', this.#asides.filter(({ now }) => now.kind === 'pending').length, 0);
    for (const { program, outcome, wasTakenBack } of this.#posted) {
      const name = nameOf(program);
      const told = this.#witness.told.filter((other) => nameOf(other.program) === name);
      demandThat(`${name} was handled ${told.length} times`, told.length <= 1);
      demandThat(`${name} settles`, outcome.now.kind !== 'pending');
      demandThat(`${name} was cancelled, then handled`, !wasTakenBack || !this.#witness.started.has(name));
      this.#expectOutcome(name, outcome, told[0]?.kind);
    }
    for (const actor of new Set(this.#posted.map(({ program }) => program.actor))) this.#expectOrder(actor);
  }

  /** A message was answered what its guest said, or what kept it from being handled to the end. */
  #expectOutcome(name: string, { now }: Watched<Uint8Array>, told: 'ok' | 'guest-error' | 'trap' | undefined): void {
    const error = now.kind === 'rejected' ? PlexSpacesError.from(now.reason) : undefined;
    const said = error === undefined ? 'ok' : saidBy(error);
    if (said === 'not handled')
      demandThat(`${name} got ${error?.code} ${error?.message}`, NOT_HANDLED.test(`${error?.code}`));
    else demand(name, said, told);
  }

  #expectOrder(actor: string): void {
    const ids = this.#witness.told.filter(({ program }) => program.actor === actor).map(({ program }) => program.id);
    demand(
      `${actor} handles in the order of posting`,
      ids,
      ids.toSorted((a, b) => a - b),
    );
  }

  #expectCounts(): void {
    const { actors } = this.#node;
    const resolved = this.#posted.filter(({ outcome }) => outcome.now.kind === 'resolved').length;
    demand('counts', actors.messageCounts(), { processed: resolved, errors: this.#posted.length - resolved });
    const { active, queued } = actors.stats();
    demand('at rest', { active, queued }, { active: 0, queued: 0 });
  }

  /** The state is what the messages made of it that were handled, each once, in their order. */
  async #expectStates(node: SimulatedNode): Promise<void> {
    for (const actor of new Set(this.#posted.map(({ program }) => program.actor))) {
      const state = await node.inspect(actor.slice(actor.lastIndexOf('/') + 1));
      const told = this.#witness.told.filter(({ program, kind }) => program.actor === actor && kind !== 'trap');
      demand(
        `the state of ${actor}`,
        state.ids,
        told.map(({ program }) => program.id),
      );
      this.#witness.expectKnown(actor, state, 'at the end there was');
    }
    demand('what must never happen', this.#witness.violations, []);
  }
}

function saidBy({ code, reason }: PlexSpacesError): 'guest-error' | 'trap' | 'not handled' {
  if (code === 'EXECUTION_ERROR') return 'guest-error';
  return reason === 'TRAP' ? 'trap' : 'not handled';
}
