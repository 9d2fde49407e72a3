/** The alarm clock, on a clock of the test's. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../../packages/runtime/src/timers/scheduler.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const DAY_MS = 86_400_000;

describe('what is due', () => {
  it('runs at its time, in the order of the times, and of the setting where those are equal', () => {
    const { clock, scheduler, ran, at } = fresh();
    for (const delayMs of [20, 10, 30, 10]) at(delayMs);
    clock.advance(9);
    expect(ran).toEqual([]);
    clock.advance(11);
    expect(ran).toEqual(['10 (2)', '10 (4)', '20 (1)']);
    scheduler.at(clock.nowMs() - 5, () => ran.push('late'));
    clock.advance(0);
    expect(ran.at(-1)).toBe('late');
  });

  it('does not run where it was taken back, also by what ran just before', () => {
    const { clock, scheduler, ran, at } = fresh();
    let stop: () => void = () => undefined;
    scheduler.at(clock.nowMs() + 10, () => stop());
    stop = at(10);
    at(10)();
    clock.advance(20);
    expect(ran).toEqual([]);
    stop(); // and once more is no harm
  });

  it('comes in turns of at most 256', () => {
    const { clock, ran, at } = fresh();
    const inTurns: number[] = [];
    clock.onRun = () => inTurns.push(ran.length);
    for (let index = 0; index < 600; index += 1) at(5);
    clock.advance(5);
    expect(inTurns).toEqual([256, 512, 600]);
  });

  it('waits with one timer of the system, for a minute at most', () => {
    const { clock, ran, at } = fresh();
    at(365 * DAY_MS);
    expect(clock.delaysMs).toEqual([60_000]);
    const stop = at(50);
    expect(clock.delaysMs).toEqual([50]);
    at(70);
    expect(clock.delaysMs).toEqual([50]);
    stop();
    clock.advance(70);
    expect(ran).toHaveLength(1);
    expect(clock.delaysMs).toEqual([60_000]);
    clock.advance(364 * DAY_MS);
    expect(ran).toHaveLength(1);
    clock.advance(DAY_MS);
    expect(ran).toHaveLength(2);
    expect(clock.delaysMs).toEqual([]);
  });

  it('runs a minute late at most where the clock is set forward, and not early where it is set back', () => {
    const { clock, ran, at } = fresh();
    at(DAY_MS);
    clock.set(clock.nowMs() + DAY_MS);
    clock.advance(60_000);
    expect(ran).toHaveLength(1);
    at(1000);
    clock.set(clock.nowMs() - 5000);
    clock.advance(5999);
    expect(ran).toHaveLength(1);
    clock.advance(1);
    expect(ran).toHaveLength(2);
  });

  it('runs no more when the scheduler is closed', () => {
    const { clock, scheduler, ran, at } = fresh();
    at(5);
    scheduler[Symbol.dispose]();
    at(5);
    expect(clock.delaysMs).toEqual([]);
    clock.advance(10);
    expect(ran).toEqual([]);
  });
});

interface Fresh {
  readonly clock: VirtualClock;
  readonly scheduler: Scheduler;
  readonly ran: string[];
  /** Something that is due after the delay, and is told with its number. */
  readonly at: (delayMs: number) => () => void;
}

function fresh(): Fresh {
  const clock = new VirtualClock();
  const scheduler = new Scheduler(clock);
  const ran: string[] = [];
  let count = 0;
  const at = (delayMs: number): (() => void) => {
    count += 1;
    const name = `${delayMs} (${count})`;
    return scheduler.at(clock.nowMs() + delayMs, () => ran.push(name));
  };
  return { clock, scheduler, ran, at };
}
