/** What the tests of crash states rest on: reading strace's output, and what a disk holds behind a crash. */
import { describe, expect, it } from 'vitest';
import { DiskModel } from '../../support/disk-model.ts';
import type { Crash } from '../../support/disk-model.ts';
import { parseTrace } from '../../support/write-trace.ts';
import type { FileEvent } from '../../support/write-trace.ts';

/** As strace writes strings under -xx. */
function hex(text: string): string {
  return [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}

const log = `7<${hex('/d/log')}>`;
const socket = `9<${hex('socket:[1]')}>`;

describe('a trace', () => {
  it('gives each write its place in the file', () => {
    const events = parseTrace(
      [
        `12    openat(AT_FDCWD<${hex('/')}>, "${hex('/d/log')}", O_WRONLY|O_CREAT|O_TRUNC, 0644) = ${log}`,
        `12    write(${log}, "${hex('abc')}", 3) = 3`,
        `12345 writev(${log}, [{iov_base="${hex('d')}", iov_len=1}, {iov_base="${hex('ef')}", iov_len=2}], 2) = 2`,
        `12345 pwrite64(${log}, "${hex('X')}", 1, 1) = 1`,
        `12345 rename("${hex('/d/log')}", "${hex('/d/old')}") = 0`,
      ].join('\n'),
    );
    expect(events).toEqual([
      { kind: 'open', path: '/d/log', creates: true, truncates: true },
      { kind: 'write', path: '/d/log', offset: 0, bytes: Buffer.from('abc') },
      { kind: 'write', path: '/d/log', offset: 3, bytes: Buffer.from('de') },
      { kind: 'write', path: '/d/log', offset: 1, bytes: Buffer.from('X') },
      { kind: 'rename', path: '/d/log', to: '/d/old' },
    ]);
  });

  it('counts a sync when it ended and what was sent when it began; what failed does not count', () => {
    const events = parseTrace(
      [
        `12 fdatasync(${log} <unfinished ...>`,
        `13 write(${socket}, "${hex('reply')}", 5 <unfinished ...>`,
        '12 <... fdatasync resumed>)          = 0',
        '13 <... write resumed>)              = 5',
        `12 fsync(${log})                     = -1 EIO (Input/output error)`,
        `12 write(${log}, "${hex('x')}", 1 <unfinished ...>`,
        '12 +++ killed by SIGKILL +++',
      ].join('\n'),
    );
    expect(events.map(({ kind }) => kind)).toEqual(['send', 'sync']);
  });
});

describe('a disk', () => {
  const events: readonly FileEvent[] = [
    { kind: 'open', path: 'log', creates: true, truncates: true },
    { kind: 'write', path: 'log', offset: 0, bytes: Buffer.from('one') },
    { kind: 'sync', path: 'log' },
    { kind: 'write', path: 'log', offset: 3, bytes: Buffer.from('two') },
    { kind: 'open', path: 'mark', creates: true, truncates: true },
    { kind: 'write', path: 'mark', offset: 0, bytes: Buffer.from('m') },
    { kind: 'rename', path: 'old', to: 'new' },
  ];

  it.each<[Crash, Record<string, string>]>([
    ['kill', { log: 'onetwo', mark: 'm', new: 'was there' }],
    ['power', { log: 'one', old: 'was there' }],
    ['power, unsynced kept', { log: 'one', old: 'was there', mark: 'm', new: 'was there' }],
  ])('behind %s', (crash, expected) => {
    const disk = new DiskModel(new Map([['old', Buffer.from('was there')]]));
    for (const event of events) disk.apply(event);
    const files = disk.after(crash, (path) => path === 'log');
    expect(Object.fromEntries(Array.from(files, ([path, bytes]) => [path, bytes.toString()]))).toEqual(expected);
  });
});
