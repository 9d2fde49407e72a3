import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, recordStamp } from '../../../packages/runtime/src/components/prepared-record.ts';

const HASH = 'a'.repeat(64);
const RECORD = {
  component: HASH,
  javascript: HASH,
  coreModules: [{ name: 'component.core.wasm', hash: HASH, byteLength: 8 }],
  imports: ['plexspaces:actor/host@0.1.0'],
  exports: ['plexspaces:actor/actor@0.1.0'],
};

describe('a prepared record', () => {
  const stamp = recordStamp(false);
  const bytes = encodeRecord(stamp, RECORD);

  it('is read as it was written, and its stamp names the generator', () => {
    expect(decodeRecord(stamp, bytes)).toEqual(RECORD);
    expect(stamp).toMatch(/jco-transpile \d+\.\d+\.\d+$/);
  });

  it('counts as none under another stamp: another generator, or no screening', () => {
    expect(decodeRecord('2/jco-transpile 9.9.9', bytes)).toBeUndefined();
    expect(decodeRecord(recordStamp(true), bytes)).toBeUndefined();
  });

  it('counts as none with any one byte changed or cut off', () => {
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Uint8Array.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(decodeRecord(stamp, changed), `byte ${index}`).toBeUndefined();
      expect(decodeRecord(stamp, bytes.subarray(0, index)), `${index} bytes`).toBeUndefined();
    }
  });
});
