/** Which host calls changed something outside their actor: what stands when the actor itself is taken back. */
import type { HostCall as HostCallRecord } from '@plexspaces/proto';
import { decodeHostReply } from '@plexspaces/worker';
import type { HostFunction, HostValue } from '@plexspaces/worker';

export interface StandingEffect {
  /** The number of the message. */
  readonly sequence: bigint;
  /** The name in WIT. */
  readonly function: string;
}

/** Effects of many messages, of which the first are kept. */
export class StandingEffects {
  readonly #shown: StandingEffect[] = [];
  #count = 0;

  add(sequence: bigint, call: HostCallRecord): void {
    if (!changedSomething(call)) return;
    this.#count += 1;
    if (this.#shown.length < MAX_SHOWN) this.#shown.push({ sequence, function: call.function });
  }

  get shown(): readonly StandingEffect[] {
    return this.#shown;
  }

  /** Of all, shown or not. */
  get count(): number {
    return this.#count;
  }
}

const MAX_SHOWN = 100;

const always = (): boolean => true;
const never = (): boolean => false;
const ifFound = ({ type }: HostValue): boolean => type !== 'none';
const ifTrue = (value: HostValue): boolean => value.type === 'bool' && value.value;

/** What each function's value says of it; an error changed nothing. */
const CHANGES: Readonly<Record<HostFunction, (value: HostValue) => boolean>> = {
  'tuplespace-write': always,
  'tuplespace-write-with-ttl': always,
  'tuplespace-renew': ifTrue,
  'tuplespace-read': never,
  'tuplespace-read-blocking': never,
  'tuplespace-take': ifFound,
  'tuplespace-take-blocking': ifFound,
  'tuplespace-read-all': never,
  'tuplespace-count': never,
  'tuplespace-compare-and-swap': ifTrue,
  'tuplespace-subscribe': always,
  'tuplespace-unsubscribe': ifTrue,
  'send-message': always,
  ask: always,
  'send-after': always,
  'cancel-timer': ifTrue,
  'state-get': never,
  'state-put': ifFound,
  'state-delete': ifTrue,
  'state-list': never,
  checkpoint: never,
  'sleep-millis': never,
};

/** A function that this node does not know may have changed something. */
export function changedSomething({ function: name, reply }: HostCallRecord): boolean {
  const answer = decodeHostReply(reply);
  if (!answer.ok) return false;
  return isKnown(name) ? CHANGES[name](answer.value) : true;
}

function isKnown(name: string): name is HostFunction {
  return Object.hasOwn(CHANGES, name);
}
