import { PlexSpacesError } from '@plexspaces/core';
import { describe, expect, it } from 'vitest';
import { errorOf, parseVerdict, refusalOf } from '../../../packages/runtime/src/components/verdict.ts';

const MADE = {
  tag: 'transpiled',
  javascript: 'component.js',
  coreModules: ['component.core.wasm', 'component.core2.wasm'],
  imports: ['a'],
  exports: [],
};

describe('parseVerdict', () => {
  it('reads what was made', () => {
    expect(parseVerdict(JSON.stringify(MADE))).toEqual(MADE);
  });

  it('reads a refusal as the error that it was', () => {
    const error = new PlexSpacesError('INVALID_ARGUMENT', 'no', { reason: 'UNSAFE_NAME' });
    const refusal = parseVerdict(JSON.stringify(refusalOf(error)));
    if (refusal.tag !== 'refused') throw new Error('expected a refusal');
    expect(errorOf(refusal)).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'UNSAFE_NAME', message: 'no' });
  });

  it('turns what has no business there into INTERNAL', () => {
    expect(refusalOf(new Error('stack'))).toMatchObject({ code: 'INTERNAL' });
    expect(parseVerdict('{"tag":"refused","code":"DATA_LOSS","reason":"x"}')).toEqual({
      tag: 'refused',
      code: 'INTERNAL',
      reason: undefined,
      message: 'no message',
    });
  });

  it.each([
    'no JSON',
    'null',
    '{}',
    JSON.stringify({ ...MADE, javascript: '../component.js' }),
    JSON.stringify({ ...MADE, coreModules: ['/etc/passwd'] }),
    JSON.stringify({ ...MADE, coreModules: [1] }),
    JSON.stringify({ ...MADE, imports: 'a' }),
    JSON.stringify({ ...MADE, tag: 'other' }),
  ])('refuses %s', (text) => {
    expect(() => parseVerdict(text)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});
