/**
 * WASI preview 1 for a core module that may see nothing of the host: what wasi.ts gives components, in the older form.
 *
 * No files, no arguments, no network; an environment of its own; clocks and randomness are the message's; stdout and
 * stderr go to the log. What needs a file or a socket answers EBADF: there is no descriptor that it could be about.
 * Layouts: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
import { WASI_DESCRIPTOR_FUNCTIONS } from '@plexspaces/core';
import { LineSplitter } from './guest-log.ts';
import type { GuestMemory } from './guest-memory.ts';
import { BadAddress } from './guest-memory.ts';
import type { HostContext } from './host/context.ts';
import { sleepMicros } from './host/time.ts';
import { randomBytes } from './message-random.ts';
import { pollOnce } from './wasi-poll.ts';

export const ERRNO = { SUCCESS: 0, BADF: 8, FAULT: 21, INVAL: 28, SPIPE: 70 } as const;
export type Errno = number;

type WasiFunction = (...values: never[]) => Errno;

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const CHARACTER_DEVICE = 2;
const FDSTAT_BYTES = 24;
const IOVEC_BYTES = 8;
const MAX_IOVECS = 1_024;
/** Written and drawn in pieces, so that what the guest asks for at once does not become one piece of the host's memory. */
const PIECE_BYTES = 65_536;
const REALTIME = 0;
const MONOTONIC = 1;
const RESOLUTION_NANOS = 1_000n;

/** `proc_exit`; the name of the field is what tells it from a trap. */
class GuestExit extends Error {
  readonly exitError = true;
}

/** @param memory of the instance, once it is made. */
export function wasiPreview1(
  context: HostContext,
  environment: Readonly<Record<string, string>>,
  memory: () => GuestMemory,
): Record<string, WasiFunction> {
  const functions: Record<string, WasiFunction> = {
    ...processFunctions(context, environment, memory),
    ...timeFunctions(context, memory),
    ...streamFunctions(context, memory),
  };
  for (const name of WASI_DESCRIPTOR_FUNCTIONS) functions[name] = () => ERRNO.BADF;
  for (const [name, work] of Object.entries(functions)) functions[name] = answeringFaults(work);
  return functions;
}

/** An address outside of the memory is an answer, as it is elsewhere. */
function answeringFaults(work: WasiFunction): WasiFunction {
  return (...values) => {
    try {
      return work(...values);
    } catch (thrown) {
      if (thrown instanceof BadAddress) return ERRNO.FAULT;
      throw thrown;
    }
  };
}

function processFunctions(
  { seed }: HostContext,
  environment: Readonly<Record<string, string>>,
  memory: () => GuestMemory,
): Record<string, WasiFunction> {
  const variables = Object.entries(environment).map(([key, value]) => Buffer.from(`${key}=${value}\0`));
  return {
    ...textFunctions('args', [], memory),
    ...textFunctions('environ', variables, memory),
    proc_exit: (code: number) => {
      throw new GuestExit(`the guest exited with code ${code >>> 0}`);
    },
    sched_yield: () => ERRNO.SUCCESS,
    random_get: (at: number, length: number) => {
      for (const piece of pieces(memory().bytes(at, length))) piece.set(randomBytes(seed, BigInt(piece.length)));
      return ERRNO.SUCCESS;
    },
  };
}

/** Texts that end in NUL, one behind the other, and a list of where each begins. */
function textFunctions(
  name: 'args' | 'environ',
  texts: readonly Uint8Array[],
  memory: () => GuestMemory,
): Record<string, WasiFunction> {
  const totalBytes = texts.reduce((sum, { length }) => sum + length, 0);
  return {
    [`${name}_sizes_get`]: (countAt: number, bytesAt: number) => {
      setU32(memory(), countAt, texts.length);
      setU32(memory(), bytesAt, totalBytes);
      return ERRNO.SUCCESS;
    },
    [`${name}_get`]: (listAt: number, textsAt: number) => {
      let at = textsAt >>> 0;
      for (const [index, text] of texts.entries()) {
        setU32(memory(), (listAt >>> 0) + index * 4, at);
        memory().bytes(at, text.length).set(text);
        at += text.length;
      }
      return ERRNO.SUCCESS;
    },
  };
}

