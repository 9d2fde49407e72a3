/** Actors in Rust on a real node: what they drew at random is drawn again by a replay, and what a panic says is read at the command line. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUST_GUEST } from '../fixtures/rust/guest.ts';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';
import type { Daemon } from '../support/daemon.ts';

let daemon: Daemon;

const invoke = async (address: string, method: string): Promise<unknown> => {
  const answer = (await plexspacesJson(['invoke', address, method], { node: daemon.grpc })) as { output: unknown };
  return answer.output;
};

beforeAll(async () => {
  daemon = await startFreshDaemon();
  for (const [name, kind] of [
    ['durable', 'durable'],
    ['forgetful', 'singleton'],
  ] as const) {
    const deployed = ['deploy', RUST_GUEST, '--name', name, '--service', `test.${name}`, '--kind', kind];
    await plexspacesJson(deployed, { node: daemon.grpc });
  }
});

afterAll(() => daemon.kill());

describe('an actor in Rust', () => {
  it('draws the same numbers at the same times when it is replayed after a kill -9', async () => {
    await invoke('test.durable/a', 'roll');
    const rolled = await invoke('test.durable/a', 'roll');
    const others = await invoke('test.durable/b', 'roll');
    await invoke('test.forgetful', 'roll');
    await daemon.kill();
    daemon = await startDaemon(daemon.dataDirectory);
    await expect(invoke('test.durable/a', 'rolled')).resolves.toEqual(rolled);
    await expect(invoke('test.durable/b', 'rolled')).resolves.toEqual(others);
    // Controls: another one drew other numbers, and without a journal nothing is drawn again.
    expect(new Set([rolled, others].flat()).size).toBe(3);
    await expect(invoke('test.forgetful', 'rolled')).resolves.toEqual([]);
  });

  it('tells whoever called of its panic: words, file and line', async () => {
    const panicked = await plexspaces(['invoke', 'test.durable/a', 'panic', '"boom"'], { node: daemon.grpc });
    expect(panicked.code).not.toBe(0);
    expect(panicked.stderr).toMatch(
      /^plexspaces: INTERNAL: .*panicked at test\/fixtures\/rust\/src\/faults\.rs:\d+:\d+: expected no text, found boom/,
    );
  });
});
