/** Generated JavaScript that was changed behind the node's back runs in no thread. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { expectTranspiled } from '../../fixtures/components/transpiled.ts';
import { loadEcho } from '../../support/echo.ts';
import { EchoPool } from './echo-pool.ts';

const ONE = { min: 1, max: 1 };

it('is looked at before each thread that imports it', async () => {
  await using echo = await loadEcho();
  const file = fileURLToPath(expectTranspiled(echo.component).javascriptUrl);
  const written = await readFile(file);
  await using before = await EchoPool.start(echo.component, ONE);
  expect(before.stats).toMatchObject({ total: 1 });
  await writeFile(file, `${written.toString()}\n`);
  await expect(EchoPool.start(echo.component, ONE)).rejects.toMatchObject({
    code: 'DATA_LOSS',
    message: expect.stringMatching(/expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}/),
  });
  await rm(file);
  await expect(EchoPool.start(echo.component, ONE)).rejects.toMatchObject({
    code: 'DATA_LOSS',
    message: expect.stringContaining('found no such file'),
  });
  await writeFile(file, written);
  await using restored = await EchoPool.start(echo.component, ONE);
  expect(restored.stats).toMatchObject({ total: 1 });
});
