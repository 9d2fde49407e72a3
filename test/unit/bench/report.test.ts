/** What is printed, and which goals count as missed. */
import { describe, expect, it } from 'vitest';
import { toFigure } from '../../../bench/support/figures.ts';
import { missedGoals, reportText } from '../../../bench/support/report.ts';
import type { Report } from '../../../bench/support/report.ts';
import type { Goal } from '../../../bench/support/suite.ts';
import { MACHINE } from './machine.ts';

function reportWith(goals: Goal[], isQuick = false): Report {
  const figures = [toFigure('calls', 'per second', [{ value: 12_345.6, details: { p50Ms: 0.123_4 } }])];
  return {
    startedAt: '2026-11-21T00:00:00.000Z',
    machine: MACHINE,
    isQuick,
    rounds: 1,
    durationMs: 10,
    layout: { workers: 1, residentActors: 64 },
    suites: [{ name: 'durable', figures, goals, notes: ['a note'] }],
  };
}

const goal = (found: number): Goal => ({ name: 'eight times', atLeast: 8, found });

describe('the report', () => {
  it('says on what and how it was measured, and what was found', () => {
    const text = reportText(reportWith([goal(9)]));
    expect(text).toContain('a CPU, 2 cores, ext4 on /dev/x');
    expect(text).toMatch(/\| calls +\| +12,346 \|/);
    expect(text).toContain('p50Ms 0.123');
    expect(text).toContain('a note');
    expect(text).toContain('Goal met: eight times: at least 8, found 9');
  });

  it('knows goals that are not to be passed', () => {
    const atMost = (found: number): Goal => ({ name: 'latency', atMost: 1, found });
    const report = reportWith([atMost(0.9), atMost(1.1), atMost(Number.NaN)]);
    expect(missedGoals(report).map(({ found }) => found)).toEqual([1.1, Number.NaN]);
    expect(reportText(report)).toContain('Goal MISSED: latency: at most 1, found 1.1');
  });

  it('praises nothing that a quick run found', () => {
    const text = reportText(reportWith([goal(68)], true));
    expect(text).toContain('(a quick run:');
    expect(text).toContain('Goal not judged by a quick run: eight times: at least 8, found 68');
    expect(text).not.toContain('Goal met');
  });

  it.each([7.99, 0, Number.NaN])('counts a goal as missed at %f', (found) => {
    const report = reportWith([goal(found)]);
    expect(missedGoals(report)).toHaveLength(1);
    expect(reportText(report)).toContain('Goal MISSED');
  });

  it.each([8, 80])('counts a goal as met at %f', (found) => {
    expect(missedGoals(reportWith([goal(found)]))).toEqual([]);
  });
});