function timeFunctions(context: HostContext, memory: () => GuestMemory): Record<string, WasiFunction> {
  const { clock } = context;
  return {
    clock_time_get: (id: number, _precision: bigint, at: number) => {
      if (id !== REALTIME && id !== MONOTONIC) return ERRNO.INVAL;
      memory()
        .view(at, 8)
        .setBigUint64(0, clock.read() * 1_000n, true);
      return ERRNO.SUCCESS;
    },
    clock_res_get: (id: number, at: number) => {
      if (id !== REALTIME && id !== MONOTONIC) return ERRNO.INVAL;
      memory().view(at, 8).setBigUint64(0, RESOLUTION_NANOS, true);
      return ERRNO.SUCCESS;
    },
    poll_oneoff: (subscriptionsAt: number, eventsAt: number, count: number, countAt: number) => {
      const sleep = (micros: bigint): void => sleepMicros(context, micros);
      const events = pollOnce(memory(), { subscriptionsAt, eventsAt, count: count >>> 0 }, clock, sleep);
      if (events === undefined) return ERRNO.INVAL;
      setU32(memory(), countAt, events);
      return ERRNO.SUCCESS;
    },
  };
}

function streamFunctions({ log }: HostContext, memory: () => GuestMemory): Record<string, WasiFunction> {
  const outputs = new Map([
    [STDOUT, new LineSplitter((text) => log.line('stdout', 'info', text))],
    [STDERR, new LineSplitter((text) => log.line('stderr', 'warn', text))],
  ]);
  const isStream = (descriptor: number): boolean => descriptor === STDIN || outputs.has(descriptor);
  return {
    fd_write: (descriptor: number, iovecsAt: number, count: number, writtenAt: number) => {
      const output = outputs.get(descriptor);
      if (output === undefined) return ERRNO.BADF;
      if (count >>> 0 > MAX_IOVECS) return ERRNO.INVAL;
      let written = 0;
      for (const bytes of buffersOf(memory(), iovecsAt, count)) {
        for (const piece of pieces(bytes)) output.write(piece);
        written += bytes.length;
      }
      setU32(memory(), writtenAt, written);
      return ERRNO.SUCCESS;
    },
    fd_read: (descriptor: number, _iovecsAt: number, _count: number, readAt: number) => {
      if (descriptor !== STDIN) return ERRNO.BADF;
      setU32(memory(), readAt, 0); // its end
      return ERRNO.SUCCESS;
    },
    fd_fdstat_get: (descriptor: number, at: number) => {
      if (!isStream(descriptor)) return ERRNO.BADF;
      memory().bytes(at, FDSTAT_BYTES).fill(0).set([CHARACTER_DEVICE]);
      return ERRNO.SUCCESS;
    },
    fd_close: (descriptor: number) => (isStream(descriptor) ? ERRNO.SUCCESS : ERRNO.BADF),
    fd_seek: (descriptor: number) => (isStream(descriptor) ? ERRNO.SPIPE : ERRNO.BADF),
    fd_tell: (descriptor: number) => (isStream(descriptor) ? ERRNO.SPIPE : ERRNO.BADF),
  };
}

function* buffersOf(memory: GuestMemory, iovecsAt: number, count: number): Generator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    const iovec = memory.view((iovecsAt >>> 0) + index * IOVEC_BYTES, IOVEC_BYTES);
    yield memory.bytes(iovec.getUint32(0, true), iovec.getUint32(4, true));
  }
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) yield bytes.subarray(start, start + PIECE_BYTES);
}

function setU32(memory: GuestMemory, at: number, value: number): void {
  memory.view(at, 4).setUint32(0, value, true);
}
