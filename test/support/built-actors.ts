/** The components that end-to-end tests deploy: built where they are not there yet, or are made of other sources. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { plexspacesJson, PROJECT } from './command-line.ts';

/** An application of actors/<language> with its component built. @returns its directory. */
export async function builtApplication(name: string, language: string = 'python'): Promise<string> {
  const directory = join(PROJECT, 'actors', language, name);
  await plexspacesJson(['build', directory]);
  return directory;
}

/** The component of a file in test/fixtures/<language>. @returns its path. */
export async function builtFixture(name: string, language: 'python' | 'typescript' = 'python'): Promise<string> {
  const extension = language === 'python' ? 'py' : 'ts';
  const source = join(PROJECT, 'test', 'fixtures', language, `${name}.${extension}`);
  const output = join(PROJECT, '.cache', 'fixtures', `${name}.${extension}.wasm`);
  await mkdir(dirname(output), { recursive: true });
  await plexspacesJson(['build', source, '-o', output]);
  return output;
}
