/** The timers of one service, in memory: by their numbers, and counted by actor and by bytes. */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { SelfMessage } from './self-messages.ts';

export interface Timer {
  readonly number: bigint;
  readonly actor: ActorAddress;
  /** It has a record. */
  readonly isDurable: boolean;
  readonly dueMs: number;
  readonly message: SelfMessage;
}

export interface TimerLimits {
  readonly maxPerActor: number;
  readonly maxPerService: number;
  /** Of one service: message types and payloads. */
  readonly maxBytes: number;
}

interface Waiting {
  readonly timer: Timer;
  /** Undefined: its application does not run. */
  stop: (() => void) | undefined;
}

export class ServiceTimers {
  readonly #limits: TimerLimits;
  readonly #waiting = new Map<bigint, Waiting>();
  readonly #perActor = new Map<string, number>();
  #bytes = 0;
  isRunning = false;

  constructor(limits: TimerLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get(number: bigint): Timer | undefined {
    return this.#waiting.get(number)?.timer;
  }

  /** @throws RESOURCE_EXHAUSTED where one more would pass a limit. */
  expectRoom(actor: ActorAddress, message: SelfMessage): void {
    const { maxPerActor, maxPerService, maxBytes } = this.#limits;
    const { service, key } = actor;
    expectAtMost(`timers of ${formatActorAddress(actor)}`, maxPerActor, (this.#perActor.get(key) ?? 0) + 1);
    expectAtMost(`timers of ${service}`, maxPerService, this.#waiting.size + 1);
    expectAtMost(`bytes in timers of ${service}`, maxBytes, this.#bytes + sizeOf(message));
  }

  add(timer: Timer): void {
    this.#waiting.set(timer.number, { timer, stop: undefined });
    this.#count(timer, 1);
  }

  remove(timer: Timer): void {
    this.#waiting.get(timer.number)?.stop?.();
    if (this.#waiting.delete(timer.number)) this.#count(timer, -1);
  }

  /** @param stop takes its alarm back. */
  waitsWith({ number }: Timer, stop: (() => void) | undefined): void {
    const waiting = this.#waiting.get(number);
    if (waiting !== undefined) waiting.stop = stop;
  }

  /** The oldest first. */
  all(): Timer[] {
    return Array.from(this.#waiting.values(), ({ timer }) => timer);
  }

  /** No alarm rings for any of them any more. */
  silence(): void {
    for (const waiting of this.#waiting.values()) {
      waiting.stop?.();
      waiting.stop = undefined;
    }
  }

  #count({ actor: { key }, message }: Timer, by: 1 | -1): void {
    const count = (this.#perActor.get(key) ?? 0) + by;
    if (count === 0) this.#perActor.delete(key);
    else this.#perActor.set(key, count);
    this.#bytes += by * sizeOf(message);
  }
}

function sizeOf({ messageType, payload }: SelfMessage): number {
  return Buffer.byteLength(messageType) + payload.length;
}

function expectAtMost(what: string, most: number, found: number): void {
  if (found <= most) return;
  throw new PlexSpacesError('RESOURCE_EXHAUSTED', `${what}: expected at most ${most}, found ${found}`);
}
