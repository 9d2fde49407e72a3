/** The doorbell: what is sent is never slept over, and what is for the event loop lets the thread go back to it. */
import { createBridgeBuffer, headerCells } from '@plexspaces/worker';
import { describe, expect, it } from 'vitest';
import { ringBell, workUntilQuiet } from '../../../packages/worker/src/bridge/doorbell.ts';

const cells = headerCells(createBridgeBuffer());

/** What each look finds, in its order; behind them there is nothing. @returns how many there were. */
function looks(...finds: readonly (() => boolean)[]): number {
  let count = 0;
  workUntilQuiet(cells, () => {
    const find = finds[count];
    count += 1;
    return find?.() ?? false;
  });
  return count;
}

const work = (): boolean => true;
const nothing = (): boolean => false;

/** Sent between the look and the sleep: the one moment in which a wake-up could be lost. */
function missed(): boolean {
  ringBell(cells);
  return false;
}

describe('a thread at its doorbell', () => {
  it('looks again where it rang between the look and the sleep', () => {
    expect(looks(missed, work, work)).toBe(4);
  });

  it('goes back to its event loop where it was woken for nothing', () => {
    expect(looks(work, missed, nothing, work)).toBe(3);
  });

  it('goes back when nothing comes', () => {
    expect(looks(work, nothing, work)).toBe(2);
  });
});
