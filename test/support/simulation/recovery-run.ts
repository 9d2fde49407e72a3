/**
 * Lives of a node, one after the other on one store: each is sent all messages, runs to its end and is then cut off
 * at a batch that it wrote, as a crash at that moment would have left it. The last one is left alone.
 *
 * Messages carry idempotency keys, so that a client that sends again whatever it has no answer to, and all the rest
 * as well, must find each of them handled once.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { Pattern } from '@plexspaces/core';
import { demand, demandThat } from './demand.ts';
import type { StoreOperation } from '../../../packages/runtime/src/store/store.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';
import { SERVICE } from '../echo.ts';
import { EFFECT, TOKEN } from './model-guest.ts';
import type { Program } from './model-guest.ts';
import { watch } from './settled.ts';
import { SimulatedNode } from './simulated-node.ts';
import type { SimulationOptions } from './simulated-node.ts';
import { SteppedStore } from './stepped-store.ts';
import type { Steps } from './steps.ts';
import { nameOf, Witness } from './witness.ts';

type Batch = readonly StoreOperation[];

/** How a life goes, but for the last. */
export interface Crash {
  /** Of the batches that the life wrote: at this one, counted around, it ends. */
  readonly at: number;
  /** After so many turns each, some thread dies. */
  readonly kills: readonly number[];
}

export interface RecoveryControls {
  /** What a crash does beside cutting off. */
  readonly damage?: (batches: readonly Batch[]) => readonly Batch[];
  /** Answers are given to clients before they are synced. */
  readonly answersEarly?: boolean;
}

/** What a client was answered, to be compared. */
interface Answer {
  readonly text: string;
  readonly kind: 'ok' | 'no' | 'trap' | 'other';
  /** As many batches were in the store. */
  readonly at: number;
}

const NAMESPACE = 'default';
const ANY = { match: 'any' } as const;

export class RecoveryRun {
  readonly #steps: Steps;
  readonly #programs: readonly Program[];
  readonly #options: SimulationOptions;
  readonly #controls: RecoveryControls;
  readonly #witness = new Witness();
  #epoch = 0n;
  #batches: readonly Batch[] = [];
  #acknowledged = new Map<string, Answer>();
  #kills = 0;

  constructor(steps: Steps, programs: readonly Program[], options: SimulationOptions, controls: RecoveryControls) {
    this.#steps = steps;
    this.#programs = programs;
    this.#options = options;
    this.#controls = controls;
  }

  async run(crashes: readonly Crash[]): Promise<void> {
    this.#batches = [this.#tokens()];
    for (const crash of crashes) await this.#liveAndCrash(crash);
    const store = await SteppedStore.of(this.#steps, this.#batches);
    const node = await this.#start(store);
    const answers = await this.#live(node, store, []);
    this.#expectKept(answers);
    await this.#expectStates(node, answers);
    await this.#expectEffects(store, node, answers);
    await node.finish(node.actors.stop({ deadlineMs: 0 }));
    await this.#expectSameFromTheBeginning(store.batches, answers);
  }

  async #liveAndCrash({ at, kills }: Crash): Promise<void> {
    const begunWith = this.#batches.length;
    const store = await SteppedStore.of(this.#steps, this.#batches);
    const node = await this.#start(store);
    const answers = await this.#live(node, store, kills);
    this.#expectKept(answers);
    await node.finish(node.actors.stop({ deadlineMs: 0 }));
    const end = begunWith + (at % (store.batches.length - begunWith + 1));
    const left = store.batches.slice(0, end);
    this.#batches = this.#controls.damage?.(left) ?? left;
    for (const [name, answer] of answers) {
      if (answer.at <= end && answer.kind !== 'other') this.#acknowledged.set(name, answer);
    }
  }

  #start(store: SteppedStore): Promise<SimulatedNode> {
    this.#epoch += 1n;
    return SimulatedNode.start(store, this.#steps, this.#witness, { ...this.#options, epoch: this.#epoch });
  }

  async #live(node: SimulatedNode, store: SteppedStore, kills: readonly number[]): Promise<Map<string, Answer>> {
    const answers = new Map<string, Answer>();
    const sent = this.#programs.map((program) => watch(this.#send(node, store, program, answers)));
    for (const turns of kills) {
      await this.#steps.give(turns);
      node.threads.kill(turns);
      this.#kills += 1;
    }
    await this.#steps.finish();
    demand('calls that wait', sent.filter(({ now }) => now.kind !== 'resolved').length, 0);
    demand('what must never happen', this.#witness.violations, []);
    return answers;
  }

  /** As a client gets it: the answer leaves the process when all that it may depend on is synced. */
  async #send(node: SimulatedNode, store: SteppedStore, program: Program, answers: Map<string, Answer>): Promise<void> {
    const name = nameOf(program);
    const answer = await node.invoke(program, undefined, name).then(
      (bytes) => ({ kind: 'ok' as const, text: Buffer.from(bytes).toString() }),
      (thrown: unknown) => describe(PlexSpacesError.from(thrown)),
    );
    const { writer } = node.ports;
    if (this.#controls.answersEarly !== true) await writer.synced(writer.lsn);
    answers.set(name, { ...answer, at: store.batches.length });
  }

  /** What was acknowledged is answered the same for ever. */
  #expectKept(answers: ReadonlyMap<string, Answer>): void {
    for (const [name, { text }] of this.#acknowledged) {
      demand(`${name} was acknowledged`, answers.get(name)?.text, text);
    }
  }

