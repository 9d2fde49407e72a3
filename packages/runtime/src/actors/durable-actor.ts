/**
 * A durable actor: one key, one live instance at most, one message at a time; its state is what its
 * newest snapshot and the journal behind it give.
 *
 * It owns its mailbox and its checkpoints. It borrows a worker for each message; the instance stays in that
 * worker until the worker is needed for another key (DurableActors decides).
 *
 * A1. Messages are handled in the order in which they were posted; checkpoints happen between them.
 * A2. A message's reply leaves only when its records are synced (the services wait for the writer).
 * A3. An actor whose replay diverged answers nothing any more.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { IdempotencyRecord } from '@plexspaces/proto';
import type { GuestOutcome } from '@plexspaces/worker';
import type { HostScope } from '../host/scope.ts';
import { expectAnswer } from '../pool/guest-errors.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import type { ActorHostOptions, DurableActorStatus } from './actor-host.ts';
import { Checkpoints } from './checkpoints.ts';
import type { CheckpointResult } from './checkpoints.ts';
import { DurableInstance } from './durable-instance.ts';
import { IdempotencyKeys, replayOutcome } from './idempotency-keys.ts';
import { Mailbox } from './mailbox.ts';
import { expectReplySize } from './size-limits.ts';

export interface DurableMessage {
  readonly fromActor: string;
  readonly messageType: string;
  readonly payload: Uint8Array;
  /** Empty: none. */
  readonly idempotencyKey: string;
}

/** What the actor needs of the threads: the worker that holds its instance, or another one. */
export interface WorkerLease {
  borrow(actor: DurableActor, signal: AbortSignal): Promise<{ worker: WASMWorker; holdsInstance: boolean }>;
  giveBack(actor: DurableActor, worker: WASMWorker, outcome: 'completed' | 'failed' | 'unused'): void;
  /** True while the node ends threads: what they ran is interrupted, not failed. */
  readonly isStopping: boolean;
}

interface Repeated {
  readonly kind: 'repeated';
  readonly repeated: IdempotencyRecord;
}

type Task = (signal: AbortSignal) => Promise<Uint8Array>;

export class DurableActor {
  readonly address: ActorAddress;
  readonly #options: ActorHostOptions;
  readonly #lease: WorkerLease;
  readonly #scope: HostScope;
  readonly #checkpoints: Checkpoints;
  readonly #keys: IdempotencyKeys;
  readonly #mailbox = new Mailbox<{ readonly task: Task; readonly signal: AbortSignal }>();
  #instance: DurableInstance | undefined;
  #isWorking = false;
  #isRecovering = false;
  #diverged: PlexSpacesError | undefined;
  #checkpointTimer: NodeJS.Timeout | undefined;

  constructor(address: ActorAddress, options: ActorHostOptions, lease: WorkerLease) {
    const { namespace, capabilities } = options.settings;
    this.address = address;
    this.#options = options;
    this.#lease = lease;
    this.#checkpoints = new Checkpoints(address, options);
    this.#keys = new IdempotencyKeys(address, options);
    const requestCheckpoint = (): void => this.#checkpoints.request();
    this.#scope = { actor: formatActorAddress(address), namespace, capabilities, requestCheckpoint };
  }

  /** Nothing waits, nothing runs and there is no divergence to tell of. */
  get isIdle(): boolean {
    return !this.#isWorking && this.#diverged === undefined;
  }

  get status(): DurableActorStatus {
    return {
      status: this.#liveness,
      sequence: this.#instance?.sequence,
      replayed: this.#instance?.replayed,
      failure: this.#diverged?.message,
      ...this.#checkpoints.status,
    };
  }

  /**
   * The guest's answer.
   * @param signal leaves the mailbox while the message waits; what has started runs on.
   * @throws EXECUTION_ERROR for its "no"; what fits everything else.
   */
  post(message: DurableMessage, signal: AbortSignal): Promise<Uint8Array> {
    return this.#enqueue((waiting) => this.#handle(message, waiting), signal);
  }

