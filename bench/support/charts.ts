/**
 * A report as pictures: bars with their spread for what is compared, curves for what was measured over a scale.
 *
 * Bars of one picture have one unit, and begin at zero. Whiskers go from the least to the most of the rounds.
 */
import { BarChart, CustomChart, LineChart } from 'echarts/charts';
import type { CustomSeriesOption } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import type { EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Figure } from './figures.ts';
import type { NamedResult, Report } from './report.ts';

export interface Chart {
  /** Of its file, without `.svg`. */
  readonly name: string;
  readonly svg: string;
}

/** A figure that belongs to a curve. */
type Point = Figure & { readonly curve: NonNullable<Figure['curve']> };
/** What is drawn of a point, and the dash of its line. */
interface Aspect {
  readonly label: string;
  readonly dash: 'solid' | 'dashed';
  readonly valueOf: (point: Point) => number | undefined;
}

const WIDTH = 960;
const BAR_HEIGHT = 34;
const BARS_MARGIN = 110;
const CURVE_HEIGHT = 480;
const LABEL_WIDTH = 380;
const WHISKER_PART = 0.25;
const COLOURS = ['#3b6ea5', '#c2703d', '#4f8f5b', '#8a5a9e', '#b3484f', '#6b7280', '#a08a2e', '#3d8c94'];

use([BarChart, CustomChart, LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

export function chartsOf(report: Report): Chart[] {
  return report.suites.flatMap((suite) => [...barCharts(suite), ...curveCharts(suite)]);
}

function barCharts({ name, figures }: NamedResult): Chart[] {
  const units = Map.groupBy(figures, ({ unit }) => measureOf(unit));
  return [...units].map(([unit, alike]) => {
    const text = `${name}: ${unit === 'x' ? 'ratios' : unit}`;
    const height = BARS_MARGIN + alike.length * BAR_HEIGHT;
    return { name: slug(text), svg: draw(barOption(text, alike), height) };
  });
}

/** Calls, operations and puts a second are compared with each other. */
function measureOf(unit: string): string {
  return unit.endsWith('per second') ? 'per second' : unit;
}

function barOption(text: string, figures: readonly Figure[]): EChartsCoreOption {
  return {
    ...frame(`${text} (median; from least to most of the rounds)`),
    grid: { left: LABEL_WIDTH + 20, right: 90, top: 50, bottom: 30 },
    xAxis: { type: 'value', min: 0 },
    yAxis: {
      type: 'category',
      inverse: true,
      data: figures.map(({ name }) => name),
      axisLabel: { width: LABEL_WIDTH, overflow: 'break' },
      axisTick: { show: false },
    },
    series: [
      {
        type: 'bar',
        data: figures.map(({ median }) => median),
        label: { show: true, position: 'insideLeft', color: '#fff', formatter: ({ value }: Labelled) => short(value) },
      },
      whiskers(figures),
    ],
  };
}

interface Labelled {
  readonly value: number;
}

function whiskers(figures: readonly Figure[]): CustomSeriesOption {
  return {
    type: 'custom',
    z: 10,
    data: figures.map(({ min, max }, row) => [min, max, row]),
    encode: { x: [0, 1], y: 2 },
    renderItem: (_params, api) => {
      const row = api.value(2);
      const [left = 0, y = 0] = api.coord([api.value(0), row]);
      const [right = 0] = api.coord([api.value(1), row]);
      const half = BAR_HEIGHT * WHISKER_PART;
      const line = (x1: number, y1: number, x2: number, y2: number) =>
        ({ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: '#222' } }) as const;
      const ends = [left, right].map((x) => line(x, y - half, x, y + half));
      return { type: 'group', children: [line(left, y, right, y), ...ends] };
    },
  };
}

function curveCharts({ name, figures }: NamedResult): Chart[] {
  const axes = Map.groupBy(figures.filter(isPoint), ({ curve, unit }) => `${unit} over ${curve.axis}`);
  return [...axes].flatMap(([title, points]) => {
    const charts = [curveChart(`${name}: ${title}`, points, RATES)];
    const axis = points[0]?.curve.axis ?? '';
    if (points.every(({ details }) => details['p50Ms'] !== undefined)) {
      charts.push(curveChart(`${name}: latency in ms over ${axis}`, points, LATENCIES));
    }
    return charts;
  });
}

const RATES: readonly Aspect[] = [{ label: '', dash: 'solid', valueOf: ({ median }) => median }];
const LATENCIES: readonly Aspect[] = [
  { label: ', p50', dash: 'solid', valueOf: ({ details }) => details['p50Ms'] },
  { label: ', p99', dash: 'dashed', valueOf: ({ details }) => details['p99Ms'] },
];

function curveChart(text: string, points: readonly Point[], aspects: readonly Aspect[]): Chart {
  const scale = [...new Set(points.map(({ curve }) => curve.x))].toSorted((a, b) => a - b);
  const lines = Map.groupBy(points, ({ curve }) => curve.series);
  const series = [...lines].flatMap(([line, on], index) =>
    aspects.map(({ label, dash, valueOf }) => ({
      type: 'line',
      name: `${line}${label}`,
      lineStyle: { type: dash, color: COLOURS[index % COLOURS.length] },
      itemStyle: { color: COLOURS[index % COLOURS.length] },
      data: scale.map((x) => valueAt(on, x, valueOf)),
      connectNulls: true,
    })),
  );
  const option = {
    ...frame(text),
    legend: { type: 'plain', top: 34, itemGap: 36 },
    grid: { left: 90, right: 30, top: 60 + 26 * Math.ceil(series.length / 3), bottom: 50 },
    xAxis: {
      type: 'category',
      name: points[0]?.curve.axis,
      nameLocation: 'middle',
      nameGap: 30,
      data: scale.map(short),
    },
    yAxis: { type: 'log', logBase: 10 },
    series,
  };
  return { name: slug(text), svg: draw(option, CURVE_HEIGHT) };
}

function valueAt(points: readonly Point[], x: number, valueOf: Aspect['valueOf']): number | null {
  const point = points.find(({ curve }) => curve.x === x);
  return (point && valueOf(point)) ?? null;
}

function isPoint(figure: Figure): figure is Point {
  return figure.curve !== undefined;
}

function frame(text: string): EChartsCoreOption {
  return {
    animation: false,
    backgroundColor: '#fff',
    color: COLOURS,
    title: { text, left: 10, textStyle: { fontSize: 15 } },
  };
}

function draw(option: EChartsCoreOption, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll('µ', 'u')
      .match(/[a-z\d]+/g)
      ?.join('-') ?? 'chart'
  );
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(3)).toString();
}
