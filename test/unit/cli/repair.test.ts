/** What `actor` and `quarantine` print, and how they are called. */
import { describe, expect, it } from 'vitest';
import { startFakeNode } from '../client/fake-node.ts';
import { runHere } from './run-command.ts';

const EFFECTS = [
  { sequence: 5n, function: 'tuplespace-write' },
  { sequence: 6n, function: 'tuplespace-take' },
];

describe('actor rewind', () => {
  const reply = {
    sequence: 4n,
    branchId: 'a/k.rewound-9',
    cutMessages: 5n,
    standingEffects: EFFECTS,
    standingEffectCount: 3n,
  };

  it('prints the document of the contract, with null where there is no branch', async () => {
    await using node = await startFakeNode({
      actors: { rewindActor: async ({ toSequence }) => (toSequence === 4n ? reply : { sequence: 9n }) },
    });
    const args = ['actor', 'rewind', 'a/k', '--json', '--node', node.address, '--to'];
    expect((await runHere([...args, '4'])).stdout).toBe(
      '{"sequence":4,"branch":"a/k.rewound-9","cutMessages":5,"standingEffects":[' +
        '{"sequence":5,"function":"tuplespace-write"},{"sequence":6,"function":"tuplespace-take"}],' +
        '"standingEffectCount":3}\n',
    );
    expect((await runHere([...args, '9'])).stdout).toBe(
      '{"sequence":9,"branch":null,"cutMessages":0,"standingEffects":[],"standingEffectCount":0}\n',
    );
  });

  it('says what was cut, what stands, and how much of it is not shown', async () => {
    await using node = await startFakeNode({
      actors: { rewindActor: async ({ toSequence }) => (toSequence === 4n ? reply : { sequence: 9n }) },
    });
    const args = ['actor', 'rewind', 'a/k', '--node', node.address, '--to'];
    expect((await runHere([...args, '4'])).stdout).toBe(
      'rewound a/k to message 4; 5 messages cut off, all of it kept as a/k.rewound-9\n' +
        'what they did outside stands (3):\n  5  tuplespace-write\n  6  tuplespace-take\n  and 1 more\n',
    );
    expect((await runHere([...args, '9'])).stdout).toBe('nothing to do: message 9 is the last one of a/k\n');
  });

  it.each([
    ['actor rewind a/k', /--to/],
    ['actor rewind a/k --to -1', /-1/],
    ['actor rewind --to 1', /actor/],
    ['actor fork a/k new', /--at/],
    ['actor fork a/k --at 1', /new-key/],
    ['actor mend a/k', /mend/],
    ['quarantine retry a/k', /sequence/],
    ['quarantine drop a/k x', /Expected an integer/],
  ])('%s is a mistake of usage, told in one line and as JSON', async (line, names) => {
    const { code, stdout, stderr } = await runHere([...line.split(' '), '--json']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^plexspaces: INVALID_ARGUMENT: .*\n$/);
    expect(stderr).toMatch(names);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
  });
});

describe('actor fork', () => {
  it('prints the actor that was made', async () => {
    await using node = await startFakeNode({
      actors: { forkActor: async ({ newKey }) => ({ id: `a/${newKey}`, sequence: 4n, replayed: 2n }) },
    });
    const args = ['actor', 'fork', 'a/k', 'new', '--at', '4', '--node', node.address];
    expect((await runHere([...args, '--json'])).stdout).toBe('{"id":"a/new","sequence":4,"replayed":2}\n');
    expect((await runHere(args)).stdout).toBe('made a/new as of message 4; 2 messages replayed\n');
  });
});

describe('quarantine', () => {
  const message = {
    id: 'a/k',
    sequence: 7n,
    fromActor: 'client',
    method: 'loop',
    payload: Buffer.from('{\n}'),
    payloadSize: 3n,
    attempts: 5,
    lastFailure: { code: 'INTERNAL', message: 'trap:\nno', details: { reason: 'TRAP' } },
    quarantinedAt: new Date(0),
    standingEffects: EFFECTS.slice(0, 1),
  };

  it('lists what is in it', async () => {
    await using node = await startFakeNode({
      actors: {
        listQuarantined: async ({ applicationId }) => ({ messages: applicationId === 'a' ? [message] : [] }),
      },
    });
    const args = ['quarantine', 'list', '--node', node.address];
    expect((await runHere([...args, 'a', '--json'])).stdout).toBe(
      '{"messages":[{"id":"a/k","sequence":7,"from":"client","messageType":"loop","payload":"{\\n}","payloadSize":3,' +
        '"attempts":5,"error":{"code":"INTERNAL","message":"trap:\\nno","details":{"reason":"TRAP"}},' +
        '"quarantinedAt":"1970-01-01T00:00:00.000Z",' +
        '"standingEffects":[{"sequence":5,"function":"tuplespace-write"}]}]}\n',
    );
    expect((await runHere([...args, 'a'])).stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ACTOR', 'SEQUENCE', 'MESSAGE', 'ATTEMPTS', 'SINCE', 'LAST FAILURE'],
      ['a/k', '7', 'loop from client: { }', '5', '1970-01-01T00:00:00.000Z', 'INTERNAL: trap: no'],
      [''],
    ]);
    expect((await runHere(args)).stdout).toBe('no messages in quarantine\n');
  });

  it('tries again as invoke calls, and drops', async () => {
    await using node = await startFakeNode({
      actors: {
        retryQuarantined: async ({ sequence }) =>
          sequence === 7n
            ? { success: true, output: Buffer.from('{"f":6.0}') }
            : { success: false, error: { code: 'EXECUTION_ERROR', message: 'no', details: {} } },
        dropQuarantined: async () => ({}),
      },
    });
    const run = (...args: string[]): ReturnType<typeof runHere> =>
      runHere(['quarantine', ...args, '--node', node.address]);
    expect((await run('retry', 'a/k', '7')).stdout).toBe('{"f":6.0}\n');
    expect((await run('retry', 'a/k', '7', '--json')).stdout).toMatch(
      /^\{"success":true,"output":\{"f":6\.0\},"error":null,"durationMs":[\d.]+\}\n$/,
    );
    const refused = await run('retry', 'a/k', '8', '--json');
    expect(refused).toMatchObject({ code: 1, stderr: 'plexspaces: EXECUTION_ERROR: no\n' });
    expect(JSON.parse(refused.stdout)).toMatchObject({ success: false, error: { code: 'EXECUTION_ERROR' } });
    expect((await run('drop', 'a/k', '7')).stdout).toBe('dropped message 7 of a/k\n');
    expect((await run('drop', 'a/k', '7', '--json')).stdout).toBe('{"id":"a/k","sequence":7,"dropped":true}\n');
  });
});
