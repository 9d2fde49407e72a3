/** Timers and intervals on a clock of the test's, and what they deliver. */
import type { ActorAddress } from '@plexspaces/core';
import { pino } from 'pino';
import { Numbers } from '../../packages/runtime/src/store/numbers.ts';
import { Scheduler } from '../../packages/runtime/src/timers/scheduler.ts';
import { Timers } from '../../packages/runtime/src/timers/timers.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface Delivered {
  readonly to: ActorAddress;
  readonly fromActor: string;
  readonly messageType: string;
  readonly payload: Uint8Array;
}

export interface RecordingTimers {
  readonly timers: Timers;
  readonly clock: VirtualClock;
  readonly delivered: readonly Delivered[];
}

export function recordingTimers(): RecordingTimers {
  const clock = new VirtualClock();
  const delivered: Delivered[] = [];
  const timers = new Timers({
    scheduler: new Scheduler(clock),
    numbers: new Numbers(1n),
    deliveries: {
      expectFits: () => undefined,
      deliver: (to, message) => {
        delivered.push({ to, ...message });
        return [];
      },
    },
    writer: { append: () => 0n, expectRoom: () => undefined },
    logger: pino({ enabled: false }),
  });
  return { timers, clock, delivered };
}
