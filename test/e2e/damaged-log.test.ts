/**
 * A node whose newest log was cut or has a flipped bit: every acknowledged call is there, or it does not start and
 * says by file and number what is missing. The doctor says so beforehand, and changes nothing.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plexspaces } from '../support/command-line.ts';
import type { Result } from '../support/command-line.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import { copyDirectory, cutAt, flipAt, harmsAt, newestLog } from '../support/damage.ts';
import { startDaemon } from '../support/daemon.ts';
import type { Daemon } from '../support/daemon.ts';
import { countOf } from '../support/echo.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { quickOrLong, tellFigures } from '../support/soak.ts';

const CALLERS = 8;
const CALLS_EACH = 30;
const PLACES = quickOrLong(12, 60);

let whole: string;
let copy: string;
/** Of each harm: the node started and counted, or said why it does not. */
const outcomes: string[] = [];

beforeAll(async () => {
  const directory = await makeScratchDirectory();
  whole = join(directory, 'whole');
  copy = join(directory, 'copy');
  await using daemon = await startDaemon(whole);
  await using client = await daemon.connect();
  await client.deploy({ name: 'echo', version: '1', component: await readFile(ECHO_FILE), manifest: ONE_THREAD });
  await client.tuples.write(['kept']);
  const caller = async (): Promise<void> => {
    for (let call = 0; call < CALLS_EACH; call += 1) await client.call('echo/one', 'count', new Uint8Array());
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await daemon.kill();
});

const ONE_THREAD = { workers: { min: 1, max: 1 } } as const;
const ACKNOWLEDGED = CALLERS * CALLS_EACH;

/** The number of calls that a node on the copy knows of; or, where it does not start, what it says. */
async function startOnCopy(): Promise<number | string> {
  let daemon: Daemon;
  try {
    daemon = await startDaemon(copy);
  } catch (thrown) {
    return String(thrown);
  }
  await using running = daemon;
  await using client = await running.connect();
  return countOf((await client.call('echo/one', 'count', new Uint8Array())).bytes) - 1;
}

function verdictOf(found: number | string): string {
  if (typeof found === 'number') return found >= ACKNOWLEDGED ? 'all there' : `${found} of ${ACKNOWLEDGED}`;
  return /DATA_LOSS: \S+copy\/db: .*LSN \d+.*found.*LSN \d+/.test(found) ? 'refused' : found;
}

async function doctor(...options: string[]): Promise<Result> {
  return plexspaces(['doctor', '--data', copy, ...options]);
}

describe('a log', () => {
  afterAll(() => {
    const refused = outcomes.filter((outcome) => outcome === 'string').length;
    tellFigures('damaged log', { places: outcomes.length, started: outcomes.length - refused, refused });
  });

  it.each(harmsAt(PLACES))('$name: nothing acknowledged is missing in silence', async ({ harm }) => {
    copyDirectory(whole, copy);
    harm(newestLog(copy));
    const found = await startOnCopy();
    outcomes.push(typeof found);
    expect(['all there', 'refused']).toContain(verdictOf(found));
  });

  it('that is whole has every call (control)', async () => {
    copyDirectory(whole, copy);
    expect(await startOnCopy()).toBe(ACKNOWLEDGED);
  });

  it('that was cut has fewer in silence where the watermark is ignored (control)', async () => {
    copyDirectory(whole, copy);
    cutAt(0.8)(newestLog(copy));
    rmSync(join(copy, 'watermark'));
    const found = await startOnCopy();
    expect(found).toBeTypeOf('number');
    expect(found).toBeLessThan(ACKNOWLEDGED);
  });
});

describe('the doctor', () => {
  afterAll(() => {
    rmSync(copy, { recursive: true, force: true });
  });

  it('finds all of it whole, a line for each thing', async () => {
    copyDirectory(whole, copy);
    const before = contentOf(copy);
    const { code, stdout, stderr } = await doctor('--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [watermark, log, application, actor, ...rest] = documents(stdout);
    expect(watermark).toMatchObject({ check: 'watermark', whole: true, epoch: 1, lsn: expect.any(Number) });
    expect(log).toMatchObject({ check: 'log', whole: true, format: 2, epoch: 1, lsn: expect.any(Number) });
    expect(application).toMatchObject({ check: 'application', name: 'echo', whole: true });
    expect(actor).toMatchObject({ check: 'actor', name: 'echo/one', whole: true, lastSequence: ACKNOWLEDGED });
    expect(rest).toEqual([
      { check: 'unfinished', whole: true, count: 0, damaged: 0, problems: [] },
      { check: 'quarantine', whole: true, count: 0, damaged: 0, problems: [] },
      { check: 'idempotency-keys', whole: true, count: 0, damaged: 0, problems: [] },
      { check: 'tuples', whole: true, count: 1, damaged: 0, problems: [] },
      { check: 'tuple-operations', whole: true, count: 0, damaged: 0, problems: [] },
      { check: 'tuple-subscriptions', whole: true, count: 0, damaged: 0, problems: [] },
      { check: 'state', whole: true, count: 0, damaged: 0, problems: [] },
      { check: 'timers', whole: true, count: 0, damaged: 0, problems: [] },
      { check: 'intervals', whole: true, count: 0, damaged: 0, problems: [] },
      { check: 'service-owners', whole: true, count: 0, damaged: 0, problems: [] },
      { whole: true, problems: 0 },
    ]);
    expect(contentOf(copy)).toEqual(before);
  });

  it.each<[string, (directory: string) => void, RegExp]>([
    [
      'a cut log',
      (directory) => cutAt(0.5)(newestLog(directory)),
      /DAMAGED log .*\n +\S+db: expected the log to reach LSN/,
    ],
    ['a flipped bit', (directory) => flipAt(0.3)(newestLog(directory)), /DAMAGED log\n +the log has a gap: expected/],
    ['a lost database', (directory) => rmSync(join(directory, 'db', 'CURRENT')), /DAMAGED database\n.*found none/],
    ['a missing watermark', (directory) => rmSync(join(directory, 'watermark')), /DAMAGED watermark .*\n.*found none/],
    [
      'a damaged module',
      (directory) => flipAt(0.5)(moduleIn(directory)),
      /DAMAGED application echo .*\n.*is damaged: expected hash/,
    ],
  ])('finds %s, exits with 1 and changes nothing', async (_what, harm, message) => {
    copyDirectory(whole, copy);
    harm(copy);
    const before = contentOf(copy);
    const { code, stdout, stderr } = await doctor();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/DATA_LOSS: .*found \d+ problems?\n$/) });
    expect(stdout).toMatch(message);
    expect(stdout).not.toContain('all is whole');
    expect(contentOf(copy)).toEqual(before);
  });

  it('does not look at a directory that a node owns, or that is none', async () => {
    copyDirectory(whole, copy);
    await using daemon = await startDaemon(copy);
    const refused = await doctor();
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('FAILED_PRECONDITION') });
    expect(refused.stderr).toContain(`${copy}/db is in use`);
    expect(daemon.isRunning).toBe(true);
    const nowhere = await plexspaces(['doctor', '--data', join(copy, 'nowhere')]);
    expect(nowhere).toMatchObject({ code: 1, stdout: expect.stringContaining('expected a database') });
  });
});

function documents(stdout: string): unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

function moduleIn(directory: string): string {
  const modules = join(directory, 'components', 'modules');
  return join(modules, readdirSync(modules)[0] ?? '');
}

/** Every file but LevelDB's notes of its own work, which a test for its lock begins anew. */
function contentOf(directory: string): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted();
  const files = names.filter((name) => statSync(join(directory, name)).isFile() && !/\/LOG(?:\.old)?$/.test(name));
  return new Map(files.map((name) => [name, readFileSync(join(directory, name), 'latin1')]));
}
