/** What host calls work on, in memory; a test replaces the part that it is about. */
import type { HostCallPorts } from '../../packages/runtime/src/host/host-calls.ts';
import { SharedState } from '../../packages/runtime/src/state/shared-state.ts';
import { Numbers } from '../../packages/runtime/src/store/numbers.ts';
import { ActorSubscriptions } from '../../packages/runtime/src/tuplespace/actor-subscriptions.ts';
import { Spaces } from '../../packages/runtime/src/tuplespace/spaces.ts';
import { noMessenger } from './host-answers.ts';
import { recordingTimers } from './recording-timers.ts';
import { VirtualClock } from './virtual-clock.ts';

export function hostCallPorts(replaced: Partial<HostCallPorts> = {}): HostCallPorts {
  const { spaces = new Spaces() } = replaced;
  const numbers = new Numbers(1n);
  return {
    spaces,
    subscriptions: new ActorSubscriptions({ spaces, numbers, deliveries: noMessenger }),
    state: new SharedState({ clock: new VirtualClock(), numbers }),
    messenger: noMessenger,
    timers: recordingTimers().timers,
    writer: { append: () => 0n },
    ...replaced,
  };
}
