/** The same actors in each language, ready for threads; and a JavaScript function in their place. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedComponent } from '../../packages/runtime/src/components/component-store.ts';
import { builtApplication } from '../../test/support/built-actors.ts';
import { PROJECT } from '../../test/support/command-line.ts';
import { loadEcho } from '../../test/support/echo.ts';
import type { EchoComponent } from '../../test/support/echo.ts';

export const LANGUAGES = { rust: 'Rust', typescript: 'TypeScript', python: 'Python' } as const;
export type Language = keyof typeof LANGUAGES;
export type GuestActor = 'kernel' | 'calculator' | 'counter';

const NATIVE = new URL('native-kernel.ts', import.meta.url);
const MEMORY_BYTES = 128 * 1_048_576;

/** Built where it is not there yet; those in Rust come with the project. @returns the component's file. */
export async function guestFile(language: Language, actor: GuestActor): Promise<string> {
  if (language === 'rust') return join(PROJECT, 'actors', 'rust', actor, `${actor}.wasm`);
  const name = language === 'python' && actor === 'calculator' ? 'durable_calculator' : actor;
  return join(await builtApplication(name, language), 'dist', `${name}.wasm`);
}

export async function loadGuest(language: Language, actor: GuestActor): Promise<EchoComponent> {
  return await loadEcho(new Uint8Array(await readFile(await guestFile(language, actor))), {
    memoryBytes: MEMORY_BYTES,
  });
}

/** What a pool takes for a component: here the code is written by hand, and there is no WebAssembly. */
export async function loadNative(): Promise<LoadedComponent> {
  const javascriptHash = createHash('sha256')
    .update(await readFile(fileURLToPath(NATIVE)))
    .digest('hex');
  return { kind: 'component', hash: javascriptHash, javascriptUrl: NATIVE.href, javascriptHash, modules: {} };
}
