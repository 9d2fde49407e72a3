/**
 * The long forms of the end-to-end tests and of the properties, one after the other, and what each of the former
 * counted, at the end. Exits non-zero where one of them failed, told no figures or was skipped.
 *
 *     npm run soak [-- FILE…]        files by a part of their names; default: all that have a long form
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** By the project of vitest that they belong to. */
const TESTS = {
  unit: join('test', 'unit', 'properties'),
  linearizability: join('test', 'linearizability'),
  e2e: join('test', 'e2e'),
} as const;
type Project = keyof typeof TESTS;
/** What a test imports that has a long form. */
const LONG_FORM = 'support/soak.ts';
const FIGURES = 'figures ';
const SKIPPED = 'SKIPPED';

interface LongTest {
  readonly project: Project;
  readonly file: string;
}

interface Run extends LongTest {
  readonly code: number | null;
  readonly minutes: string;
  readonly figures: readonly string[];
  readonly skipped: readonly string[];
}

const wanted = process.argv.slice(2);
const runs: Run[] = [];
for (const project of ['unit', 'linearizability', 'e2e'] as const) {
  for (const test of await longTests(project, wanted)) runs.push(await run(test));
}
const isWhole = runs.length > 0 && runs.every(isGood);
summarise(runs);
process.exitCode = isWhole ? 0 : 1;

async function longTests(project: Project, parts: readonly string[]): Promise<LongTest[]> {
  const directory = TESTS[project];
  const names = (await readdir(join(PROJECT, directory))).filter((name) => name.endsWith('.test.ts'));
  const tests: LongTest[] = [];
  for (const name of names.toSorted()) {
    const file = join(directory, name);
    const isWanted = parts.length === 0 || parts.some((part) => file.includes(part));
    if (isWanted && (await readFile(join(PROJECT, file), 'utf8')).includes(LONG_FORM)) tests.push({ project, file });
  }
  return tests;
}

async function run({ project, file }: LongTest): Promise<Run> {
  const startedAt = performance.now();
  const vitest = ['vitest', 'run', '--project', project, '--disable-console-intercept', '--reporter=verbose', file];
  const child = spawn('npx', vitest, {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PLEXSPACES_SOAK: '1' },
  });
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      console.log(line);
      lines.push(line);
    });
  }
  await once(child, 'close');
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  const figures = lines.filter((line) => line.startsWith(FIGURES)).map((line) => line.slice(FIGURES.length));
  const skipped = lines.filter((line) => line.startsWith(SKIPPED));
  return { project, file, code: child.exitCode, minutes, figures, skipped };
}

/** How often a property is tried is in its file. */
function isGood({ project, code, figures, skipped }: Run): boolean {
  return code === 0 && (project === 'unit' || figures.length > 0) && skipped.length === 0;
}

function summarise(all: readonly Run[]): void {
  console.log('\n== soak');
  for (const each of all) {
    console.log(`${isGood(each) ? 'good  ' : 'FAILED'} ${each.file}, ${each.minutes} min`);
    for (const line of [...each.figures, ...each.skipped]) console.log(`         ${line}`);
  }
  if (all.length === 0) console.log('FAILED no file has a long form');
}
