/** Source to core module, core module to component. */
import { readFile, writeFile } from 'node:fs/promises';
import { PlexSpacesError } from '@plexspaces/core';
import { surveyComponent } from '@plexspaces/runtime/survey';
import { runProcess } from '../process.ts';
import type { LanguageOptions } from '../language.ts';
import { explainFailure } from './explain-failure.ts';
import type { CargoPackage } from './package.ts';
import { TARGET } from './toolchain.ts';
import type { RustToolchain } from './toolchain.ts';

const ACTOR_INTERFACE = 'plexspaces:actor/actor@';
const BUILD_TIMEOUT_MS = 900_000;
const FLAG_SEPARATOR = '\u{1f}';

/** @returns the path of the core module. @throws INVALID_ARGUMENT in the compiler's words. */
export async function compileCore(
  built: CargoPackage,
  { cargo }: RustToolchain,
  options: LanguageOptions,
): Promise<string> {
  const args = ['build', '--release', '--color', 'never', '--target', TARGET, '--manifest-path', built.manifest];
  const ended = await runProcess(cargo, args, {
    cwd: built.workspaceDirectory,
    env: buildEnvironment(built),
    timeoutMs: BUILD_TIMEOUT_MS,
    ...(options.onOutput && { onOutput: options.onOutput }),
    ...(options.signal && { signal: options.signal }),
  });
  if (ended.exitCode !== 0) throw explainFailure(ended.stderr, built.name);
  return built.core;
}

/** @throws INVALID_ARGUMENT for a core module that no actor was exported from. */
export async function makeComponent(core: string, output: string, name: string): Promise<void> {
  // Loaded for this alone: it takes longer than most commands.
  const { componentNew } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  const bytes = await readFile(core);
  const component = await componentNew(bytes).catch((error: unknown) => {
    const why = typeof error === 'string' ? error : PlexSpacesError.from(error).message;
    throw new PlexSpacesError('INVALID_ARGUMENT', `cannot build ${name}: its core module makes no component: ${why}`);
  });
  if (!surveyComponent(component).exports.some((item) => item.name.startsWith(ACTOR_INTERFACE))) {
    throw new PlexSpacesError('INVALID_ARGUMENT', `cannot build ${name}: expected export_actor!(…) in it, found none`);
  }
  await writeFile(output, component);
}

/** The builder's own, without its compiler flags: the same sources give the same bytes wherever they lie. */
function buildEnvironment({ renamed }: CargoPackage): Record<string, string> {
  const flags = [...renamed].map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  const own = Object.entries(process.env).filter(([name]) => !name.endsWith('RUSTFLAGS'));
  const environment = Object.fromEntries(own.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return { ...environment, CARGO_ENCODED_RUSTFLAGS: flags.join(FLAG_SEPARATOR) };
}
