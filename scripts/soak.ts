/**
 * The long forms of the end-to-end tests, one after the other, and what each of them counted, at the end.
 * Exits non-zero where one of them failed, told no figures or was skipped.
 *
 *     npm run soak [-- FILE…]        files of test/e2e by a part of their names; default: all that have a long form
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const TESTS = join('test', 'e2e');
/** What a test imports that has a long form. */
const LONG_FORM = 'support/soak.ts';
const FIGURES = 'figures ';
const SKIPPED = 'SKIPPED';

interface Run {
  readonly file: string;
  readonly code: number | null;
  readonly minutes: string;
  readonly figures: readonly string[];
  readonly skipped: readonly string[];
}

const wanted = process.argv.slice(2);
const runs: Run[] = [];
for (const file of await filesWithLongForm(wanted)) runs.push(await run(file));
const isWhole = runs.length > 0 && runs.every(isGood);
summarise(runs);
process.exitCode = isWhole ? 0 : 1;

async function filesWithLongForm(parts: readonly string[]): Promise<string[]> {
  const names = (await readdir(join(PROJECT, TESTS))).filter((name) => name.endsWith('.test.ts'));
  const files: string[] = [];
  for (const name of names.toSorted()) {
    const text = await readFile(join(PROJECT, TESTS, name), 'utf8');
    const isWanted = parts.length === 0 || parts.some((part) => name.includes(part));
    if (isWanted && text.includes(LONG_FORM)) files.push(join(TESTS, name));
  }
  return files;
}

async function run(file: string): Promise<Run> {
  const startedAt = performance.now();
  const vitest = ['vitest', 'run', '--project', 'e2e', '--disable-console-intercept', '--reporter=verbose', file];
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
  return { file, code: child.exitCode, minutes, figures, skipped };
}

function isGood({ code, figures, skipped }: Run): boolean {
  return code === 0 && figures.length > 0 && skipped.length === 0;
}

function summarise(all: readonly Run[]): void {
  console.log('\n== soak');
  for (const each of all) {
    console.log(`${isGood(each) ? 'good  ' : 'FAILED'} ${each.file}, ${each.minutes} min`);
    for (const line of [...each.figures, ...each.skipped]) console.log(`         ${line}`);
  }
  if (all.length === 0) console.log('FAILED no file has a long form');
}
