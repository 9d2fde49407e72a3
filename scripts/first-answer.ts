/**
 * How long it takes from `plexspaces new` to the first answer, in each language, each step by the command line as a
 * user types it: new, the tests that come with it, build, deploy on a fresh node, invoke. Then what the node makes of
 * the component: how large it is, deployed for the first time and again, a fresh instance, a call. Started by
 * first-answer.sh.
 *
 *     scripts/first-answer.sh [LANGUAGE…]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from '@plexspaces/client';
import { markdownTable } from 'markdown-table';
import { median } from 'simple-statistics';
import { TEMPLATES } from '../packages/cli/src/new/templates.ts';
import type { TemplateName } from '../packages/cli/src/new/templates.ts';

const COMMAND = fileURLToPath(new URL('../packages/cli/bin/plexspaces.js', import.meta.url));
const STEPS = ['new', 'its tests', 'build', 'deploy', 'first call'] as const;
const FIGURES = ['component, MB', 'deploy, ms', 'deployed again, ms', 'fresh instance, ms', 'a call, ms'] as const;
const FRESH_KEYS = 10;
const CALLS = 300;
const ANSWER = '{"text":"Hello, Ann!","greeted":1}\n';
const TOOLS_MISSING = 'FAILED_PRECONDITION';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

class Failure extends Error {}

const languages = namesOf(process.argv.slice(2));
const work = await mkdtemp(join(tmpdir(), 'plexspaces-first-'));
try {
  await using node = await startNode(join(work, 'data'));
  const rows = [];
  for (const language of languages) rows.push(await measure(language, node.address));
  print(
    ['seconds', ...STEPS, 'from new to the answer'],
    rows.map(({ language, steps }) => [language, ...steps]),
  );
  print(
    ['', ...FIGURES],
    rows.map(({ language, figures }) => [language, ...figures]),
  );
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`first-answer: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}

function namesOf(args: readonly string[]): TemplateName[] {
  const all = Object.keys(TEMPLATES).filter((name): name is TemplateName => Object.hasOwn(TEMPLATES, name));
  const wanted = all.filter((name) => args.length === 0 || args.includes(name));
  const unknown = args.filter((name) => !Object.hasOwn(TEMPLATES, name));
  if (unknown.length > 0)
    throw new TypeError(`expected languages among ${all.join(', ')}, found ${unknown.join(', ')}`);
  return wanted;
}

function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  process.stdout.write(`${markdownTable([head, ...rows], { align: ['l', ...head.slice(1).map(() => 'r')] })}\n\n`);
}

interface Row {
  readonly language: TemplateName;
  readonly steps: readonly string[];
  readonly figures: readonly string[];
}

/** A language whose tools are missing has no figures, and says why. */
async function measure(language: TemplateName, node: string): Promise<Row> {
  const name = `first-${language}`;
  const directory = join(work, name);
  const service = `example.First${language.charAt(0).toUpperCase()}${language.slice(1)}.v1`;
  const [test = '', ...testArgs] = TEMPLATES[language].test.split(' ');
  const seconds: number[] = [];
  const step = async (cwd: string, file: string, args: readonly string[]): Promise<string> => {
    const started = performance.now();
    const { code, stdout, stderr } = await run(cwd, file, args);
    seconds.push((performance.now() - started) / 1000);
    if (code !== 0) throw new Failure(`${language}: ${[file, ...args].join(' ')}: ${stderr.trim()}`);
    return stdout;
  };
  const plexspaces = (cwd: string, ...args: string[]): Promise<string> =>
    step(cwd, process.execPath, [COMMAND, ...args]);
  try {
    await plexspaces(work, 'new', name, '--lang', language);
    await step(directory, test, testArgs);
    const bytes = numberIn(await plexspaces(directory, 'build', '.', '--json'), 'bytes');
    const coldMs = numberIn(await plexspaces(directory, 'deploy', '.', '--node', node, '--json'), 'elapsedMs');
    const answer = await plexspaces(directory, 'invoke', service, 'greet', '{"name":"Ann"}', '--node', node);
    if (answer !== ANSWER) throw new Failure(`${language}: expected ${ANSWER.trim()}, found ${answer.trim()}`);
    const steps = [...seconds, seconds.reduce((sum, part) => sum + part, 0)].map((value) => value.toFixed(1));
    const again = ['--name', `${name}-again`, '--service', `${service}.again`];
    const cachedMs = numberIn(
      await plexspaces(directory, 'deploy', '.', ...again, '--node', node, '--json'),
      'elapsedMs',
    );
    const calls = await measureCalls(service, node);
    const figures = [(bytes / 1e6).toFixed(2), ...[coldMs, cachedMs].map((ms) => ms.toFixed(0)), ...calls];
    return { language, steps, figures };
  } catch (error) {
    if (!(error instanceof Failure) || !error.message.includes(`plexspaces: ${TOOLS_MISSING}`)) throw error;
    process.stderr.write(`not measured: ${error.message}\n`);
    return { language, steps: [...STEPS, ''].map(() => '–'), figures: FIGURES.map(() => '–') };
  }
}

/** Medians: the first call of keys that were never called, and calls of one of them in turn. */
async function measureCalls(service: string, node: string): Promise<string[]> {
  await using client = await connect(node);
  const call = async (key: string): Promise<number> => {
    const started = performance.now();
    await client.invoke(`${service}/${key}`, 'greet', { name: 'Ann' });
    return performance.now() - started;
  };
  const fresh: number[] = [];
  for (let key = 0; key < FRESH_KEYS; key += 1) fresh.push(await call(`key-${key}`));
  const calls: number[] = [];
  for (let count = 0; count < CALLS; count += 1) calls.push(await call('key-0'));
  return [median(fresh).toFixed(0), median(calls).toFixed(2)];
}

function numberIn(document: string, key: string): number {
  const parsed: unknown = JSON.parse(document);
  const found: unknown = Object.entries(Object(parsed)).find(([name]) => name === key)?.[1];
  if (typeof found === 'number') return found;
  throw new Failure(`expected ${key} to be a number in ${document.trim()}`);
}

async function run(cwd: string, file: string, args: readonly string[]): Promise<Ended> {
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const [code] = await once(child, 'close').catch((error: unknown) => {
    throw new Failure(`${file} cannot be started: ${String(error)}`);
  });
  return { code: typeof code === 'number' ? code : null, ...output };
}

async function startNode(data: string): Promise<AsyncDisposable & { readonly address: string }> {
  const args = [
    COMMAND,
    'serve',
    '--data',
    data,
    '--grpc',
    '127.0.0.1:0',
    '--http',
    '127.0.0.1:0',
    '--log-level',
    'warn',
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const first = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended.then(() => [])]);
  const ready: unknown = JSON.parse(String(first[0] ?? 'null'));
  if (typeof ready !== 'object' || ready === null || !('grpc' in ready)) throw new Failure('the node did not start');
  return {
    address: String(ready.grpc),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
