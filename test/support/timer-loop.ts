/**
 * Timers that are set and fire over the lives of one data directory, each ended by SIGKILL while some of them are due.
 * Whoever set some and was not answered sets them again in the next life, under the same idempotency key.
 */
import { setTimeout } from 'node:timers/promises';
import type { PlexSpacesClient } from '@plexspaces/client';
import { startDaemon } from './daemon.ts';
import type { Daemon, DaemonOptions } from './daemon.ts';
import type { SeededRandom } from './seeded-random.ts';
import { PATIENT } from './soak.ts';

export interface TimerLoopOptions {
  readonly dataDirectory: string;
  readonly addresses: readonly string[];
  readonly random: SeededRandom;
  readonly daemon?: DaemonOptions;
}

interface TimerCall {
  readonly address: string;
  readonly name: string;
  readonly delays: readonly number[];
}

const TIMERS_AT_ONCE = 10;
/** Some are due at once, some in the next life. */
const MAX_DELAY_MS = 600;
const MAX_LIFE_MS = 500;
const ANY = { '?': 'any' } as const;
const LIMIT_MS = 120_000;

export class TimerLoop implements AsyncDisposable {
  readonly #options: TimerLoopOptions;
  readonly #calls: TimerCall[] = [];
  #unanswered: TimerCall[] = [];
  #daemon: Daemon | undefined;
  #client: PlexSpacesClient | undefined;

  constructor(options: TimerLoopOptions) {
    this.#options = options;
  }

  /** Of the timers that were ever set, by their payloads; the calls were all answered. */
  get expected(): string[] {
    return this.#calls.flatMap(({ name, delays }) => delays.map((_delay, index) => `${name}.${index}`)).toSorted();
  }

  /** One life. */
  async run(): Promise<void> {
    const { addresses, random } = this.#options;
    const daemon = await this.#start();
    for (const address of addresses) this.#plan(address);
    let isKilled = false;
    const calls = this.#unanswered.map((call) =>
      this.#set(call).catch((thrown: unknown) => {
        if (!isKilled) throw thrown;
      }),
    );
    const answered = Promise.all(calls);
    if (random.below(4) > 0) await answered; // else it is killed while some are being set
    await setTimeout(random.below(MAX_LIFE_MS));
    isKilled = true;
    await daemon.kill();
    await answered;
  }

  /**
   * A life without a kill: whatever was set has come when this resolves.
   * @returns the payloads that the actors heard.
   */
  async settle(): Promise<string[]> {
    await this.#start();
    await Promise.all(this.#unanswered.map((call) => this.#set(call)));
    const { addresses } = this.#options;
    await this.#untilLeft(this.expected.length);
    // What is due twice fires with the start, before what is set now.
    await this.#start();
    for (const address of addresses) await this.#set(this.#plan(address, [50]));
    await this.#untilLeft(this.expected.length);
    const heard = await Promise.all(addresses.map((address) => this.#heardBy(address)));
    return heard.flat().toSorted();
  }

  /** The payloads that they left in the tuple space, where they are no more then. */
  async takeLeft(): Promise<string[]> {
    const payloads: string[] = [];
    for (;;) {
      const tuple = await this.#connected.tuples.take(['heard', ANY, ANY, ANY, ANY]);
      if (tuple === null) return payloads.toSorted();
      payloads.push(...tuple.slice(4).map((field) => (typeof field === 'string' ? field : '')));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.close();
    await this.#daemon?.kill();
  }

  #plan(address: string, wanted?: readonly number[]): TimerCall {
    const { random } = this.#options;
    const delays = wanted ?? Array.from({ length: TIMERS_AT_ONCE }, () => random.below(MAX_DELAY_MS));
    const call = { address, name: `set ${this.#calls.length}`, delays };
    this.#calls.push(call);
    this.#unanswered.push(call);
    return call;
  }

  async #set(call: TimerCall): Promise<void> {
    const { address, name, delays } = call;
    await this.#connected.call(address, 'set', { name, delays }, { idempotencyKey: name });
    this.#unanswered = this.#unanswered.filter((other) => other !== call);
  }

  async #heardBy(address: string): Promise<string[]> {
    const { value } = await this.#connected.call(address, 'heard', {});
    return Array.isArray(value) ? value.map(([, , payload]) => String(payload)) : [];
  }

  async #untilLeft(count: number): Promise<void> {
    const giveUpAt = performance.now() + LIMIT_MS;
    const pattern = ['heard', ANY, ANY, ANY, ANY];
    for (let left = 0; left < count; left = await this.#connected.tuples.count(pattern)) {
      if (performance.now() > giveUpAt) throw new Error(`expected ${count} messages, found ${left}`);
    }
  }

  get #connected(): PlexSpacesClient {
    if (this.#client === undefined) throw new Error('no node is running');
    return this.#client;
  }

  async #start(): Promise<Daemon> {
    await this[Symbol.asyncDispose]();
    this.#daemon = await startDaemon(this.#options.dataDirectory, this.#options.daemon);
    this.#client = await this.#daemon.connect(PATIENT);
    return this.#daemon;
  }
}
