/**
 * The transpiling process: screens one module, turns a component into JavaScript and core modules, says so.
 *
 * `transpile-main INPUT OUTPUT_DIRECTORY [--unsafe-skip-screening]`
 *
 * It runs with an empty environment, bounded memory and time, and may read and write no files but these
 * (transpiler.ts). The component is untrusted; nothing of it runs here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { PlexSpacesError } from '@plexspaces/core';
import { fromFileError } from './content-files.ts';
import type { Generated } from './screen.ts';
import { refusalOf } from './verdict.ts';
import type { Transpiled, Verdict } from './verdict.ts';

const JAVASCRIPT = 'component.js';

async function main(): Promise<Verdict> {
  const [input, outputDirectory, flag] = process.argv.slice(2);
  if (input === undefined || outputDirectory === undefined) {
    throw new PlexSpacesError('INVALID_ARGUMENT', 'expected an input file and an output directory');
  }
  avoidThreads();
  const { generateScreened, generateUnscreened } = await import('./screen.ts');
  const generate = flag === '--unsafe-skip-screening' ? generateUnscreened : generateScreened;
  return write(outputDirectory, await generate(readFileSync(input)));
}

/**
 * The generator is a component itself, and the WASI that it gets in Node starts a thread when it is loaded,
 * which this process may not. The same package's WASI for browsers does without, and has no files either.
 */
function avoidThreads(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const isShim = specifier.startsWith('@bytecodealliance/preview2-shim/');
      return isShim ? { ...resolved, url: resolved.url.replace('/dist/nodejs/', '/dist/browser/') } : resolved;
    },
  });
}

function write(directory: string, { imports, exports, files }: Generated): Transpiled {
  if (files.javascript !== undefined) writeFileSync(join(directory, JAVASCRIPT), files.javascript);
  for (const [name, bytes] of files.coreModules) writeFileSync(join(directory, name), bytes);
  return {
    tag: 'transpiled',
    javascript: files.javascript === undefined ? undefined : JAVASCRIPT,
    coreModules: [...files.coreModules.keys()],
    imports,
    exports,
  };
}

const verdict = await main().catch((thrown: unknown) => refusalOf(fromFileError(thrown)));
process.stdout.write(JSON.stringify(verdict));
