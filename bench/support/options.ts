/** The command line of the benchmark. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Layout } from './suite.ts';

export interface BenchOptions {
  /** None: all. */
  readonly names: readonly string[];
  readonly isQuick: boolean;
  /** The neighbours as well, which takes an installation from npm. */
  readonly withPeers: boolean;
  readonly asJson: boolean;
  /** A goal that is missed fails the run. */
  readonly expectsGoals: boolean;
  readonly directory: string;
  /** Where the charts go; undefined: nothing is drawn. */
  readonly charts: string | undefined;
  readonly rounds: number;
  readonly durationMs: number;
  readonly layout: Layout;
}

const ROUNDS = 3;
const QUICK_ROUNDS = 1;
const DURATION_MS = 1_250;
const QUICK_DURATION_MS = 100;
const RESIDENT_ACTORS = 64;
/** Of the checkout, and so on a disk in most cases; the directory for temporary files often is in memory. */
const DIRECTORY = fileURLToPath(new URL('../../.cache/bench', import.meta.url));

const CHARTS = fileURLToPath(new URL('../../docs/bench', import.meta.url));

const OPTIONS = {
  peers: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  goals: { type: 'boolean', default: false },
  dir: { type: 'string', default: DIRECTORY },
  charts: { type: 'string' },
  rounds: { type: 'string' },
  workers: { type: 'string', default: String(availableParallelism()) },
  residents: { type: 'string', default: String(RESIDENT_ACTORS) },
} as const;

/** @throws naming what is wrong. */
export function parseOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals: names } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`expected names among ${known.join(', ')}, found ${unknown}`);
  return {
    names,
    isQuick: values.quick,
    withPeers: values.peers,
    asJson: values.json,
    expectsGoals: values.goals,
    directory: values.dir,
    charts: values.charts ?? (values.quick ? undefined : CHARTS),
    rounds: positive('rounds', values.rounds ?? String(values.quick ? QUICK_ROUNDS : ROUNDS)),
    durationMs: values.quick ? QUICK_DURATION_MS : DURATION_MS,
    layout: {
      workers: positive('workers', values.workers),
      residentActors: positive('residents', values.residents),
    },
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`--${name}: expected a whole number above 0, found ${text}`);
}
