/**
 * One activation of a durable actor: a worker's instance, brought from its newest snapshot to where the
 * journal ends, and the actor's position there.
 *
 * I1. Before it handles anything new it has replayed all that is behind its snapshot.
 * I2. A failed message (trap, limit) changes nothing of the state: its instance is dropped, and replay skips it.
 * I3. Whatever keeps it from coming to the journal's end ends the worker: it must never be found again.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { Received } from '@plexspaces/proto';
import type { GuestOutcome, GuestTarget, InstanceSlot, MessageContext } from '@plexspaces/worker';
import { MessageRecorder } from '../host/durability.ts';
import type { RecordedMessage } from '../host/durability.ts';
import { writeGuestLine } from '../host/log.ts';
import type { HostScope } from '../host/scope.ts';
import { startMessage } from '../host/time.ts';
import { trapError } from '../pool/guest-errors.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import type { JournalBody, JournaledMessage } from '../store/journal.ts';
import type { Snapshot } from '../store/snapshots.ts';
import type { ActorHostOptions } from './actor-host.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';
import { endRecord, expectSameEnd, failedRecord, hadNoEffectOnState } from './message-ends.ts';

export interface DurableInstanceOptions {
  readonly address: ActorAddress;
  readonly host: ActorHostOptions;
  readonly scope: HostScope;
  readonly keys: IdempotencyKeys;
  /** True while the node ends threads: what they ran is interrupted, not failed. */
  readonly isStopping: () => boolean;
}

export type NewMessage = Pick<Received, 'fromActor' | 'messageType' | 'payload' | 'kind' | 'idempotencyKey'>;

/** Where the actor stands in its journal. */
interface Position {
  readonly nextSequence: bigint;
  readonly clockMicros: bigint;
  readonly isInitialised: boolean;
}

const NO_SEED = new Uint8Array(32);

export class DurableInstance {
  readonly worker: WASMWorker;
  readonly #options: DurableInstanceOptions;
  #position: Position = { nextSequence: 0n, clockMicros: 0n, isInitialised: false };
  #replayed = 0;
  #journaledBytes = 0;

  private constructor(worker: WASMWorker, options: DurableInstanceOptions) {
    this.worker = worker;
    this.#options = options;
  }

  /** @param snapshot what it starts from; none: from the journal's beginning. */
  static async activate(
    worker: WASMWorker,
    snapshot: Snapshot | undefined,
    options: DurableInstanceOptions,
  ): Promise<DurableInstance> {
    const instance = new DurableInstance(worker, options);
    try {
      await instance.#activate(snapshot); // I1
      return instance;
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      worker.terminate(error); // I3
      throw error;
    }
  }

  /** The number of the last message that was handled. */
  get sequence(): bigint {
    return this.#position.nextSequence - 1n;
  }

  get clockMicros(): bigint {
    return this.#position.clockMicros;
  }

  /** Messages that this activation replayed, `init` aside. */
  get replayed(): number {
    return this.#replayed;
  }

  /** Bytes that this activation added to the journal. */
  get journaledBytes(): number {
    return this.#journaledBytes;
  }

