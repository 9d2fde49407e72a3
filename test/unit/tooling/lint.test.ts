/**
 * The linter's arrows are seen to bite: a copy of its configuration over a small tree that breaks each rule once,
 * beside a twin that keeps it.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const RESTRICTED = 'eslint(no-restricted-imports)';

/** [file, import specifier] that must be refused, each by one rule of the table. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['packages/core/src/refused-io.ts', 'node:fs'],
  ['packages/core/src/refused-dependency.ts', 'pino'],
  ['packages/proto/src/refused.ts', '@plexspaces/client'],
  ['packages/worker/src/refused-proto.ts', '@plexspaces/proto'],
  ['packages/worker/src/refused-level.ts', 'level'],
  ['packages/worker/src/host/refused-piscina.ts', 'piscina'],
  ['packages/worker/src/refused-grpc.ts', 'nice-grpc-common'],
  ['packages/worker/src/refused-grpc-js.ts', '@grpc/grpc-js'],
  ['packages/client/src/refused-runtime.ts', '@plexspaces/runtime'],
  ['packages/client/src/refused-worker.ts', '@plexspaces/worker/thread'],
  ['packages/runtime/src/actors/refused-client.ts', '@plexspaces/client'],
  ['packages/runtime/src/pool/refused-cli.ts', 'plexspaces'],
  ['packages/cli/src/refused-worker.ts', '@plexspaces/worker'],
  ['packages/cli/src/commands/refused-deep.ts', '@plexspaces/core/src/tuple.ts'],
  ['packages/client/src/refused-relative.ts', '../../core/src/tuple.ts'],
  ['packages/runtime/src/actors/refused.ts', '../services/actor-service.ts'],
  ['packages/runtime/src/pool/refused.ts', '../actors/mailbox.ts'],
  ['packages/runtime/src/host/refused.ts', '../pool/pool.ts'],
  ['packages/runtime/src/host/deeper/refused.ts', '../../pool/pool.ts'],
  ['packages/runtime/src/store/refused.ts', '../host/state.ts'],
  ['packages/runtime/src/tuplespace/refused.ts', '../components/screen.ts'],
  ['packages/runtime/src/store/refused-side.ts', '../tuplespace/space.ts'],
  ['packages/runtime/src/services/refused-node.ts', '../node.ts'],
  ['packages/runtime/src/clock.ts', './pool/pool.ts'],
];

const ACCEPTED: readonly (readonly [string, string])[] = [
  ['packages/core/src/accepted.ts', './tuple.ts'],
  ['packages/worker/src/accepted.ts', '@plexspaces/core'],
  ['packages/client/src/accepted.ts', '@plexspaces/proto'],
  ['packages/cli/src/accepted.ts', '@plexspaces/runtime'],
  ['packages/runtime/src/services/accepted.ts', '../actors/mailbox.ts'],
  ['packages/runtime/src/host/accepted.ts', '../store/journal.ts'],
  ['packages/runtime/src/tuplespace/accepted.ts', '../store/journal.ts'],
  ['packages/runtime/src/pool/accepted.ts', '../clock.ts'],
  ['packages/runtime/src/node.ts', './services/actor-service.ts'],
  ['packages/runtime/src/pool/accepted-piscina.ts', 'piscina'],
];

let directory = '';
let findings: readonly Finding[] = [];

interface Finding {
  readonly code: string;
  readonly filename: string;
}

describe('the linter', () => {
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'plexspaces-lint-'));
    await layOut();
    findings = await lint();
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it.each(REFUSED)('refuses in %s the import of %s', (file) => {
    expect(codesOf(file)).toEqual([RESTRICTED]);
  });

  it.each(ACCEPTED)('accepts in %s the import of %s', (file) => {
    expect(codesOf(file)).toEqual([]);
  });

  it('refuses a cycle', () => {
    expect(codesOf('packages/core/src/cycle-a.ts')).toEqual(['import(no-cycle)']);
  });

  it('refuses what needs types to be seen: a promise left floating or misused, a state forgotten', () => {
    expect(codesOf('packages/core/src/typed.ts').toSorted()).toEqual([
      'typescript(no-floating-promises)',
      'typescript(no-misused-promises)',
      'typescript(switch-exhaustiveness-check)',
    ]);
  });

  it('refuses any, the bang, a value import of a type, an assertion and a default export', () => {
    expect(codesOf('packages/core/src/habits.ts').toSorted()).toEqual([
      'import(no-default-export)',
      'typescript(consistent-type-assertions)',
      'typescript(consistent-type-imports)',
      'typescript(no-explicit-any)',
      'typescript(no-non-null-assertion)',
      'typescript(no-unsafe-type-assertion)',
    ]);
  });
});

function codesOf(file: string): string[] {
  return findings.filter((finding) => finding.filename === file).map((finding) => finding.code);
}

async function layOut(): Promise<void> {
  for (const file of ['oxlint.config.ts', 'tsconfig.json', 'tsconfig.base.json', 'test/tidy/arrows.ts'])
    await cp(path.join(ROOT, file), path.join(directory, file));
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'));
  for (const [file, specifier] of [...REFUSED, ...ACCEPTED]) await put(file, `export * from '${specifier}';\n`);
  await put('packages/core/src/cycle-a.ts', "import { b } from './cycle-b.ts';\nexport const a = (): number => b();\n");
  await put('packages/core/src/cycle-b.ts', "import { a } from './cycle-a.ts';\nexport const b = (): number => a();\n");
  await put('packages/core/src/type.ts', 'export interface T {\n  readonly t: number;\n}\n');
  await put('packages/core/src/habits.ts', HABITS);
  await put('packages/core/src/typed.ts', TYPED);
}

async function put(file: string, text: string): Promise<void> {
  const target = path.join(directory, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
}

async function lint(): Promise<readonly Finding[]> {
  const bin = path.join(directory, 'node_modules/oxlint/bin/oxlint');
  const config = path.join(directory, 'oxlint.config.ts');
  const stdout = await new Promise<string>((resolve) => {
    const options = { cwd: directory, maxBuffer: 8 * 1024 * 1024 };
    // A linter that finds something ends with 1; what it printed is what counts.
    execFile(process.execPath, [bin, '-c', config, '-f', 'json', 'packages'], options, (_error, out) => resolve(out));
  });
  const report: { diagnostics: readonly Finding[] } = JSON.parse(stdout);
  return report.diagnostics;
}

// Line by line: a default export at the start of a line of this file would be one of its own to the tidy rules.
const HABITS = [
  "import { T } from './type.ts';",
  'export function first(list: readonly T[]): T {',
  '  return list[0]!;',
  '}',
  'export function loose(value: any): unknown {',
  '  return value;',
  '}',
  'export const five = loose(5) as number;',
  'export { first as default };',
  '',
].join('\n');

const TYPED = `export function start(work: () => Promise<void>): void {
  work();
}
export function ready(isReady: () => Promise<boolean>): string {
  if (isReady()) return 'ready';
  return 'waiting';
}
export function name(state: 'open' | 'closed'): void {
  switch (state) {
    case 'open':
      start(() => Promise.resolve());
  }
}
`;
