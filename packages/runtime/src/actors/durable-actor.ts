/**
 * A durable actor: one key, one live instance at most, one message at a time; its state is what its
 * newest snapshot and the journal behind it give.
 *
 * It owns its mailbox and its checkpoints. It lives in a place (Residents) as long as nobody else needs it.
 *
 * A1. Messages are handled in the order in which they were posted; checkpoints and repairs happen between them.
 * A2. A message's reply leaves only when its records are synced (the services wait for the writer).
 * A3. An actor whose replay diverged answers nothing any more.
 * A4. What a crash interrupted is finished, or given up, before anything new is handled.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { GuestOutcome } from '@plexspaces/worker';
import type { HostScope } from '../host/scope.ts';
import type { Activity } from '../host/wait-graph.ts';
import type { Histogram } from '../histogram.ts';
import type { CallEnd } from '../pool/pool-options.ts';
import { NOT_STARTED, wasSentAway } from '../pool/thread-calls.ts';
import type { Wear } from '../pool/wear.ts';
import type { ActorHostOptions, BetweenMessages, DurableActorStatus } from './actor-host.ts';
import { Checkpoints } from './checkpoints.ts';
import type { CheckpointResult } from './checkpoints.ts';
import { DeliveredMessages } from './delivered-messages.ts';
import { DurableInstance, RESUME_FAILED } from './durable-instance.ts';
import { GuestEntries } from './guest-entries.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { Mailbox } from './mailbox.ts';
import { Requests } from './requests.ts';
import type { DurableMessage } from './requests.ts';
import type { Place, Resident, Residents } from './residents.ts';

/** What the actor needs of those beside it. */
export interface DurableActorOptions {
  readonly host: ActorHostOptions;
  readonly residents: Residents<DurableActor>;
  /** True while the node ends threads: what they ran is interrupted, not failed. */
  readonly isStopping: () => boolean;
  /** See HostScope. */
  readonly isStarved: () => boolean;
  /** True from the moment in which its application takes nothing new. */
  readonly isClosed: () => boolean;
  /** An instance of it was ended by a failure. */
  readonly onFailure: () => void;
  readonly wear: Wear;
  /** How long messages waited for their turn and a place. */
  readonly waitTimes: Histogram;
}

type Task = (signal: AbortSignal | undefined) => Promise<Uint8Array>;

/** How often a message is brought to another thread, after others ended the thread before it came to it. */
const MAX_MOVES = 5;
const NOTHING = new Uint8Array();

export class DurableActor implements Resident {
  readonly address: ActorAddress;
  readonly #options: DurableActorOptions;
  readonly #scope: HostScope;
  readonly #checkpoints: Checkpoints;
  readonly #keys: IdempotencyKeys;
  readonly #requests: Requests;
  readonly #delivered: DeliveredMessages;
  readonly #mailbox = new Mailbox<{ readonly task: Task; readonly signal: AbortSignal | undefined }>();
  #instance: DurableInstance | undefined;
  /** It is worn, but there was no snapshot to make another one from. */
  #staysWorn: DurableInstance | undefined;
  /** The mailbox is being emptied, or a checkpoint is being taken. */
  #isWorking = false;
  #isHandling = false;
  #isRecovering = false;
  #diverged: PlexSpacesError | undefined;
  #checkpointTimer: NodeJS.Timeout | undefined;
  #usedAt = 0;
  readonly #target: Pick<Activity, 'actor' | 'service'>;
  #activity: Activity | undefined;

  constructor(address: ActorAddress, options: DurableActorOptions) {
    const { tenant, namespace, capabilities } = options.host.settings;
    this.address = address;
    this.#options = options;
    this.#checkpoints = new Checkpoints(address, options.host);
    this.#keys = new IdempotencyKeys(address, options.host);
    this.#requests = new Requests(this.#keys, options.host.settings.limits);
    this.#delivered = new DeliveredMessages(address, options.host, this.#keys);
    const requestCheckpoint = (): void => this.#checkpoints.request();
    const { isStarved } = options;
    const actor = formatActorAddress(address);
    this.#target = { actor, service: address.service };
    const told = { tenant, namespace, capabilities };
    this.#scope = { actor, address, isDurable: true, ...told, requestCheckpoint, isStarved };
  }

  /** Nothing waits, nothing runs and there is no divergence to tell of. */
  get isIdle(): boolean {
    return !this.#isWorking && this.#diverged === undefined;
  }

  /** Who sent what of its inbox is being handled. */
  get handlesMessageOf(): string | undefined {
    return this.#delivered.sender;
  }

  get isAtRest(): boolean {
    return !this.#isHandling && (!this.#isWorking || this.#mailbox.length > 0);
  }

