/**
 * The figures of the node, each beside the limit that the machine sets, measured in the same run.
 *
 *     npm run bench -- [disk] [threads] [guest] [pool] [durable] [grpc] [replay] [tuples] [validation] [languages] [peers]
 *
 * No name: all of them, the neighbours with `--peers` only. What a run found that is not quick is written to bench/results, and drawn in docs/bench.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chartsOf } from './support/charts.ts';
import { parseOptions } from './support/options.ts';
import type { BenchOptions } from './support/options.ts';
import { describeMachine, machineName } from './support/machine.ts';
import { missedGoals, reportText } from './support/report.ts';
import type { NamedResult, Report } from './support/report.ts';
import type { Suite } from './support/suite.ts';
import { disk } from './suites/disk.ts';
import { durable } from './suites/durable.ts';
import { grpc } from './suites/grpc.ts';
import { guest } from './suites/guest.ts';
import { languages } from './suites/languages.ts';
import { peers } from './suites/peers.ts';
import { pool } from './suites/pool.ts';
import { replay } from './suites/replay.ts';
import { threads } from './suites/threads.ts';
import { tuples } from './suites/tuples.ts';
import { validation } from './suites/validation.ts';

const SUITES: ReadonlyMap<string, Suite> = new Map(
  Object.entries({ disk, threads, guest, pool, durable, grpc, replay, tuples, validation, languages, peers }),
);
/** What is installed for it is no part of the project. */
const PEERS = 'peers';
const CACHE = fileURLToPath(new URL('../.cache', import.meta.url));
const RESULTS = fileURLToPath(new URL('results', import.meta.url));

await main();

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), [...SUITES.keys()]);
  const report = await runAll(options);
  process.stdout.write(options.asJson ? `${JSON.stringify(report)}\n` : `${reportText(report)}\n`);
  if (!options.isQuick) await save(report);
  if (options.charts !== undefined) await draw(report, options.charts);
  if (options.expectsGoals && missedGoals(report).length > 0) process.exitCode = 1;
}

async function runAll(options: BenchOptions): Promise<Report> {
  const { names, withPeers, isQuick, rounds, durationMs, layout } = options;
  await mkdir(options.directory, { recursive: true });
  const startedAt = new Date().toISOString();
  const machine = describeMachine(options.directory);
  const suites: NamedResult[] = [];
  for (const [name, suite] of SUITES) {
    if (names.length === 0 ? name !== PEERS || withPeers : names.includes(name))
      suites.push({ name, ...(await runSuite(name, suite, options)) });
  }
  return { startedAt, machine, isQuick, rounds, durationMs, layout, suites };
}

async function runSuite(name: string, suite: Suite, options: BenchOptions): ReturnType<Suite> {
  const directory = await mkdtemp(join(options.directory, `${name}-`));
  try {
    const progress = (text: string): void => void process.stderr.write(`${name}: ${text}\n`);
    return await suite({ ...options, directory, cache: CACHE, progress });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function save(report: Report): Promise<void> {
  const day = report.startedAt.slice(0, 10);
  const path = join(RESULTS, `${day}-${machineName(report.machine)}.json`);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(path, `${JSON.stringify(report, undefined, 2)}\n`);
  process.stderr.write(`written to ${path}\n`);
}

async function draw(report: Report, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const charts = chartsOf(report);
  for (const { name, svg } of charts) await writeFile(join(directory, `${name}.svg`), `${svg}\n`);
  process.stderr.write(`${charts.length} charts drawn in ${directory}\n`);
}
