/** What is drawn of a report. */
import { describe, expect, it } from 'vitest';
import { chartsOf } from '../../../bench/support/charts.ts';
import { toFigure } from '../../../bench/support/figures.ts';
import type { CurvePoint, Figure } from '../../../bench/support/figures.ts';
import type { Report } from '../../../bench/support/report.ts';
import { MACHINE } from './machine.ts';

function figure(name: string, unit: string, values: number[], curve?: CurvePoint): Figure {
  const samples = values.map((value) => ({ value, details: { p50Ms: value / 10, p99Ms: value } }));
  return { ...toFigure(name, unit, samples), curve };
}

function reportOf(figures: readonly Figure[]): Report {
  return {
    startedAt: '2026-11-21T00:00:00.000Z',
    machine: MACHINE,
    isQuick: false,
    rounds: 3,
    durationMs: 10,
    layout: { workers: 1, residentActors: 64 },
    suites: [{ name: 'durable', figures }],
  };
}

const over = (x: number): CurvePoint => ({ series: 'one actor', axis: 'calls in flight', x });

/** Lengths in pixels of the lines that are drawn level, by which whiskers show their spread. */
function levelLines(svg: string): number[] {
  return [...svg.matchAll(/d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"[^>]*stroke="#222"/g)]
    .filter(([, , y1, , y2]) => y1 === y2)
    .map(([, x1, , x2]) => Number(x2) - Number(x1));
}

describe('the charts of a report', () => {
  it('put what has the same unit beside each other, with its spread', () => {
    const steady = figure('a limit', 'per second', [500, 500, 500]);
    const wide = figure('calls of one actor', 'calls per second', [100, 400, 900]);
    const charts = chartsOf(reportOf([steady, wide, figure('memory', 'MiB', [28])]));
    expect(charts.map(({ name }) => name)).toEqual(['durable-per-second', 'durable-mib']);
    const [bars] = charts;
    expect(bars?.svg).toContain('calls of one actor');
    expect(bars?.svg).toContain('>400<'); // the median
    const spreads = levelLines(bars?.svg ?? ''); // of what did not differ no line is drawn
    expect(spreads).toHaveLength(1);
    expect(spreads[0]).toBeGreaterThan(200);
  });

  it('draw a curve of what was measured over a scale, and its latencies', () => {
    const charts = chartsOf(reportOf([1, 8, 64].map((x) => figure(`${x} in flight`, 'calls', [x * 10], over(x)))));
    expect(charts.map(({ name }) => name)).toEqual([
      'durable-calls',
      'durable-calls-over-calls-in-flight',
      'durable-latency-in-ms-over-calls-in-flight',
    ]);
    const latency = charts.at(-1)?.svg ?? '';
    expect(latency).toContain('one actor, p50');
    expect(latency).toContain('one actor, p99');
  });

  it('say nothing of latencies that were not measured', () => {
    const bare: Figure = { ...toFigure('bare', 'calls', [{ value: 1 }]), curve: over(1) };
    expect(chartsOf(reportOf([bare])).map(({ name }) => name)).toEqual([
      'durable-calls',
      'durable-calls-over-calls-in-flight',
    ]);
  });
});
