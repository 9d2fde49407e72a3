import { describe, expect, it } from 'vitest';
import { expectSafeName, isSafeName } from '../../../packages/runtime/src/components/safe-name.ts';

describe('expectSafeName', () => {
  it.each([
    'memory',
    '',
    'plexspaces:actor/actor@0.1.0#handle-request',
    'libwasi-emulated-process-clocks.so:errno',
    '[async-lower][resource-drop]x',
    '$imports',
    'cm32p2|local:init/module-loader|resolve',
    'utf8-to-utf8 (mem1 => mem0)',
    'mem1 I32Store8',
  ])('takes %j, which real components hold', (name) => {
    expect(() => expectSafeName(name, 'name')).not.toThrow();
  });

  it.each([
    "it's",
    'say "so"',
    'a\\b',
    'a`b',
    '${a}',
    'a\nb',
    'a\rb',
    'a\u2028b',
    'a b',
    'a\tb',
    'a\0b',
    'é',
    '(a)',
    'a;b',
    'a,b',
    'a=b',
    'constructor',
    '__proto__',
    'utf8-to-utf8 (mem1 => mem0)\n',
    "mem1 I32Store8'",
  ])('refuses %j and shows it escaped', (name) => {
    expect(() => expectSafeName(name, 'core import')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        reason: 'UNSAFE_NAME',
        message: expect.stringContaining(JSON.stringify(name)),
      }),
    );
  });

  it('refuses a name of more than 1024 characters', () => {
    expect(isSafeName('a'.repeat(1024))).toBe(true);
    expect(isSafeName('a'.repeat(1025))).toBe(false);
  });
});
