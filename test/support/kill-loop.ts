/**
 * A running load of stepper calls over the lives of one data directory, each ended by SIGKILL at a random moment,
 * also while the node still recovers. Each caller repeats what was not answered before it goes on.
 */
import { setTimeout } from 'node:timers/promises';
import type { PlexSpacesClient } from '@plexspaces/client';
import { startDaemon } from './daemon.ts';
import type { Daemon, DaemonOptions } from './daemon.ts';
import type { SeededRandom } from './seeded-random.ts';
import { PATIENT } from './soak.ts';
import { countOf } from './step-calls.ts';
import type { StepCall, StepCalls } from './step-calls.ts';

export interface KillLoopOptions {
  readonly dataDirectory: string;
  readonly calls: StepCalls;
  /** The actors' addresses; one that is there twice is called twice as often. */
  readonly addresses: readonly string[];
  readonly random: SeededRandom;
  readonly daemon?: DaemonOptions;
}

const CALLERS = 8;
/** Behind the first reply of a life; in one of so many lives behind the ready line, when the node recovers. */
const MAX_LIFE_MS = 500;
const RECOVERING_LIVES = 4;

export class KillLoop implements AsyncDisposable {
  readonly #options: KillLoopOptions;
  readonly #current: StepCall[];
  #number = 0;
  #firstReply = Promise.withResolvers<void>();
  #daemon: Daemon | undefined;
  #client: PlexSpacesClient | undefined;
  /** Actors found with a lower count than they had replied. */
  readonly lost: string[] = [];
  /** Lives that ended before the first reply. */
  earlyKills = 0;

  constructor(options: KillLoopOptions) {
    this.#options = options;
    this.#current = Array.from({ length: CALLERS }, () => this.#nextCall());
  }

  get client(): PlexSpacesClient {
    if (this.#client === undefined) throw new Error('no node is running');
    return this.#client;
  }

  /** One life under load. @throws what a call failed with before the kill. */
  async run(): Promise<void> {
    const { calls, random } = this.#options;
    const daemon = await this.start();
    const before = calls.acknowledged;
    this.#firstReply = Promise.withResolvers();
    let isKilled = false;
    const failures: unknown[] = [];
    const note = (thrown: unknown): void => void (isKilled || failures.push(thrown));
    const check = this.#expectNothingLost().catch(note);
    const ends = this.#current.map((_call, caller) => this.#load(caller).catch(note));
    if (random.below(RECOVERING_LIVES) > 0) await Promise.race([this.#firstReply.promise, ...ends]);
    await setTimeout(random.below(MAX_LIFE_MS));
    isKilled = true;
    await daemon.kill();
    await Promise.all([check, ...ends]);
    if (failures.length > 0) throw new AggregateError(failures, `calls failed before the kill: ${failures.join('; ')}`);
    if (calls.acknowledged === before) this.earlyKills += 1;
  }

  /** A life without a kill: what is unanswered is repeated. */
  async settle(): Promise<void> {
    await this.start();
    await this.#expectNothingLost();
    const { calls } = this.#options;
    await Promise.all(this.#current.map((call) => calls.send(this.client, call)));
    for (const caller of this.#current.keys()) this.#current[caller] = this.#nextCall();
  }

  /** Everything that was ever sent, again. */
  async repeatAll(): Promise<void> {
    const { calls } = this.#options;
    for (const call of calls.all) await calls.send(this.client, call);
  }

  async start(): Promise<Daemon> {
    await this[Symbol.asyncDispose]();
    this.#daemon = await startDaemon(this.#options.dataDirectory, this.#options.daemon);
    this.#client = await this.#daemon.connect(PATIENT);
    return this.#daemon;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.close();
    await this.#daemon?.kill();
  }

  /** Until the node is gone. */
  async #load(caller: number): Promise<never> {
    for (;;) {
      await this.#options.calls.send(this.client, this.#current[caller] ?? this.#nextCall());
      this.#current[caller] = this.#nextCall();
      this.#firstReply.resolve();
    }
  }

  /** An actor that has counted as far as its highest reply has all that it acknowledged: it counts one by one. */
  async #expectNothingLost(): Promise<void> {
    const highest = this.#options.calls.highestReplies();
    await Promise.all(
      Array.from(highest, async ([address, reply]) => {
        const count = await countOf(this.client, address);
        if (count < reply) this.lost.push(`${address}: replied ${reply}, found ${count}`);
      }),
    );
  }

  #nextCall(): StepCall {
    const { addresses, random } = this.#options;
    this.#number += 1;
    return { address: addresses[random.below(addresses.length)] ?? '', payload: `call ${this.#number}` };
  }
}