  get usedAt(): number {
    return this.#usedAt;
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
  post(message: DurableMessage, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const postedAt = performance.now();
    return this.#enqueue((waiting) => this.#handle(message, waiting, postedAt), signal);
  }

  /**
   * The first message of its inbox, if there is one.
   * @throws what keeps the actor from being brought to life; the message is in the inbox then.
   */
  async takeDelivered(): Promise<void> {
    await this.#inTurn(() => this.#handleDelivered(), undefined);
  }

  /** Brings it to life, if it is not: what a crash interrupted is finished. */
  async wake(signal: AbortSignal | undefined): Promise<void> {
    await this.#inTurn((waiting) => this.#activated(waiting), signal);
  }

  /** Takes one when its turn comes. */
  checkpoint(signal: AbortSignal | undefined): Promise<CheckpointResult> {
    const take = (instance: DurableInstance): Promise<CheckpointResult> => this.#checkpoints.take(instance);
    return this.#inTurn((waiting) => this.#withInstance(waiting, take, 'unused'), signal);
  }

  /** Runs work on what the actor keeps when its turn comes. */
  betweenMessages<T>(work: (between: BetweenMessages) => Promise<T>, signal: AbortSignal): Promise<T> {
    const dropInstance = (): void => this.#dropInstance();
    return this.#inTurn((waiting) => work({ dropInstance, activate: () => this.#activated(waiting) }), signal);
  }

  /**
   * It has to make room: what is new is checkpointed first, unless messages wait, which will find it in the
   * journal as well. Its place is in the caller's hands.
   */
  async passivate(): Promise<void> {
    const instance = this.#instance;
    if (instance === undefined || this.#isWorking || instance.isSpent) return;
    this.#isWorking = true;
    if (this.#checkpoints.isBehind(instance)) await this.#checkpoints.take(instance);
    void this.#work();
  }

  /** A clean stop: the last checkpoint and the guest's last call. Its place is in the caller's hands. */
  async farewell(): Promise<void> {
    await this.passivate();
    if (this.#instance?.isSpent === false) await this.#instance.shutdown();
  }

  /** Its instance is gone. */
  forgetInstance(): void {
    clearTimeout(this.#checkpointTimer);
    this.#checkpointTimer = undefined;
    this.#instance = undefined;
    this.#staysWorn = undefined;
  }

  get #liveness(): DurableActorStatus['status'] {
    if (this.#diverged !== undefined) return 'failed';
    if (this.#isRecovering) return 'recovering';
    return this.#instance === undefined ? 'passive' : 'active';
  }

  /** Anything but a message, in the order of the messages. */
  async #inTurn<T>(task: (signal: AbortSignal | undefined) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const result = Promise.withResolvers<T>();
    await this.#enqueue(async (waiting) => {
      result.resolve(await task(waiting));
      return NOTHING;
    }, signal);
    return await result.promise;
  }

  /** @returns the messages that its activation replayed. */
  #activated(signal: AbortSignal | undefined): Promise<number> {
    return this.#withInstance(signal, ({ replayed }) => Promise.resolve(replayed), 'unused');
  }

  #enqueue(task: Task, signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (this.#isWorking) return this.#mailbox.post({ task, signal }, signal);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const reply = this.#mailbox.post({ task, signal }, undefined); // it starts before anything could cancel it
    void this.#work();
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
    this.#options.residents.serve(); // it is at rest now
  }

  #handle(message: DurableMessage, signal: AbortSignal | undefined, postedAt: number): Promise<Uint8Array> {
    return this.#requests.handle(
      message,
      (instance) => {
        this.#options.waitTimes.observeSince(postedAt);
        return this.#deliver(instance, message, signal);
      },
      (use) => this.#withInstance(signal, use),
    );
  }

  /** A checkpoint that is due delays the reply. */
  #deliver(instance: DurableInstance, message: DurableMessage, signal: AbortSignal | undefined): Promise<GuestOutcome> {
    const delivered = instance.deliver({ ...message, kind: MessageKind.MESSAGE_KIND_REQUEST }, { signal });
    return delivered.then((outcome) => this.#checkpointIfDue(instance)?.then(() => outcome) ?? outcome);
  }

  async #handleDelivered(): Promise<void> {
    if (this.#options.isClosed()) return; // a start goes on with it
    await this.#delivered.handleFirst((handle) =>
      this.#withInstance(undefined, async (instance, isFresh) => {
        await handle(instance, isFresh);
        await this.#checkpointIfDue(instance);
      }),
    );
  }

  /** A divergence was that of the instance; the next one shows whether there still is one. */
  #dropInstance(): void {
    this.#options.residents.dismiss(this);
    this.#diverged = undefined;
  }

  /** Uses the actor's instance in its place; there is one afterwards, unless that fails. */
  #withInstance<T>(
    signal: AbortSignal | undefined,
    use: (instance: DurableInstance, isFresh: boolean) => Promise<T>,
    success: 'completed' | 'unused' = 'completed',
    moves = 0,
    isPreferred = false,
  ): Promise<T> {
    if (this.#diverged !== undefined) return Promise.reject(this.#diverged); // A3
    return this.#useOnce(signal, use, success, isPreferred).catch((thrown: unknown) => {
      const error = PlexSpacesError.from(thrown);
      const { reason } = error;
      const made = moves + (reason === NOT_STARTED && !wasSentAway(error) ? 1 : 0); // its place may be gone by now
      const isOver = (reason !== NOT_STARTED && reason !== RESUME_FAILED) || made > MAX_MOVES; // A4
      if (isOver || signal?.aborted === true) throw thrown;
      return this.#withInstance(signal, use, success, made, hadToGo(error));
    });
  }

  async #useOnce<T>(
    signal: AbortSignal | undefined,
    use: (instance: DurableInstance, isFresh: boolean) => Promise<T>,
    success: 'completed' | 'unused',
    isPreferred: boolean,
  ): Promise<T> {
    const { residents, host } = this.#options;
    const { waits } = host.ports;
    this.#isHandling = true;
    const entered = residents.enter(this, signal, isPreferred);
    this.#activity = waits.begin({ ...this.#target, isExclusive: true }, !(entered instanceof Promise));
    const place = entered instanceof Promise ? await this.#entered(entered) : entered;
    let end: CallEnd = 'failed';
    let isSpent = true;
    let instance: DurableInstance | undefined;
    try {
      const present = place.isNew ? undefined : this.#instance;
      instance = present ?? (await this.#activate(place));
      const result = await use(instance, present === undefined);
      const isRenewed = instance.wornAfter > 0 && (await this.#mayRenew(instance));
      end = instance.isSpent ? 'failed' : success;
      isSpent = instance.isSpent || isRenewed;
      return result;
    } catch (thrown) {
      const { reason } = PlexSpacesError.from(thrown);
      if (reason === 'MEMORY_LIMIT') this.#options.wear.end();
      const wasNotStarted = reason === NOT_STARTED;
      if (wasNotStarted) end = 'unused';
      if (wasNotStarted && instance !== undefined) isSpent = false;
      throw thrown;
    } finally {
      this.#isHandling = false;
      this.#endActivity();
      this.#usedAt = performance.now();
      if (end === 'failed' && !this.#options.isStopping()) this.#options.onFailure();
      residents.leave(this, place, end, isSpent);
    }
  }

  async #entered(entered: Promise<Place>): Promise<Place> {
    try {
      const place = await entered;
      if (this.#activity !== undefined) this.#activity.isPlaced = true;
      return place;
    } catch (thrown) {
      this.#isHandling = false;
      this.#endActivity();
      throw thrown;
    }
  }

  #endActivity(): void {
    if (this.#activity !== undefined) this.#options.host.ports.waits.end(this.#activity);
    this.#activity = undefined;
  }

  async #activate({ home, slot }: Place): Promise<DurableInstance> {
    const { host, isStopping } = this.#options;
    const { writer } = host.ports;
    await writer.stored(writer.lsn); // snapshot and journal are read from the store, so all of them must be there
    const guest = new GuestEntries(home.worker, slot, host, this.#scope, this.#options.wear.limit);
    const activity = (): Activity | undefined => this.#activity;
    const options = { address: this.address, host, scope: this.#scope, keys: this.#keys, isStopping, activity };
    this.#isRecovering = true;
    try {
      this.#instance = await DurableInstance.activate(guest, await this.#checkpoints.restore(), options);
      void host.ports.liveActors.grew();
      return this.#instance;
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      if (error.reason === 'REPLAY_DIVERGED') this.#diverged = error; // A3
      throw error;
    } finally {
      this.#isRecovering = false;
    }
  }

  /**
   * Calls have worn its instance: the next message is to find another one, made from a snapshot. Without one it would
   * be made from the journal's beginning, which takes long, and wears it again: then it stays.
   */
  async #mayRenew(instance: DurableInstance): Promise<boolean> {
    if (instance === this.#staysWorn || instance.isSpent) return false;
    if (this.#checkpoints.isBehind(instance)) await this.#checkpoints.take(instance);
    if (this.#checkpoints.status.snapshotSequence !== instance.sequence) {
      this.#staysWorn = instance;
      return false;
    }
    this.#options.wear.renew(instance.wornAfter, this.#scope.actor);
    return true;
  }

  /** Undefined: none is due, which is what nearly always is. */
  #checkpointIfDue(instance: DurableInstance): Promise<void> | undefined {
    if (this.#checkpoints.isDue(instance)) {
      return this.#checkpoints.take(instance).then(() => this.#checkpointInTime(instance));
    }
    this.#checkpointInTime(instance);
    return undefined;
  }

  #checkpointInTime(instance: DurableInstance): void {
    if (!this.#checkpoints.isBehind(instance) || this.#checkpointTimer !== undefined) return;
    const timer = setTimeout(() => void this.#checkpointLater(), this.#options.host.settings.checkpoints.everyMs);
    this.#checkpointTimer = timer.unref();
  }

  async #checkpointLater(): Promise<void> {
    this.#checkpointTimer = undefined;
    const instance = this.#instance;
    if (instance === undefined || !this.#checkpoints.isBehind(instance)) return;
    // What keeps it from it (a stop, a full queue) is no loss: the journal has everything.
    await this.checkpoint(AbortSignal.timeout(this.#options.host.settings.limits.callMs)).catch(() => undefined);
  }
}

/** From a thread whose guest waits, maybe in the midst of a message that it had taken up again. */
function hadToGo(error: PlexSpacesError): boolean {
  return wasSentAway(error) || (error.cause instanceof PlexSpacesError && wasSentAway(error.cause));
}
