/**
 * Four projects: unit (no daemon, no real components), integration (threads, LevelDB and gRPC within this
 * process), e2e (a real daemon driven from outside), linearizability (histories of one).
 *
 * Workspace packages resolve to their sources, without a build: the condition is given to vite, to what
 * vite leaves external and, by execArgv, to Node itself, so that real worker threads find the same files.
 */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config';

const CONDITION = '@plexspaces/source';
const CONDITIONS = [CONDITION, 'node', 'module', 'import', 'default'];

const config: ViteUserConfig = defineConfig({
  test: {
    // A CommonJS default is what it is for Node, which runs the same files in threads and processes.
    deps: { interopDefault: false },
    // Much of a test is waiting for threads and disks; one worker fewer than cores, the default, would be one on two.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      // Unit tests share nothing that one could spoil for another, so that they need no process for each file.
      project('unit', { testTimeout: 10_000, isolate: false }),
      project('integration', { testTimeout: 30_000, hookTimeout: 30_000 }),
      project('e2e', { testTimeout: 180_000, hookTimeout: 180_000 }),
      // Behind the others: the more calls of a history overlap, the longer its order is looked for.
      project('linearizability', {
        testTimeout: 180_000,
        hookTimeout: 180_000,
        fileParallelism: false,
        sequence: { groupOrder: 1 },
      }),
    ],
  },
});

export default config;

function project(name: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  return {
    resolve: { conditions: CONDITIONS },
    ssr: { resolve: { conditions: CONDITIONS, externalConditions: CONDITIONS } },
    test: {
      // A CommonJS default is what it is for Node, which runs the same files in threads and processes.
      deps: { interopDefault: false },
      name,
      include: [`test/${name}/**/*.test.ts`],
      globals: false,
      environment: 'node',
      pool: 'forks',
      execArgv: [`--conditions=${CONDITION}`, '--disable-warning=ExperimentalWarning'],
      ...test,
    },
  };
}
