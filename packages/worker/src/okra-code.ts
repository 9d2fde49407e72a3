/**
 * A plain core module in OKRA's ABI as an actor.
 *
 * A call writes the method's name and the input to where the module's `allocate` says, runs `handle_request`, copies the
 * reply from the place that it answers, address << 32 | length, and hands all three back to `deallocate`. An answer with
 * the highest bit set is the module's "no", `{"error": text}`; 0 is one without words. Addresses are below 2 GiB (the
 * module's memory ends there), so that the bit is nobody's address.
 *
 * O1. Every address and length that the module gives is looked at before it is used; what it gives outside of its memory,
 *     and a reply past its limit, ends the instance before anything is copied.
 * O2. The ABI knows calls alone: messages are refused, there is no snapshot, `_initialize` is all that starts.
 */
import { PlexSpacesError, WASI_MODULE } from '@plexspaces/core';
import type { ActorExports, GuestCode, InstanceOptions } from './guest-code.ts';
import { GuestError, GuestFault } from './guest-code.ts';
import { BadAddress, GuestMemory } from './guest-memory.ts';
import type { HostContext } from './host/context.ts';
import { wasiPreview1 } from './wasi-preview1.ts';

const ERROR_BIT = 1n << 63n;
const ADDRESS_MASK = 0x7fff_ffff;
const NO_BYTES = new Uint8Array();
const encoder = new TextEncoder();

type GuestFunction = (...values: number[]) => unknown;

interface Abi {
  readonly memory: GuestMemory;
  readonly handleRequest: GuestFunction;
  readonly allocate: GuestFunction;
  readonly deallocate: GuestFunction;
  readonly initialize: GuestFunction | undefined;
}

/** Where something lies in the module's memory. */
interface Place {
  readonly at: number;
  readonly length: number;
}

export class OkraCode implements GuestCode {
  readonly #module: WebAssembly.Module;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  instantiate(context: HostContext, options: InstanceOptions): ActorExports {
    let memory: GuestMemory | undefined;
    const wasi = wasiPreview1(context, options.environment, () => {
      if (memory !== undefined) return memory;
      throw new GuestFault('TRAP', "WASI was called by the module's start function, before it can reach its memory");
    });
    const instance = new WebAssembly.Instance(this.#module, { [WASI_MODULE]: wasi });
    const abi = expectAbi(instance.exports);
    options.onMemory?.(abi.memory.memory);
    memory = abi.memory;
    return new OkraInstance(abi, options);
  }
}

class OkraInstance implements ActorExports {
  readonly #abi: Abi;
  readonly #replyBytes: number;

  constructor(abi: Abi, { replyBytes }: InstanceOptions) {
    this.#abi = abi;
    this.#replyBytes = replyBytes ?? Number.POSITIVE_INFINITY;
  }

  init(state: Uint8Array): void {
    if (state.length > 0) throw new GuestError('a core module takes no initial state'); // O2
    this.#abi.initialize?.();
  }

  handleRequest(_fromActor: string, method: string, input: Uint8Array): Uint8Array {
    const name = this.#put(encoder.encode(method));
    const given = this.#put(input);
    const answer = this.#abi.handleRequest(name.at, name.length, given.at, given.length);
    const reply = this.#take(answer);
    this.#free(given);
    this.#free(name);
    return replyOf(reply);
  }

  handleMessage(): void {
    throw new GuestError('UNIMPLEMENTED: a core module takes calls, not messages'); // O2
  }

  snapshotState(): undefined {
    return undefined;
  }

  shutdown(): void {
    // The ABI has no word for it.
  }

  #put(bytes: Uint8Array): Place {
    const at = addressOf(this.#abi.allocate(bytes.length), 'allocate');
    if (at === 0 && bytes.length > 0) {
      throw new GuestFault('MEMORY_LIMIT', `allocate: expected room for ${bytes.length} bytes, found none`);
    }
    inside('allocate', () => this.#abi.memory.bytes(at, bytes.length)).set(bytes);
    return { at, length: bytes.length };
  }

  #take(answer: unknown): Answer {
    if (typeof answer !== 'bigint') throw new GuestFault('TRAP', 'handle_request: expected an i64');
    if (answer === 0n) return { isError: true, bytes: NO_BYTES };
    const place = { at: Number((answer >> 32n) & BigInt(ADDRESS_MASK)), length: Number(answer & 0xffff_ffffn) };
    const view = inside('handle_request', () => this.#abi.memory.bytes(place.at, place.length));
    if (place.length > this.#replyBytes) throw tooLarge(place.length, this.#replyBytes);
    const bytes = view.slice();
    this.#free(place);
    return { isError: (answer & ERROR_BIT) !== 0n, bytes };
  }

  /** One that takes the address alone drops the length. */
  #free({ at, length }: Place): void {
    this.#abi.deallocate(at, length);
  }
}

interface Answer {
  readonly isError: boolean;
  readonly bytes: Uint8Array;
}

function replyOf({ isError, bytes }: Answer): Uint8Array {
  if (isError) throw new GuestError(errorText(bytes));
  return bytes;
}

/** What OKRA's own modules put there is `{"error": text}`. */
function errorText(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'handle_request answered null';
  const text = new TextDecoder().decode(bytes);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'error' in value && typeof value.error === 'string') {
      return value.error;
    }
  } catch {
    // It is told as it is.
  }
  return text;
}

function addressOf(value: unknown, what: string): number {
  if (typeof value === 'number') return value >>> 0;
  throw new GuestFault('TRAP', `${what}: expected an i32`);
}

/** O1 */
function inside<T>(what: string, look: () => T): T {
  try {
    return look();
  } catch (thrown) {
    if (thrown instanceof BadAddress) throw new GuestFault('TRAP', `${what}: ${thrown.message}`);
    throw thrown;
  }
}

function tooLarge(found: number, limit: number): GuestFault {
  return new GuestFault('REPLY_TOO_LARGE', `reply: expected at most ${limit} bytes, found ${found}`);
}

/** What was screened has them all; whoever skipped that is told here. */
function expectAbi(exports: WebAssembly.Exports): Abi {
  const { memory, handle_request: handleRequest, allocate, deallocate, _initialize: initialize } = exports;
  if (!(memory instanceof WebAssembly.Memory)) throw missing('memory');
  return {
    memory: new GuestMemory(memory),
    handleRequest: expectFunction(handleRequest, 'handle_request'),
    allocate: expectFunction(allocate, 'allocate'),
    deallocate: expectFunction(deallocate, 'deallocate'),
    initialize: initialize === undefined ? undefined : expectFunction(initialize, '_initialize'),
  };
}

function expectFunction(candidate: unknown, name: string): GuestFunction {
  if (isFunction(candidate)) return candidate;
  throw missing(name);
}

function isFunction(candidate: unknown): candidate is GuestFunction {
  return typeof candidate === 'function';
}

function missing(name: string): PlexSpacesError {
  return new PlexSpacesError('INVALID_ARGUMENT', `expected an export ${name}, found none`, {
    reason: 'NOT_A_COMPONENT',
  });
}
