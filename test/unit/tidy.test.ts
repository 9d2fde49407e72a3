/**
 * The house rules that a compiler and a linter do not see, over the whole tree. Each rule is first fed a sample
 * that breaks it and one that keeps it, so that a rule that has gone blind is noticed.
 */
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { everyFolderHasArrows, importsPointDown } from '../tidy/rules/arrows.ts';
import {
  dependenciesAreUsed,
  importsAreDeclared,
  lockNamesNoRegistry,
  versionsAreExact,
} from '../tidy/rules/dependencies.ts';
import { hostGroupsAreWhole } from '../tidy/rules/host-groups.ts';
import { everySourceIsReached } from '../tidy/rules/orphans.ts';
import { namesAreKebab, noDefaultExports, noLongFiles, noMachinePaths, nothingUnfinished } from '../tidy/rules/text.ts';
import { listByWalk, readTree } from '../tidy/tree.ts';
import type { Rule, SourceFile } from '../tidy/tree.ts';

type Sample = Readonly<Record<string, string>>;

interface Case {
  readonly rule: Rule;
  /** Refused, each on its own. */
  readonly breaks: readonly Sample[];
  /** Accepted, each on its own. */
  readonly keeps: readonly Sample[];
}

const manifest = (fields: object): string => JSON.stringify({ name: '@plexspaces/x', ...fields });
const imports = (specifier: string): string => `import { a } from '${specifier}';\n`;
/** A sample must not break the rule in this very file. */
const HOME = ['', 'home', 'someone', 'file'].join('/');
const UNFINISHED = ['// TO', 'DO: later'].join('');

