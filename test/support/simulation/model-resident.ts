/** A resident as a durable actor is one, and nothing else: it is used, rests, takes its leave. */
import type { Place, Resident, Residents } from '../../../packages/runtime/src/actors/residents.ts';
import { NOT_STARTED } from '../../../packages/runtime/src/pool/thread-calls.ts';
import { PlexSpacesError } from '@plexspaces/core';
import { bytesOf, RUN } from './model-guest.ts';
import type { Steps } from './steps.ts';

export interface Use {
  readonly id: number;
  readonly end: 'ok' | 'trap';
  /** As one that was sent away. */
  readonly isPreferred: boolean;
  readonly signal: AbortSignal;
  readonly settle: PromiseWithResolvers<void>;
}

/** What it tells of where it is. */
export interface Watcher {
  /** It asks for a place. @returns what is to be called when it has one, or gets none. */
  readonly asks: (resident: ModelResident) => (place: Place | undefined) => void;
  readonly leaves: (resident: ModelResident) => void;
}

export interface ModelResidentOptions {
  readonly residents: Residents<ModelResident>;
  readonly watcher: Watcher;
  readonly steps: Steps;
  /** Its last checkpoint takes a turn. */
  readonly isSlowToLeave: boolean;
  /** It keeps its places: a control. */
  readonly neverLeaves: boolean;
}

export class ModelResident implements Resident {
  readonly name: string;
  readonly #options: ModelResidentOptions;
  readonly #uses: Use[] = [];
  #hasInstance = false;
  #isWorking = false;
  #isHandling = false;
  usedAt = 0;

  constructor(name: string, options: ModelResidentOptions) {
    this.name = name;
    this.#options = options;
  }

  get isAtRest(): boolean {
    return !this.#isHandling && (!this.#isWorking || this.#uses.length > 0);
  }

  use(use: Use): void {
    this.#uses.push(use);
    if (!this.#isWorking) void this.#work();
  }

  async passivate(): Promise<void> {
    if (!this.#hasInstance || this.#isWorking) return;
    this.#isWorking = true;
    if (this.#options.isSlowToLeave) await this.#options.steps.turn('a last checkpoint');
    void this.#work();
  }

  forgetInstance(): void {
    this.#hasInstance = false;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let use = this.#uses.shift(); use !== undefined; use = this.#uses.shift()) {
      await this.#useOnce(use).then(use.settle.resolve, use.settle.reject);
    }
    this.#isWorking = false;
    this.#options.residents.serve();
  }

  async #useOnce(use: Use): Promise<void> {
    const { residents, watcher, neverLeaves } = this.#options;
    this.#isHandling = true;
    const answered = watcher.asks(this);
    let place: Place;
    try {
      place = await residents.enter(this, use.signal, use.isPreferred);
      answered(place);
    } catch (thrown) {
      answered(undefined);
      this.#isHandling = false;
      throw thrown;
    }
    let wasStarted = true;
    let isSpent = true;
    try {
      if (place.isNew) await place.home.worker.activate(activationOf(this.name), place.slot);
      this.#hasInstance = true;
      await this.#call(place, use);
      isSpent = place.home.worker.isSpent(place.slot);
    } catch (thrown) {
      wasStarted = PlexSpacesError.from(thrown).reason !== NOT_STARTED;
      if (!wasStarted && this.#hasInstance) isSpent = false;
      throw thrown;
    } finally {
      this.#isHandling = false;
      this.usedAt = performance.now();
      watcher.leaves(this);
      const end = isSpent && wasStarted ? 'failed' : 'unused';
      if (!neverLeaves) residents.leave(this, place, end, isSpent);
    }
  }

  async #call({ home, slot }: Place, { id, end, signal }: Use): Promise<void> {
    const payload = bytesOf({ actor: this.name, id, effects: [], end });
    await home.worker.call({
      slot,
      target: { export: 'handle-request', fromActor: '', messageType: RUN, payload },
      message: CONTEXT,
      signal,
      timeoutMs: 1000,
      host: { answer: noHostCalls, log: () => undefined },
    });
  }
}

function noHostCalls(): never {
  throw new Error('no host calls are made');
}

const CONTEXT = {
  sequence: 0n,
  startMicros: 0n,
  seed: new Uint8Array(32),
  replayed: false,
  restoring: false,
  hostCalls: 'all',
} as const;

function activationOf(actor: string): {
  actor: string;
  environment: Record<string, string>;
  logBytesPerSecond: number;
} {
  return { actor, environment: {}, logBytesPerSecond: 0 };
}
