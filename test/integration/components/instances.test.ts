/** Instances of one component in one thread: they share its code and nothing else. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBridgeBuffer } from '../../../packages/worker/src/bridge/layout.ts';
import { GuestInstance } from '../../../packages/worker/src/guest-instance.ts';
import { loadCode } from '../../../packages/worker/src/load-code.ts';
import type { ActorExport } from '../../../packages/worker/src/protocol.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { expectTranspiled } from '../../fixtures/components/transpiled.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { builtFixture } from '../../support/built-actors.ts';
import { MESSAGE } from '../../support/message.ts';

const INIT: ActorExport = { export: 'init', state: new Uint8Array() };
const SNAPSHOT: ActorExport = { export: 'snapshot-state' };

let temporary: Awaited<ReturnType<typeof openTemporaryStore>>;

beforeAll(async () => {
  temporary = await openTemporaryStore();
});

afterAll(async () => {
  await temporary[Symbol.asyncDispose]();
});

describe('what is generated is made cheaper to run', () => {
  it.each<[language: string, read: () => Promise<Uint8Array> | Uint8Array, isPlain: boolean]>([
    ['hand-written', readEcho, true],
    ['Python, which has WASI', async () => readFile(await builtFixture('puppet')), false],
  ])(
    '%s',
    async (_language, read, isPlain) => {
      const { store } = temporary;
      const { component } = await store.prepare(await store.put(await read()));
      const { javascriptUrl } = expectTranspiled(await store.load(component, { memoryBytes: 64 * 1_048_576 }));
      const code = await readFile(new URL(javascriptUrl), 'utf8');
      expect(code).toContain('= $here;');
      expect(code).toContain('$copy(memory0.buffer, ');
      expect(code).not.toContain('.buffer.slice(');
      expect(code.includes('return $entered;')).toBe(isPlain);
    },
    120_000,
  ); // the first one builds and translates what the others find
});

describe.each<[language: string, read: () => Promise<Uint8Array> | Uint8Array, messageType: string, payload: string]>([
  ['hand-written', readEcho, 'count', ''],
  ['Python', async () => readFile(await builtFixture('puppet')), 'do', '[["note", "x"]]'],
])('a %s component', (_language, read, messageType, payload) => {
  it('has instances that are entered in any order, also while another is made', async () => {
    const make = await instancesOf(await read());
    const request: ActorExport = {
      export: 'handle-request',
      fromActor: 'c',
      messageType,
      payload: Buffer.from(payload),
    };
    const [a, b] = [make(), make()];
    const outcomes = [a.call(INIT, MESSAGE), b.call(INIT, MESSAGE), a.call(request, MESSAGE), b.call(request, MESSAGE)];
    const c = make();
    outcomes.push(
      a.call(request, MESSAGE),
      c.call(INIT, MESSAGE),
      b.call(SNAPSHOT, MESSAGE),
      a.call(SNAPSHOT, MESSAGE),
    );
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'ok'));
    const [ofB, ofA] = outcomes.slice(-2).map((outcome) => (outcome.kind === 'ok' ? outcome.payload : undefined));
    expect(ofA).not.toEqual(ofB); // two messages, and one
    expect(c.call(request, MESSAGE)).toMatchObject({ kind: 'ok' });
    expect(c.call(SNAPSHOT, MESSAGE)).toMatchObject({ payload: ofB });
  });
});

async function instancesOf(bytes: Uint8Array): Promise<() => GuestInstance> {
  const { store } = temporary;
  const { component } = await store.prepare(await store.put(bytes));
  const code = await loadCode(await store.load(component, { memoryBytes: 268_435_456 }));
  const activation = { actor: 'test.One/k', environment: {}, logBytesPerSecond: 0 };
  const options = {
    activation,
    timeoutMs: 1000,
    log: () => undefined,
    ring: () => undefined,
    beforeWait: () => undefined,
  };
  return () => new GuestInstance(code, { ...options, bridge: createBridgeBuffer() });
}
