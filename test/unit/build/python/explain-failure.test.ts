import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../../../packages/cli/src/build/python/explain-failure.ts';

const SOURCE = { path: '/home-of/adder.py', name: 'adder', directory: '/home-of' };

/** As componentize-py 0.25.1 writes it. */
function failed(frames: string, cause: string): string {
  return `Traceback (most recent call last):
  File "<string>", line 1, in <module>
AssertionError: Traceback (most recent call last):
  File "/0/plexspaces_entry.py", line 2, in <module>
    Actor = actor_class("adder")
  File "/python/importlib/__init__.py", line 88, in import_module
    return _bootstrap._gcd_import(name[level:], package, level)
${frames}

Caused by:
${cause}
`;
}

describe('explainFailure', () => {
  it('gives a syntax error in Python’s own words, without the frames that are not the author’s', () => {
    const frames = '  File "/1/adder.py", line 2\n    def f(:\n          ^\nSyntaxError: invalid syntax\n';
    const error = explainFailure(failed(frames, '    SyntaxError: invalid syntax (adder.py, line 2)'), SOURCE);
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toBe(
      'cannot build adder.py: SyntaxError: invalid syntax (adder.py, line 2)\n' +
        '  File "adder.py", line 2\n    def f(:\n          ^\nSyntaxError: invalid syntax',
    );
  });

  it('says which host function was called while the module was imported', () => {
    const cause =
      '    0: error while executing at wasm backtrace:\n    1: called trapping stub: plexspaces:actor/host@0.1.0#now-millis';
    const error = explainFailure(`AssertionError: \n\nCaused by:\n${cause}\n`, SOURCE);
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain('now-millis was called while the module was imported');
  });

  it('says that the module ended the process', () => {
    const error = explainFailure(failed('', '    1: Exited with i32 exit status 1'), SOURCE);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('sys.exit') });
  });

  it('says what is no actor in the wrapper’s words alone', () => {
    const error = explainFailure(failed('', '    NotAnActor: expected a class, found neither'), SOURCE);
    expect(error).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'cannot build adder.py: expected a class, found neither',
    });
  });

  it('does not blame the author for what is the tool’s own', () => {
    const error = explainFailure('thread main panicked: disk on fire\n', SOURCE);
    expect(error).toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('disk on fire') });
  });
});
