/**
 * Cases measured in rounds, and the figures that come of them.
 *
 * A round measures every case once, so that a machine that slows down or a neighbour that wakes up meets all of
 * them alike; a ratio is taken within each round.
 */
import { max, median, min } from 'simple-statistics';

/** One measurement. */
export interface Sample {
  readonly value: number;
  /** What goes with it: latencies, CPU time. */
  readonly details?: Readonly<Record<string, number>>;
}

/** Where a figure stands on a curve: the lines of one axis are one picture. */
export interface CurvePoint {
  readonly series: string;
  readonly axis: string;
  readonly x: number;
}

export interface Case {
  readonly name: string;
  readonly unit: string;
  readonly curve?: CurvePoint | undefined;
  readonly run: () => Promise<Sample>;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** One for each round, in their order. */
  readonly values: readonly number[];
  /** Medians. */
  readonly details: Readonly<Record<string, number>>;
  /** One for each round. */
  readonly detailValues: Readonly<Record<string, readonly number[]>>;
  readonly curve?: CurvePoint | undefined;
}

export interface Rounds {
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

export async function measure(cases: readonly Case[], { rounds, progress }: Rounds): Promise<Figure[]> {
  const samples = cases.map((): Sample[] => []);
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, measured] of cases.entries()) {
      progress(`round ${round} of ${rounds}: ${measured.name}`);
      samples[index]?.push(await measured.run());
    }
  }
  return cases.map(({ name, unit, curve }, index) => ({ ...toFigure(name, unit, samples[index] ?? []), curve }));
}

/** How many times the one figure is the other, round by round; of a detail where one is named. */
export function ratio(name: string, figures: readonly Figure[], over: string, under: string, detail?: string): Figure {
  const above = roundsOf(expectFigure(figures, over), detail);
  const below = roundsOf(expectFigure(figures, under), detail);
  const values = above.map((value, round) => ({ value: value / (below[round] ?? Number.NaN) }));
  return toFigure(name, 'x', values);
}

/** The named figures' detail, added round by round; it is the sum's value and its detail. */
export function sum(name: string, figures: readonly Figure[], parts: readonly string[], detail: string): Figure {
  const rounds = parts.map((part) => roundsOf(expectFigure(figures, part), detail));
  const values = (rounds[0] ?? []).map((_, round) => rounds.reduce((total, part) => total + (part[round] ?? 0), 0));
  return toFigure(
    name,
    `${detail}, added`,
    values.map((value) => ({ value, details: { [detail]: value } })),
  );
}

export function toFigure(name: string, unit: string, samples: readonly Sample[]): Figure {
  const values = samples.map(({ value }) => value);
  const names = new Set(samples.flatMap(({ details = {} }) => Object.keys(details)));
  const detailValues = [...names].map((detail) => [detail, valuesOf(samples, detail)] as const);
  const details = Object.fromEntries(detailValues.map(([detail, each]) => [detail, median(each)]));
  const summary = { median: median(values), min: min(values), max: max(values) };
  return { name, unit, ...summary, values, details, detailValues: Object.fromEntries(detailValues) };
}

function roundsOf({ values, detailValues }: Figure, detail: string | undefined): readonly number[] {
  return detail === undefined ? values : (detailValues[detail] ?? []);
}

function valuesOf(samples: readonly Sample[], detail: string): number[] {
  return samples.flatMap(({ details }) => details?.[detail] ?? []);
}

function expectFigure(figures: readonly Figure[], name: string): Figure {
  const found = figures.find((figure) => figure.name === name);
  if (found !== undefined) return found;
  throw new Error(`expected a figure named ${JSON.stringify(name)}, found none`);
}
