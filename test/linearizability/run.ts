/**
 * One history against a real node: every performer does one operation after the other, all of them at once, while the
 * node is killed and started again. At the end everything is taken, so that what was lost or left is in the history.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { PlexSpacesClient } from '@plexspaces/client';
import { startDaemon } from '../support/daemon.ts';
import type { Daemon, DaemonOptions } from '../support/daemon.ts';
import type { SeededRandom } from '../support/seeded-random.ts';
import { PATIENT } from '../support/soak.ts';
import { History } from './history.ts';
import type { Action, Operation, Result } from './model.ts';
import { clientPerformer } from './performers.ts';
import type { Performer } from './performers.ts';
import { Workload } from './workload.ts';
import type { Mixture } from './workload.ts';

export interface RunOptions {
  readonly dataDirectory: string;
  readonly daemon?: DaemonOptions;
  readonly performers: readonly Performer[];
  readonly random: SeededRandom;
  readonly mixture: Mixture;
  readonly operations: number;
  readonly kills: number;
}

interface Life {
  readonly daemon: Daemon;
  readonly client: PlexSpacesClient;
  /** It was ended by us. */
  isKilled: boolean;
}

/** Of a take that waits, which is one in four. */
const WAIT_MS = 10;
const WAITS_OF = 4;

export async function makeHistory(options: RunOptions): Promise<readonly Operation[]> {
  await using run = await Run.start(options);
  return await run.whole(); // the node is needed until then
}

class Run implements AsyncDisposable {
  readonly #options: RunOptions;
  readonly #history = new History();
  readonly #workload: Workload;
  #life: Promise<Life>;
  #isOver = false;

  private constructor(options: RunOptions, life: Life) {
    this.#options = options;
    this.#workload = new Workload(options.random, options.mixture);
    this.#life = Promise.resolve(life);
  }

  static async start(options: RunOptions): Promise<Run> {
    return new Run(options, await begin(options));
  }

  async whole(): Promise<readonly Operation[]> {
    const { performers } = this.#options;
    const work = [this.#killInTime(), ...performers.map((performer) => this.#work(performer))];
    try {
      await Promise.all(work);
    } finally {
      this.#isOver = true;
      this.#history.close();
      await Promise.allSettled(work);
    }
    await this.#takeAll();
    return this.#history.operations;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(await this.#life);
  }

  async #work(performer: Performer): Promise<void> {
    while (!this.#isOver && this.#history.count < this.#options.operations)
      await this.#do(performer, this.#workload.next());
  }

  /** In the middle of equal parts of the history, more or less. */
  async #killInTime(): Promise<void> {
    const { operations, kills, random } = this.#options;
    for (let kill = 1; kill <= kills; kill += 1) {
      await this.#history.reached(Math.floor((operations * kill) / (kills + 1)));
      if (this.#isOver) return;
      await setTimeout(random.below(WAIT_MS));
      const old = await this.#life;
      this.#life = this.#next(old);
      await this.#life;
    }
  }

  async #next(old: Life): Promise<Life> {
    old.isKilled = true;
    await end(old);
    return begin(this.#options);
  }

  async #takeAll(): Promise<void> {
    const last = clientPerformer('last', { isKeyed: false, isStreamed: false });
    for (const pattern of this.#workload.patternsOfAll) {
      while ((await this.#do(last, { kind: 'take', pattern }))?.kind === 'found');
    }
  }

  /** Under one key until there is an answer, where that is recorded; else nobody knows what a killed node did. */
  async #do(performer: Performer, action: Action): Promise<Result | undefined> {
    const waits = this.#history.count % WAITS_OF === 0 && performer.name !== 'last';
    const how = { key: randomUUID(), waitMs: waits ? WAIT_MS : 0 };
    let life = await this.#life;
    const finish = this.#history.begin(performer.name, action);
    for (;;) {
      const result = await unlessKilled(life, performer.perform(life.client, action, how));
      if (result !== undefined || !performer.isRepeatable(action)) {
        if (result === undefined) await life.daemon.exited;
        finish(result);
        return result;
      }
      life = await this.#life;
    }
  }
}

async function begin({ dataDirectory, daemon: options }: RunOptions): Promise<Life> {
  const daemon = await startDaemon(dataDirectory, options);
  return { daemon, client: await daemon.connect(PATIENT), isKilled: false };
}

async function end({ daemon, client }: Life): Promise<void> {
  await daemon.kill();
  client.close();
}

/** @throws what it fails with while the node lives. */
async function unlessKilled(life: Life, result: Promise<Result>): Promise<Result | undefined> {
  try {
    return await result;
  } catch (thrown) {
    if (life.isKilled) return undefined;
    throw new Error(`the node failed an operation: ${String(thrown)}\n${life.daemon.log}`, { cause: thrown });
  }
}