  /** Takes one when its turn comes. */
  async checkpoint(signal: AbortSignal): Promise<CheckpointResult> {
    let result: CheckpointResult = { kind: 'refused', reason: 'the actor did not come to it' };
    await this.#enqueue(async (waiting) => {
      result = await this.#withInstance(waiting, (instance) => this.#checkpoints.take(instance), 'unused');
      return new Uint8Array();
    }, signal);
    return result;
  }

  /**
   * Its worker goes to another key: what is new is checkpointed first, unless messages wait, which will find
   * it in the journal as well. Its worker is in the caller's hands.
   */
  async passivate(): Promise<void> {
    const instance = this.#instance;
    if (instance === undefined || this.#isWorking || !instance.worker.isUsable) return;
    this.#isWorking = true;
    if (this.#checkpoints.isBehind(instance)) await this.#checkpoints.take(instance);
    void this.#work();
  }

  /** A clean stop: the last checkpoint and the guest's last call. Its worker is in the caller's hands. */
  async farewell(): Promise<void> {
    await this.passivate();
    if (this.#instance?.worker.isUsable === true) await this.#instance.shutdown();
  }

  /** Its instance is gone. */
  forgetInstance(): void {
    clearTimeout(this.#checkpointTimer);
    this.#checkpointTimer = undefined;
    this.#instance = undefined;
  }

  get #liveness(): DurableActorStatus['status'] {
    if (this.#diverged !== undefined) return 'failed';
    if (this.#isRecovering) return 'recovering';
    return this.#instance === undefined ? 'passive' : 'active';
  }

  #enqueue(task: Task, signal: AbortSignal): Promise<Uint8Array> {
    const reply = this.#mailbox.post({ task, signal }, signal);
    if (!this.#isWorking) void this.#work();
    return reply;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let entry = this.#mailbox.next(); entry !== undefined; entry = this.#mailbox.next()) {
      const { task, signal } = entry.message;
      try {
        entry.settle.resolve(await task(signal)); // A1
      } catch (thrown) {
        entry.settle.reject(thrown);
      }
    }
    this.#isWorking = false;
  }

  async #handle(message: DurableMessage, signal: AbortSignal): Promise<Uint8Array> {
    const known = await this.#keys.find(message);
    const outcome: GuestOutcome | Repeated =
      known === undefined
        ? await this.#withInstance(signal, (instance, isFresh) => this.#deliver(instance, isFresh, message))
        : { kind: 'repeated', repeated: known };
    const reply = outcome.kind === 'repeated' ? replayOutcome(outcome.repeated) : expectAnswer(outcome);
    return expectReplySize(reply, this.#options.settings.limits);
  }

  async #deliver(
    instance: DurableInstance,
    isFresh: boolean,
    message: DurableMessage,
  ): Promise<GuestOutcome | Repeated> {
    // An activation finishes what a crash interrupted, and that may be this very message.
    const repeated = isFresh ? await this.#keys.find(message) : undefined;
    if (repeated !== undefined) return { kind: 'repeated', repeated };
    const delivered = await instance.deliver({ ...message, kind: MessageKind.MESSAGE_KIND_REQUEST });
    if (delivered.kind !== 'trap') await this.#checkpointIfDue(instance);
    return delivered;
  }

  /** Borrows a worker for one piece of work on the actor's instance, which is activated if there is none. */
  async #withInstance<T extends GuestOutcome | Repeated | CheckpointResult>(
    signal: AbortSignal,
    use: (instance: DurableInstance, isFresh: boolean) => Promise<T>,
    success: 'completed' | 'unused' = 'completed',
  ): Promise<T> {
    if (this.#diverged !== undefined) throw this.#diverged; // A3
    const { worker, holdsInstance } = await this.#lease.borrow(this, signal);
    let result: T | undefined;
    try {
      const present = holdsInstance ? this.#instance : undefined;
      this.#instance = present ?? (await this.#activate(worker));
      result = await use(this.#instance, present === undefined);
      return result;
    } finally {
      const ended = result === undefined || result.kind === 'trap' ? 'failed' : success;
      this.#lease.giveBack(this, worker, ended);
    }
  }

  async #activate(worker: WASMWorker): Promise<DurableInstance> {
    const { writer } = this.#options.ports;
    await writer.stored(writer.lsn); // snapshot and journal are read from the store, so all of them must be there
    const options = {
      address: this.address,
      host: this.#options,
      scope: this.#scope,
      keys: this.#keys,
      isStopping: () => this.#lease.isStopping,
    };
    this.#isRecovering = true;
    try {
      return await DurableInstance.activate(worker, await this.#checkpoints.restore(), options);
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      if (error.reason === 'REPLAY_DIVERGED') this.#diverged = error; // A3
      throw error;
    } finally {
      this.#isRecovering = false;
    }
  }

  async #checkpointIfDue(instance: DurableInstance): Promise<void> {
    if (this.#checkpoints.isDue(instance)) await this.#checkpoints.take(instance);
    if (!this.#checkpoints.isBehind(instance) || this.#checkpointTimer !== undefined) return;
    const timer = setTimeout(() => void this.#checkpointLater(), this.#options.settings.checkpoints.everyMs);
    this.#checkpointTimer = timer.unref();
  }

  async #checkpointLater(): Promise<void> {
    this.#checkpointTimer = undefined;
    const instance = this.#instance;
    if (instance === undefined || !this.#checkpoints.isBehind(instance)) return;
    // What keeps it from it (a stop, a full queue) is no loss: the journal has everything.
    await this.checkpoint(AbortSignal.timeout(this.#options.settings.limits.callMs)).catch(() => undefined);
  }
}
