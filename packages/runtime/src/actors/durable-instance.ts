/**
 * One activation of a durable actor: an instance, brought from its newest snapshot to where the journal ends,
 * and the actor's position there.
 *
 * I1. Before it handles anything new it has replayed all that is behind its snapshot.
 * I2. A failed message (trap, limit) changes nothing of the state: its instance is dropped, and replay skips it.
 * I3. An instance that threw anything but an answer, or did not come to the journal's end, is never called again.
 */
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { Received } from '@plexspaces/proto';
import type { GuestOutcome } from '@plexspaces/worker';
import { MessageRecorder } from '../host/durability.ts';
import type { RecordedMessage } from '../host/durability.ts';
import type { HostScope } from '../host/scope.ts';
import type { Activity } from '../host/wait-graph.ts';
import { startMessage } from '../host/time.ts';
import { trapError } from '../pool/guest-errors.ts';
import { NOT_STARTED } from '../pool/thread-calls.ts';
import type { JournalEnd, JournaledMessage } from '../store/journal.ts';
import type { Snapshot } from '../store/snapshots.ts';
import type { StoreOperation } from '../store/store.ts';
import type { ActorHostOptions } from './actor-host.ts';
import { Attempts } from './attempts.ts';
import { initFailed } from './guest-entries.ts';
import type { GuestEntries, GuestMessage } from './guest-entries.ts';
import type { IdempotencyKeys } from './idempotency-keys.ts';
import { endRecord, expectSameEnd, failedRecord, failureOf, hadNoEffectOnState } from './message-ends.ts';

export interface DurableInstanceOptions {
  readonly address: ActorAddress;
  readonly host: ActorHostOptions;
  readonly scope: HostScope;
  readonly keys: IdempotencyKeys;
  /** True while the node ends threads: what they ran is interrupted, not failed. */
  readonly isStopping: () => boolean;
  /** What the actor is doing right now, as others wait for it. */
  readonly activity: () => Activity | undefined;
}

export type NewMessage = Pick<Received, 'fromActor' | 'messageType' | 'payload' | 'kind' | 'idempotencyKey'>;

export interface DeliverOptions {
  readonly signal?: AbortSignal | undefined;
  /** See RecordedMessage. */
  readonly letGo?: (() => readonly StoreOperation[]) | undefined;
}

/** Of the error of an activation after which another one goes on: an interrupted message failed again. */
export const RESUME_FAILED = 'RESUME_FAILED';

/** Where the actor stands in its journal. */
interface Position {
  readonly nextSequence: bigint;
  readonly clockMicros: bigint;
  readonly isInitialised: boolean;
}

export class DurableInstance {
  readonly #guest: GuestEntries;
  readonly #options: DurableInstanceOptions;
  #position: Position = { nextSequence: 0n, clockMicros: 0n, isInitialised: false };
  #replayed = 0;
  #journaledBytes = 0;

  private constructor(guest: GuestEntries, options: DurableInstanceOptions) {
    this.#guest = guest;
    this.#options = options;
  }

