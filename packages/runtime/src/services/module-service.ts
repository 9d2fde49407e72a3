/** ModuleService: components by their hash, sent in chunks only where the node does not have them. */
import { parseModuleHash, PlexSpacesError } from '@plexspaces/core';
import type { ModuleServiceImplementation, UploadModuleRequest } from '@plexspaces/proto';
import type { ComponentStore } from '../components/component-store.ts';
import { expectWhole } from './message-limits.ts';

export function createModuleService(components: ComponentStore): ModuleServiceImplementation {
  return {
    hasModule: async ({ hash }) => ({ present: await components.has(parseModuleHash(hash)) }),
    uploadModule: async (requests, { signal }) => {
      const parts = requests[Symbol.asyncIterator]();
      const { hash, sizeBytes } = await expectHeader(parts);
      await components.upload({ hash, sizeBytes }, chunksOf(parts), { signal });
      return { hash, sizeBytes: BigInt(sizeBytes) };
    },
  };
}

async function expectHeader(parts: AsyncIterator<UploadModuleRequest>): Promise<{ hash: string; sizeBytes: number }> {
  const first = await parts.next();
  expectWhole(first.value);
  const part = first.done === true ? undefined : first.value.part;
  if (part?.$case !== 'header') {
    throw new PlexSpacesError('INVALID_ARGUMENT', `upload: expected a header first, found ${part?.$case ?? 'nothing'}`);
  }
  return { hash: parseModuleHash(part.value.hash), sizeBytes: Number(part.value.sizeBytes) };
}

async function* chunksOf(parts: AsyncIterator<UploadModuleRequest>): AsyncGenerator<Uint8Array> {
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) {
    expectWhole(next.value);
    const { part } = next.value;
    if (part?.$case !== 'chunk') {
      throw new PlexSpacesError('INVALID_ARGUMENT', `upload: expected a chunk, found ${part?.$case ?? 'nothing'}`);
    }
    yield part.value;
  }
}
