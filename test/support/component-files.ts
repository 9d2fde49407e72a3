/** Components as files that the command line can deploy, and the payloads of the echo component. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ECHO_WASM } from '../fixtures/components/wat.ts';
import { makeScratchDirectory } from './scratch-directory.ts';

/** Ready to run in half a second; test/fixtures/components says what it does. */
export const ECHO_FILE: string = fileURLToPath(ECHO_WASM);

/** @returns the path of a file of its own. */
export async function componentFile(bytes: Uint8Array, name = 'component'): Promise<string> {
  const path = join(await makeScratchDirectory(), `${name}.wasm`);
  await writeFile(path, bytes);
  return path;
}

/** The payload of the echo component's `sleep`. */
export function sleepPayload(durationMs: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(durationMs), true);
  return bytes;
}