const CASES: Readonly<Record<string, Case>> = {
  'no source file is over 400 lines': {
    rule: noLongFiles,
    breaks: [{ 'packages/core/src/a.ts': 'x\n'.repeat(401) }, { 'sdk/python/a.py': 'x\n'.repeat(401) }],
    keeps: [{ 'packages/core/src/a.ts': 'x\n'.repeat(400) }, { 'packages/proto/gen/a.ts': 'x\n'.repeat(9000) }],
  },
  'files are named in kebab-case': {
    rule: namesAreKebab,
    breaks: [{ 'packages/core/src/tupleJson.ts': '' }, { 'test/unit/Tuple.test.ts': '' }],
    keeps: [{ 'packages/core/src/tuple-json.ts': '', 'test/unit/tuple-json.test.ts': '', 'vitest.config.ts': '' }],
  },
  'no file has a default export': {
    rule: noDefaultExports,
    breaks: [
      { 'test/a.ts': 'export default 1;\n' },
      { 'packages/core/src/a.ts': 'const a = 1;\nexport { a as default };\n' },
    ],
    keeps: [
      { 'vitest.config.ts': 'export default {};\n' },
      { 'packages/core/src/a.ts': "const a = 'export default';\n" },
    ],
  },
  'nothing is left unfinished': {
    rule: nothingUnfinished,
    breaks: [{ 'packages/core/src/a.ts': `${UNFINISHED}\n` }, { 'docs/a.md': `one\n${UNFINISHED}\n` }],
    keeps: [{ 'docs/a.md': 'a todo list\n' }],
  },
  'no path of one machine': {
    rule: noMachinePaths,
    breaks: [{ 'docs/a.md': `see ${HOME}\n` }, { 'scripts/a.sh': `cat "${HOME}"\n` }],
    keeps: [{ 'docs/a.md': `see src${HOME} and https://example.org${HOME} and /tmp/x\n` }],
  },
  'imports point down only': {
    rule: importsPointDown,
    breaks: [
      { 'packages/core/src/a.ts': imports('node:fs') },
      { 'packages/core/src/a.ts': imports('pino') },
      { 'packages/worker/src/a.ts': imports('@plexspaces/proto') },
      { 'packages/worker/src/a.ts': imports('level') },
      { 'packages/worker/src/a.ts': imports('nice-grpc-common') },
      { 'packages/worker/src/a.ts': imports('@grpc/grpc-js') },
      { 'packages/worker/src/a.ts': "const p = await import('piscina');\n" },
      { 'packages/client/src/a.ts': imports('@plexspaces/worker/thread') },
      { 'packages/client/src/a.ts': "export type {\n  A,\n  B,\n} from '@plexspaces/runtime';\n" },
      { 'packages/proto/src/a.ts': imports('plexspaces') },
      { 'packages/cli/src/a.ts': imports('@plexspaces/core/src/tuple.ts') },
      { 'packages/cli/src/a.ts': imports('../../core/src/tuple.ts') },
      { 'packages/runtime/src/actors/a.ts': imports('../services/b.ts') },
      { 'packages/runtime/src/pool/a.ts': imports('../actors/b.ts') },
      { 'packages/runtime/src/host/deeper/a.ts': imports('../../pool/b.ts') },
      { 'packages/runtime/src/store/a.ts': imports('../tuplespace/b.ts') },
      { 'packages/runtime/src/components/a.ts': imports('../store/b.ts') },
      { 'packages/runtime/src/services/a.ts': imports('../node.ts') },
      { 'packages/runtime/src/clock.ts': imports('./pool/b.ts') },
    ],
    keeps: [
      { 'packages/core/src/a.ts': imports('./tuple.ts') },
      { 'packages/core/src/a.ts': ` * ${imports('pino')}// ${imports('pino')}` },
      { 'packages/proto/src/a.ts': imports('../gen/b.ts') },
      { 'packages/worker/src/a.ts': imports('@plexspaces/core') },
      { 'packages/cli/src/a.ts': imports('@plexspaces/runtime') },
      { 'packages/runtime/src/services/a.ts': imports('../actors/b.ts') },
      { 'packages/runtime/src/tuplespace/a.ts': imports('../store/b.ts') },
      { 'packages/runtime/src/pool/a.ts': imports('../clock.ts') },
      { 'packages/runtime/src/pool/a.ts': imports('piscina') },
      { 'packages/runtime/src/node.ts': imports('./services/b.ts') },
    ],
  },
  'every package and every folder of the runtime has its arrows': {
    rule: everyFolderHasArrows,
    breaks: [{ 'packages/extra/src/a.ts': '' }, { 'packages/runtime/src/extra/a.ts': '' }],
    keeps: [{ 'packages/runtime/src/pool/a.ts': '', 'packages/runtime/src/a.ts': '', 'packages/core/src/b/a.ts': '' }],
  },
  'a group of host functions has one name in three places': {
    rule: hostGroupsAreWhole,
    breaks: [
      {},
      { 'packages/worker/src/host/log.ts': '', 'packages/runtime/src/host/log.ts': '' },
      { 'packages/worker/src/host/log.ts': '', 'test/unit/host/log.test.ts': '' },
    ],
    keeps: [
      {
        'packages/worker/src/host/log.ts': '',
        'packages/worker/src/host/index.ts': '',
        'packages/runtime/src/host/log.ts': '',
        'test/integration/host/log.test.ts': '',
      },
    ],
  },
  'every source is reached from what is started or published': {
    rule: everySourceIsReached,
    breaks: [
      { 'packages/x/src/a.ts': '' },
      { 'packages/x/src/a.ts': imports('./b.ts'), 'packages/x/src/b.ts': imports('./a.ts') },
      { 'packages/x/src/a.ts': '', 'test/unit/a.test.ts': imports('../../packages/x/src/a.ts') },
      {
        'packages/x/package.json': '{"exports":"./src/a.ts"}',
        'packages/x/src/a.ts': `// ${imports('./b.ts')}`,
        'packages/x/src/b.ts': '',
      },
    ],
    keeps: [
      {
        'packages/x/package.json': '{"exports":"./src/index.ts"}',
        'packages/x/src/index.ts': imports('./a.ts'),
        'packages/x/src/a.ts': "const url = new URL('./b.ts', import.meta.url);\n",
        'packages/x/src/b.ts': '',
      },
      { 'packages/x/bin/x.js': "await import('../src/main.ts');\n", 'packages/x/src/main.ts': '' },
      { 'scripts/x.sh': 'node packages/x/src/all.ts\n', 'packages/x/src/all.ts': '' },
    ],
  },
  'versions of dependencies are exact': {
    rule: versionsAreExact,
    breaks: [
      { 'package.json': manifest({ devDependencies: { a: '^1.0.0' } }) },
      { 'packages/x/package.json': manifest({ dependencies: { a: 'latest' } }) },
    ],
    keeps: [{ 'packages/x/package.json': manifest({ dependencies: { a: '1.2.3', b: '1.0.0-rc.1', c: 'file:../c' } }) }],
  },
  'a package imports what it depends on': {
    rule: dependenciesAreUsed,
    breaks: [
      { 'packages/x/package.json': manifest({ dependencies: { a: '1.2.3' } }), 'packages/x/src/i.ts': imports('ab') },
    ],
    keeps: [
      {
        'packages/x/package.json': manifest({ dependencies: { a: '1.2.3' } }),
        'packages/x/src/i.ts': imports('a/sub'),
      },
      {
        'packages/x/package.json': manifest({ dependencies: { '@s/a': '1.2.3' } }),
        'packages/x/src/i.ts': "const url = import.meta.resolve('@s/a/sub');\n",
      },
    ],
  },
  'a package depends on what it imports': {
    rule: importsAreDeclared,
    breaks: [{ 'packages/x/package.json': manifest({}), 'packages/x/src/i.ts': imports('a') }],
    keeps: [
      { 'packages/x/package.json': manifest({}), 'packages/x/src/i.ts': imports('node:fs') },
      { 'packages/x/package.json': manifest({}), 'packages/x/templates/a/i.ts': imports('a') },
    ],
  },
  'the lock names no registry': {
    rule: lockNamesNoRegistry,
    breaks: [{ 'package-lock.json': '"resolved": "https://registry.example.org/a.tgz"\n' }],
    keeps: [{ 'package-lock.json': '"resolved": "packages/core"\n' }],
  },
};

const ROOT = path.resolve(import.meta.dirname, '../..');
const tree = readTree(ROOT);

describe('the tree that is judged', () => {
  it('holds the sources', () => {
    const paths = tree.map((file) => file.path);
    expect(paths).toContain('packages/core/src/index.ts');
    expect(paths).toContain('test/unit/tidy.test.ts');
    expect(paths.filter((name) => name.includes('node_modules/'))).toEqual([]);
  });

  it('is found without git too', () => {
    const walked = new Set(listByWalk(ROOT));
    expect(tree.map((file) => file.path).filter((name) => !walked.has(name))).toEqual([]);
    expect([...walked].filter((name) => name.includes('node_modules/') || name.startsWith('.git/'))).toEqual([]);
  });
});

describe.each(Object.entries(CASES))('%s', (_name, { rule, breaks, keeps }) => {
  it.each(breaks)('is seen to be broken by %j', (sample) => {
    expect(rule(filesOf(sample))).not.toEqual([]);
  });

  it.each(keeps)('is seen to be kept by %j', (sample) => {
    expect(rule(filesOf(sample))).toEqual([]);
  });

  it('holds in the tree', () => {
    expect(rule(tree)).toEqual([]);
  });
});

function filesOf(sample: Sample): SourceFile[] {
  return Object.entries(sample).map(([name, text]) => ({ path: name, text }));
}
