/** The run as a document, and that document as tables in Markdown. */
import { markdownTable } from 'markdown-table';
import type { Figure } from './figures.ts';
import type { Machine } from './machine.ts';
import type { Goal, Layout, SuiteResult } from './suite.ts';

export interface Report {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly durationMs: number;
  readonly layout: Layout;
  readonly suites: readonly NamedResult[];
}

export interface NamedResult extends SuiteResult {
  readonly name: string;
}

export function missedGoals({ suites }: Report): Goal[] {
  return suites.flatMap(({ goals = [] }) => goals).filter((goal) => !isMet(goal));
}

/** A figure that is no number meets nothing. */
function isMet(goal: Goal): boolean {
  return 'atLeast' in goal ? goal.found >= goal.atLeast : goal.found <= goal.atMost;
}

export function reportText(report: Report): string {
  const { machine, isQuick, rounds, durationMs } = report;
  const { cpu, cores, disk, system, node, commit, loadAverage } = machine;
  const facts = `${cpu}, ${cores} cores, ${disk}, ${system}, Node ${node}; commit ${commit}`;
  const others = `load average ${loadAverage} when the run began`;
  const quick = isQuick ? ' (a quick run: it shows that everything runs, not how fast)' : '';
  const method = `rounds: ${rounds}, of ${durationMs} ms for each case${quick}`;
  return [facts, `${method}; ${others}`, ...report.suites.map((suite) => suiteText(suite, isQuick))].join('\n\n');
}

function suiteText({ name, figures, goals = [], notes = [] }: NamedResult, isQuick: boolean): string {
  const header = ['figure', 'median', 'min – max', 'unit', 'beside it (medians)'];
  const table = markdownTable([header, ...figures.map(figureRow)], { align: ['l', 'r', 'r', 'l', 'l'] });
  return [`## ${name}`, table, ...notes, ...goals.map((goal) => goalText(goal, isQuick))].join('\n\n');
}

function figureRow({ name, median, min, max, unit, details }: Figure): string[] {
  const beside = Object.entries(details).map(([detail, value]) => `${detail} ${short(value)}`);
  return [name, short(median), `${short(min)} – ${short(max)}`, unit, beside.join(', ')];
}

/** A disk that stands still for a moment makes any ratio: a quick run praises nothing. */
function goalText(goal: Goal, isQuick: boolean): string {
  const met = isQuick ? 'not judged by a quick run' : 'met';
  const verdict = isMet(goal) ? met : 'MISSED';
  const wanted = 'atLeast' in goal ? `at least ${short(goal.atLeast)}` : `at most ${short(goal.atMost)}`;
  return `Goal ${verdict}: ${goal.name}: ${wanted}, found ${short(goal.found)}`;
}

/** Three digits tell all that a figure of this kind knows. */
function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return Number(value.toPrecision(3)).toString();
}
