/**
 * Rewind and fork: a durable actor as it was behind one of its messages, in its own place or beside it.
 *
 * B1. Both happen between two messages of the actor, and what one of them writes is one append.
 * B2. Nothing waits for another key while it holds one: a key that is to be made must be free at once.
 * B3. A fork is proven by a replay before anything else reaches it; one that does not replay is removed.
 * B4. A rewind loses nothing: all that the actor kept is copied to another key first.
 */
import { hash } from 'node:crypto';
import { formatActorAddress, MAX_KEY_LENGTH, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { StandingEffects } from '../host/standing-effects.ts';
import type { StandingEffect } from '../host/standing-effects.ts';
import type { Branches, Reach } from '../store/branches.ts';
import type { LogWriter } from '../store/log-writer.ts';
import type { BetweenMessages, DurableKeys } from './actor-host.ts';

export interface Rewound {
  /** The last message that stayed. */
  readonly sequence: bigint;
  /** Where all of it is still; undefined: there was nothing to cut off. */
  readonly branch: ActorAddress | undefined;
  readonly cutMessages: number;
  /** What the cut messages did outside the actor, which stands; the first 100. */
  readonly effects: readonly StandingEffect[];
  readonly effectCount: number;
}

export interface Forked {
  readonly sequence: bigint;
  /** Messages that were replayed to prove it. */
  readonly replayed: number;
}

export interface BranchPorts {
  readonly branches: Branches;
  readonly writer: LogWriter;
}

const MAX_BRANCHES = 1_000;

/** @throws OUT_OF_RANGE, DATA_LOSS where that state cannot be rebuilt, RESOURCE_EXHAUSTED for too large an actor. */
export function rewind(
  ports: BranchPorts,
  keys: DurableKeys,
  actor: ActorAddress,
  to: bigint,
  signal: AbortSignal,
): Promise<Rewound> {
  const work = async ({ dropInstance }: BetweenMessages): Promise<Rewound> => {
    const reach = await reachOf(ports, actor);
    expectWithin('rewind', actor, to, reach);
    if (to === reach.last && !reach.hasTail) return unchanged(to);
    await ports.branches.expectWhole(actor, to);
    const cut = (branch: ActorAddress): Promise<Rewound> => cutOff(ports, actor, to, branch, dropInstance);
    return await claimBranch(ports, keys, actor, reach.last, cut, signal);
  };
  return keys.betweenMessages(actor.key, work, signal); // B1
}

/** @throws ALREADY_EXISTS, OUT_OF_RANGE, RESOURCE_EXHAUSTED for too large an actor, and what the replay came to. */
export async function fork(
  ports: BranchPorts,
  keys: DurableKeys,
  actor: ActorAddress,
  at: bigint,
  to: ActorAddress,
  signal: AbortSignal,
): Promise<Forked> {
  const copied = Promise.withResolvers<void>();
  let proof: Promise<number | undefined> | undefined;
  const work = async (): Promise<void> => {
    expectWithin('fork', actor, at, await reachOf(ports, actor));
    await ports.branches.expectWhole(actor, at);
    const copyAndProve = async ({ activate, dropInstance }: BetweenMessages): Promise<number> => {
      ports.writer.append(await ports.branches.copyUpTo(actor, to, at)); // B1
      copied.resolve();
      return await activate().catch((thrown: unknown) => remove(ports, to, dropInstance, thrown)); // B3
    };
    proof = claim(ports, keys, to, copyAndProve, signal);
    await Promise.race([copied.promise, proof]); // the proof needs a worker, and does not hold the actor (B2)
  };
  await keys.betweenMessages(actor.key, work, signal);
  const replayed = await proof;
  if (replayed !== undefined) return { sequence: at, replayed };
  throw new PlexSpacesError('ALREADY_EXISTS', `fork: there is an actor ${formatActorAddress(to)}`);
}

/** Everything is in the store, so that all of it is found. */
async function reachOf({ writer, branches }: BranchPorts, actor: ActorAddress): Promise<Reach> {
  await writer.stored(writer.lsn);
  return await branches.reach(actor);
}

function expectWithin(what: string, actor: ActorAddress, sequence: bigint, { oldest, last }: Reach): void {
  if (sequence >= oldest && sequence <= last) return;
  throw new PlexSpacesError(
    'OUT_OF_RANGE',
    `${what} of ${formatActorAddress(actor)}: expected a message from ${oldest} to ${last}, found ${sequence}`,
  );
}

function unchanged(sequence: bigint): Rewound {
  return { sequence, branch: undefined, cutMessages: 0, effects: [], effectCount: 0 };
}

async function cutOff(
  { branches, writer }: BranchPorts,
  actor: ActorAddress,
  to: bigint,
  branch: ActorAddress,
  dropInstance: () => void,
): Promise<Rewound> {
  const effects = new StandingEffects();
  const copy = await branches.copyAll(actor, branch);
  const cut = await branches.cutBehind(actor, to, (sequence, call) => effects.add(sequence, call));
  dropInstance();
  writer.append([...copy, ...cut.operations]); // B1, B4
  await writer.stored(writer.lsn); // the next message must find neither the cut ones nor their idempotency keys
  const { shown, count: effectCount } = effects;
  return { sequence: to, branch, cutMessages: cut.messages, effects: shown, effectCount };
}

/** What a fork left that does not replay. */
async function remove(
  { branches, writer }: BranchPorts,
  actor: ActorAddress,
  dropInstance: () => void,
  reason: unknown,
): Promise<never> {
  dropInstance();
  await writer.stored(writer.lsn);
  writer.append(await branches.removal(actor));
  await writer.stored(writer.lsn);
  throw reason;
}

/** Runs work that makes an actor. Undefined: it is there already, or is being made. */
async function claim<T>(
  { branches, writer }: BranchPorts,
  keys: DurableKeys,
  actor: ActorAddress,
  work: (between: BetweenMessages) => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  if (keys.isInUse(actor.key)) return undefined; // B2
  const unlessThere = async (between: BetweenMessages): Promise<T | undefined> => {
    await writer.stored(writer.lsn);
    return (await branches.exists(actor)) ? undefined : work(between);
  };
  return await keys.betweenMessages(actor.key, unlessThere, signal);
}

/** The first name that is free. */
async function claimBranch(
  ports: BranchPorts,
  keys: DurableKeys,
  actor: ActorAddress,
  last: bigint,
  work: (branch: ActorAddress) => Promise<Rewound>,
  signal: AbortSignal,
): Promise<Rewound> {
  for (let number = 1; number <= MAX_BRANCHES; number += 1) {
    const branch = { ...actor, key: branchKey(actor.key, `.rewound-${last}${number === 1 ? '' : `-${number}`}`) };
    const rewound = await claim(ports, keys, branch, () => work(branch), signal);
    if (rewound !== undefined) return rewound;
  }
  throw new PlexSpacesError(
    'RESOURCE_EXHAUSTED',
    `rewind of ${formatActorAddress(actor)}: expected at most ${MAX_BRANCHES} rewinds from message ${last}, found more`,
  );
}

/** A key that would be too long with its suffix is cut, and keeps apart from others by a hash of the whole. */
function branchKey(key: string, suffix: string): string {
  const characters = [...key];
  if (characters.length + suffix.length <= MAX_KEY_LENGTH) return key + suffix;
  const mark = `~${hash('sha256', key, 'hex').slice(0, 16)}`;
  return characters.slice(0, MAX_KEY_LENGTH - mark.length - suffix.length).join('') + mark + suffix;
}
