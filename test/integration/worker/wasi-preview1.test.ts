/** WASI for core modules: all of it is linked, what it answers comes from the message, and nothing of the host is there. */
import { WASI_FUNCTIONS } from '@plexspaces/core';
import { describe, expect, it } from 'vitest';
import { encodeHostReply } from '../../../packages/worker/src/bridge/codec.ts';
import { GuestMemory } from '../../../packages/worker/src/guest-memory.ts';
import { wallMicros } from '../../../packages/worker/src/host/time.ts';
import { wasiPreview1 } from '../../../packages/worker/src/wasi-preview1.ts';
import { joinedContext, START_MICROS } from '../../support/host-context.ts';
import type { JoinedContext } from '../../support/host-context.ts';

const [SUCCESS, BADF, FAULT, INVAL, SPIPE] = [0, 8, 21, 28, 70];
const PAGE_BYTES = 65_536;

class Guest {
  readonly memory = new WebAssembly.Memory({ initial: 1 });
  readonly view = new DataView(this.memory.buffer);
  readonly context: JoinedContext;
  readonly #functions: Record<string, (...values: never[]) => number>;

  constructor(environment: Record<string, string> = {}) {
    this.context = joinedContext({ answer: () => sleepAnswer() });
    this.context.seed.reset(new Uint8Array(32));
    this.#functions = wasiPreview1(this.context, environment, () => new GuestMemory(this.memory));
  }

