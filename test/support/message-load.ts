/**
 * Puppets (test/fixtures/python/puppet.py) that send messages to each other, over the lives of one data directory,
 * each ended by SIGKILL. What a client asks of a sender under one key: to note it, to tell the sink of it and to ask the
 * bank to note it. Afterwards each is noted once by all three, by the sink in the order of its sender.
 */
import { setTimeout } from 'node:timers/promises';
import type { PlexSpacesClient } from '@plexspaces/client';
import { startDaemon } from './daemon.ts';
import type { Daemon, DaemonOptions } from './daemon.ts';
import type { SeededRandom } from './seeded-random.ts';
import { PATIENT } from './soak.ts';

export const SENDERS = ['sender/a', 'sender/b', 'sender/c'] as const;
export const SINK = 'sink';
export const BANK = 'bank';

export interface MessageLoadOptions {
  readonly dataDirectory: string;
  readonly random: SeededRandom;
  readonly daemon?: DaemonOptions;
}

interface Wish {
  readonly sender: string;
  readonly id: string;
}

/** Behind the first reply of a life; in one of so many lives behind the ready line, when the node recovers. */
const MAX_LIFE_MS = 300;
const RECOVERING_LIVES = 4;
/** Which the sender repeats before it asks again: what it asked is long over by then. */
const MUCH_WORK = 10_000_000;

export class MessageLoad implements AsyncDisposable {
  readonly #options: MessageLoadOptions;
  readonly #current: Wish[];
  readonly sent: string[] = [];
  #firstReply = Promise.withResolvers<void>();
  #daemon: Daemon | undefined;
  #client: PlexSpacesClient | undefined;
  /** Answered to a client. */
  acknowledged = 0;

  constructor(options: MessageLoadOptions) {
    this.#options = options;
    this.#current = [...SENDERS, ...SENDERS].map((sender) => this.#next(sender));
  }

  /** One life under load. @throws what a call failed with before the kill. */
  async run(): Promise<void> {
    const { daemon, client } = await this.#start();
    this.#firstReply = Promise.withResolvers();
    let isKilled = false;
    const failures: unknown[] = [];
    const loads = this.#current.map((_wish, index) =>
      this.#load(client, index).catch((thrown: unknown) => void (isKilled || failures.push(thrown))),
    );
    const { random } = this.#options;
    if (random.below(RECOVERING_LIVES) > 0) await Promise.race([this.#firstReply.promise, ...loads]);
    await setTimeout(random.below(MAX_LIFE_MS));
    isKilled = true;
    await daemon.kill();
    await Promise.all(loads);
    if (failures.length > 0) throw new AggregateError(failures, `calls failed before the kill: ${failures.join('; ')}`);
  }

  /** One wish, in whose midst the node ends by itself, and a life in which its actors go on without a client. */
  async dieOnce(dying: DaemonOptions): Promise<void> {
    const { daemon, client } = await this.#start(dying);
    await send(client, { sender: SENDERS[0], id: 'm' }, MUCH_WORK).catch(() => undefined); // unanswered
    await daemon.exited;
    await this.#start();
    await this.notes(SENDERS[0]); // behind what was interrupted
  }

  /** A life without a kill: what is unanswered is repeated, and what was sent arrives. */
  async settle(): Promise<void> {
    const { client } = await this.#start();
    await Promise.all(this.#current.map((wish) => send(client, wish)));
  }

  async notes(address: string): Promise<string[]> {
    if (this.#client === undefined) throw new Error('no node is running');
    const answer = (await this.#client.invoke(address, 'do', [['notes']])) as [string[]];
    return answer[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.close();
    await this.#daemon?.kill();
  }

  async #start(options = this.#options.daemon): Promise<{ daemon: Daemon; client: PlexSpacesClient }> {
    await this[Symbol.asyncDispose]();
    const daemon = await startDaemon(this.#options.dataDirectory, options);
    this.#daemon = daemon;
    this.#client = await daemon.connect(PATIENT);
    return { daemon, client: this.#client };
  }

  /** Until the node is gone. */
  async #load(client: PlexSpacesClient, index: number): Promise<never> {
    for (;;) {
      const wish = this.#current[index] ?? this.#next(SENDERS[0]);
      await send(client, wish);
      this.acknowledged += 1;
      this.#firstReply.resolve();
      this.#current[index] = this.#next(wish.sender);
    }
  }

  #next(sender: string): Wish {
    const id = `m${this.sent.length}`;
    this.sent.push(id);
    return { sender, id };
  }
}

async function send(client: PlexSpacesClient, { sender, id }: Wish, work = 0): Promise<void> {
  const noted = [
    ['write', 'banked', id],
    ['note', id],
    ['sleep', 10],
  ];
  const steps = [
    ['work', work],
    ['note', id],
    ['tell', SINK, id, []],
    ['ask', BANK, noted, 20_000],
  ];
  await client.invoke(sender, 'do', steps, { idempotencyKey: id });
}
