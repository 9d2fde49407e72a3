/**
 * A tiny guest, as deterministic as a component: its state is a list of what it handled and a digest over all that
 * it was given and answered, clock and randomness included. Two states with equal digests came about alike.
 */
import { hash } from 'node:crypto';
import { encodeHostCall, decodeHostReply } from '@plexspaces/worker';
import type { ActorExport, GuestOutcome, HostCall, MessageContext } from '@plexspaces/worker';
import type { LoadedComponent } from '../../../packages/runtime/src/components/component-store.ts';
import { MessageClock } from '../../../packages/worker/src/message-clock.ts';
import { randomU64 } from '../../../packages/worker/src/message-random.ts';
import { MessageSeed } from '../../../packages/worker/src/message-seed.ts';

export type Effect = 'write' | 'take' | 'count' | 'checkpoint';

/** What a message makes the guest do. */
export interface Program {
  /** The address of the actor that it is for. */
  readonly actor: string;
  /** Counts the messages for this actor, from 0. */
  readonly id: number;
  readonly effects: readonly Effect[];
  readonly end: 'ok' | 'no' | 'trap';
}

export interface GuestState {
  /** Of the messages that it handled, oldest first. */
  readonly ids: readonly number[];
  readonly digest: string;
}

/** Answers the bytes of a host call. */
export type AskHost = (request: Uint8Array) => Promise<Uint8Array>;

/** A message type that changes nothing and answers the state. */
export const INSPECT = 'inspect';
export const RUN = 'run';
export const EFFECT = 'effect';
export const TOKEN = 'token';
/** Of which nothing is loaded: the model's threads run a model of a guest. */
export const MODEL_COMPONENT: LoadedComponent = {
  kind: 'component',
  hash: 'model',
  javascriptUrl: '',
  javascriptHash: '',
  modules: {},
};
const FRESH: GuestState = { ids: [], digest: '' };

export class ModelGuest {
  readonly actor: string;
  state: GuestState = FRESH;
  /** That it handled. */
  calls = 0;
  /** The main thread was told that calls have worn it. */
  isKnownWorn = false;

  constructor(actor: string) {
    this.actor = actor;
  }

  async call(target: ActorExport, message: MessageContext, ask: AskHost): Promise<GuestOutcome> {
    const clock = new MessageClock();
    clock.reset(message.startMicros);
    switch (target.export) {
      case 'init':
        this.state = target.state.length === 0 ? FRESH : parseState(target.state);
        return { kind: 'ok', payload: undefined, clockMicros: clock.micros };
      case 'snapshot-state':
        return { kind: 'ok', payload: bytesOf(this.state), clockMicros: clock.micros };
      case 'shutdown':
        return { kind: 'ok', payload: undefined, clockMicros: clock.micros };
      case 'handle-message':
      case 'handle-request':
        if (target.messageType !== INSPECT) return await this.#run(parseProgram(target.payload), message, clock, ask);
        return { kind: 'ok', payload: bytesOf(this.state), clockMicros: clock.micros };
    }
  }

  async #run(program: Program, message: MessageContext, clock: MessageClock, ask: AskHost): Promise<GuestOutcome> {
    const seed = new MessageSeed();
    seed.reset(message.seed);
    const seen = [this.state.digest, JSON.stringify(program), `${message.sequence}`, `${randomU64(seed)}`];
    for (const [index, effect] of program.effects.entries()) {
      const reply = decodeHostReply(await ask(encodeHostCall(hostCall(effect, program, index))));
      clock.advance(BigInt(reply.durationMicros));
      seen.push(describe(reply), `${clock.read()}`);
    }
    if (program.end === 'trap') return { kind: 'trap', reason: 'TRAP', message: `${program.id}` };
    this.state = { ids: [...this.state.ids, program.id], digest: hash('sha256', seen.join('|'), 'hex') };
    if (program.end === 'no') return { kind: 'guest-error', message: `${program.id}`, clockMicros: clock.micros };
    return { kind: 'ok', payload: bytesOf(this.state), clockMicros: clock.micros };
  }
}

export function parseState(bytes: Uint8Array): GuestState {
  return JSON.parse(Buffer.from(bytes).toString()) as GuestState;
}

export function parseProgram(bytes: Uint8Array): Program {
  return JSON.parse(Buffer.from(bytes).toString()) as Program;
}

export function bytesOf(value: Program | GuestState): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function hostCall(effect: Effect, { actor, id }: Program, index: number): HostCall {
  const any = { match: 'any' } as const;
  switch (effect) {
    case 'write': {
      const place = { type: 'int', value: BigInt(id * 100 + index) } as const;
      return { function: 'tuplespace-write', tuple: [text(EFFECT), text(actor), place] };
    }
    case 'take':
      return { function: 'tuplespace-take', pattern: [{ match: 'exact', field: text(TOKEN) }, any] };
    case 'count':
      return { function: 'tuplespace-count', pattern: [{ match: 'exact', field: text(EFFECT) }, any, any] };
    case 'checkpoint':
      return { function: 'checkpoint' };
  }
}

function text(value: string): { readonly type: 'string'; readonly value: string } {
  return { type: 'string', value };
}

function describe(reply: ReturnType<typeof decodeHostReply>): string {
  return JSON.stringify(reply, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}
