/**
 * `poll_oneoff` of WASI preview 1: nothing of the host's but clocks can be waited for, and streams are always ready.
 * Subscriptions are 48 bytes each, events 32.
 */
import type { GuestMemory } from './guest-memory.ts';
import type { MessageClock } from './message-clock.ts';

export interface PollRequest {
  readonly subscriptionsAt: number;
  readonly eventsAt: number;
  readonly count: number;
}

interface Subscription {
  readonly userData: bigint;
  readonly type: number;
  /** Undefined: it is ready. */
  readonly dueMicros: bigint | undefined;
}

const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;
const CLOCK = 0;
const LAST_TYPE = 2;
const ABSOLUTE = 1;
const MAX_SUBSCRIPTIONS = 1_024;

/** @returns how many events there are; undefined: no such request is possible. */
export function pollOnce(
  memory: GuestMemory,
  { subscriptionsAt, eventsAt, count }: PollRequest,
  clock: MessageClock,
  sleep: (micros: bigint) => void,
): number | undefined {
  if (count === 0 || count > MAX_SUBSCRIPTIONS) return undefined;
  const subscriptions: Subscription[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = (subscriptionsAt >>> 0) + index * SUBSCRIPTION_BYTES;
    const subscription = readSubscription(memory.view(at, SUBSCRIPTION_BYTES), clock.micros);
    if (subscription === undefined) return undefined;
    subscriptions.push(subscription);
  }
  sleepUntilReady(subscriptions, clock, sleep);
  const ready = subscriptions.filter(({ dueMicros }) => dueMicros === undefined || dueMicros <= clock.micros);
  for (const [index, { userData, type }] of ready.entries()) {
    const event = memory.view((eventsAt >>> 0) + index * EVENT_BYTES, EVENT_BYTES);
    event.setBigUint64(0, userData, true);
    event.setUint16(8, 0, true);
    event.setUint8(10, type);
    event.setBigUint64(16, 0n, true);
    event.setUint16(24, 0, true);
  }
  return ready.length;
}

function readSubscription(view: DataView, nowMicros: bigint): Subscription | undefined {
  const [userData, type] = [view.getBigUint64(0, true), view.getUint8(8)];
  if (type > LAST_TYPE) return undefined;
  if (type !== CLOCK) return { userData, type, dueMicros: undefined };
  const micros = (view.getBigUint64(24, true) + 999n) / 1_000n;
  const isAbsolute = (view.getUint16(40, true) & ABSOLUTE) !== 0;
  return { userData, type, dueMicros: isAbsolute ? micros : nowMicros + micros };
}

/** Until the first is due; not at all where one is ready. */
function sleepUntilReady(
  subscriptions: readonly Subscription[],
  clock: MessageClock,
  sleep: (micros: bigint) => void,
): void {
  let earliest: bigint | undefined;
  for (const { dueMicros } of subscriptions) {
    if (dueMicros === undefined) return;
    if (earliest === undefined || dueMicros < earliest) earliest = dueMicros;
  }
  if (earliest !== undefined && earliest > clock.micros) sleep(earliest - clock.micros);
}
