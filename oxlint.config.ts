/**
 * The linter. Its own part is the choice of rules; the arrows between packages and between the runtime's folders
 * come from test/tidy/arrows.ts. A later override replaces an earlier one's rule as a whole, so each folder gets
 * one complete list.
 */
import { defineConfig } from 'oxlint';
import type { OxlintConfig, OxlintOverride } from 'oxlint';
import {
  FOREIGN_PACKAGES,
  forbiddenPackages,
  forbiddenRuntimeFolders,
  PACKAGE_ARROWS,
  packageName,
  PURE_PACKAGES,
  RUNTIME_LAYERS,
  RUNTIME_TOP_FILES,
} from './test/tidy/arrows.ts';

interface RestrictedPattern {
  readonly regex: string;
  readonly message: string;
}

const RUNTIME = 'packages/runtime/src';
const RUNTIME_FOLDERS = RUNTIME_LAYERS.flat();

const config: OxlintConfig = defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true, reportUnusedDisableDirectives: 'error' },
  ignorePatterns: ['packages/proto/gen/**', '**/dist/**', '**/node_modules/**', '.venv/**', '.cache/**'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'unicorn/prefer-node-protocol': 'error',
    // Spreading a string counts its code points, which is what limits are given in.
    'typescript/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }] }],
    // Off: awaiting in turn is mostly meant; a set of three, a helper in its function's scope and a loop in place of
    // a short spread are no gain; the compiler has noImplicitReturns; the browser's postMessage is not the thread's; `import pino from 'pino'` is
    // how such packages are used.
    'eslint/no-await-in-loop': 'off',
    'oxc/no-map-spread': 'off',
    'typescript/consistent-return': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'unicorn/prefer-set-has': 'off',
    'unicorn/require-post-message-target-origin': 'off',
    'import/no-named-as-default': 'off',
    'import/no-named-as-default-member': 'off',
  },
  overrides: [
    {
      files: ['packages/*/src/**/*.ts', 'sdk/typescript/src/**/*.ts'],
      rules: {
        'typescript/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
        'typescript/no-unsafe-argument': 'error',
        'typescript/no-unsafe-assignment': 'error',
        'typescript/no-unsafe-call': 'error',
        'typescript/no-unsafe-member-access': 'error',
        'typescript/no-unsafe-return': 'error',
      },
    },
    // Where bytes and shared memory become values, the type is ours to say.
    {
      files: ['packages/*/src/**/codec.ts', 'packages/*/src/bridge/**/*.ts', 'sdk/typescript/src/codec.ts'],
      rules: { 'typescript/consistent-type-assertions': 'off', 'typescript/no-unsafe-type-assertion': 'off' },
    },
    // Modules reached by URL have no types of their own; the annotation beside the import gives them one.
    { files: ['packages/worker/src/wasi.ts'], rules: { 'typescript/no-unsafe-assignment': 'off' } },
    {
      files: ['test/**/*.ts', 'bench/**/*.ts'],
      rules: {
        'typescript/no-unsafe-type-assertion': 'off',
        'vitest/require-mock-type-parameters': 'off',
      },
    },
    // Node's own test runner awaits what test() gives.
    { files: ['packages/*/templates/**'], rules: { 'typescript/no-floating-promises': 'off' } },
    { files: ['*.config.ts'], rules: { 'import/no-default-export': 'off' } },
    ...Object.keys(PACKAGE_ARROWS).map((folder) => restrict([`packages/${folder}/src/**`], packagePatterns(folder))),
    restrict([`${RUNTIME}/*.ts`], [...packagePatterns('runtime'), ...folderPatterns(RUNTIME_FOLDERS, 'a leaf of src')]),
    restrict(
      RUNTIME_TOP_FILES.map((file) => `${RUNTIME}/${file}`),
      packagePatterns('runtime'),
    ),
    ...RUNTIME_FOLDERS.map((folder) => restrict([`${RUNTIME}/${folder}/**`], runtimePatterns(folder))),
  ],
});

export default config;

function restrict(files: string[], patterns: RestrictedPattern[]): OxlintOverride {
  return { files, rules: { 'eslint/no-restricted-imports': ['error', { patterns }] } };
}

function packagePatterns(folder: string): RestrictedPattern[] {
  const others = Object.keys(PACKAGE_ARROWS).filter((other) => other !== folder);
  const above = forbiddenPackages(folder).map(packageName).join('|');
  const foreign = FOREIGN_PACKAGES[folder];
  return [
    { regex: `^(${above})(/|$)`, message: `packages/${folder} does not import this: arrows point down only.` },
    { regex: '^@plexspaces/[^/]+/(src|gen|dist)(/|$)', message: 'Import a package by its name, not its files.' },
    { regex: `^(\\.\\./)+(packages/)?(${others.join('|')})/(src|gen|dist)/`, message: 'Import a package by its name.' },
    ...(foreign === undefined
      ? []
      : [{ regex: `^(${foreign.join('|')})([-/]|$)`, message: `packages/${folder} must not see this package.` }]),
    ...(PURE_PACKAGES.includes(folder)
      ? [{ regex: '^[^.]', message: `packages/${folder} has no I/O and no dependencies.` }]
      : []),
  ];
}

function runtimePatterns(folder: string): RestrictedPattern[] {
  const tops = RUNTIME_TOP_FILES.map((file) => file.replace('.', '\\.')).join('|');
  return [
    ...packagePatterns('runtime'),
    ...folderPatterns(forbiddenRuntimeFolders(folder), folder),
    { regex: `^(\\.\\./)+(${tops})$`, message: 'node.ts constructs; declare the narrow port that is needed instead.' },
  ];
}

function folderPatterns(folders: string[], importer: string): RestrictedPattern[] {
  if (folders.length === 0) return [];
  const regex = `^\\.{1,2}/(\\.\\./)*(${folders.join('|')})/`;
  return [{ regex, message: `${importer} does not import this folder: arrows point down only.` }];
}