  async #expectStates(node: SimulatedNode, answers: ReadonlyMap<string, Answer>): Promise<void> {
    for (const actor of new Set(this.#programs.map((program) => program.actor))) {
      const state = await node.inspect(actor.slice(actor.lastIndexOf('/') + 1));
      const handled = this.#programs.filter((program) => {
        const kind = answers.get(nameOf(program))?.kind;
        return program.actor === actor && (kind === 'ok' || kind === 'no');
      });
      // A message that was refused, since a thread died before it came to it, is handled when it is sent again.
      const ids = this.#kills === 0 ? state.ids : state.ids.toSorted((a, b) => a - b);
      demand(
        `the state of ${actor}`,
        ids,
        handled.map(({ id }) => id),
      );
      this.#witness.expectKnown(actor, state, 'at the end there was');
    }
    demand('what must never happen', this.#witness.violations, []);
    if (this.#kills > 0) return;
    for (const program of this.#programs) {
      const kind = answers.get(nameOf(program))?.kind;
      const expected = program.end === 'trap' ? ['trap', 'other'] : [program.end]; // a trap may end in quarantine
      demandThat(
        `${nameOf(program)} ended as ${kind}`,
        expected.some((end) => end === kind),
      );
    }
  }

  /** Each tuple that a message writes is there once; each token that it takes is gone, and no other. */
  async #expectEffects(store: SteppedStore, node: SimulatedNode, answers: ReadonlyMap<string, Answer>): Promise<void> {
    const { spaces } = node.ports;
    for (const program of this.#programs) {
      const wasKilled = this.#kills > 0 && answers.get(nameOf(program))?.kind === 'other';
      for (const [index, effect] of program.effects.entries()) {
        if (effect !== 'write') continue;
        const found = spaces.count(NAMESPACE, placeOf(program, index));
        demandThat(`${nameOf(program)} wrote twice`, found <= 1);
        demandThat(`${nameOf(program)} did not write`, wasKilled || found === 1);
      }
    }
    const tokens = spaces.count(NAMESPACE, [{ match: 'exact', field: { type: 'string', value: TOKEN } }, ANY]);
    if (this.#kills === 0) demand('tokens that are left', tokens, SPARE_TOKENS);
    demandThat(`${tokens} tokens are left`, tokens >= SPARE_TOKENS);
    const kept = await Spaces.load(store);
    for (const arity of [2, 3]) {
      const all: Pattern = Array.from({ length: arity }, () => ANY);
      demand('tuples in the store', kept.count(NAMESPACE, all), spaces.count(NAMESPACE, all));
    }
    demand('unfinished messages', await Array.fromAsync(node.ports.unfinished.keys(SERVICE)), []);
  }

  /** Without its snapshots, and with all that they allowed to be cut, the journal leads to the same states. */
  async #expectSameFromTheBeginning(batches: readonly Batch[], answers: ReadonlyMap<string, Answer>): Promise<void> {
    const isKept = ({ type, key }: StoreOperation): boolean =>
      !key.startsWith('s/') && !(type === 'del' && key.startsWith('j/'));
    const whole = batches.map((batch) => batch.filter(isKept));
    const node = await this.#start(await SteppedStore.of(this.#steps, whole));
    await this.#expectStates(node, answers);
    await node.finish(node.actors.stop({ deadlineMs: 0 }));
  }

  #tokens(): Batch {
    const takes = this.#programs.flatMap(({ effects }) => effects).filter((effect) => effect === 'take').length;
    const spaces = new Spaces();
    return Array.from({ length: takes + SPARE_TOKENS }, (_none, number) => {
      const tuple = [
        { type: 'string', value: TOKEN },
        { type: 'int', value: BigInt(number) },
      ] as const;
      return spaces.write(NAMESPACE, tuple, '').operations;
    }).flat();
  }
}

const SPARE_TOKENS = 3;

function placeOf({ actor, id }: Program, index: number): Pattern {
  return [
    { match: 'exact', field: { type: 'string', value: EFFECT } },
    { match: 'exact', field: { type: 'string', value: actor } },
    { match: 'exact', field: { type: 'int', value: BigInt(id * 100 + index) } },
  ];
}

function describe({ code, reason, message }: PlexSpacesError): Pick<Answer, 'kind' | 'text'> {
  const text = `${code} ${message}`;
  if (code === 'EXECUTION_ERROR') return { kind: 'no', text };
  return { kind: reason === 'TRAP' ? 'trap' : 'other', text };
}
