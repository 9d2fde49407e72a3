/**
 * jco's generator: a component in, JavaScript and core modules out.
 *
 * The generator is asked directly, as jco-transpile's own `transpileBytes` does: that one also loads
 * binaryen and a native minifier, which a process that handles untrusted input has no use for.
 * `instantiation: sync` is the form that takes compiled modules; a result's error is thrown as it is, without
 * a wrapper.
 */
import { $init, generate } from '@bytecodealliance/jco-transpile/component';
import { malformed } from './wasm-binary.ts';

export interface GeneratedFiles {
  readonly javascript: string;
  /** By the name under which the generated code asks for them. */
  readonly coreModules: ReadonlyMap<string, Uint8Array>;
}

/** @throws INVALID_ARGUMENT (NOT_A_COMPONENT) with the first line of what the generator says. */
export async function generateFiles(component: Uint8Array): Promise<GeneratedFiles> {
  await $init;
  const coreModules = new Map<string, Uint8Array>();
  let javascript: string | undefined;
  for (const [name, bytes] of runGenerator(component)) {
    if (name.endsWith('.wasm')) coreModules.set(name, bytes);
    if (name.endsWith('.js')) javascript = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  }
  if (javascript === undefined) throw malformed('the generator made no JavaScript of it');
  return { javascript, coreModules };
}

function runGenerator(component: Uint8Array): [string, Uint8Array][] {
  try {
    return generate(component, {
      name: 'component',
      map: [],
      instantiation: { tag: 'sync' },
      base64Cutoff: 0,
      noTypescript: true,
      noNamespacedExports: true,
      noComponentErrorWrapping: true,
    }).files;
  } catch (error) {
    throw malformed(firstLine(error));
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n', 1)[0] ?? '';
  return error instanceof WebAssembly.RuntimeError
    ? `the generator broke off, for what it does not support or for want of memory (${line})`
    : line;
}
