/**
 * WASI 0.2 for a guest that may see nothing of the host: no files, no environment but its own, no
 * network. Clocks and randomness are the message's (replay needs them so); stdout and stderr go to
 * the log. The resource classes come from preview2-shim's in-memory modules.
 *
 * preview2-shim's default modules start a thread and show the host's environment, so its `browser`
 * modules are reached by their file, which its export map gives no name.
 */
import type * as Cli from '@bytecodealliance/preview2-shim/cli';
import type * as Filesystem from '@bytecodealliance/preview2-shim/filesystem';
import type * as Io from '@bytecodealliance/preview2-shim/io';
import type * as Sockets from '@bytecodealliance/preview2-shim/sockets';
import type { GuestLog } from './guest-log.ts';
import { LineSplitter } from './guest-log.ts';
import type { HostContext } from './host/context.ts';
import { sleepMicros } from './host/time.ts';
import { randomBytes, randomU64 } from './message-random.ts';

const shim = new URL('../browser/', import.meta.resolve('@bytecodealliance/preview2-shim/io'));
const io: typeof Io = await import(new URL('io.js', shim).href);
const cli: typeof Cli = await import(new URL('cli.js', shim).href);
const filesystem: typeof Filesystem = await import(new URL('filesystem.js', shim).href);
const sockets: typeof Sockets = await import(new URL('sockets.js', shim).href);

type Pollable = ReturnType<typeof io.pollableCreate>;
/** A pollable of ours: ready when the guest's clock has reached it. */
type TimedPollable = Pollable & { readonly dueMicros: bigint };

const CLOCK_RESOLUTION_NANOS = 1000n;
const NANOS_PER_SECOND = 1_000_000_000n;

/** The imports of a WASI component, by the names that generated code asks for. */
export function wasiImports(
  context: HostContext,
  environment: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return {
    ...cliImports(context.log, environment),
    ...timeImports(context),
    ...randomImports(context),
    ...ioImports(),
  };
}

function cliImports(log: GuestLog, environment: Readonly<Record<string, string>>): Record<string, unknown> {
  const guest = cli.createCli({ environment: { ...environment }, arguments: [] });
  const stdout = lineStream(new LineSplitter((text) => log.line('stdout', 'info', text)));
  const stderr = lineStream(new LineSplitter((text) => log.line('stderr', 'warn', text)));
  return {
    'wasi:cli/environment': guest.environment,
    'wasi:cli/exit': guest.exit,
    'wasi:cli/stdin': guest.stdin,
    // A stream of its own each time: a guest owns what it is given, and cannot be given the same one twice.
    'wasi:cli/stdout': { getStdout: () => io.outputStreamCreate(stdout) },
    'wasi:cli/stderr': { getStderr: () => io.outputStreamCreate(stderr) },
    'wasi:cli/terminal-input': guest.terminalInput,
    'wasi:cli/terminal-output': guest.terminalOutput,
    'wasi:cli/terminal-stdin': guest.terminalStdin,
    'wasi:cli/terminal-stdout': guest.terminalStdout,
    'wasi:cli/terminal-stderr': guest.terminalStderr,
  };
}

/** No preopened directory: a guest finds no file, and none of its files can fill the host's memory. */
function ioImports(): Record<string, unknown> {
  const adapter = new filesystem.InMemoryFilesystemAdapter();
  const files = filesystem.createFilesystem({ adapter, preopens: {} });
  return {
    'wasi:filesystem/preopens': files.preopens,
    'wasi:filesystem/types': files.types,
    'wasi:io/error': io.error,
    'wasi:io/streams': io.streams,
    'wasi:sockets/instance-network': sockets.instanceNetwork,
    'wasi:sockets/ip-name-lookup': sockets.ipNameLookup,
    'wasi:sockets/network': sockets.network,
    'wasi:sockets/tcp': sockets.tcp,
    'wasi:sockets/tcp-create-socket': sockets.tcpCreateSocket,
    'wasi:sockets/udp': sockets.udp,
    'wasi:sockets/udp-create-socket': sockets.udpCreateSocket,
  };
}

function randomImports({ seed }: HostContext): Record<string, unknown> {
  return {
    'wasi:random/random': {
      getRandomBytes: (length: bigint) => randomBytes(seed, length),
      getRandomU64: () => randomU64(seed),
    },
    'wasi:random/insecure': {
      getInsecureRandomBytes: (length: bigint) => randomBytes(seed, length),
      getInsecureRandomU64: () => randomU64(seed),
    },
    'wasi:random/insecure-seed': { insecureSeed: () => [randomU64(seed), randomU64(seed)] },
  };
}

function timeImports(context: HostContext): Record<string, unknown> {
  const { clock } = context;
  const subscribe = (dueMicros: bigint): Pollable => timedPollable(context, dueMicros);
  return {
    'wasi:clocks/wall-clock': {
      now: () => {
        const nanos = clock.read() * 1000n;
        return { seconds: nanos / NANOS_PER_SECOND, nanoseconds: Number(nanos % NANOS_PER_SECOND) };
      },
      resolution: () => ({ seconds: 0n, nanoseconds: Number(CLOCK_RESOLUTION_NANOS) }),
    },
    'wasi:clocks/monotonic-clock': {
      now: () => clock.read() * 1000n,
      resolution: () => CLOCK_RESOLUTION_NANOS,
      subscribeInstant: (nanos: bigint) => subscribe(microsUp(nanos)),
      subscribeDuration: (nanos: bigint) => subscribe(clock.micros + microsUp(nanos)),
    },
    'wasi:io/poll': { Pollable: io.poll.Pollable, poll: (list: Pollable[]) => poll(context, list) },
  };
}

/** The shim's pollable with a wait of ours: its own would return at once and fire a timer later. */
function timedPollable(context: HostContext, dueMicros: bigint): Pollable {
  const ready = (): boolean => context.clock.micros >= dueMicros;
  const pollable = io.pollableCreate({ ready, wait: () => Promise.resolve() });
  const block = (): void => sleepUntil(context, dueMicros);
  return Object.assign(pollable, { dueMicros, block });
}

function poll(context: HostContext, list: readonly Pollable[]): Uint32Array {
  const ready = readyIndexes(list);
  if (ready.length > 0) return ready;
  const due = list.filter(isTimed).map((pollable) => pollable.dueMicros);
  const earliest = due.reduce((least, next) => (next < least ? next : least));
  sleepUntil(context, earliest);
  return readyIndexes(list);
}

/** Streams of this sandbox are always ready, so that only clocks are ever waited for. */
function readyIndexes(list: readonly Pollable[]): Uint32Array {
  return Uint32Array.from(list.flatMap((pollable, index) => (pollable.ready() ? [index] : [])));
}

function isTimed(pollable: Pollable): pollable is TimedPollable {
  return 'dueMicros' in pollable;
}

function sleepUntil(context: HostContext, dueMicros: bigint): void {
  const remaining = dueMicros - context.clock.micros;
  if (remaining > 0n) sleepMicros(context, remaining);
}

function microsUp(nanos: bigint): bigint {
  return (nanos + 999n) / 1000n;
}

function lineStream(splitter: LineSplitter): { write(bytes: Uint8Array): void; flush(): void; blockingFlush(): void } {
  return {
    write: (bytes) => splitter.write(bytes),
    flush: () => splitter.flush(),
    blockingFlush: () => undefined,
  };
}
