/** What an application's kind of actor offers to whoever routes calls to it. */
import type { ActorAddress } from '@plexspaces/core';
import type { InboxRecord } from '@plexspaces/proto';
import type { Logger } from 'pino';
import type { RecorderPorts } from '../host/durability.ts';
import type { Activity, WaitGraph } from '../host/wait-graph.ts';
import type { IdempotencyRecords } from '../store/idempotency-records.ts';
import type { QuarantineRecords } from '../store/quarantine-records.ts';
import type { Snapshots } from '../store/snapshots.ts';
import type { StoreOperation } from '../store/store.ts';
import type { Threads } from '../pool/threads.ts';
import type { ThreadBudget } from '../pool/thread-budget.ts';
import type { CallTimes } from '../pool/call-times.ts';
import type { PoolStats } from '../pool/pool-stats.ts';
import type { LoadedComponent } from '../components/component-store.ts';
import type { Inbox } from './inbox.ts';
import type { LiveActors } from './live-actors.ts';
import type { CheckpointResult, CheckpointStatus } from './checkpoints.ts';
import type { ResolvedSettings } from './application-settings.ts';

export interface ActorCall {
  readonly key: string;
  /** The caller's address, or CLIENT. */
  readonly fromActor: string;
  /** The message whose guest asks; undefined: it is no ask. */
  readonly asker?: Activity | undefined;
  readonly method: string;
  readonly payload: Uint8Array;
  /** A repeated key gets the recorded outcome; durable actors only. */
  readonly idempotencyKey?: string | undefined;
  /** The caller's deadline from now; the application's own limit holds beside it. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** `from-actor` of calls that come from outside the node. */
export const CLIENT = 'client';

export interface ActorHost {
  /** Warms what is to be warm. @throws what keeps the component from starting. */
  start(): Promise<void>;
  /** The guest's answer. @throws EXECUTION_ERROR for its "no"; what fits everything else. */
  invoke(call: ActorCall): Promise<Uint8Array>;
  /**
   * Hands a message to the guest's `handle-message`, behind what waits for it. Of actors that are not durable: what
   * becomes of it is only logged. @throws RESOURCE_EXHAUSTED where too much waits, UNAVAILABLE while it stops.
   */
  deliver(address: ActorAddress, message: InboxRecord): readonly StoreOperation[];
  /** A message that the sender had delivered to the actor is in its hands: it waits in memory, or is being handled. */
  isPending(address: ActorAddress, fromActor: string): boolean;
  /** What can be asked of durable actors beside calls; undefined: they are of another kind. */
  readonly durable: DurableKeys | undefined;
  stats(): PoolStats;
  readonly times: CallTimes;
  actorCount(): number;
  messageCounts(): { readonly processed: number; readonly errors: number };
  /** Takes nothing new and lets what runs finish until the deadline. */
  stop(options: { readonly deadlineMs: number }): Promise<void>;
}

/** The keys of a durable application. */
export interface DurableKeys {
  /** Of a key that is live or has something to tell; undefined: only the store knows of it. Runs no guest. */
  statusOf(key: string): DurableActorStatus | undefined;
  /** Instances of the key that a failure ended. */
  restartsOf(key: string): number;
  /** Takes a checkpoint when the key's turn comes. @throws what keeps the key from being brought to life. */
  checkpoint(key: string, signal: AbortSignal): Promise<CheckpointResult>;
  /** Something runs or waits for the key, it has an instance, or something to tell. */
  isInUse(key: string): boolean;
  /** Runs work on what the key keeps, in the order of its messages. It runs on when the signal fires. */
  betweenMessages<T>(key: string, work: (between: BetweenMessages) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Handles a message in quarantine once more. @throws NOT_FOUND, EXECUTION_ERROR for the guest's "no". */
  retryQuarantined(key: string, sequence: bigint, signal: AbortSignal): Promise<Uint8Array>;
  /** Forgets a message in quarantine, in the order of the key's messages. @throws NOT_FOUND. */
  dropQuarantined(key: string, sequence: bigint, signal: AbortSignal): Promise<void>;
}

/** What work between two messages of a key may do with its instance. */
export interface BetweenMessages {
  /** It goes, without a checkpoint; so does a divergence that was found in it. */
  readonly dropInstance: () => void;
  /** Makes one from what is kept, if there is none. @returns how many messages it replayed. @throws what keeps it from it. */
  readonly activate: () => Promise<number>;
}

export interface DurableActorStatus extends CheckpointStatus {
  readonly status: 'active' | 'passive' | 'recovering' | 'failed';
  readonly sequence: bigint | undefined;
  readonly replayed: number | undefined;
  /** Why it is failed. */
  readonly failure: string | undefined;
}

export interface ActorPorts extends RecorderPorts {
  readonly snapshots: Snapshots;
  readonly idempotency: IdempotencyRecords;
  readonly liveActors: LiveActors;
  readonly quarantine: QuarantineRecords;
  readonly inbox: Inbox;
  readonly waits: WaitGraph;
}

/** What actors that keep no journal need of the node. */
export type ServicePorts = Pick<ActorPorts, 'hostCalls' | 'waits'>;

/** What every kind of actor is made of. */
export interface ActorHostOptions {
  readonly settings: ResolvedSettings;
  readonly component: LoadedComponent;
  /** Handed to the guest's `init`. */
  readonly initialState: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: ActorPorts;
  readonly compileCacheDirectory?: string | undefined;
  readonly threadBudget?: ThreadBudget | undefined;
  /** For negative controls in tests only: no call is ended for taking too long. */
  readonly unsafeUnwatched?: boolean | undefined;
  /** For negative controls in tests only: no instance is renewed because calls have worn it. */
  readonly unsafeUnrenewed?: boolean | undefined;
  readonly logger: Logger;
  /** Default: piscina's. A simulation brings its own. */
  readonly threads?: Threads | undefined;
}

/** What actors that keep no journal are made of. */
export interface ServiceHostOptions extends Omit<ActorHostOptions, 'ports'> {
  readonly ports: ServicePorts;
}
