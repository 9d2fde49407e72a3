/**
 * The component's export `actor`, around what the author's module exports; the build's entry calls it.
 *
 * The author's module is loaded while the component is built, and its memory then is what every instance starts with.
 * C1. Nothing thrown by the author reaches the host as a trap, but that memory has run out: nothing may be concluded
 *     from what is left in it.
 * C2. Randomness is drawn afresh at the start of each message, before the author's code runs.
 */
import type { Actor } from './actor.ts';
import { describeFailure, isAnswer, traceFailure, useSourceMap } from './failures.ts';
import { installGlobals } from './globals.ts';
import { openHost, useHost } from './host.ts';
import type { Host } from './host.ts';
import { MessageRandom } from './randomness.ts';
import type { RandomBytes } from './randomness.ts';
import type { BundleMap } from './source-map.ts';
import { encodeUtf8 } from './utf8.ts';
import { toPayload } from './values.ts';

export interface Imports {
  readonly host: Host;
  readonly randomBytes: RandomBytes;
  readonly stderr: () => ErrorStream;
}

/** WASI's stream, as far as it is needed. */
export interface ErrorStream {
  blockingWriteAndFlush(contents: Uint8Array): void;
  [Symbol.dispose](): void;
}

const FUNCTIONS = ['init', 'handleRequest', 'handleMessage', 'snapshotState', 'shutdown'] as const;
/** The name of the variable in which the build leaves the bundle's source map, behind the bundle's own code. */
const MAP_VARIABLE = '__plexspacesSourceMap';
const OUT_OF_MEMORY = encodeUtf8('InternalError: out of memory\n');

let installed: { readonly random: MessageRandom; readonly stderr: () => ErrorStream } | undefined;

/** Runs before the author's module. */
export function install({ host, randomBytes, stderr }: Imports): void {
  const random = new MessageRandom(randomBytes);
  installed = { random, stderr };
  useHost(host, false);
  installGlobals(random, randomBytes);
}

/** @throws TypeError for a module that exports no actor; the build says so. */
export function exported(module: Readonly<Record<string, unknown>>): Actor {
  const actor = expectActor(module['actor'] ?? module['default']);
  return {
    init: (state) => guard(() => actor.init(state)),
    handleRequest: (from, method, payload) => guard(() => toPayload(actor.handleRequest(from, method, payload))),
    handleMessage: (from, method, payload) => guard(() => actor.handleMessage(from, method, payload)),
    snapshotState: () =>
      guard(() => {
        const state = actor.snapshotState();
        return state === undefined || state === null ? null : toPayload(state);
      }),
    shutdown: () => guard(() => actor.shutdown()),
  };
}

function guard<T>(run: () => T): T {
  beginMessage();
  try {
    return run();
  } catch (error) {
    if (isOutOfMemory(error)) return endInstance(); // C1
    if (isAnswer(error)) throw new Error(error.message.toWellFormed(), { cause: error });
    print(encodeUtf8(`${traceFailure(error)}\n`));
    throw new Error(describeFailure(error).toWellFormed(), { cause: error });
  }
}

function beginMessage(): void {
  openHost();
  installed?.random.beginMessage(); // C2
  const map: unknown = Reflect.get(globalThis, MAP_VARIABLE);
  if (!isBundleMap(map)) return;
  useSourceMap(map);
  Reflect.deleteProperty(globalThis, MAP_VARIABLE);
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && error.name === 'InternalError' && error.message === 'out of memory';
}

/** The engine traps where what is thrown is no text; the node knows by the line before why. */
function endInstance(): never {
  print(OUT_OF_MEMORY);
  throw {};
}

function print(line: Uint8Array): void {
  const stream = installed?.stderr();
  stream?.blockingWriteAndFlush(line);
  stream?.[Symbol.dispose]();
}

function expectActor(found: unknown): Actor {
  if (isActor(found)) return found;
  throw new TypeError(
    `expected \`export const actor = defineActor({ … })\`, or an object with ${FUNCTIONS.join(', ')}, ` +
      `found ${found === undefined ? 'no such export' : describeKind(found)}`,
  );
}

function describeKind(found: unknown): string {
  return typeof found === 'object' ? 'an object without them' : `a ${typeof found}`;
}

function isActor(found: unknown): found is Actor {
  return typeof found === 'object' && found !== null && FUNCTIONS.every((name) => name in found);
}

function isBundleMap(found: unknown): found is BundleMap {
  return typeof found === 'object' && found !== null && 'mappings' in found;
}
