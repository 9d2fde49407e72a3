/**
 * An actor, as its author defines it: state, handlers by the name of the message, JSON in and JSON out.
 *
 * Owns the table of handlers and the JSON of payloads and snapshots. Does not own what becomes of something thrown
 * (component.ts).
 */
import { ActorError } from './actor-error.ts';
import { decodeJson, encodeJson, toPayload } from './values.ts';

/** What a handler is told beside the message's value. */
export interface Context<State> {
  /** What `init` gave; the same object for every message. */
  readonly state: State;
  /** Who sent the message: an actor's address, `client`, `timer/…` or `tuplespace/…`. */
  readonly from: string;
  /** The message's type. */
  readonly method: string;
}

/**
 * Takes the payload's JSON value, `undefined` for an empty payload. What it returns is the reply's JSON value; bytes
 * go out as they are. It runs to its end at once: the host's functions do not need to be awaited, and cannot be.
 */
export type Handler<State> = Method<unknown, State, unknown>;
/** Takes the payload's bytes. */
export type BytesHandler<State> = Method<Uint8Array, State, unknown>;

// As a method, so that an author may say which type a handler expects; whether a caller keeps to it is the handler's
// to look at.
type Method<Input, State, Output> = { call(input: Input, context: Context<State>): Output }['call'];
type Restore<State> = { call(saved: unknown): State }['call'];
type OfState<State, Output> = { call(state: State): Output }['call'];

export interface ActorDefinition<State> {
  /** Makes the state, out of what `snapshot` gave, or of the initial state of the deployment, or of `undefined`. */
  readonly init?: Restore<State>;
  /** Requests, by their method. Messages that have no handler of their own come here too; their reply is dropped. */
  readonly handlers?: Readonly<Record<string, Handler<State>>>;
  /** Messages that want no reply, by their type: tells, timers, subscriptions, intervals. */
  readonly messages?: Readonly<Record<string, Handler<State>>>;
  /** Requests that no handler takes. */
  readonly anyRequest?: BytesHandler<State>;
  /** Messages that no handler takes. */
  readonly anyMessage?: BytesHandler<State>;
  /** The state as a JSON value. Without it, or where it gives `undefined` or null, there is no snapshot. */
  readonly snapshot?: OfState<State, unknown>;
  /** The last call, on a clean stop only. */
  readonly shutdown?: OfState<State, void>;
}

/** The component's export `actor`, as the interface has it. */
export interface Actor {
  init(initialState: Uint8Array): void;
  handleRequest(from: string, method: string, payload: Uint8Array): Uint8Array;
  handleMessage(from: string, method: string, payload: Uint8Array): void;
  snapshotState(): Uint8Array | null;
  shutdown(): void;
}

/** `export const actor = defineActor({ … })` is what makes a module an actor. */
export function defineActor<State = undefined>(definition: ActorDefinition<State>): Actor {
  return new DefinedActor(definition);
}

/** What its author's state is matters to the author alone. */
class DefinedActor implements Actor {
  readonly #definition: ActorDefinition<unknown>;
  #state: { readonly value: unknown } | undefined;

  constructor(definition: ActorDefinition<unknown>) {
    this.#definition = definition;
  }

  init(initialState: Uint8Array): void {
    const { init } = this.#definition;
    const saved = decodeJson(initialState, 'state');
    if (init === undefined && saved !== undefined) {
      throw new ActorError('the actor was given a state and defines no init');
    }
    this.#state = { value: settled('init', init?.(saved)) };
  }

  handleRequest(from: string, method: string, payload: Uint8Array): Uint8Array {
    const { handlers, anyRequest } = this.#definition;
    const handler = named(handlers, method);
    if (handler === undefined && anyRequest === undefined) throw unknownMethod(method, handlers);
    return toPayload(this.#run(handler, anyRequest, { from, method, payload }));
  }

  handleMessage(from: string, method: string, payload: Uint8Array): void {
    const { handlers, messages, anyRequest, anyMessage } = this.#definition;
    const handler = named(messages, method) ?? (anyMessage === undefined ? named(handlers, method) : undefined);
    const any = anyMessage ?? anyRequest;
    if (handler === undefined && any === undefined) throw unknownMethod(method, { ...handlers, ...messages });
    this.#run(handler, any, { from, method, payload });
  }

  snapshotState(): Uint8Array | null {
    const value = settled('snapshot', this.#definition.snapshot?.(this.#started()));
    return value === undefined || value === null ? null : encodeJson(value);
  }

  shutdown(): void {
    settled('shutdown', this.#definition.shutdown?.(this.#started()));
  }

  #run(handler: Handler<unknown> | undefined, any: BytesHandler<unknown> | undefined, message: Message): unknown {
    const { from, method, payload } = message;
    const context = { state: this.#started(), from, method };
    const value = handler === undefined ? any?.(payload, context) : handler(decodeJson(payload, 'payload'), context);
    return settled(method, value);
  }

  #started(): unknown {
    if (this.#state === undefined) throw new Error('expected init before the first message, found none');
    return this.#state.value;
  }
}

interface Message {
  readonly from: string;
  readonly method: string;
  readonly payload: Uint8Array;
}

function named<T>(table: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Nothing would ever settle a promise: the engine runs nothing behind a message's end. */
function settled<T>(name: string, value: T): T {
  if (!(value instanceof Promise)) return value;
  throw new TypeError(`${name}: expected a value, found a Promise; an actor's functions are not async`);
}

function unknownMethod(method: string, table: Readonly<Record<string, unknown>> | undefined): ActorError {
  const expected = Object.keys(table ?? {}).toSorted();
  const list = expected.length === 0 ? 'none, for it has no handler' : expected.join(', ');
  return new ActorError(`unknown method '${method}': expected one of ${list}`);
}
