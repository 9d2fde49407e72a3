/** What a suite of figures is given, and what it hands back. */
import type { Figure } from './figures.ts';

export interface Bench {
  /** Of this suite alone, on the disk that is measured; it goes when the run ends. */
  readonly directory: string;
  /** Kept from run to run. */
  readonly cache: string;
  /** Each case is measured this often; the figure is the median. */
  readonly rounds: number;
  /** Of one measurement of one case. */
  readonly durationMs: number;
  /** Little of everything, to see that it runs; the figures say little. */
  readonly isQuick: boolean;
  readonly layout: Layout;
  readonly progress: (text: string) => void;
}

/** How many threads the durable actors get, and how many of them live in one thread. */
export interface Layout {
  readonly workers: number;
  readonly residentActors: number;
}

/** What was promised of a figure. */
export type Goal = { readonly name: string; readonly found: number } & (
  | { readonly atLeast: number }
  | { readonly atMost: number }
);

export interface SuiteResult {
  readonly figures: readonly Figure[];
  readonly goals?: readonly Goal[];
  /** What a reader must know to read the figures. */
  readonly notes?: readonly string[];
}

export type Suite = (bench: Bench) => Promise<SuiteResult>;
