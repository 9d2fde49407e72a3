/**
 * A thread as WASMWorker shows it, without a thread: calls and control run one at a time in the order of their
 * arrival, each step in a turn of the simulation's, and the thread may end between any two of them.
 *
 * What WASMWorker and ThreadCalls promise (V1 to V4, T1) holds here too; that they keep it with real threads is for
 * the integration tests.
 */
import { PlexSpacesError } from '@plexspaces/core';
import { FIRST_SLOT } from '@plexspaces/worker';
import type { Activation, GuestOutcome, InstanceSlot, MessageContext, WearLimit } from '@plexspaces/worker';
import { NOT_STARTED, notStarted } from '../../../packages/runtime/src/pool/thread-calls.ts';
import type { CallSettler, WorkerCall } from '../../../packages/runtime/src/pool/thread-calls.ts';
import { atOnce, underWay } from '../host-answers.ts';
import type { WASMWorker } from '../../../packages/runtime/src/pool/wasm-worker.ts';
import { INSPECT, ModelGuest, parseProgram } from './model-guest.ts';
import type { AskHost, GuestState } from './model-guest.ts';
import type { Steps } from './steps.ts';
import { nameOf } from './witness.ts';
import type { Witness } from './witness.ts';

/** What is wrong with a thread that serves as a control. */
export interface ThreadFaults {
  /** A call that was taken back runs all the same. */
  readonly runsWhatWasTakenBack?: boolean;
  /** Of every call that the thread's end interrupts it says that it had not started. */
  readonly deniesWhatItRan?: boolean;
  /** The slot's old instance stays where a fresh one was asked for. */
  readonly keepsOldInstances?: boolean;
  /** It runs calls of an instance that trapped. */
  readonly callsSpentInstances?: boolean;
  /** While calls are taken back from it, it goes on with those behind. */
  readonly takesBackFirstFirst?: boolean;
}

export interface ModelThreadOptions {
  readonly steps: Steps;
  readonly witness: Witness;
  readonly faults: ThreadFaults;
}

interface Call {
  readonly call: WorkerCall;
  readonly settle: CallSettler;
  hasStarted: boolean;
  isSettled: boolean;
}

interface Control {
  readonly what: string;
  readonly action: () => void;
  readonly settle: PromiseWithResolvers<void>;
}

/** Calls that wear an instance. */
const WEARING = 3;
const MOST_BEHIND = 4;
const LONG_MS = 10;
/** The thread ended under what ran in it. */
const ENDED = Symbol('ended');

export class ModelThread implements Pick<WASMWorker, keyof WASMWorker> {
  readonly #options: ModelThreadOptions;
  readonly #instances = new Map<InstanceSlot, ModelGuest>();
  readonly #spent = new Set<InstanceSlot>();
  /** Those that are not to be called any more, which the main thread may not know yet. */
  readonly #over = new Set<InstanceSlot>();
  /** Slots with an instance that is to say so when it is worn. */
  readonly #wear = new Map<InstanceSlot, WearLimit>();
  readonly #worn = new Map<InstanceSlot, number>();
  readonly #controls: Control[] = [];
  readonly #calls: Call[] = [];
  /** Ended, but the main thread does not know yet. */
  #untold: { readonly call: Call; readonly tell: () => void }[] = [];
  #lastStarted: Call | undefined;
  #isRunning = false;
  #death: PlexSpacesError | undefined;
  readonly #ended = Promise.withResolvers<void>();

  constructor(options: ModelThreadOptions) {
    this.#options = options;
  }

  get isUsable(): boolean {
    return this.#spent.size === 0 && this.isAlive;
  }

  get waitsFor(): undefined {
    return undefined;
  }

  /** No call of a model guest waits. */
  watchWaits(): void {}

  get isAlive(): boolean {
    return this.#death === undefined;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  isSpent(slot: InstanceSlot): boolean {
    return this.#spent.has(slot);
  }

