/**
 * The interfaces of wit/plexspaces-actor/actor.wit by name, and the WASI interfaces that the worker links.
 * A test compares the first part with the WIT.
 */
export const ACTOR_INTERFACE = 'plexspaces:actor/actor@0.1.0';
export const HOST_INTERFACE = 'plexspaces:actor/host@0.1.0';
export const TYPES_INTERFACE = 'plexspaces:actor/types@0.1.0';

/** The generated code's names, in camel case. */
export const ACTOR_FUNCTIONS = ['init', 'handleRequest', 'handleMessage', 'snapshotState', 'shutdown'] as const;

export const HOST_FUNCTIONS = [
  'tuplespaceWrite',
  'tuplespaceWriteWithTtl',
  'tuplespaceRenew',
  'tuplespaceRead',
  'tuplespaceReadBlocking',
  'tuplespaceTake',
  'tuplespaceTakeBlocking',
  'tuplespaceReadAll',
  'tuplespaceCount',
  'tuplespaceCompareAndSwap',
  'tuplespaceSubscribe',
  'tuplespaceUnsubscribe',
  'sendMessage',
  'ask',
  'selfId',
  'sendAfter',
  'cancelTimer',
  'stateGet',
  'statePut',
  'stateDelete',
  'stateList',
  'log',
  'nowMillis',
  'sleepMillis',
  'checkpoint',
  'getJournalSequence',
  'isReplayMode',
] as const;

/** WASI 0.2, without the versions. */
const WASI_INTERFACES = new Set([
  'wasi:cli/environment',
  'wasi:cli/exit',
  'wasi:cli/stdin',
  'wasi:cli/stdout',
  'wasi:cli/stderr',
  'wasi:cli/terminal-input',
  'wasi:cli/terminal-output',
  'wasi:cli/terminal-stdin',
  'wasi:cli/terminal-stdout',
  'wasi:cli/terminal-stderr',
  'wasi:clocks/monotonic-clock',
  'wasi:clocks/wall-clock',
  'wasi:filesystem/preopens',
  'wasi:filesystem/types',
  'wasi:io/error',
  'wasi:io/poll',
  'wasi:io/streams',
  'wasi:random/random',
  'wasi:random/insecure',
  'wasi:random/insecure-seed',
  'wasi:sockets/instance-network',
  'wasi:sockets/ip-name-lookup',
  'wasi:sockets/network',
  'wasi:sockets/tcp',
  'wasi:sockets/tcp-create-socket',
  'wasi:sockets/udp',
  'wasi:sockets/udp-create-socket',
]);

const WASI_VERSION = /@0\.2\.\d{1,4}$/;
const VERSION = /@[^@]*$/;

/** Whether a component may import this interface, named with its version. */
export function isLinkedInterface(name: string): boolean {
  if (name === HOST_INTERFACE || name === TYPES_INTERFACE) return true;
  return WASI_VERSION.test(name) && WASI_INTERFACES.has(withoutVersion(name));
}

/** As the generated code names what it imports. */
export function withoutVersion(name: string): string {
  return name.replace(VERSION, '');
}
