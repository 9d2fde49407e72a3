/**
 * Calls of core modules in OKRA's ABI: what is written where, who frees it, and what a module that lies comes to. No
 * thread is needed for it.
 */
import { describe, expect, it } from 'vitest';
import { createBridgeBuffer } from '../../../packages/worker/src/bridge/layout.ts';
import { GuestInstance } from '../../../packages/worker/src/guest-instance.ts';
import { OkraCode } from '../../../packages/worker/src/okra-code.ts';
import type { ActorExport, GuestOutcome } from '../../../packages/worker/src/protocol.ts';
import { okraModule, place } from '../../fixtures/components/okra.ts';
import type { OkraParts } from '../../fixtures/components/okra.ts';
import { MESSAGE } from '../../support/message.ts';

const NOTHING = new Uint8Array();
const REPLY_BYTES = 1_000;
const ERROR_BIT = '(i64.const 0x8000000000000000)';

interface Called extends OkraParts {
  readonly method?: string;
  readonly input?: Uint8Array | string;
}

/** Its instance, with all of its exports: the test looks at what the module counted. */
async function start(parts: OkraParts): Promise<GuestInstance> {
  const module = new WebAssembly.Module(new Uint8Array(await okraModule(parts)));
  return new GuestInstance(new OkraCode(module), {
    activation: { actor: 'test.Okra', environment: {}, logBytesPerSecond: 0, replyBytes: REPLY_BYTES },
    bridge: createBridgeBuffer(),
    timeoutMs: 1_000,
    log: () => undefined,
    ring: () => undefined,
    beforeWait: () => undefined,
  });
}

function request(method: string, input: Uint8Array | string): ActorExport {
  return { export: 'handle-request', fromActor: 'client', messageType: method, payload: Buffer.from(input) };
}

async function call({ method = 'm', input = 'input', ...parts }: Called): Promise<GuestOutcome> {
  return (await start(parts)).call(request(method, input), MESSAGE);
}

function textOf(outcome: GuestOutcome): string {
  if (outcome.kind !== 'ok') return `${outcome.kind}: ${outcome.message}`;
  return Buffer.from(outcome.payload ?? NOTHING).toString();
}

describe('a call', () => {
  it.each([
    ['the input', {}, 'input'],
    ['the method', { handle: place('(local.get $method)', '(local.get $methodLength)'), method: 'größe' }, 'größe'],
    ['nothing', { handle: place('(local.get $input)', '(i32.const 0)') }, ''],
    ['what was given, where nothing was', { input: '' }, ''],
    ['the last byte of its memory', { handle: place('(i32.const 65535)', '(i32.const 1)') }, '\0'],
  ] satisfies [string, Called, string][])('gives back %s', async (_what, called, expected) => {
    expect(textOf(await call(called))).toBe(expected);
  });

  it('is copied from the memory as it is behind the call: it may have grown, twice', async () => {
    const grow = '(drop (memory.grow (i32.const 1)))';
    const outcome = await call({
      allocate: `${grow} (global.set $heap (i32.add (global.get $heap) (i32.const 65536))) (global.get $heap)`,
      handle: `${grow} (i32.store8 (local.get $input) (i32.const 73)) ${place('(local.get $input)', '(local.get $length)')}`,
    });
    expect(textOf(outcome)).toBe('Input');
  });

  it('hands back method, input and reply, each once', async () => {
    const freed = `(i32.store (i32.const 512) (global.get $freed)) ${place('(i32.const 512)', '(i32.const 4)')}`;
    const guest = await start({ handle: freed });
    const counts = [1, 2, 3].map(() => guest.call(request('m', 'x'), MESSAGE));
    expect(counts).toMatchObject([0, 3, 6].map((count) => ({ payload: Uint8Array.of(count, 0, 0, 0) })));
  });

  it('keeps what the module keeps, and _initialize runs once, before all of them', async () => {
    const guest = await start({
      more: '(global $n (mut i32) (i32.const 0)) (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 40))))',
      handle: `(global.set $n (i32.add (global.get $n) (i32.const 1))) (i32.store (i32.const 512) (global.get $n)) ${place('(i32.const 512)', '(i32.const 1)')}`,
    });
    expect(guest.call({ export: 'init', state: NOTHING }, MESSAGE)).toMatchObject({ kind: 'ok' });
    expect([1, 2].map(() => guest.call(request('m', ''), MESSAGE))).toMatchObject([
      { payload: Uint8Array.of(41) },
      { payload: Uint8Array.of(42) },
    ]);
  });
});