  async activate({ actor, wear }: Activation, slot: InstanceSlot = FIRST_SLOT): Promise<void> {
    await this.#control('instantiate the component', () => {
      if (wear === undefined) this.#wear.delete(slot);
      else this.#wear.set(slot, wear);
      const stays = this.#options.faults.keepsOldInstances === true && this.#instances.has(slot);
      if (!stays) this.#instances.set(slot, new ModelGuest(actor));
    });
    this.#forget(slot);
  }

  async drop(slot: InstanceSlot): Promise<void> {
    this.#forget(slot);
    const stays = this.#options.faults.keepsOldInstances === true;
    await this.#control('drop an instance', () => void (stays || this.#instances.delete(slot)));
  }

  call(call: WorkerCall): Promise<GuestOutcome> {
    const end = Promise.withResolvers<GuestOutcome>();
    this.start(call, end);
    return end.promise;
  }

  start(call: WorkerCall, settle: CallSettler): void {
    if (this.#death !== undefined) return settle.reject(notStarted('run the call', this.#death));
    if (call.signal?.aborted === true) return settle.reject(takenBack(call.signal));
    const posted: Call = { call, settle, hasStarted: false, isSettled: false };
    this.#calls.push(posted);
    call.signal?.addEventListener('abort', () => this.#takeBack(posted), { once: true });
    void this.#run();
  }

  wornAfter(slot: InstanceSlot = FIRST_SLOT): number {
    return this.#worn.get(slot) ?? 0;
  }

  /** Its calls are short. */
  get mostBehind(): number {
    return this.isUsable && this.wornAfter() === 0 ? MOST_BEHIND : 0;
  }

  get isEnough(): boolean {
    return this.#options.steps.flip();
  }

  get runsForMs(): number {
    return this.#isRunning && this.#options.steps.flip() ? LONG_MS : 0;
  }

  takeBackAll(reason: PlexSpacesError): void {
    const left = this.#options.faults.takesBackFirstFirst === true ? this.#calls.splice(0, 1) : this.#calls.splice(0);
    for (const call of left.toReversed()) this.#settle(call, notStarted('run the call', reason));
  }

  terminate(reason: PlexSpacesError): void {
    if (this.#death !== undefined) return;
    this.#death = reason;
    for (const { call } of this.#untold.splice(0)) this.#reject(call, reason);
    if (this.#lastStarted !== undefined) this.#reject(this.#lastStarted, reason);
    for (const call of this.#calls.splice(0)) this.#reject(call, reason);
    for (const { what, settle } of this.#controls.splice(0)) settle.reject(notStarted(what, reason));
    void this.#options.steps.turn('a thread is over').then(() => this.#ended.resolve());
  }

  async close(): Promise<void> {
    this.terminate(new PlexSpacesError('UNAVAILABLE', 'the worker was closed'));
    await this.ended;
  }

  /** Control and calls arrive on ports of their own: which comes first is not said. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#controls.length + this.#calls.length > 0) {
        await this.#turn('a thread goes on');
        const isControl = this.#calls.length === 0 || (this.#controls.length > 0 && this.#options.steps.flip());
        if (isControl) this.#runControl();
        else await this.#runCall();
      }
    } catch (thrown) {
      if (thrown !== ENDED) throw thrown;
    } finally {
      this.#isRunning = false;
    }
  }

  #runControl(): void {
    const control = this.#controls.shift();
    control?.action();
    control?.settle.resolve();
  }

  async #runCall(): Promise<void> {
    const call = this.#calls.shift();
    if (call === undefined) return; // it was taken back
    if (this.#over.has(call.call.slot ?? FIRST_SLOT)) return this.#passOver(call);
    call.hasStarted = true;
    this.#lastStarted = call;
    const { slot = FIRST_SLOT, target, message } = call.call;
    const guest = this.#instances.get(slot);
    if (guest === undefined) throw new Error('expected an instance in the slot of a call, found none');
    const before = guest.state;
    this.#noteStart(call, guest);
    let wasSeen = false;
    const ask = (request: Uint8Array): Promise<Uint8Array> => {
      wasSeen = true;
      return this.#ask(call, request);
    };
    const isProof = target.export === 'proven-snapshot';
    const outcome = isProof ? await this.#prove(guest, message, ask) : await guest.call(target, message, ask);
    const after = guest.state;
    guest.calls += 1;
    const isLast = guest.calls === WEARING && this.#wear.get(slot)?.isFinal === true;
    if (outcome.kind === 'trap' || isLast) this.#over.add(slot);
    this.#untold.push({ call, tell: () => this.#tell(call, outcome, guest, before, after) });
    if (wasSeen) await this.#turn('a call ends'); // T1
    if (wasSeen) this.#tellAll();
    else void this.#tellLater();
  }

  /** Its instance trapped, or is worn: nobody ran it. */
  #passOver(call: Call): void {
    if (this.#options.faults.callsSpentInstances === true) {
      this.#options.witness.violations.push('a spent instance was called');
    }
    const reason = new PlexSpacesError('UNAVAILABLE', 'its instance is over');
    this.#untold.push({ call, tell: () => this.#settle(call, notStarted('run the call', reason)) });
    void this.#tellLater();
  }

  /** A spare instance is given what the guest gave. */
  async #prove(guest: ModelGuest, message: MessageContext, ask: AskHost): Promise<GuestOutcome> {
    const taken = await guest.call({ export: 'snapshot-state' }, message, ask);
    if (taken.kind !== 'ok' || taken.payload === undefined) return taken;
    const spare = new ModelGuest(guest.actor);
    await spare.call({ export: 'init', state: taken.payload }, { ...message, restoring: true }, ask);
    this.#options.witness.expectKnown(guest.actor, spare.state, 'a snapshot gave');
    return taken;
  }

  async #ask({ call }: Call, request: Uint8Array): Promise<Uint8Array> {
    await this.#turn('a host call');
    this.#tellAll(); // T1
    try {
      const reply = atOnce(call.host.answer(request, underWay()));
      await this.#turn('its answer');
      return reply;
    } catch (thrown) {
      if (thrown !== ENDED) this.terminate(PlexSpacesError.from(thrown));
      throw ENDED;
    }
  }

  async #tellLater(): Promise<void> {
    await this.#options.steps.turn('results arrive');
    if (this.isAlive) this.#tellAll();
  }

  #tellAll(): void {
    for (const { tell } of this.#untold.splice(0)) tell();
  }

  #tell(call: Call, outcome: GuestOutcome, guest: ModelGuest, before: GuestState, after: GuestState): void {
    const { slot = FIRST_SLOT, message } = call.call;
    if (outcome.kind === 'trap') this.#spent.add(slot);
    if (this.#wear.has(slot) && guest.calls >= WEARING) {
      this.#worn.set(slot, guest.calls);
      guest.isKnownWorn = !message.replayed; // what is replayed is no place to renew it
    }
    this.#noteEnd(call, outcome, guest.actor, before, after);
    if (call.isSettled) return; // a thread that serves as a control told of it before
    call.isSettled = true;
    call.settle.resolve(outcome);
  }

  #takeBack(call: Call): void {
    if (call.hasStarted || call.isSettled) return;
    const at = this.#calls.indexOf(call);
    if (at >= 0 && this.#options.faults.runsWhatWasTakenBack !== true) this.#calls.splice(at, 1);
    this.#settle(call, takenBack(call.call.signal));
  }

  /** V3 */
  #reject(call: Call, reason: PlexSpacesError): void {
    const ran = call === this.#lastStarted && this.#options.faults.deniesWhatItRan !== true;
    this.#settle(call, ran ? reason : notStarted('run the call', reason));
  }

  #settle(call: Call, reason: PlexSpacesError): void {
    if (call.isSettled) return;
    call.isSettled = true;
    call.settle.reject(reason);
  }

  #forget(slot: InstanceSlot): void {
    this.#spent.delete(slot);
    this.#over.delete(slot);
    this.#worn.delete(slot);
  }

  #control(what: string, action: () => void): Promise<void> {
    if (this.#death !== undefined) return Promise.reject(notStarted(what, this.#death));
    const settle = Promise.withResolvers<void>();
    this.#controls.push({ what, action, settle });
    void this.#run();
    return settle.promise;
  }

  /** @throws ENDED where the thread ended meanwhile. */
  async #turn(label: string): Promise<void> {
    await this.#options.steps.turn(label);
    if (!this.isAlive) throw ENDED;
  }

  #noteStart({ call: { target, message } }: Call, guest: ModelGuest): void {
    if (guest.isKnownWorn && target.export === 'handle-request') {
      this.#options.witness.violations.push('a worn instance was called');
    }
    if (target.export !== 'handle-request' || target.messageType === INSPECT) return;
    const { witness } = this.#options;
    const program = parseProgram(target.payload);
    if (program.actor !== guest.actor) witness.violations.push(`${guest.actor} was given ${nameOf(program)}`);
    if (message.replayed) return;
    witness.started.add(nameOf(program));
    witness.starts.push(nameOf(program));
  }

  #noteEnd(call: Call, { kind }: GuestOutcome, actor: string, before: GuestState, after: GuestState): void {
    const { target, message } = call.call;
    const { witness } = this.#options;
    if (target.export === 'init' && message.restoring) witness.expectKnown(actor, after, 'a snapshot gave');
    if (target.export !== 'handle-request' || target.messageType === INSPECT) return;
    if (message.replayed) return witness.expectKnown(actor, after, 'a replay came to');
    if (kind !== 'trap') witness.moved(actor, before, after);
    witness.told.push({ program: parseProgram(target.payload), kind });
  }
}

function takenBack(signal: AbortSignal | undefined): PlexSpacesError {
  const { code, message } = PlexSpacesError.from(signal?.reason);
  return new PlexSpacesError(code, message, { reason: NOT_STARTED });
}
