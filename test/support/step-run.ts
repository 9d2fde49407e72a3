/** The lives of one data directory with a stepper: each sends calls and is ended by SIGKILL while they are under way. */
import { cp } from 'node:fs/promises';
import { parseActorAddress } from '@plexspaces/core';
import type { PlexSpacesClient } from '@plexspaces/client';
import { recordedOf } from './crash-evidence.ts';
import type { Recorded } from './crash-evidence.ts';
import { startDaemon } from './daemon.ts';
import type { Daemon, DaemonOptions } from './daemon.ts';
import { faulty, FORGETFUL } from './faulty-program.ts';
import type { FaultPoint } from './faulty-store.ts';
import { makeScratchDirectory } from './scratch-directory.ts';
import { PATIENT } from './soak.ts';
import { countOf } from './step-calls.ts';
import type { StepCall, StepCalls } from './step-calls.ts';

/** Two where the kill comes from outside: the guest runs, as its log says; the client has the replies of all. */
export type KillPoint = FaultPoint | 'inside-guest' | 'after-reply';

export interface LifeOptions {
  /** Nothing of durable actors is written. */
  readonly forgets?: boolean;
}

const RECORDED: Readonly<Record<KillPoint, readonly Recorded[]>> = {
  'before-received': ['nothing'],
  'inside-guest': ['nothing', 'received'],
  'received-synced': ['received'],
  'effect-synced': ['first effect'],
  'processed-synced': ['end'],
  'after-reply': ['end'],
};

export class StepRun implements AsyncDisposable {
  readonly calls: StepCalls;
  readonly #directory: string;
  #daemon: Daemon | undefined;
  #client: PlexSpacesClient | undefined;
  #unanswered: readonly StepCall[] = [];

  private constructor(calls: StepCalls, directory: string) {
    this.calls = calls;
    this.#directory = directory;
  }

  /** @param deployed a data directory with the stepper, which is copied. */
  static async prepare(deployed: string, calls: StepCalls): Promise<StepRun> {
    const directory = await makeScratchDirectory();
    await cp(deployed, directory, { recursive: true });
    return new StepRun(calls, directory);
  }

  get client(): PlexSpacesClient {
    if (this.#client === undefined) throw new Error('no node is running');
    return this.#client;
  }

  get addresses(): string[] {
    return [...new Set(this.calls.all.map(({ address }) => address))];
  }

  async restart(options: DaemonOptions = {}): Promise<Daemon> {
    await this[Symbol.asyncDispose]();
    this.#daemon = await startDaemon(this.#directory, options);
    this.#client = await this.#daemon.connect(PATIENT);
    return this.#daemon;
  }

  /**
   * One life: repeats what the last one left unanswered, sends the calls, ends at the point.
   * @returns how many of the calls were there, by what is on disk and what was answered.
   */
  async crash(point: KillPoint, calls: readonly StepCall[], options: LifeOptions = {}): Promise<number> {
    const daemon = await this.restart(lifeOptions(point, calls, options));
    await this.#repeat(this.#unanswered);
    for (const { address } of calls) await countOf(this.client, address); // live, so that they run side by side
    const ends = Promise.allSettled(calls.map((call) => this.calls.send(this.client, call)));
    if (point === 'inside-guest') await daemon.untilLogged(calls.map(({ payload }) => `"msg":"${payload}"`));
    else await ends; // by the replies, by the end of the process, or by both
    const { signal } = await daemon.kill();
    if (signal !== 'SIGKILL') throw new Error(`the node ended by itself: ${daemon.log}`);
    await ends;
    this.#unanswered = calls;
    return this.#countAt(point, calls);
  }

  /** Every call that was ever sent, again. */
  async repeatAll(): Promise<void> {
    await this.#repeat(this.calls.all);
  }

  async total(): Promise<number> {
    let total = 0;
    for (const address of this.addresses) total += await countOf(this.client, address);
    return total;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.close();
    await this.#daemon?.kill();
  }

  async #repeat(calls: readonly StepCall[]): Promise<void> {
    await Promise.all(calls.map((call) => this.calls.send(this.client, call)));
  }

  async #countAt(point: KillPoint, calls: readonly StepCall[]): Promise<number> {
    const messages = calls.map(({ address, payload }) => ({ actor: parseActorAddress(address), payload }));
    const recorded = await recordedOf(this.#directory, messages);
    const isReplied = point === 'after-reply';
    const isThere = (call: StepCall): boolean => (this.calls.replyTo(call) !== undefined) === isReplied;
    const expected = new Set<Recorded | undefined>(RECORDED[point]);
    return calls.filter((call, at) => expected.has(recorded[at]) && isThere(call)).length;
  }
}

function lifeOptions(point: KillPoint, calls: readonly StepCall[], { forgets = false }: LifeOptions): DaemonOptions {
  if (point === 'inside-guest' || point === 'after-reply') return {};
  const armed = faulty({ point, payloads: calls.map(({ payload }) => payload) });
  return forgets ? { ...armed, args: [...(armed.args ?? []), ...(FORGETFUL.args ?? [])] } : armed;
}
