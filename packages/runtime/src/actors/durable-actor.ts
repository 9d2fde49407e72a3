/**
 * A durable actor: one key, one live instance at most, one message at a time; its state is what its
 * journal gives when it is replayed.
 *
 * It owns its mailbox and its position in the journal. It borrows a worker for each message; the instance
 * stays in that worker until the worker is needed for another key (DurableActors decides).
 *
 * A1. Messages are handled in the order in which they were posted.
 * A2. A message's reply leaves only when its records are synced (the services wait for the writer).
 * A3. Before an instance handles anything new it has replayed the whole journal.
 * A4. A failed message (trap, limit) changes nothing of the state: its instance is dropped, its records are
 *     skipped by replay.
 * A5. An actor whose replay diverged answers nothing any more.
 */
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import { MessageKind } from '@plexspaces/proto';
import type { Received } from '@plexspaces/proto';
import type { GuestOutcome } from '@plexspaces/worker';
import { MessageRecorder } from '../host/durability.ts';
import type { RecordedMessage } from '../host/durability.ts';
import { writeGuestLine } from '../host/log.ts';
import type { HostScope } from '../host/scope.ts';
import { startMessage } from '../host/time.ts';
import { expectAnswer, trapError } from '../pool/guest-errors.ts';
import type { WASMWorker } from '../pool/wasm-worker.ts';
import type { JournalBody, JournaledEnd, JournaledMessage } from '../store/journal.ts';
import type { ActorHostOptions } from './actor-host.ts';
import { Mailbox } from './mailbox.ts';
import { expectReplySize } from './size-limits.ts';

export interface DurableMessage {
  readonly fromActor: string;
  readonly messageType: string;
  readonly payload: Uint8Array;
  /** Only while the message waits; what has started runs on. */
  readonly signal: AbortSignal;
}

/** What the actor needs of the threads: the worker that holds its instance, or another one. */
export interface WorkerLease {
  borrow(actor: DurableActor, signal: AbortSignal): Promise<{ worker: WASMWorker; holdsInstance: boolean }>;
  giveBack(actor: DurableActor, worker: WASMWorker, outcome: 'completed' | 'failed'): void;
  /** True while the node ends threads: what they ran is interrupted, not failed. */
  readonly isStopping: boolean;
}

/** Where the actor stands in its journal. */
interface Position {
  readonly nextSequence: bigint;
  readonly clockMicros: bigint;
  readonly isInitialised: boolean;
}

const BEGINNING: Position = { nextSequence: 0n, clockMicros: 0n, isInitialised: false };

export class DurableActor {
  readonly address: ActorAddress;
  readonly #options: ActorHostOptions;
  readonly #lease: WorkerLease;
  readonly #scope: HostScope;
  readonly #mailbox = new Mailbox<DurableMessage>();
  #position = BEGINNING;
  #isWorking = false;
  #diverged: PlexSpacesError | undefined;

  constructor(address: ActorAddress, options: ActorHostOptions, lease: WorkerLease) {
    const { namespace, capabilities } = options.settings;
    this.address = address;
    this.#options = options;
    this.#lease = lease;
    this.#scope = { actor: formatActorAddress(address), namespace, capabilities };
  }

  /** Nothing waits and nothing runs. */
  get isIdle(): boolean {
    return !this.#isWorking && this.#diverged === undefined;
  }

