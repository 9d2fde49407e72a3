/** When an instance is taken for worn, and that one which needs its memory is not renewed again and again. */
import { describe, expect, it } from 'vitest';
import { Wear } from '../../../packages/runtime/src/pool/wear.ts';
import { recordingLogger } from '../../support/recording-logger.ts';

const MEMORY_BYTES = 8_388_608;
const MANY = 1000;
const FEW = 10;

describe('wear', () => {
  it('is from seven eighths of the memory on, after four growths; each renewal is logged and counted', () => {
    const { wear, lines } = make();
    expect(wear.limit).toEqual({ bytes: 7_340_032, growths: 4, isFinal: true });
    wear.renew(MANY);
    wear.renew(MANY, 'a/key');
    expect(lines).toMatchObject([
      { level: 30, actor: 'a', calls: MANY, memoryBytes: MEMORY_BYTES },
      { level: 30, actor: 'a/key', calls: MANY },
    ]);
    expect(wear.renewed).toBe(2);
    expect(wear.limit).toMatchObject({ growths: 4 });
  });

  it('of who is renewed soon is looked for ever later, until one lasts', () => {
    const { wear } = make();
    const growths = Array.from({ length: 3 }, () => {
      wear.renew(FEW);
      return wear.limit?.growths;
    });
    expect(growths).toEqual([8, 16, 32]);
    for (let count = 0; count < 30; count += 1) wear.renew(FEW);
    expect(wear.limit).toMatchObject({ growths: 65_536 });
    wear.renew(MANY);
    expect(wear.limit).toMatchObject({ growths: 4 });
  });

  it('of who did come to the end of its memory is looked for at once, however soon it comes', () => {
    const { wear } = make();
    wear.renew(FEW);
    wear.end();
    expect(wear.limit).toMatchObject({ growths: 4 });
    wear.renew(FEW);
    expect(wear.limit).toMatchObject({ growths: 4 });
  });

  it('is never looked for where a control switched it off', () => {
    expect(make(true).wear.limit).toBeUndefined();
  });
});

function make(unsafeUnrenewed = false): { wear: Wear; lines: readonly object[] } {
  const { logger, lines } = recordingLogger();
  const wear = new Wear({ actor: 'a', memoryBytes: MEMORY_BYTES, isPooled: true, logger, unsafeUnrenewed });
  return { wear, lines };
}
