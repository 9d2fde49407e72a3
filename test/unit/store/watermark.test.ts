/** The watermark file: what was written is read, and whatever is not that is refused by name. */
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readWatermark, WatermarkFile } from '../../../packages/runtime/src/store/watermark.ts';
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts';
import type { TemporaryDirectory } from '../../support/temporary-directory.ts';

let temporary: TemporaryDirectory;
let path: string;
let made = 0;

beforeAll(async () => {
  temporary = await makeTemporaryDirectory();
});

afterAll(async () => {
  await temporary[Symbol.asyncDispose]();
});

beforeEach(() => {
  made += 1;
  path = join(temporary.path, `watermark-${made}`);
});

describe('a watermark', () => {
  it('is none where there is no file, an empty one or only zeros', async () => {
    expect(await readWatermark(path)).toBeUndefined();
    writeFileSync(path, '');
    expect(await readWatermark(path)).toBeUndefined();
    writeFileSync(path, Buffer.alloc(28));
    expect(await readWatermark(path)).toBeUndefined();
  });

  it('is what was written last, in place, and stays as it is until the next write', async () => {
    {
      using file = new WatermarkFile(path, 3n);
      file.write(7n);
      file.write(2n ** 63n + 1n);
    }
    expect(await readWatermark(path)).toEqual({ epoch: 3n, lsn: 2n ** 63n + 1n });
    expect(statSync(path)).toMatchObject({ size: 28, mode: 0o100_600 });
    using next = new WatermarkFile(path, 4n);
    expect(await readWatermark(path)).toEqual({ epoch: 3n, lsn: 2n ** 63n + 1n });
    next.write(1n);
    expect(await readWatermark(path)).toEqual({ epoch: 4n, lsn: 1n });
  });

  it('with any bit flipped or any byte gone is refused by name, with what to do', async () => {
    using file = new WatermarkFile(path, 3n);
    file.write(7n);
    const whole = readFileSync(path);
    const refused = { code: 'DATA_LOSS', message: expect.stringMatching(/^\S+watermark-\d+ is damaged: .*removed/) };
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(whole.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      writeFileSync(path, flipped);
      await expect(readWatermark(path)).rejects.toMatchObject(refused);
    }
    for (let length = 1; length < whole.length; length += 1) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      await expect(readWatermark(path)).rejects.toMatchObject(refused);
    }
    writeFileSync(path, whole); // control
    expect(await readWatermark(path)).toEqual({ epoch: 3n, lsn: 7n });
  });
});
