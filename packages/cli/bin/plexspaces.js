#!/usr/bin/env node
// The first file that runs, on whatever Node is there: no syntax and no import that an old one lacks.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR = 24;
const CONDITION = '--conditions=@plexspaces/source';
const source = new URL('../src/main.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
  console.error(
    'plexspaces: needs Node ' +
      NODE_MAJOR +
      ' or newer, found ' +
      process.versions.node +
      ' (' +
      process.execPath +
      '); in a checkout `npx plexspaces` and `npm run` bring their own',
  );
  process.exitCode = 1;
} else if (existsSync(source)) {
  runFromSource();
} else {
  import('../dist/main.js').catch(function (error) {
    console.error('plexspaces: INTERNAL: ' + error.message);
    process.exitCode = 1;
  });
}

// A checkout runs without a build. What tells Node so must stand before the file's name, and worker threads inherit
// it; execve keeps the process, with its pid, signals and standard streams.
function runFromSource() {
  const options = [CONDITION, '--disable-warning=ExperimentalWarning'];
  const argv = [process.execPath].concat(process.execArgv, options, fileURLToPath(source), process.argv.slice(2));
  process.execve(process.execPath, argv, process.env);
}
