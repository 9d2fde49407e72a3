/**
 * Numbered tuples, and takers that take until there is none while the node is killed once: clients without a key and with
 * one, guests of a service, and durable ones. What each of them was given is noted; who repeats does so under its key.
 */
import { randomUUID } from 'node:crypto';
import type { PlexSpacesClient } from '@plexspaces/client';
import { startDaemon } from './daemon.ts';
import type { Daemon, DaemonOptions } from './daemon.ts';
import { PATIENT } from './soak.ts';

export interface Taker {
  readonly name: string;
  /** Its take can be repeated, and gives what it gave. */
  readonly isKeyed: boolean;
  /** @returns numbers; none: there was nothing left. */
  take(client: PlexSpacesClient, key: string): Promise<number[]>;
}

export interface HarvestOptions {
  readonly dataDirectory: string;
  readonly daemon?: DaemonOptions;
  readonly takers: readonly Taker[];
  /** The node is killed when so many were given out; undefined: never. */
  readonly killAt?: number | undefined;
}

export interface Harvest {
  /** In the order in which they came. */
  readonly given: readonly number[];
  /** Takes without a key that had no answer when the node died, and what each could have had at most. */
  readonly unanswered: number;
}

interface Life {
  readonly daemon: Daemon;
  readonly client: PlexSpacesClient;
  isKilled: boolean;
}

export async function harvest(options: HarvestOptions): Promise<Harvest> {
  const given: number[] = [];
  let unanswered = 0;
  let life = Promise.resolve(await begin(options));
  let isKilled = false;
  const killIfDue = async (): Promise<void> => {
    if (isKilled || options.killAt === undefined || given.length < options.killAt) return;
    isKilled = true;
    const old = await life;
    old.isKilled = true;
    life = old.daemon.kill().then(() => begin(options));
    await life;
    old.client.close();
  };
  const work = async (taker: Taker): Promise<void> => {
    for (let key = randomUUID(); ;) {
      const current = await life;
      try {
        const numbers = await taker.take(current.client, key);
        if (numbers.length === 0) return;
        given.push(...numbers);
        key = randomUUID();
        await killIfDue();
      } catch (thrown) {
        if (!current.isKilled) throw thrown;
        if (!taker.isKeyed) unanswered += 1;
      }
    }
  };
  try {
    await Promise.all(options.takers.map(work));
  } finally {
    const { daemon, client } = await life;
    client.close();
    await daemon.kill();
  }
  return { given, unanswered };
}

async function begin({ dataDirectory, daemon: options }: HarvestOptions): Promise<Life> {
  const daemon = await startDaemon(dataDirectory, options);
  return { daemon, client: await daemon.connect(PATIENT), isKilled: false };
}