  /** The guest's answer. @throws EXECUTION_ERROR for its "no"; what fits everything else. */
  post(message: DurableMessage): Promise<Uint8Array> {
    const reply = this.#mailbox.post(message, message.signal);
    if (!this.#isWorking) void this.#work();
    return reply;
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let entry = this.#mailbox.next(); entry !== undefined; entry = this.#mailbox.next()) {
      try {
        entry.settle.resolve(await this.#handle(entry.message)); // A1
      } catch (thrown) {
        entry.settle.reject(thrown);
      }
    }
    this.#isWorking = false;
  }

  async #handle(message: DurableMessage): Promise<Uint8Array> {
    if (this.#diverged !== undefined) throw this.#diverged; // A5
    const { worker, holdsInstance } = await this.#lease.borrow(this, message.signal);
    let outcome: GuestOutcome | undefined;
    try {
      if (!holdsInstance) await this.#activateOrEnd(worker); // A3
      outcome = await this.#deliver(worker, MessageKind.MESSAGE_KIND_REQUEST, message);
    } finally {
      this.#lease.giveBack(this, worker, outcome === undefined || outcome.kind === 'trap' ? 'failed' : 'completed');
    }
    return expectReplySize(expectAnswer(outcome), this.#options.settings.limits);
  }

  /** An instance that did not come to where the journal ends must never be found again. */
  async #activateOrEnd(worker: WASMWorker): Promise<void> {
    try {
      await this.#activate(worker);
    } catch (thrown) {
      const error = PlexSpacesError.from(thrown);
      worker.terminate(error);
      throw error;
    }
  }

  /** A fresh instance, brought to where the journal ends. */
  async #activate(worker: WASMWorker): Promise<void> {
    const { environment, initialState, ports, settings } = this.#options;
    const { logBytesPerSecond } = settings.limits;
    this.#position = BEGINNING;
    await ports.writer.synced(ports.writer.lsn); // the journal is read from the store, so all of it must be there
    await worker.activate({ actor: this.#scope.actor, environment, logBytesPerSecond });
    for await (const message of ports.journal.messages(this.address)) await this.#redo(worker, message);
    if (this.#position.isInitialised) return;
    const init = { fromActor: '', messageType: '', payload: initialState };
    const outcome = await this.#deliver(worker, MessageKind.MESSAGE_KIND_INIT, init);
    if (outcome.kind !== 'ok') throw this.#initFailed(outcome);
  }

  async #redo(worker: WASMWorker, message: JournaledMessage): Promise<void> {
    const { sequence, received, hostCalls: recorded, end } = message;
    if (hadNoEffectOnState(message)) {
      this.#advance(sequence, received, received.startMicros, false); // A4
      return;
    }
    const state = end === undefined ? 'interrupted' : 'ended';
    const recorder = this.#recorder({ actor: this.address, sequence, received, recorded, state });
    try {
      const outcome = await this.#run(worker, recorder, sequence, received, end !== undefined);
      recorder.expectAllReplayed();
      if (end === undefined) recorder.finish(endRecord(outcome));
      else expectSameEnd(this.#scope.actor, sequence, end, outcome);
      this.#moveBehind(sequence, received, outcome);
      if (outcome.kind === 'trap') throw trapError(outcome); // the instance is spent, another must be made
      if (!this.#position.isInitialised) throw this.#initFailed(outcome); // what it left behind must not be kept
    } catch (thrown) {
      this.#redoFailed(PlexSpacesError.from(thrown), end === undefined ? recorder : undefined);
    }
  }

  /** @param interrupted its recorder: a message that fails again is over, so that the actor can go on without it. */
  #redoFailed(error: PlexSpacesError, interrupted: MessageRecorder | undefined): never {
    if (error.reason === 'REPLAY_DIVERGED') this.#diverged = error; // A5
    else if (!this.#lease.isStopping) interrupted?.finishOnce(failedRecord(error));
    throw error;
  }

  #initFailed(outcome: GuestOutcome): PlexSpacesError {
    const text = outcome.kind === 'ok' ? 'it came to no end' : outcome.message;
    return new PlexSpacesError('FAILED_PRECONDITION', `init of ${this.#scope.actor} failed: ${text}`);
  }

  /** A message that the journal does not have yet. */
  async #deliver(
    worker: WASMWorker,
    kind: MessageKind,
    message: Pick<DurableMessage, 'fromActor' | 'messageType' | 'payload'>,
  ): Promise<GuestOutcome> {
    const { fromActor, messageType, payload } = message;
    const sequence = this.#position.nextSequence;
    const received: Received = {
      fromActor,
      messageType,
      payload,
      kind,
      attempt: 1,
      ...startMessage(this.#position.clockMicros),
    };
    const recorder = this.#recorder({ actor: this.address, sequence, received, recorded: [], state: 'new' });
    try {
      const outcome = await this.#run(worker, recorder, sequence, received, false);
      recorder.finish(endRecord(outcome));
      this.#moveBehind(sequence, received, outcome);
      return outcome;
    } catch (thrown) {
      if (!this.#lease.isStopping) recorder.finishOnce(failedRecord(PlexSpacesError.from(thrown)));
      throw thrown;
    }
  }

  #run(
    worker: WASMWorker,
    recorder: MessageRecorder,
    sequence: bigint,
    received: Received,
    replayed: boolean,
  ): Promise<GuestOutcome> {
    const { settings, logger } = this.#options;
    const { startMicros, seed, fromActor, messageType, payload } = received;
    return worker.call({
      target:
        received.kind === MessageKind.MESSAGE_KIND_INIT
          ? { export: 'init', state: payload }
          : { export: 'handle-request', fromActor, messageType, payload },
      message: { sequence, startMicros, seed, replayed, hostCalls: 'all' },
      timeoutMs: settings.limits.callMs,
      host: {
        answer: (request) => recorder.answer(request),
        log: (line) => {
          if (!recorder.isReplaying) writeGuestLine(logger, this.#scope, line);
        },
      },
    });
  }

  #recorder(message: RecordedMessage): MessageRecorder {
    return new MessageRecorder(this.#options.ports, message, this.#scope);
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
}

/** A failed message, and an `init` that said no: its instance was dropped, another was made for the next one. */
function hadNoEffectOnState({ received, end }: JournaledMessage): boolean {
  if (end === undefined) return false;
  if (end.kind === 'failed') return true;
  return received.kind === MessageKind.MESSAGE_KIND_INIT && end.processed.outcome?.$case === 'guestError';
}

function endRecord(outcome: GuestOutcome): JournalBody {
  switch (outcome.kind) {
    case 'ok':
      return { $case: 'processed', value: { outcome: { $case: 'reply', value: outcome.payload ?? new Uint8Array() } } };
    case 'guest-error':
      return { $case: 'processed', value: { outcome: { $case: 'guestError', value: outcome.message } } };
    case 'trap':
      return { $case: 'failed', value: { code: 'INTERNAL', reason: outcome.reason, message: outcome.message } };
  }
}

function failedRecord(error: PlexSpacesError): JournalBody {
  return { $case: 'failed', value: { code: error.code, reason: error.reason ?? '', message: error.message } };
}

/** Host calls alone do not tell everything: a reply that differs shows a state that differs. */
function expectSameEnd(actor: string, sequence: bigint, end: JournaledEnd, outcome: GuestOutcome): void {
  if (end.kind === 'failed') return;
  const expected = end.processed.outcome;
  const found = endRecord(outcome);
  const same =
    found.$case === 'processed' &&
    found.value.outcome?.$case === expected?.$case &&
    Buffer.compare(bytesOf(expected?.value), bytesOf(found.value.outcome?.value)) === 0;
  if (same) return;
  const foundText = found.$case === 'processed' ? describeEnd(found.value.outcome?.value) : 'a trap';
  throw new PlexSpacesError(
    'ABORTED',
    `replay of ${actor} diverged at message ${sequence}: expected ${describeEnd(expected?.value)}, found ${foundText}`,
    { reason: 'REPLAY_DIVERGED' },
  );
}

function bytesOf(value: Uint8Array | string | undefined): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value) : (value ?? new Uint8Array());
}

function describeEnd(value: Uint8Array | string | undefined): string {
  const text = typeof value === 'string' ? value : Buffer.from(bytesOf(value)).toString();
  return JSON.stringify(text.slice(0, 200));
}