  /** A message that the journal does not have yet. */
  async deliver(message: NewMessage): Promise<GuestOutcome> {
    const sequence = this.#position.nextSequence;
    const received: Received = { ...message, attempt: 1, ...startMessage(this.#position.clockMicros) };
    const recorder = this.#recorder({ sequence, received, recorded: [], state: 'new' });
    try {
      const outcome = await this.#run(recorder, sequence, received, false);
      this.#end(recorder, sequence, received, endRecord(outcome));
      this.#moveBehind(sequence, received, outcome);
      return outcome;
    } catch (thrown) {
      const failed = failedRecord(PlexSpacesError.from(thrown));
      if (!this.#options.isStopping()) this.#end(recorder, sequence, received, failed);
      throw thrown;
    } finally {
      this.#journaledBytes += recorder.bytes;
    }
  }

  /** What the actor's snapshot-state gives; undefined: it keeps none. @throws EXECUTION_ERROR, trap errors. */
  snapshot(): Promise<Uint8Array | undefined> {
    return this.#snapshotOf('actor');
  }

  /** Initialises a spare instance of the component with a snapshot, and asks that one for its own. */
  async snapshotOfRestored(state: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      await this.#instantiate('spare');
      await this.#restore('spare', state);
      return await this.#snapshotOf('spare');
    } finally {
      if (this.worker.isUsable) await this.worker.drop('spare');
    }
  }

  /** The guest's last call. */
  async shutdown(): Promise<void> {
    await this.#callOutsideMessage('actor', { export: 'shutdown' }, false);
  }

  async #activate(snapshot: Snapshot | undefined): Promise<void> {
    const { address, host } = this.#options;
    await this.#instantiate('actor');
    if (snapshot !== undefined) {
      await this.#restore('actor', snapshot.state);
      const { sequence, clockMicros } = snapshot;
      this.#position = { nextSequence: sequence + 1n, clockMicros, isInitialised: true };
    }
    const tail = host.ports.journal.messages(address, this.#position.nextSequence);
    for await (const message of tail) await this.#redo(message);
    if (this.#position.isInitialised) return;
    const kind = MessageKind.MESSAGE_KIND_INIT;
    const init = { fromActor: '', messageType: '', payload: host.initialState, kind, idempotencyKey: '' };
    const outcome = await this.deliver(init);
    if (outcome.kind !== 'ok') throw this.#initFailed(outcome);
  }

  async #redo(message: JournaledMessage): Promise<void> {
    const { sequence, received, hostCalls: recorded, end } = message;
    if (hadNoEffectOnState(message)) {
      this.#advance(sequence, received, received.startMicros, false); // I2
      return;
    }
    const state = end === undefined ? 'interrupted' : 'ended';
    const recorder = this.#recorder({ sequence, received, recorded, state });
    try {
      const outcome = await this.#run(recorder, sequence, received, end !== undefined);
      recorder.expectAllReplayed();
      if (end === undefined) this.#end(recorder, sequence, received, endRecord(outcome));
      else expectSameEnd(this.#options.scope.actor, sequence, end, outcome);
      this.#moveBehind(sequence, received, outcome);
      if (outcome.kind === 'trap') throw trapError(outcome); // the instance is spent, another must be made
      if (!this.#position.isInitialised) throw this.#initFailed(outcome); // what it left behind must not be kept
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      // An interrupted message that fails again is over, so that the actor can go on without it.
      const isOver = end === undefined && error.reason !== 'REPLAY_DIVERGED' && !this.#options.isStopping();
      if (isOver) this.#end(recorder, sequence, received, failedRecord(error));
      throw error;
    } finally {
      if (received.kind !== MessageKind.MESSAGE_KIND_INIT) this.#replayed += 1;
      this.#journaledBytes += recorder.bytes;
    }
  }

  /** Once for each message, however many reasons there are for its end. */
  #end(recorder: MessageRecorder, sequence: bigint, received: Received, body: JournalBody): void {
    if (recorder.isFinished) return;
    recorder.finish(body, this.#options.keys.recordEnd(sequence, received, body));
  }

  #run(recorder: MessageRecorder, sequence: bigint, received: Received, replayed: boolean): Promise<GuestOutcome> {
    const { host, scope } = this.#options;
    const { startMicros, seed, fromActor, messageType, payload, selfId } = received;
    return this.worker.call({
      target:
        received.kind === MessageKind.MESSAGE_KIND_INIT
          ? { export: 'init', state: payload }
          : { export: 'handle-request', fromActor, messageType, payload },
      message: { sequence, selfId, startMicros, seed, replayed, restoring: false, hostCalls: 'all' },
      timeoutMs: host.settings.limits.callMs,
      host: {
        answer: (request) => recorder.answer(request),
        log: (line) => {
          if (!recorder.isReplaying) writeGuestLine(host.logger, scope, line);
        },
      },
    });
  }

  async #instantiate(slot: InstanceSlot): Promise<void> {
    const { environment, settings } = this.#options.host;
    const { logBytesPerSecond } = settings.limits;
    await this.worker.activate({ actor: this.#options.scope.actor, environment, logBytesPerSecond }, slot);
  }

  async #restore(slot: InstanceSlot, state: Uint8Array): Promise<void> {
    const outcome = await this.#callOutsideMessage(slot, { export: 'init', state }, true);
    if (outcome.kind !== 'ok') throw this.#initFailed(outcome);
  }

  async #snapshotOf(slot: InstanceSlot): Promise<Uint8Array | undefined> {
    const outcome = await this.#callOutsideMessage(slot, { export: 'snapshot-state' }, false);
    if (outcome.kind === 'ok') return outcome.payload;
    if (outcome.kind === 'guest-error') throw new PlexSpacesError('EXECUTION_ERROR', outcome.message);
    throw trapError(outcome);
  }

  /** Only logging is allowed there, and clock and seed are the same whenever it is done. */
  #callOutsideMessage(slot: InstanceSlot, target: GuestTarget, restoring: boolean): Promise<GuestOutcome> {
    const { host, scope } = this.#options;
    const message: MessageContext = {
      sequence: this.#position.nextSequence,
      startMicros: this.#position.clockMicros,
      seed: NO_SEED,
      replayed: false,
      restoring,
      hostCalls: 'log-only',
    };
    return this.worker.call({
      slot,
      target,
      message,
      timeoutMs: host.settings.limits.callMs,
      host: {
        answer: () => Promise.reject(new PlexSpacesError('INTERNAL', 'a host call outside a message')),
        log: (line) => writeGuestLine(host.logger, scope, line),
      },
    });
  }

  #recorder(message: Omit<RecordedMessage, 'actor'>): MessageRecorder {
    const { address, host, scope } = this.#options;
    return new MessageRecorder(host.ports, { ...message, actor: address }, scope);
  }

  #moveBehind(sequence: bigint, received: Received, outcome: GuestOutcome): void {
    const clockMicros = outcome.kind === 'trap' ? received.startMicros : outcome.clockMicros;
    this.#advance(sequence, received, clockMicros, outcome.kind === 'ok');
  }

  #advance(sequence: bigint, received: Received, clockMicros: bigint, succeeded: boolean): void {
    const isInit = received.kind === MessageKind.MESSAGE_KIND_INIT;
    const isInitialised = this.#position.isInitialised || (isInit && succeeded);
    this.#position = { nextSequence: sequence + 1n, clockMicros, isInitialised };
  }

  #initFailed(outcome: GuestOutcome): PlexSpacesError {
    const text = outcome.kind === 'ok' ? 'it came to no end' : outcome.message;
    return new PlexSpacesError('FAILED_PRECONDITION', `init of ${this.#options.scope.actor} failed: ${text}`);
  }
}
