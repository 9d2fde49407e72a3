/** A guest's log lines: what the thread sends, and what reaches the node's log. */
import { describe, expect, it } from 'vitest';
import { writeGuestLine } from '../../../packages/runtime/src/host/log.ts';
import type { Capability } from '../../../packages/runtime/src/host/scope.ts';
import { logImports } from '../../../packages/worker/src/host/log.ts';
import type { LogLine } from '../../../packages/worker/src/protocol.ts';
import { joinedContext } from '../../support/host-context.ts';
import { recordingLogger } from '../../support/recording-logger.ts';
import type { LoggedLine } from '../../support/recording-logger.ts';

const LINE: LogLine = { source: 'log', level: 'info', text: 'hello', droppedBytes: 0 };

describe('the thread half', () => {
  it.each(['trace', 'debug', 'info', 'warn', 'error'])('sends the level %s in any case', (level) => {
    const context = joinedContext();
    logImports(context).log(level.toUpperCase(), 'hello');
    expect(context.lines).toEqual([{ source: 'log', level, text: 'hello', droppedBytes: 0 }]);
  });

  it('tells an unknown level instead of losing the line', () => {
    const context = joinedContext();
    logImports(context).log('LOUD', 'hello');
    expect(context.lines).toEqual([{ source: 'log', level: 'info', text: '[LOUD] hello', droppedBytes: 0 }]);
  });

  it('may be used where nothing else may', () => {
    const context = joinedContext({ message: { hostCalls: 'log-only' } });
    logImports(context).log('info', 'hello');
    expect(context.lines).toHaveLength(1);
  });

  it('sends a bounded number of a million lines, and says what it cut', () => {
    const context = joinedContext({ logBytesPerSecond: 6400 });
    const host = logImports(context);
    for (let count = 0; count < 1_000_000; count += 1) host.log('info', 'x'.repeat(63));
    context.log.finishMessage();
    const sent = context.lines.filter(({ text }) => text.startsWith('x')).length;
    const dropped = context.lines.reduce((sum, { droppedBytes }) => sum + droppedBytes, 0);
    // 100 at once, and 100 for each further second that the loop may take on a slow machine.
    expect(sent).toBeGreaterThanOrEqual(100);
    expect(context.lines.length).toBeLessThan(10_000);
    expect(dropped).toBe((1_000_000 - sent) * 64);
  });
});

describe('the main half', () => {
  it('logs under the actor, at the level, with the text as data', () => {
    const text = '{"level":60} \u001b[31m %s %o\nsecond line';
    const [line] = write({ ...LINE, level: 'warn', text });
    expect(line).toEqual({ level: 40, actor: 'test.Echo/one', source: 'log', msg: text });
  });

  it('says how much was dropped', () => {
    expect(write({ ...LINE, droppedBytes: 12 })[0]).toMatchObject({ droppedBytes: 12 });
    expect(write(LINE)[0]).not.toHaveProperty('droppedBytes');
  });

  it('drops `log` without the capability; what the guest prints stays to be seen', () => {
    expect(write(LINE, [])).toEqual([]);
    expect(write(LINE, ['log'])).toHaveLength(1);
    expect(write({ ...LINE, source: 'stderr' }, [])).toHaveLength(1);
    expect(write({ ...LINE, source: 'stdout' }, [])).toHaveLength(1);
  });
});

function write(line: LogLine, capabilities: readonly Capability[] = ['log']): readonly LoggedLine[] {
  const { logger, lines } = recordingLogger();
  const address = { service: 'test.Echo', key: 'one' };
  const shared = { tenant: 'default', namespace: 'default', capabilities: new Set(capabilities) };
  const scope = { actor: 'test.Echo/one', address, isDurable: true, ...shared };
  writeGuestLine(logger, scope, line);
  return lines;
}
