/**
 * How much one message of a client may hold, whichever method it is for.
 *
 * What a decoder throws gRPC answers with INTERNAL and no word of why. So an empty message stands for one that was
 * refused, and remembers why; whoever takes a message from a client asks for it first (`expectWhole`).
 */
import { PlexSpacesError } from '@plexspaces/core';
import { BoundedReader } from '@plexspaces/proto';

export interface MessageLimits {
  /** Tags, lengths and numbers of a message; default 524,288, which some 250,000 fields have. */
  readonly messageParts: number;
}

interface Requests {
  readonly methods: Readonly<Record<string, { readonly requestType: MessageType }>>;
}

interface MessageType {
  decode(input: BoundedReader | Uint8Array): object;
}

const DEFAULT_LIMITS: MessageLimits = { messageParts: 524_288 };
const NOTHING = new Uint8Array();
const refusals = new WeakMap<object, PlexSpacesError>();

/** @returns what makes of a service the same one, whose requests are decoded within the limits. */
export function boundRequests(
  limits: Partial<MessageLimits> = {},
): <Definition extends Requests>(definition: Definition) => Definition {
  const { messageParts } = { ...DEFAULT_LIMITS, ...limits };
  return (definition) => {
    const methods = Object.entries(definition.methods).map(([name, method]): [string, typeof method] => {
      const decode = (bytes: Uint8Array): object => decodeBounded(method.requestType, bytes, messageParts);
      return [name, { ...method, requestType: { ...method.requestType, decode } }];
    });
    return Object.assign({}, definition, { methods: Object.fromEntries(methods) });
  };
}

/** @throws RESOURCE_EXHAUSTED where the message held more than is taken. */
export function expectWhole(message: unknown): void {
  const refusal = typeof message === 'object' && message !== null ? refusals.get(message) : undefined;
  if (refusal !== undefined) throw refusal;
}

function decodeBounded(type: MessageType, bytes: Uint8Array, maxParts: number): object {
  if (bytes.length <= maxParts) return type.decode(bytes); // nearly all, which are not to pay for being counted
  try {
    return type.decode(new BoundedReader(bytes, maxParts));
  } catch (thrown) {
    if (!(thrown instanceof PlexSpacesError)) throw thrown;
    const empty = type.decode(NOTHING);
    refusals.set(empty, thrown);
    return empty;
  }
}
