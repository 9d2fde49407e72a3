/** The benchmark as it is run from the command line: quickly, to see that every suite runs and looks at its answers. */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { builtApplication } from '../support/built-actors.ts';
import { environment, runProgram } from '../support/command-line.ts';
import type { Result } from '../support/command-line.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const FLAGS = ['--conditions=@plexspaces/source', '--disable-warning=ExperimentalWarning'];

/** It judges no times: two minutes on a machine that does nothing else. */
const TIMEOUT_MS = 600_000;

interface PrintedReport {
  readonly suites: readonly { readonly name: string; readonly figures: readonly { readonly median: number }[] }[];
}

async function bench(...args: string[]): Promise<Result> {
  const directory = await makeScratchDirectory();
  const command = [...FLAGS, MAIN, '--quick', '--rounds', '1', '--dir', directory, ...args];
  return runProgram(process.execPath, command, { env: environment() });
}

describe('npm run bench', () => {
  it(
    'measures every suite',
    async () => {
      await builtApplication('durable_calculator');
      const charts = await makeScratchDirectory();
      const { code, stdout, stderr } = await bench('--json', '--charts', charts);
      expect({ code, stderr }).toMatchObject({ code: 0 });
      const { suites } = JSON.parse(stdout) as PrintedReport;
      const expected = [
        'disk',
        'threads',
        'guest',
        'pool',
        'durable',
        'grpc',
        'replay',
        'tuples',
        'validation',
        'languages',
      ];
      expect(suites.map(({ name }) => name)).toEqual(expected);
      const medians = suites.flatMap(({ figures }) => figures.map(({ median }) => median));
      expect(medians.filter((median) => !(median > 0))).toEqual([]);
      const drawn = new Set((await readdir(charts)).map((name) => name.split('-')[0]));
      expect(drawn).toEqual(new Set(expected));
    },
    TIMEOUT_MS,
  );

  it('fails where a goal is missed and goals count', async () => {
    // One thread that holds one instance cannot keep 64 actors: each call has to make one.
    const { code, stdout } = await bench('grpc', '--goals', '--workers', '1', '--residents', '1');
    expect(stdout).toContain('Goal MISSED');
    expect(code).toBe(1);
  });

  it('refuses a suite that it does not have', async () => {
    const { code, stderr } = await bench('tape');
    expect(code).toBe(1);
    const known = 'disk, threads, guest, pool, durable, grpc, replay, tuples, validation, languages, peers';
    expect(stderr).toContain(`expected names among ${known}, found tape`);
  });
});