  /**
   * @param snapshot what it starts from; none: from the journal's beginning.
   * @throws ABORTED (REPLAY_DIVERGED), DATA_LOSS, ABORTED (RESUME_FAILED) where another activation has to go on,
   * and what the guest's init says.
   */
  static async activate(
    guest: GuestEntries,
    snapshot: Snapshot | undefined,
    options: DurableInstanceOptions,
  ): Promise<DurableInstance> {
    const instance = new DurableInstance(guest, options);
    await guest.instantiate();
    await instance.#recover(snapshot); // I1
    return instance;
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

  /** I3 */
  get isSpent(): boolean {
    return this.#guest.isSpent;
  }

  /** How many calls have worn it; 0: it is not worn. */
  get wornAfter(): number {
    return this.#guest.wornAfter;
  }

  /**
   * A message that the journal does not have yet.
   * @throws what ended it, with what it had done in details.effects; the instance is then spent. ABORTED
   * (RESUME_FAILED) where another activation has to go on with it.
   */
  deliver(message: NewMessage, { signal, letGo }: DeliverOptions = {}): Promise<GuestOutcome> {
    const sequence = this.#position.nextSequence;
    const received: Received = { ...message, attempt: 1, ...startMessage(this.#position.clockMicros) };
    return this.#handle({ sequence, received, recorded: [], state: 'new', letGo }, signal);
  }

  /** A snapshot that was seen to restore itself; undefined: the actor keeps none. @throws why there is none. */
  provenSnapshot(): Promise<Uint8Array | undefined> {
    return this.#guest.provenSnapshot(this.#position);
  }

  async shutdown(): Promise<void> {
    await this.#guest.shutdown(this.#position);
  }

  async #recover(snapshot: Snapshot | undefined): Promise<void> {
    const { address, host, scope } = this.#options;
    if (snapshot !== undefined) {
      await this.#guest.restore(snapshot.state, this.#between(snapshot));
      this.#position = { ...this.#between(snapshot), isInitialised: true };
    }
    const tail = host.ports.journal.messages(address, this.#position.nextSequence);
    for await (const message of tail) {
      await (message.end === undefined ? this.#resume(message) : this.#replay(message));
    }
    if (this.#position.isInitialised) return;
    const kind = MessageKind.MESSAGE_KIND_INIT;
    const init = { fromActor: '', messageType: '', payload: host.initialState, kind, idempotencyKey: '' };
    const outcome = await this.deliver(init);
    if (outcome.kind === 'guest-error') throw initFailed(scope.actor, outcome.message);
  }

  #between({ sequence, clockMicros }: Snapshot): Pick<Position, 'nextSequence' | 'clockMicros'> {
    return { nextSequence: sequence + 1n, clockMicros };
  }

  /** What ended before has to end the same way again. */
  async #replay(message: JournaledMessage): Promise<void> {
    const { sequence, received, hostCalls: recorded, end } = message;
    this.#countReplayed(received);
    if (end === undefined || hadNoEffectOnState(message)) return this.#advance(message, received.startMicros, false); // I2
    const recorder = this.#recorder({ sequence, received, recorded, state: 'ended' });
    const outcome = await this.#guest.handle({ sequence, received }, recorder, true);
    recorder.expectAllReplayed();
    expectSameEnd(this.#options.scope.actor, sequence, end, outcome);
    const clockMicros = outcome.kind === 'trap' ? received.startMicros : outcome.clockMicros;
    this.#advance(message, clockMicros, outcome.kind === 'ok');
  }

  /** What the death of the process interrupted is taken up again: answered from the journal, then live. */
  async #resume(message: JournaledMessage): Promise<void> {
    const { received, hostCalls: recorded } = message;
    const { address, host, isStopping } = this.#options;
    this.#countReplayed(received);
    const attempts = await Attempts.of(message, address, host);
    const recorder = this.#recorder({ ...message, recorded, state: 'interrupted' });
    if (attempts.areOver) return this.#giveUp(recorder, message, attempts, processDeath(attempts));
    await attempts.begin();
    try {
      const outcome = await this.#run(recorder, message);
      if (outcome.kind === 'guest-error' && !this.#position.isInitialised)
        throw initFailed(this.#options.scope.actor, outcome.message);
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      if (error.reason === 'REPLAY_DIVERGED' || isStopping() || recorder.isFinished) throw error;
      if (error.reason === NOT_STARTED) attempts.takeBack();
      else if (attempts.areOver) this.#giveUp(recorder, message, attempts, error);
      throw resumeFailed(attempts.made, error);
    }
  }

  /** It is over without having ended; whoever repairs what ended it may try it again. */
  #giveUp(recorder: MessageRecorder, message: GuestMessage, attempts: Attempts, cause: PlexSpacesError): void {
    const text = `given up after ${attempts.made} attempts: ${cause.message}`;
    const error = new PlexSpacesError('ABORTED', text, { cause, reason: 'QUARANTINED' });
    const { received } = message;
    const failure = failedRecord(error, recorder.effects);
    const setAside =
      received.kind === MessageKind.MESSAGE_KIND_INIT ? [] : [this.#quarantine(recorder, message, attempts, cause)];
    this.#end(recorder, message, failure, setAside);
    this.#advance(message, received.startMicros, false);
  }

  /** Live: what comes of it is appended. */
  #handle(
    message: Pick<RecordedMessage, 'sequence' | 'received' | 'recorded' | 'state' | 'letGo'>,
    signal: AbortSignal | undefined,
  ): Promise<GuestOutcome> {
    const recorder = this.#recorder(message);
    return this.#run(recorder, { ...message, signal }).catch((thrown: unknown) => {
      throw this.#failed(recorder, message, thrown);
    });
  }

  /** @returns what its caller is told. */
  #failed(recorder: MessageRecorder, message: GuestMessage, thrown: unknown): PlexSpacesError {
    const error = withEffects(PlexSpacesError.from(thrown), recorder.effects);
    const isOver = error.reason !== NOT_STARTED && !this.#options.isStopping() && !recorder.isFinished;
    if (isOver && hasAttempts(message.received)) {
      recorder.interrupt();
      return resumeFailed(message.received.attempt, error);
    }
    if (isOver) this.#end(recorder, message, failedRecord(error, recorder.effects));
    return error;
  }

  /** @throws what keeps the guest from answering; nothing of its end is appended then. */
  async #run(recorder: MessageRecorder, message: GuestMessage): Promise<GuestOutcome> {
    try {
      const outcome = await this.#guest.handle(message, recorder, false);
      recorder.expectAllReplayed();
      if (outcome.kind === 'trap') throw trapError(outcome);
      this.#end(recorder, message, endRecord(outcome));
      this.#advance(message, outcome.clockMicros, outcome.kind === 'ok');
      return outcome;
    } finally {
      this.#journaledBytes += recorder.bytes;
    }
  }

