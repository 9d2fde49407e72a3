/** What a guest prints: lines put together, limited, and the last words kept for the trap's message. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GuestLog, LineSplitter } from '../../../packages/worker/src/guest-log.ts';
import type { LogLine } from '../../../packages/worker/src/protocol.ts';

describe('lines from a stream', () => {
  it('are the same however the stream is cut, in the middle of a character too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 12 })),
        fc.infiniteStream(fc.nat({ max: 5 })),
        (words, cuts) => {
          const lines = words.map((word) => word.replaceAll('\n', ' '));
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const emitted: string[] = [];
          const splitter = new LineSplitter((line) => emitted.push(line));
          for (let at = 0; at < bytes.length;) {
            const length = (cuts.next().value ?? 0) + 1;
            splitter.write(bytes.subarray(at, at + length));
            at += length;
          }
          splitter.flush();
          expect(emitted).toEqual(lines);
        },
      ),
    );
  });

  it('give what has no end yet at a flush, once', () => {
    const emitted: string[] = [];
    const splitter = new LineSplitter((line) => emitted.push(line));
    splitter.write(Buffer.from('half'));
    expect(emitted).toEqual([]);
    splitter.flush();
    splitter.flush();
    expect(emitted).toEqual(['half']);
  });

  it('hold no more than a bounded part of a line that never ends', () => {
    let longest = 0;
    let total = 0;
    const splitter = new LineSplitter((line) => {
      longest = Math.max(longest, line.length);
      total += line.length;
    });
    for (let count = 0; count < 1000; count += 1) splitter.write(Buffer.alloc(1000, 'x'));
    expect(total).toBeGreaterThan(990_000);
    expect(longest).toBeLessThan(10_000);
  });
});

describe('the rate limit', () => {
  it('lets one second of bytes through at once, an empty line at 64', () => {
    const { log, lines } = guestLog(640);
    for (let count = 0; count < 11; count += 1) log.line('stdout', 'info', '');
    expect(lines).toHaveLength(10);
  });

  it('tells what it dropped with the end of the message, once', () => {
    const { log, lines } = guestLog(64);
    log.line('stdout', 'info', 'first');
    log.line('stdout', 'info', 'second');
    log.line('stdout', 'info', 'third');
    log.finishMessage();
    log.finishMessage();
    expect(lines).toEqual([
      { source: 'stdout', level: 'info', text: 'first', droppedBytes: 0 },
      { source: 'log', level: 'warn', text: 'log lines over the rate limit were dropped', droppedBytes: 13 },
    ]);
  });

  it('cuts one line that is too long by itself', () => {
    const { log, lines } = guestLog(1_000_000);
    log.line('log', 'info', 'x'.repeat(100_000));
    expect(lines[0]?.text).toBe(`${'x'.repeat(8192)}…`);
  });
});

describe('last words', () => {
  it('are the tail of stderr, of this message only, dropped or not', () => {
    const { log } = guestLog(0);
    log.line('stderr', 'warn', 'old');
    log.startMessage();
    log.line('stdout', 'info', 'not these');
    for (let count = 0; count < 1000; count += 1) log.line('stderr', 'warn', `line ${count}`);
    expect(log.stderrTail.length).toBeLessThanOrEqual(2048);
    expect(log.stderrTail).toMatch(/line 998\nline 999$/);
    expect(log.stderrTail).not.toMatch(/old|not these/);
  });

  it('are the last error in the log, of this message only, dropped or not', () => {
    const { log } = guestLog(0);
    log.line('log', 'error', 'old');
    log.startMessage();
    expect(log.lastError).toBe('');
    log.line('log', 'error', 'an earlier one');
    log.line('log', 'error', `last ${'x'.repeat(10_000)}`);
    log.line('log', 'warn', 'not this');
    log.line('stderr', 'error', 'nor this');
    expect(log.lastError).toMatch(/^last x+$/);
    expect(log.lastError).toHaveLength(2048);
  });
});

function guestLog(bytesPerSecond: number): { log: GuestLog; lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  return { log: new GuestLog((line) => lines.push(line), bytesPerSecond), lines };
}
