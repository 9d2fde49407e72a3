/** Rewind and fork: a durable actor as it was behind one of its messages. */
import type { StandingEffect as StandingEffectMessage } from '@plexspaces/proto';
import { toUint64 } from '@plexspaces/core';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

/** A long journal is copied and replayed, which takes its time. */
const BRANCH_DEADLINE_MS = 600_000;

/** A host call that changed something outside its actor. */
export interface StandingEffect {
  /** The number of the message. */
  readonly sequence: number;
  /** E.g. `tuplespace-write`. */
  readonly function: string;
}

export interface RewindResult {
  /** The last message that stayed. */
  readonly sequence: number;
  /** The actor that all of it was copied to before; undefined: there was nothing to cut off. */
  readonly branch: string | undefined;
  readonly cutMessages: number;
  /** What the cut messages did outside the actor, which is not undone; the first 100. */
  readonly standingEffects: readonly StandingEffect[];
  /** All of them. */
  readonly standingEffectCount: number;
}

export interface ForkResult {
  /** The actor that was made: `service/key`. */
  readonly id: string;
  /** The last message that it has handled. */
  readonly sequence: number;
  /** Messages that were replayed to prove it. */
  readonly replayed: number;
}

/** See PlexSpacesClient, whose methods these are. */
export interface Branching {
  rewind(address: string, toSequence: number, options: CallOptions): Promise<RewindResult>;
  fork(address: string, atSequence: number, newKey: string, options: CallOptions): Promise<ForkResult>;
}

export function createBranching({ actors }: Stubs): Branching {
  return {
    async rewind(id, toSequence, options): Promise<RewindResult> {
      const request = { id, toSequence: toUint64(toSequence, 'toSequence') };
      const reply = await actors.rewindActor(request, stubOptions(options, BRANCH_DEADLINE_MS));
      return {
        sequence: Number(reply.sequence),
        branch: reply.branchId === '' ? undefined : reply.branchId,
        cutMessages: Number(reply.cutMessages),
        standingEffects: reply.standingEffects.map(toStandingEffect),
        standingEffectCount: Number(reply.standingEffectCount),
      };
    },
    async fork(address, atSequence, newKey, options): Promise<ForkResult> {
      const request = { id: address, atSequence: toUint64(atSequence, 'atSequence'), newKey };
      const { id, sequence, replayed } = await actors.forkActor(request, stubOptions(options, BRANCH_DEADLINE_MS));
      return { id, sequence: Number(sequence), replayed: Number(replayed) };
    },
  };
}

export function toStandingEffect({ sequence, function: name }: StandingEffectMessage): StandingEffect {
  return { sequence: Number(sequence), function: name };
}
