/** The committed component is what its source and its hash say, and does what it says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runInThread } from '../../fixtures/components/run.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { buildEcho, ECHO_SHA256, hashLine, readEcho } from '../../fixtures/components/wat.ts';

const PAGE_BYTES = 65_536;

describe('echo.wasm', () => {
  it('is what its source builds', async () => {
    expect(Buffer.from(await buildEcho()).equals(readEcho())).toBe(true);
  });

  it('is what its hash says', () => {
    expect(hashLine(readEcho())).toBe(readFileSync(ECHO_SHA256, 'utf8'));
  });

  it('runs in a thread, with its memory limited, its traps and its own errors', async () => {
    await using temporary = await openTemporaryStore();
    const { store } = temporary;
    const { component } = await store.prepare(await store.put(readEcho()));
    const loaded = await store.load(component, { memoryBytes: 33 * PAGE_BYTES });
    expect(await runInThread(loaded)).toEqual({ reply: Uint8Array.of(1, 2, 3) });
    expect(await runInThread(loaded, 'grow')).toEqual({ reply: Uint8Array.of(33, 0, 0, 0) });
    expect(await runInThread(loaded, 'trap')).toEqual({ error: expect.stringContaining('unreachable') });
    expect(await runInThread(loaded, 'recurse')).toEqual({ error: expect.stringContaining('call stack') });
    expect(await runInThread(loaded, 'fail', Buffer.from('why'))).toEqual({ error: 'no: why' });
  });
});
