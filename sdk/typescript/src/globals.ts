/**
 * What the engine lacks of what authors take for granted: console, TextEncoder, TextDecoder, crypto. What is there
 * already stays; Math.random alone is always replaced.
 */
import { traceFailure } from './failures.ts';
import { callHost, isHostOpen } from './host.ts';
import type { MessageRandom, RandomBytes } from './randomness.ts';
import { decodeUtf8, decodeUtf8Lossy, encodeUtf8 } from './utf8.ts';

const BYTE_ORDER_MARK = '\ufeff';
const MAX_RANDOM_BYTES = 65_536;
/** As `console` has them, and as the node's log has them. */
const LEVELS = { trace: 'trace', debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const;

/** @param random draws for Math.random, once the first message is there; the engine's own draws while it is loaded. */
export function installGlobals(random: MessageRandom, randomBytes: RandomBytes): void {
  const loading = Math.random.bind(Math);
  Math.random = () => (isHostOpen() ? random.next() : loading());
  const missing = Object.entries({
    console: makeConsole(),
    TextEncoder: Utf8Encoder,
    TextDecoder: Utf8Decoder,
    crypto: makeCrypto(randomBytes),
  }).filter(([name]) => !(name in globalThis));
  Object.assign(globalThis, Object.fromEntries(missing));
}

/** Lines of the node's log. What is printed while the component is loaded has nowhere to go, and is dropped. */
function makeConsole(): Readonly<Record<keyof typeof LEVELS, (...values: unknown[]) => void>> {
  const printer =
    (level: string) =>
    (...values: unknown[]): void => {
      if (isHostOpen()) callHost((host) => host.log(level, values.map(inspect).join(' ').toWellFormed()));
    };
  return {
    trace: printer(LEVELS.trace),
    debug: printer(LEVELS.debug),
    log: printer(LEVELS.log),
    info: printer(LEVELS.info),
    warn: printer(LEVELS.warn),
    error: printer(LEVELS.error),
  };
}

function inspect(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return traceFailure(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A bigint, or a cycle.
    return String(value);
  }
}

class Utf8Encoder {
  readonly encoding = 'utf-8';

  encode(text: string = ''): Uint8Array {
    return encodeUtf8(text);
  }
}

interface DecoderOptions {
  readonly fatal?: boolean;
  readonly ignoreBOM?: boolean;
}

/** Of whole texts in UTF-8: no other encoding, no streams. */
class Utf8Decoder {
  readonly encoding = 'utf-8';
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;

  constructor(label: string = 'utf-8', options: DecoderOptions = {}) {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`TextDecoder: expected utf-8, found ${label}`);
    this.fatal = options.fatal ?? false;
    this.ignoreBOM = options.ignoreBOM ?? false;
  }

  decode(input: Uint8Array | ArrayBuffer = new Uint8Array(), options: { readonly stream?: boolean } = {}): string {
    if (options.stream === true) throw new TypeError('TextDecoder: expected a whole text, found a stream');
    const text = this.#decode(input instanceof Uint8Array ? input : new Uint8Array(input));
    return !this.ignoreBOM && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return decodeUtf8(bytes);
    } catch (error) {
      if (this.fatal) throw error;
      return decodeUtf8Lossy(bytes);
    }
  }
}

interface Crypto {
  getRandomValues<T extends ArrayBufferView>(target: T): T;
  randomUUID(): string;
}

/** Draws from the message's seed: unpredictable to whoever does not have the node's disk, the same on replay. */
function makeCrypto(randomBytes: RandomBytes): Crypto {
  return {
    getRandomValues: (target) => {
      if (target.byteLength > MAX_RANDOM_BYTES) {
        throw new RangeError(`getRandomValues: expected ${MAX_RANDOM_BYTES} bytes at most, found ${target.byteLength}`);
      }
      const view = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
      view.set(draw(randomBytes, target.byteLength));
      return target;
    },
    randomUUID: () => {
      const bytes = draw(randomBytes, 16);
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
  };
}

function draw(randomBytes: RandomBytes, length: number): Uint8Array {
  if (!isHostOpen()) throw new Error('crypto: expected a message that is being handled, found the actor being loaded');
  return randomBytes(length);
}
