/**
 * What the guests of a simulation were seen to do, over all of their instances, threads and starts of the node:
 * the model that everything is held against.
 *
 * An actor's n-th state has one digest. Whoever comes to an n-th state again (by replay, from a snapshot, after a
 * crash) must come to the same one, unless it was lost together with the message that led to it.
 */
import type { GuestState, Program } from './model-guest.ts';

export interface Told {
  readonly program: Program;
  readonly kind: 'ok' | 'guest-error' | 'trap';
}

export class Witness {
  /** What must never happen and did, in words. */
  readonly violations: string[] = [];
  /** Messages that a guest began to handle live, by `nameOf`. */
  readonly started = new Set<string>();
  /** As often as one did. */
  readonly starts: string[] = [];
  /** Messages of which the main thread was told how they ended, in that order. */
  readonly told: Told[] = [];
  /** Of each actor, by how many messages it had handled. */
  readonly #digests = new Map<string, string[]>();

  digestsOf(actor: string): readonly string[] {
    return this.#digests.get(actor) ?? [];
  }

  /** A message moved an actor on from one state to the next, for the first time. */
  moved(actor: string, before: GuestState, after: GuestState): void {
    this.expectKnown(actor, before, 'a message found');
    const digests = this.#digests.get(actor) ?? [];
    this.#digests.set(actor, [...digests.slice(0, before.ids.length), after.digest]);
  }

  /** @param how the actor came to this state. */
  expectKnown(actor: string, { ids, digest }: GuestState, how: string): void {
    const expected = ids.length === 0 ? '' : this.digestsOf(actor)[ids.length - 1];
    if (digest === expected) return;
    this.violations.push(`${actor}: ${how} a state after ${ids.length} messages that is not the one that was there`);
  }
}

export function nameOf({ actor, id }: Program): string {
  return `${actor}#${id}`;
}