  #quarantine(
    recorder: MessageRecorder,
    { sequence, received }: GuestMessage,
    { made }: Attempts,
    cause: PlexSpacesError,
  ): StoreOperation {
    const { address, host } = this.#options;
    return host.ports.quarantine.put(address, {
      sequence,
      received,
      hostCalls: recorder.hostCalls,
      attempts: made,
      lastFailure: failureOf(cause, recorder.effects),
      quarantinedAt: new Date(),
    });
  }

  #end(
    recorder: MessageRecorder,
    { sequence, received }: GuestMessage,
    body: JournalEnd,
    more: readonly StoreOperation[] = [],
  ): void {
    recorder.finish(body, [...this.#options.keys.recordEnd(sequence, received, body), ...more]);
  }

  #recorder(message: Omit<RecordedMessage, 'actor'>): MessageRecorder {
    const { address, host, scope, activity } = this.#options;
    return new MessageRecorder(host.ports, { ...message, actor: address, activity: activity() }, scope);
  }

  #countReplayed({ kind }: Received): void {
    if (kind !== MessageKind.MESSAGE_KIND_INIT) this.#replayed += 1;
  }

  #advance({ sequence, received }: GuestMessage, clockMicros: bigint, succeeded: boolean): void {
    const isInit = received.kind === MessageKind.MESSAGE_KIND_INIT;
    const isInitialised = this.#position.isInitialised || (isInit && succeeded);
    this.#position = { nextSequence: sequence + 1n, clockMicros, isInitialised };
  }
}

/** Nobody waits for its answer: it is tried again, until it is put aside. */
function hasAttempts({ kind }: Received): boolean {
  return kind === MessageKind.MESSAGE_KIND_MESSAGE;
}

function resumeFailed(attempt: number, cause: PlexSpacesError): PlexSpacesError {
  return new PlexSpacesError('ABORTED', `attempt ${attempt} failed: ${cause.message}`, {
    cause,
    reason: RESUME_FAILED,
  });
}

function processDeath(attempts: Attempts): PlexSpacesError {
  return new PlexSpacesError('ABORTED', `attempts that ended with the process: ${attempts.made}`);
}

/** What a message had done before it failed stands; its caller is told of it. */
function withEffects(error: PlexSpacesError, effects: readonly string[]): PlexSpacesError {
  if (effects.length === 0 || error.details['effects'] !== undefined) return error;
  const details = { ...error.details, effects: JSON.stringify(effects) };
  return new PlexSpacesError(error.code, error.message, { cause: error, details });
}
