/** What actors need of the node, over a store of the test's. */
import { Inbox } from '../../packages/runtime/src/actors/inbox.ts';
import { SYSTEM_CLOCK } from '../../packages/runtime/src/clock.ts';
import { ServiceLife } from '../../packages/runtime/src/actors/service-life.ts';
import { LiveActors } from '../../packages/runtime/src/actors/live-actors.ts';
import { HostCalls } from '../../packages/runtime/src/host/host-calls.ts';
import { WaitGraph } from '../../packages/runtime/src/host/wait-graph.ts';
import type { ActorPorts } from '../../packages/runtime/src/actors/actor-host.ts';
import { IdempotencyRecords } from '../../packages/runtime/src/store/idempotency-records.ts';
import { Journal } from '../../packages/runtime/src/store/journal.ts';
import { SharedState } from '../../packages/runtime/src/state/shared-state.ts';
import { LogWriter } from '../../packages/runtime/src/store/log-writer.ts';
import { Numbers } from '../../packages/runtime/src/store/numbers.ts';
import { QuarantineRecords } from '../../packages/runtime/src/store/quarantine-records.ts';
import type { Store } from '../../packages/runtime/src/store/store.ts';
import { ServiceOwners } from '../../packages/runtime/src/store/service-owners.ts';
import { Snapshots } from '../../packages/runtime/src/store/snapshots.ts';
import { UnfinishedMessages } from '../../packages/runtime/src/store/unfinished-messages.ts';
import { ActorSubscriptions } from '../../packages/runtime/src/tuplespace/actor-subscriptions.ts';
import { Intervals } from '../../packages/runtime/src/timers/intervals.ts';
import { Scheduler } from '../../packages/runtime/src/timers/scheduler.ts';
import { Timers } from '../../packages/runtime/src/timers/timers.ts';
import { Spaces } from '../../packages/runtime/src/tuplespace/spaces.ts';
import { pino } from 'pino';
import { noMessenger } from './host-answers.ts';

export interface Ports extends ActorPorts {
  readonly serviceLife: ServiceLife;
  readonly owners: ServiceOwners;
  readonly store: Store;
  readonly spaces: Spaces;
  readonly state: SharedState;
  readonly subscriptions: ActorSubscriptions;
}

/** What a start of the node does with its store; `epoch` is the number of that start. */
export async function openPorts(
  store: Store,
  epoch = 1n,
  maxLiveActors = 1000,
  writer = new LogWriter(store),
): Promise<Ports> {
  const spaces = await Spaces.load(store);
  const numbers = new Numbers(epoch);
  const subscriptions = await ActorSubscriptions.load(store, { spaces, numbers, deliveries: noMessenger });
  const state = await SharedState.load(store, { clock: SYSTEM_CLOCK, numbers });
  const inbox = await Inbox.load(store, numbers);
  const { timers, ...clockwork } = await openTimers(store, numbers, writer);
  return {
    store,
    owners: new ServiceOwners(store),
    spaces,
    subscriptions,
    state,
    journal: new Journal(store, epoch),
    snapshots: new Snapshots(store, epoch),
    idempotency: new IdempotencyRecords(store),
    unfinished: new UnfinishedMessages(store),
    liveActors: new LiveActors(maxLiveActors),
    quarantine: new QuarantineRecords(store),
    writer,
    serviceLife: new ServiceLife({ ...clockwork, timers, state, subscriptions, inbox }),
    inbox,
    waits: new WaitGraph({ maxWorkers: () => Infinity }),
    hostCalls: new HostCalls({ spaces, subscriptions, state, timers, writer, messenger: noMessenger }),
  };
}

async function openTimers(
  store: Store,
  numbers: Numbers,
  writer: LogWriter,
): Promise<{ timers: Timers; intervals: Intervals }> {
  const deliveries = { ...noMessenger, expectFits: () => undefined, isPending: () => false };
  const options = { scheduler: new Scheduler(SYSTEM_CLOCK), deliveries, writer, logger: pino({ enabled: false }) };
  return { timers: await Timers.load(store, { ...options, numbers }), intervals: await Intervals.load(store, options) };
}
