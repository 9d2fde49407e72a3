import { describe, expect, it } from 'vitest';
import { fromFileError } from '../../../packages/runtime/src/components/content-files.ts';

describe('fromFileError', () => {
  it.each(['ENOSPC', 'EDQUOT'])('tells of a full disk (%s)', (code) => {
    const error = Object.assign(new Error('write failed'), { code });
    expect(fromFileError(error)).toMatchObject({ code: 'RESOURCE_EXHAUSTED', cause: error });
  });

  it('leaves every other error as it is', () => {
    const error = Object.assign(new Error('no access'), { code: 'EACCES' });
    expect(fromFileError(error)).toBe(error);
  });
});
