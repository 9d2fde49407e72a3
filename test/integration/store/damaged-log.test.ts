/** A log that was cut or has a flipped bit: all that was acknowledged is there, or the start is refused. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../../packages/runtime/src/store/data-directory.ts';
import type { DataDirectory } from '../../../packages/runtime/src/store/data-directory.ts';
import { copyDirectory, cutAt, flipAt, harmsAt, newestLog } from '../../support/damage.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';

const APPENDS = 300;
const PLACES = 60;
const VALUE = new Uint8Array(400);
const RECORDS = { from: 'x/', to: 'x0' };

let temporary: TemporaryDirectory;
/** A directory with APPENDS records, closed; its log is a few of LevelDB's blocks of 32 KiB. */
let whole: string;
let copy: string;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
  whole = join(temporary.path, 'whole');
  copy = join(temporary.path, 'copy');
  await using data = await openDataDirectory(whole);
  for (let count = 0; count < APPENDS; count += 1) {
    await data.writer.synced(data.writer.append([{ type: 'put', key: `x/${count}`, value: VALUE }]));
  }
});

afterAll(async () => {
  await temporary[Symbol.asyncDispose]();
});

describe('a damaged log', () => {
  it.each(harmsAt(PLACES))('$name is refused with file and numbers, again and again', async ({ harm }) => {
    copyDirectory(whole, copy);
    harm(newestLog(copy));
    const refused = { code: 'DATA_LOSS', message: expect.stringMatching(/copy\/db: .*LSN \d+.*found.*LSN \d+/) };
    await expect(openDataDirectory(copy)).rejects.toMatchObject(refused);
    await expect(openDataDirectory(copy)).rejects.toMatchObject(refused); // LevelDB has rewritten the log by now
  });

  it('that is whole is not refused (control)', async () => {
    copyDirectory(whole, copy);
    await using data = await openDataDirectory(copy);
    expect(await countOf(data)).toBe(APPENDS);
  });

  it('that was cut is not noticed without the watermark, and told so in the log (control)', async () => {
    copyDirectory(whole, copy);
    cutAt(0.5)(newestLog(copy));
    rmSync(join(copy, 'watermark'));
    const { logger, lines } = recordingLogger();
    await using data = await openDataDirectory(copy, { logger });
    expect(await countOf(data)).toBeLessThan(APPENDS);
    expect(lines).toMatchObject([{ msg: 'no watermark: the end of the log is unknown' }]);
  });

  it('with a damaged middle shows in the marks alone, too', async () => {
    copyDirectory(whole, copy);
    flipAt(0.5)(newestLog(copy));
    rmSync(join(copy, 'watermark'));
    await expect(openDataDirectory(copy)).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringMatching(/the log has a gap: expected the batch that ends with LSN \d+, found next/),
    });
  });
});

describe('what else may be gone', () => {
  it.each<[string, (directory: string) => void]>([
    ['the whole database', (directory) => rmSync(join(directory, 'db'), { recursive: true })],
    ['the file that names the manifest', (directory) => rmSync(join(directory, 'db', 'CURRENT'))],
    ['half of the manifest', (directory) => cutAt(0.5)(join(directory, 'db', manifestIn(directory)))],
    ['half of the watermark', (directory) => cutAt(0.5)(join(directory, 'watermark'))],
  ])('%s: the start is refused by name, and nothing is made in its place', async (_what, harm) => {
    copyDirectory(whole, copy);
    harm(copy);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(openDataDirectory(copy)).rejects.toMatchObject({
        code: 'DATA_LOSS',
        message: expect.stringContaining(copy),
      });
    }
  });

  it('an older copy of the database is refused beside the watermark of now', async () => {
    copyDirectory(whole, copy);
    await (await openDataDirectory(copy))[Symbol.asyncDispose]();
    copyDirectory(join(whole, 'db'), join(copy, 'db'));
    await expect(openDataDirectory(copy)).rejects.toMatchObject({ code: 'DATA_LOSS' });
  });
});

function manifestIn(directory: string): string {
  expect(readdirSync(join(directory, 'db'))).toContain('CURRENT');
  return readFileSync(join(directory, 'db', 'CURRENT'), 'utf8').trim();
}

async function countOf({ store }: DataDirectory): Promise<number> {
  return (await Array.fromAsync(store.range(RECORDS))).length;
}
