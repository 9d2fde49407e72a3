import { ActorKind, ActorStatus, JournalEntryKind } from '@plexspaces/proto';
import type { Actor } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from '../client/fake-node.ts';
import { runHere } from './run-command.ts';

const ACTOR: Actor = {
  id: 'demo.A.v1/k',
  applicationId: 'a',
  kind: ActorKind.ACTOR_KIND_DURABLE,
  status: ActorStatus.ACTOR_STATUS_ACTIVE,
  sequence: 26n,
  snapshotSequence: 20n,
  replayed: 5n,
  stateHash: 'ab'.repeat(32),
  restarts: 1,
  error: '',
};
const SERVICE: Actor = {
  ...ACTOR,
  id: 'demo.B.v1/default',
  kind: ActorKind.ACTOR_KIND_SERVICE,
  status: ActorStatus.ACTOR_STATUS_FAILED,
  sequence: undefined,
  snapshotSequence: 0n,
  replayed: undefined,
  stateHash: '',
  restarts: 0,
  error: 'init:\nno',
};

describe('actors', () => {
  it('prints the document of the contract, with null for what there is not', async () => {
    await using node = await startFakeNode({ actors: { listActors: async () => ({ actors: [ACTOR, SERVICE] }) } });
    const { code, stdout } = await runHere(['actors', '--json', '--node', node.address]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `{"actors":[{"id":"demo.A.v1/k","kind":"durable","status":"active","sequence":26,"snapshotSequence":20,` +
        `"replayed":5,"stateHash":"${'ab'.repeat(32)}","restarts":1},` +
        `{"id":"demo.B.v1/default","kind":"service","status":"failed","sequence":null,"snapshotSequence":null,` +
        `"replayed":null,"stateHash":null,"restarts":0,"error":"init:\\nno"}]}\n`,
    );
  });

  it('prints a table, one line an actor', async () => {
    await using node = await startFakeNode({
      actors: { listActors: async ({ applicationId }) => ({ actors: applicationId === 'a' ? [ACTOR, SERVICE] : [] }) },
    });
    const { stdout } = await runHere(['actors', 'a', '--node', node.address]);
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['ACTOR', 'KIND', 'STATUS', 'SEQUENCE', 'SNAPSHOT', 'REPLAYED', 'STATE', 'RESTARTS'],
      ['demo.A.v1/k', 'durable', 'active', '26', '20', '5', 'abababababab', '1'],
      ['demo.B.v1/default', 'service', 'failed (init: no)', '-', '-', '-', '-', '0'],
      [''],
    ]);
    expect((await runHere(['actors', '--node', node.address])).stdout).toBe('no actors\n');
  });
});

describe('checkpoint', () => {
  it('prints where the snapshot stands and its hash', async () => {
    await using node = await startFakeNode({
      actors: { checkpoint: async ({ id }) => ({ sequence: 25n, stateHash: `hash of ${id}` }) },
    });
    const args = ['checkpoint', 'demo.A.v1/k', '--node', node.address];
    expect((await runHere([...args, '--json'])).stdout).toBe('{"sequence":25,"stateHash":"hash of demo.A.v1/k"}\n');
    expect((await runHere(args)).stdout).toBe('snapshot at 25, state hash of demo.A.v1/k\n');
  });
});

describe('journal', () => {
  const place = { sequence: 7n, epoch: 2n, time: new Date(0) };
  const records = [
    { ...place, kind: JournalEntryKind.JOURNAL_ENTRY_KIND_RECEIVED, fromActor: 'c', name: 'm', payload: bytes('é\n') },
    { ...place, index: 1, kind: JournalEntryKind.JOURNAL_ENTRY_KIND_HOST_CALL, name: 'f', payload: bytes('{}') },
    { ...place, index: 2, kind: JournalEntryKind.JOURNAL_ENTRY_KIND_PROCESSED, payload: Uint8Array.of(255) },
    {
      ...place,
      index: 3,
      kind: JournalEntryKind.JOURNAL_ENTRY_KIND_FAILED,
      error: { code: 'INTERNAL', message: 'trap', details: { reason: 'TRAP' } },
    },
  ];

  it('prints one document a line, with payloads as text where they are text', async () => {
    await using node = await startFakeNode({
      actors: {
        readJournal: async function* read() {
          yield* records;
        },
      },
    });
    const { code, stdout } = await runHere(['journal', 'demo.A.v1/k', '--json', '--node', node.address]);
    expect(code).toBe(0);
    const base = { sequence: 7, time: '1970-01-01T00:00:00.000Z', epoch: 2 };
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { ...base, index: 0, kind: 'received', from: 'c', messageType: 'm', payload: 'é\n' },
      { ...base, index: 1, kind: 'host-call', function: 'f', reply: '{}' },
      { ...base, index: 2, kind: 'processed', reply: { base64: '/w==' } },
      { ...base, index: 3, kind: 'failed', error: { code: 'INTERNAL', message: 'trap', details: { reason: 'TRAP' } } },
    ]);
  });

  it('prints one line a record, and passes --from on', async () => {
    await using node = await startFakeNode({
      actors: {
        async *readJournal({ fromSequence }) {
          if (fromSequence === 7n) yield* records;
        },
      },
    });
    const args = ['journal', 'demo.A.v1/k', '--node', node.address];
    const at = '1970-01-01T00:00:00.000Z';
    expect((await runHere([...args, '--from', '7'])).stdout).toBe(
      `7.0  ${at}  received   m from c: é\n7.1  ${at}  host-call  f: {}\n` +
        `7.2  ${at}  processed  base64 /w==\n7.3  ${at}  failed     INTERNAL: trap\n`,
    );
    expect(await runHere(args)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await runHere([...args, '--from', '-1'])).code).toBe(2);
  });
});

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}