describe("the module's no", () => {
  it.each([
    ['its words', '{"error":"no: \\"x\\""}', 'guest-error: no: "x"'],
    ['what is no JSON, as it is', 'plain', 'guest-error: plain'],
    ['other JSON, as it is', '{"why":1}', 'guest-error: {"why":1}'],
    ['nothing', '', 'guest-error: handle_request answered null'],
  ])('is %s, and it goes on', async (_what, input, expected) => {
    const guest = await start({
      handle: `(i64.or ${place('(local.get $input)', '(local.get $length)')} ${ERROR_BIT})`,
    });
    expect(textOf(guest.call(request('m', input), MESSAGE))).toBe(expected);
    expect(guest.isOver).toBe(false);
  });

  it('is one without words where it answers null', async () => {
    expect(textOf(await call({ handle: '(i64.const 0)' }))).toBe('guest-error: handle_request answered null');
  });
});

describe('a module that lies', () => {
  it.each([
    [
      'a reply outside of its memory',
      { handle: place('(i32.const 65536)', '(i32.const 1)') },
      /handle_request: 1 bytes at 65536 are outside/,
    ],
    ['a reply across its end', { handle: place('(i32.const 65535)', '(i32.const 2)') }, /outside/],
    [
      'a reply of all that a number holds',
      { handle: '(i64.const 0x7fffffffffffffff)' },
      /4294967295 bytes at 2147483647 are outside/,
    ],
    ['room outside of its memory', { allocate: '(i32.const 65534)' }, /allocate: 5 bytes at 65534 are outside/],
    ['room at a negative address', { allocate: '(i32.const -1)' }, /allocate: 1 bytes at 4294967295 are outside/],
    ['an allocate that traps', { allocate: 'unreachable' }, /unreachable/],
    ['a deallocate that traps', { deallocate: 'unreachable' }, /unreachable/],
    ['no memory', { allocate: '(i32.const 0)' }, /allocate: expected room for 1 bytes, found none/],
  ] satisfies [string, Called, RegExp][])(
    '%s ends the instance, which is never called again',
    async (_what, parts, message) => {
      const guest = await start(parts);
      expect(guest.call(request('m', 'input'), MESSAGE)).toMatchObject({
        kind: 'trap',
        message: expect.stringMatching(message),
      });
      expect(guest.isOver).toBe(true);
      expect(guest.call(request('m', 'input'), MESSAGE)).toMatchObject({ message: 'the instance is spent' });
    },
  );

  it('a reply past its limit is not copied; one at the limit is', async () => {
    const handle = place(
      '(i32.const 1024)',
      `(select (i32.const ${REPLY_BYTES}) (i32.const ${REPLY_BYTES + 1}) (local.get $length))`,
    );
    expect(await call({ handle, input: 'x' })).toMatchObject({ kind: 'ok', payload: { length: REPLY_BYTES } });
    expect(await call({ handle, input: '' })).toMatchObject({ kind: 'trap', reason: 'REPLY_TOO_LARGE' });
  });

  it('a reply that lies over method and input is given as it is there', async () => {
    expect(textOf(await call({ handle: place('(local.get $method)', '(i32.const 6)') }))).toBe('minput');
  });

  it('endless recursion is told from a trap', async () => {
    const outcome = await call({ more: '(func $again (call $again))', handle: '(call $again) (i64.const 0)' });
    expect(outcome).toMatchObject({ kind: 'trap', reason: 'STACK_OVERFLOW' });
  });
});

describe('what the ABI does not know', () => {
  it('is answered by name', async () => {
    const guest = await start({});
    const message: ActorExport = { export: 'handle-message', fromActor: 'a', messageType: 'm', payload: NOTHING };
    expect(textOf(guest.call(message, MESSAGE))).toMatch(/^guest-error: UNIMPLEMENTED: a core module takes calls/);
    const state: ActorExport = { export: 'init', state: Uint8Array.of(1) };
    expect(textOf(guest.call(state, MESSAGE))).toBe('guest-error: a core module takes no initial state');
    expect(guest.call({ export: 'snapshot-state' }, MESSAGE)).toMatchObject({ kind: 'ok', payload: undefined });
    expect(guest.call({ export: 'shutdown' }, MESSAGE)).toMatchObject({ kind: 'ok' });
  });
});