  get names(): string[] {
    return Object.keys(this.#functions);
  }

  call(name: string, ...values: (number | bigint)[]): number {
    const work = this.#functions[name];
    if (work === undefined) throw new Error(`no function ${name}`);
    return work(...(values as never[]));
  }

  text(at: number, length: number): string {
    return Buffer.from(this.memory.buffer, at, length).toString('latin1');
  }

  /** An iovec at `at`, of a text that is put behind it. */
  putText(at: number, text: string): void {
    this.view.setUint32(at, at + 8, true);
    this.view.setUint32(at + 4, text.length, true);
    Buffer.from(this.memory.buffer).write(text, at + 8, 'latin1');
  }
}

/** The sleep ends now. */
function sleepAnswer(): Uint8Array {
  return encodeHostReply({ ok: true, durationMicros: 0, value: { type: 'u64', value: wallMicros() } });
}

describe('the functions', () => {
  it('are those that the screening lets pass', () => {
    expect(new Guest().names.toSorted()).toEqual([...WASI_FUNCTIONS].toSorted());
  });

  it('that need a file, a directory or a socket find none', () => {
    const guest = new Guest();
    const names = guest.names.filter((name) =>
      /^(path|sock)_|^fd_(prestat|readdir|filestat|pread|renumber)/.test(name),
    );
    expect(names.length).toBeGreaterThan(18);
    expect(names.map((name) => guest.call(name, 3, 0, 0, 0))).toEqual(names.map(() => BADF));
    expect(guest.call('fd_fdstat_get', 3, 0)).toBe(BADF);
    expect(guest.call('fd_write', 3, 0, 0, 0)).toBe(BADF);
    expect(guest.call('fd_seek', 1, 0n, 0, 0)).toBe(SPIPE);
  });

  it.each([
    ['fd_write', [1, PAGE_BYTES - 4, 1, 0]],
    ['fd_write', [1, 0, 0, PAGE_BYTES]],
    ['random_get', [PAGE_BYTES - 1, 2]],
    ['random_get', [-1, 1]],
    ['clock_time_get', [0, 0, PAGE_BYTES - 7]],
    ['environ_sizes_get', [PAGE_BYTES, 0]],
    ['environ_get', [0, PAGE_BYTES - 2]],
    ['poll_oneoff', [PAGE_BYTES - 8, 0, 1, 0]],
  ])('%s(%j) answers EFAULT', (name, values) => {
    expect(new Guest({ A: 'b' }).call(name, ...values)).toBe(FAULT);
  });

  it.each([
    ['fd_write', [1, 0, 1_025, 0]],
    ['clock_time_get', [2, 0, 0]],
    ['poll_oneoff', [0, 0, 0, 0]],
    ['poll_oneoff', [0, 0, 1_025, 0]],
  ])('%s(%j) answers EINVAL', (name, values) => {
    expect(new Guest().call(name, ...values)).toBe(INVAL);
  });
});

describe('what a guest sees', () => {
  it('is the environment of its application, and no arguments', () => {
    const guest = new Guest({ A: 'one', B: '' });
    expect(guest.call('environ_sizes_get', 0, 4)).toBe(SUCCESS);
    expect([guest.view.getUint32(0, true), guest.view.getUint32(4, true)]).toEqual([2, 9]);
    expect(guest.call('environ_get', 16, 64)).toBe(SUCCESS);
    expect([guest.view.getUint32(16, true), guest.view.getUint32(20, true)]).toEqual([64, 70]);
    expect(guest.text(64, 9)).toBe('A=one\0B=\0');
    expect(guest.call('args_sizes_get', 0, 4)).toBe(SUCCESS);
    expect([guest.view.getUint32(0, true), guest.view.getUint32(4, true)]).toEqual([0, 0]);
  });

  it("is the message's clock and randomness, the same again under the same seed", () => {
    const [one, two] = [new Guest(), new Guest()];
    for (const guest of [one, two]) {
      expect(guest.call('clock_time_get', 0, 0n, 0)).toBe(SUCCESS);
      expect(guest.view.getBigUint64(0, true)).toBe((START_MICROS + 1n) * 1_000n);
      expect(guest.call('random_get', 8, 60_000)).toBe(SUCCESS);
    }
    expect(one.text(8, 60_000)).toBe(two.text(8, 60_000));
    expect(one.text(8, 32)).not.toBe('\0'.repeat(32));
  });

  it('is the end of its input, and its output goes to the log, line by line', () => {
    const guest = new Guest();
    guest.putText(64, 'one\ntw');
    guest.putText(128, 'o\n');
    for (const at of [64, 128]) expect(guest.call('fd_write', 2, at, 1, 0)).toBe(SUCCESS);
    expect(guest.view.getUint32(0, true)).toBe(2);
    expect(guest.context.lines).toMatchObject([
      { source: 'stderr', level: 'warn', text: 'one' },
      { source: 'stderr', text: 'two' },
    ]);
    expect(guest.call('fd_read', 0, 64, 1, 0)).toBe(SUCCESS);
    expect(guest.view.getUint32(0, true)).toBe(0);
  });

  it('an exit is an exit', () => {
    expect(() => new Guest().call('proc_exit', 3)).toThrow(
      expect.objectContaining({ message: 'the guest exited with code 3', exitError: true }),
    );
  });
});

describe('poll_oneoff', () => {
  /** A subscription at `at` of a clock. */
  function putClock(guest: Guest, at: number, userData: bigint, nanos: bigint, flags = 0): void {
    guest.view.setBigUint64(at, userData, true);
    guest.view.setUint8(at + 8, 0);
    guest.view.setBigUint64(at + 24, nanos, true);
    guest.view.setUint16(at + 40, flags, true);
  }

  it('sleeps until the first of its clocks is due, and tells of that one', () => {
    const guest = new Guest();
    putClock(guest, 0, 7n, 5_000_000n);
    putClock(guest, 48, 8n, (START_MICROS + 2_000n) * 1_000n, 1);
    expect(guest.call('poll_oneoff', 0, 256, 2, 512)).toBe(SUCCESS);
    expect(guest.view.getUint32(512, true)).toBe(1);
    expect(guest.view.getBigUint64(256, true)).toBe(8n);
    expect(guest.context.clock.micros).toBe(START_MICROS + 2_000n);
  });

  it('does not sleep where a stream is asked for as well: it is ready', () => {
    const guest = new Guest();
    putClock(guest, 0, 7n, 5_000_000n);
    guest.view.setUint8(48 + 8, 2);
    expect(guest.call('poll_oneoff', 0, 256, 2, 512)).toBe(SUCCESS);
    expect(guest.view.getUint32(512, true)).toBe(1);
    expect(guest.view.getUint8(256 + 10)).toBe(2);
    expect(guest.context.clock.micros).toBe(START_MICROS);
  });
});
