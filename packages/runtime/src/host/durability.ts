/**
 * Durability: main half. Stands between one message of a durable actor and the host calls: what was
 * recorded is answered from the journal, what is new is done and recorded in the same batch.
 *
 * R1. `received` goes into the batch of the message's first following record: no sync of its own. Where that is
 *     the message's end, both are one record.
 * R2. A host call's effect and its record are one append.
 * R3. A call that differs from the recorded one is never answered: the actor has diverged.
 * R4. A message is in the index of unfinished ones from its first record on until its end; one that is written
 *     as a whole never is.
 */
import { hash } from 'node:crypto';
import { formatActorAddress, PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { HostCall as HostCallRecord, Received } from '@plexspaces/proto';
import { decodeHostCall } from '@plexspaces/worker';
import type { Journal, JournalBody, JournalEnd } from '../store/journal.ts';
import type { LogWriter } from '../store/log-writer.ts';
import type { StoreOperation } from '../store/store.ts';
import type { UnfinishedMessages } from '../store/unfinished-messages.ts';
import { describeEffects } from './effects.ts';
import type { AnsweredHostCall } from './effects.ts';
import type { AnsweredCall, HostCalls } from './host-calls.ts';
import type { HostEffect, HostScope } from './scope.ts';
import type { Activity } from './wait-graph.ts';
import type { HostAnswer, UnderWay } from './waiting.ts';

/** @throws FAILED_PRECONDITION for kinds that keep no journal. */
export function requestCheckpoint(scope: HostScope): HostEffect {
  if (scope.requestCheckpoint === undefined) {
    throw new PlexSpacesError('FAILED_PRECONDITION', `checkpoint: ${scope.actor} is not durable`);
  }
  scope.requestCheckpoint();
  return { value: { type: 'unit' }, operations: [] };
}

export interface RecorderPorts {
  readonly journal: Journal;
  readonly unfinished: UnfinishedMessages;
  readonly writer: LogWriter;
  readonly hostCalls: HostCalls;
}

export interface RecordedMessage {
  readonly actor: ActorAddress;
  readonly sequence: bigint;
  readonly received: Received;
  /** Empty for a new message; of an interrupted or replayed one what the journal has. */
  readonly recorded: readonly HostCallRecord[];
  /** `new`: nothing is journaled yet. `interrupted`: goes on live behind what is recorded. `ended`: replay only. */
  readonly state: 'new' | 'interrupted' | 'ended';
  /** What goes with the message's first record: where it was kept before lets go of it. */
  readonly letGo?: (() => readonly StoreOperation[]) | undefined;
  /** The message that is being handled, as others wait for it. */
  readonly activity?: Activity | undefined;
}

export class MessageRecorder {
  readonly #ports: RecorderPorts;
  readonly #message: RecordedMessage;
  readonly #scope: HostScope;
  #answered = 0;
  #isFinished = false;
  #nextIndex: number;
  #isReceivedWritten: boolean;
  #isIndexed: boolean;
  readonly #done: AnsweredHostCall[] = [];
  #bytes = 0;

  constructor(ports: RecorderPorts, message: RecordedMessage, scope: HostScope) {
    this.#ports = ports;
    this.#message = message;
    this.#scope = scope;
    this.#nextIndex = message.state === 'new' ? 0 : 1 + message.recorded.length;
    this.#isIndexed = message.state === 'interrupted';
    this.#isReceivedWritten = message.state !== 'new';
  }

  /** The guest is where it already was once, and has logged already what it logs. */
  get isReplaying(): boolean {
    return this.#message.state === 'ended' || this.#answered < this.#message.recorded.length;
  }

  /** What this message added to the log so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What was done outside of the actor's state so far; see `describeEffects`. */
  get effects(): string[] {
    return describeEffects(this.#done);
  }

  /** All that the journal has of this message's host calls. */
  get hostCalls(): HostCallRecord[] {
    const { recorded } = this.#message;
    return [...recorded, ...this.#done.slice(recorded.length).map(({ record }) => record)];
  }

  /** @throws ABORTED (REPLAY_DIVERGED) at a call that differs from the recorded one. */
  answer(request: Uint8Array, underWay: UnderWay): HostAnswer {
    const recorded = this.#message.recorded[this.#answered];
    this.#answered += 1;
    if (recorded !== undefined) return this.#replay(recorded, request);
    if (this.#message.state === 'ended') throw this.#diverged('the end of the message', nameOf(request)); // R3
    const compose = (answer: AnsweredCall): StoreOperation[] => this.#compose(request, answer);
    const { activity } = this.#message;
    const number = this.#answered;
    return this.#ports.hostCalls.answer(request, {
      scope: this.#scope,
      underWay,
      activity,
      callId: () => this.#callId(number),
      compose,
    });
  }

  /** Appends the end of the message, with what must stand or fall with it. */
  finish(body: JournalEnd, more: readonly StoreOperation[] = []): void {
    this.#isFinished = true;
    const end = [...(this.#isReceivedWritten ? [this.#next(body)] : this.#whole(body)), ...more];
    if (this.#isIndexed) end.push(this.#ports.unfinished.delete(this.#message.actor)); // R4
    this.#ports.writer.append(this.#counted(end));
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Leaves the message in the journal as one that a crash interrupted: it is taken up again. */
  interrupt(): void {
    this.#ports.writer.append(this.#counted([...this.#received(), ...this.#index()]));
  }

  /** @throws ABORTED (REPLAY_DIVERGED) where the journal holds calls that were not made again. */
  expectAllReplayed(): void {
    const missing = this.#message.recorded[this.#answered];
    if (missing !== undefined) throw this.#diverged(missing.function, 'the end of the message');
  }

  #replay(recorded: HostCallRecord, request: Uint8Array): Uint8Array {
    const same = Buffer.compare(digest(request), recorded.argumentsDigest) === 0;
    if (same) {
      this.#done.push({ record: recorded, request });
      return recorded.reply;
    }
    throw this.#diverged(recorded.function, nameOf(request)); // R3
  }

  /** R2 */
  #compose(request: Uint8Array, { function: name, reply, operations }: AnsweredCall): StoreOperation[] {
    const value = { function: name, argumentsDigest: digest(request), reply };
    this.#done.push({ record: value, request });
    const records = [...this.#received(), this.#next({ $case: 'hostCall', value })];
    return this.#counted([...records, ...operations, ...this.#index()]);
  }

  /** The same in every attempt at the message, and of no other message: not of one that takes its number after a rewind. */
  #callId(number: number): string {
    const { sequence, received } = this.#message;
    return `${this.#scope.actor}\u0000${received.startMicros}.${sequence}.${number}`;
  }

  /** R1 */
  #received(): StoreOperation[] {
    if (this.#isReceivedWritten) return [];
    this.#isReceivedWritten = true;
    return [this.#next({ $case: 'received', value: this.#message.received }), ...this.#letGo()];
  }

  /** R1 */
  #whole(end: JournalEnd): StoreOperation[] {
    const { actor, sequence, received } = this.#message;
    this.#isReceivedWritten = true;
    return [this.#ports.journal.whole(actor, sequence, received, end), ...this.#letGo()];
  }

  #letGo(): readonly StoreOperation[] {
    return this.#message.letGo?.() ?? [];
  }

  /** R4 */
  #index(): StoreOperation[] {
    if (this.#isIndexed) return [];
    this.#isIndexed = true;
    const { actor, sequence } = this.#message;
    return [this.#ports.unfinished.put(actor, { sequence, attempts: 1 })];
  }

  #counted(operations: StoreOperation[]): StoreOperation[] {
    for (const operation of operations) if (operation.type === 'put') this.#bytes += operation.value.length;
    return operations;
  }

  #next(body: JournalBody): StoreOperation {
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    return this.#ports.journal.record(this.#message.actor, this.#message.sequence, index, body);
  }

  #diverged(expected: string, found: string): PlexSpacesError {
    const { actor, sequence } = this.#message;
    return new PlexSpacesError(
      'ABORTED',
      `replay of ${formatActorAddress(actor)} diverged at message ${sequence}, host call ${this.#answered}: ` +
        `expected ${expected}, found ${found}${expected === found ? ' with other arguments' : ''}`,
      { reason: 'REPLAY_DIVERGED' },
    );
  }
}

function nameOf(request: Uint8Array): string {
  return decodeHostCall(request).function;
}

function digest(request: Uint8Array): Uint8Array {
  return hash('sha256', request, 'buffer');
}
