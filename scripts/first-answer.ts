/**
 * How long it takes from `plexspaces new` to the first answer, in each language, each step by the command line as a
 * user types it: new, the tests that come with it, build, deploy on a fresh node, invoke. Started by first-answer.sh.
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
import { markdownTable } from 'markdown-table';
import { TEMPLATES } from '../packages/cli/src/new/templates.ts';
import type { TemplateName } from '../packages/cli/src/new/templates.ts';

const COMMAND = fileURLToPath(new URL('../packages/cli/bin/plexspaces.js', import.meta.url));
const STEPS = ['new', 'its tests', 'build', 'deploy', 'first call'] as const;
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
  for (const language of languages) rows.push([language, ...(await measure(language, node.address))]);
  const head = ['seconds', ...STEPS, 'from new to the answer'];
  process.stdout.write(`${markdownTable([head, ...rows], { align: ['l', ...head.slice(1).map(() => 'r')] })}\n`);
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

/** The row's cells. A language whose tools are missing has none, and says why. */
async function measure(language: TemplateName, node: string): Promise<string[]> {
  const name = `first-${language}`;
  const directory = join(work, name);
  const service = `example.First${language.charAt(0).toUpperCase()}${language.slice(1)}.v1`;
  const [test = '', ...testArgs] = TEMPLATES[language].test.split(' ');
  const seconds: number[] = [];
  const step = async (cwd: string, file: string, args: readonly string[]): Promise<Ended> => {
    const started = performance.now();
    const ended = await run(cwd, file, args);
    seconds.push((performance.now() - started) / 1000);
    if (ended.code !== 0) throw new Failure(`${language}: ${[file, ...args].join(' ')}: ${ended.stderr.trim()}`);
    return ended;
  };
  const plexspaces = (cwd: string, ...args: string[]): Promise<Ended> =>
    step(cwd, process.execPath, [COMMAND, ...args]);
  try {
    await plexspaces(work, 'new', name, '--lang', language);
    await step(directory, test, testArgs);
    await plexspaces(directory, 'build', '.');
    await plexspaces(directory, 'deploy', '.', '--node', node);
    const { stdout } = await plexspaces(directory, 'invoke', service, 'greet', '{"name":"Ann"}', '--node', node);
    if (stdout !== ANSWER) throw new Failure(`${language}: expected ${ANSWER.trim()}, found ${stdout.trim()}`);
  } catch (error) {
    if (!(error instanceof Failure) || !error.message.includes(`plexspaces: ${TOOLS_MISSING}`)) throw error;
    process.stderr.write(`not measured: ${error.message}\n`);
    return [...STEPS.map(() => '–'), 'tools missing'];
  }
  const total = seconds.reduce((sum, part) => sum + part, 0);
  return [...seconds, total].map((value) => value.toFixed(1));
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
