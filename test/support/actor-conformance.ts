/**
 * What a program may rely on in every actor of the library, whatever it was written in: run over each kind and each
 * component. The component does what test/fixtures/components/echo.wat says.
 */
import { SharedState, TupleSpace } from '@plexspaces/runtime';
import type { ActorOptions, ComponentInput, WASMActor } from '@plexspaces/runtime';
import { beforeAll, describe, expect, it } from 'vitest';
import { countOf, milliseconds } from './echo.ts';
import { codeOf } from './outcomes.ts';
import { recordingLogger } from './recording-logger.ts';
import { until } from './until.ts';

export interface ConformingKind {
  readonly name: string;
  /** Workers at most. */
  readonly max: number;
  start(component: ComponentInput, options: ActorOptions): Promise<WASMActor>;
}

export interface ConformingComponent {
  readonly name: string;
  find(): Promise<ComponentInput>;
}

const FIND_TIMEOUT_MS = 120_000;
const ANY = { '?': 'any' } as const;
const NOTHING = new Uint8Array();

/** @param cacheDirectory asked for when tests run; what is prepared there is there for all of them. */
export function describeActor(
  kind: ConformingKind,
  component: ConformingComponent,
  cacheDirectory: () => string,
): void {
  describe(`${kind.name} of the ${component.name} component`, () => {
    let input: ComponentInput;

    beforeAll(async () => {
      input = await component.find();
      await (await start()).shutdown(); // what is prepared now is there for all that follow
    }, FIND_TIMEOUT_MS);

    const start = (options: ActorOptions = {}): Promise<WASMActor> =>
      kind.start(input, { cacheDirectory: cacheDirectory(), ...options });

    it('answers a JSON value with a JSON value, and bytes with bytes', async () => {
      await using actor = await start();
      await expect(actor.invoke('echo', { a: [1, 'ü', null] })).resolves.toEqual({ a: [1, 'ü', null] });
      await expect(actor.invoke('echo')).resolves.toEqual({});
      await expect(actor.invoke('echo', Buffer.from('{"a":1}'))).resolves.toEqual(
        Uint8Array.from(Buffer.from('{"a":1}')),
      );
      await expect(actor.invoke('count', {})).resolves.toEqual(Uint8Array.of(1, 0, 0, 0)); // no JSON
    });

    it("goes on behind the guest's no", async () => {
      await using actor = await start({ workers: { min: 1, max: 1 } });
      await actor.invoke('count', NOTHING);
      const no = actor.invoke('fail', Buffer.from('thanks'));
      await expect(no).rejects.toMatchObject({
        name: 'PlexSpacesError',
        code: 'EXECUTION_ERROR',
        message: 'no: thanks',
      });
      expect(countOf(await actor.invoke('count', NOTHING))).toBe(2);
    });

    it('begins anew behind a trap, from its initial state', async () => {
      await using actor = await start({ workers: { min: 1, max: 1 }, initialState: Uint8Array.of(10, 0, 0, 0) });
      expect(countOf(await actor.invoke('count', NOTHING))).toBe(11);
      expect(codeOf(await actor.invoke('trap').catch((thrown: unknown) => thrown))).toBe('INTERNAL TRAP');
      expect(countOf(await actor.invoke('count', NOTHING))).toBe(11);
      expect(actor.stats()).toMatchObject({ total: 1, failed: 1, replaced: 1, completed: 2 });
    });

    it("ends a guest that runs past the caller's deadline, and a guest that runs past the actor's own", async () => {
      await using actor = await start({ workers: { min: 1, max: 1 }, limits: { callMs: 1_000 } });
      await actor.invoke('count', NOTHING);
      await expect(actor.invoke('loop', {}, { deadline: 50 })).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      await expect(actor.invoke('loop')).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
      expect(countOf(await actor.invoke('count', NOTHING))).toBe(1);
      expect(actor.stats().replaced).toBe(2);
    });

    it('lets callers go that give up while they wait, and is as before', async () => {
      await using actor = await start({ workers: { min: 1, max: 1 } });
      const busy = actor.invoke('sleep', milliseconds(200));
      const giveUp = new AbortController();
      const gone = [
        actor.invoke('echo', {}, { signal: giveUp.signal }),
        actor.invoke('echo', {}, { signal: AbortSignal.timeout(20) }),
        actor.invoke('echo', {}, { deadline: new Date(Date.now() + 20) }),
      ];
      expect(actor.stats()).toMatchObject({ active: 1, queued: 3 });
      giveUp.abort('no longer');
      const codes = (await Promise.allSettled(gone)).map((end) => end.status === 'rejected' && codeOf(end.reason));
      expect(codes).toEqual(['CANCELLED', 'DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED']);
      expect(actor.stats()).toMatchObject({ active: 1, queued: 0, completed: 0 });
      await busy;
      expect(actor.stats()).toMatchObject({ total: 1, active: 0, completed: 1, failed: 0, replaced: 0 });
    });

    it('refuses callers past the limit of its queue', async () => {
      await using actor = await start({ workers: { queueLimit: 2 } });
      const calls = Array.from({ length: kind.max + 3 }, () => actor.invoke('sleep', milliseconds(20)));
      const ends = await Promise.allSettled(calls);
      const codes = ends.map((end) => (end.status === 'rejected' ? codeOf(end.reason) : 'ok'));
      expect(codes).toEqual([...Array<string>(kind.max + 2).fill('ok'), 'RESOURCE_EXHAUSTED QUEUE_FULL']);
    });

    it('refuses payloads and replies over their limits, and options that it does not know', async () => {
      await using actor = await start({ limits: { payloadBytes: 10, replyBytes: 5 } });
      const large = await Promise.allSettled(
        ['x'.repeat(11), 'x'.repeat(6)].map((text) => actor.invoke('echo', Buffer.from(text))),
      );
      expect(large.map((end) => end.status === 'rejected' && codeOf(end.reason))).toEqual([
        'RESOURCE_EXHAUSTED PAYLOAD_TOO_LARGE',
        'RESOURCE_EXHAUSTED REPLY_TOO_LARGE',
      ]);
      expect(() => actor.tell('echo', Buffer.alloc(11))).toThrow(/expected at most 10 bytes, found 11/);
      const unknown = { service: undefined, hostApi: {} };
      await expect(start(unknown)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('"hostApi"'),
      });
    });

    it('works with what was injected, and with nothing else', async () => {
      const tuplespace = new TupleSpace();
      await using without = await start({ hostApis: { state: new SharedState() } });
      await expect(without.invoke('write', Buffer.from('x'))).rejects.toMatchObject({
        code: 'EXECUTION_ERROR',
        message: expect.stringContaining('PERMISSION_DENIED: tuplespace-write'),
      });
      await using writer = await start({ hostApis: { tuplespace } });
      await using taker = await start({ hostApis: { tuplespace } });
      await using stranger = await start({ hostApis: { tuplespace: new TupleSpace() } });
      await writer.invoke('write', Buffer.from('x'));
      expect(tuplespace.count(['echo', ANY])).toBe(1);
      await expect(stranger.invoke('take', NOTHING)).resolves.toEqual(Uint8Array.of(0));
      await expect(taker.invoke('take', NOTHING)).resolves.toEqual(Uint8Array.of(1));
      expect(tuplespace.count(['echo', ANY])).toBe(0);
    });

    it("tells the guest's lines where logging was injected", async () => {
      const { logger, lines } = recordingLogger();
      await using actor = await start({ service: 'test.Speaker', hostApis: { logging: logger } });
      await actor.invoke('log', Buffer.from('hello'));
      expect(lines).toMatchObject([{ actor: 'test.Speaker', source: 'log', msg: 'hello' }]);
    });

    it('handles what it is told, and what comes by itself, without a caller', async () => {
      const tuplespace = new TupleSpace();
      await using actor = await start({
        hostApis: { tuplespace },
        every: [{ intervalMs: 20, messageType: 'write', payload: 'tick' }],
      });
      actor.tell('write', 'told');
      const taken = [1, 2, 3].map(() => tuplespace.take(['echo', ANY], { waitMs: 10_000 }));
      const payloads = (await Promise.all(taken)).map((tuple) => payloadOf(tuple));
      expect(payloads.toSorted()).toEqual(['"tick"', '"tick"', '"told"']);
    });

    it('lets calls finish when it is shut down, and takes no new ones', async () => {
      const actor = await start();
      const calls = Array.from({ length: kind.max + 2 }, () => actor.invoke('sleep', milliseconds(20)));
      const down = actor.shutdown();
      await expect(actor.invoke('echo')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(() => actor.tell('echo')).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
      await expect(Promise.all(calls)).resolves.toHaveLength(kind.max + 2);
      await down;
      expect(actor.workerCount()).toBe(0);
    });

    it('ends what does not end by itself at the deadline of its shutdown', async () => {
      const actor = await start({ workers: { min: 1, max: 1 } });
      const ends = Promise.allSettled([actor.invoke('loop'), actor.invoke('echo')]);
      await until(
        () => actor.activeWorkers(),
        (active) => active === 1,
      );
      await actor.shutdown({ deadline: 20 });
      for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
    });
  });
}

function payloadOf(tuple: readonly unknown[] | undefined): string {
  const [, payload] = tuple ?? [];
  const base64 = typeof payload === 'object' && payload !== null && 'bytes' in payload ? String(payload.bytes) : '';
  return Buffer.from(base64, 'base64').toString();
}
