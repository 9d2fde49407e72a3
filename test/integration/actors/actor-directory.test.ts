/** What the directory tells of durable actors that cannot go on, and of applications that do not run. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ActorDirectory } from '../../../packages/runtime/src/actors/actor-directory.ts';
import { KeptActors } from '../../../packages/runtime/src/store/kept-actors.ts';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import type { TemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { tamperDigest } from '../../support/journal-edits.ts';
import { deployment, EchoApplications } from './echo-applications.ts';

const SERVICE = 'test.echo';
const ACTOR = { service: SERVICE, key: 'k' };

let temporary: TemporaryStore;
let hash: string;
let store: MemoryStore;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  hash = await temporary.store.put(readEcho());
});

afterAll(() => temporary[Symbol.asyncDispose]());

/** An actor with two messages, the first of which made a host call, as a kill leaves it. */
beforeEach(async () => {
  store = new MemoryStore();
  await using before = await EchoApplications.start(temporary.store, store);
  await before.applications.deploy(deployment('echo', hash, { durability: { checkpointEvery: 1000 } }));
  await before.invoke(SERVICE, 'write', 'k', 't');
  await before.invoke(SERVICE, 'count', 'k');
});

function directoryOf({ applications, ports }: EchoApplications): ActorDirectory {
  return new ActorDirectory(applications, new KeptActors(store, ports.journal, ports.snapshots), ports.writer);
}

describe('an actor whose replay diverges', () => {
  it('is failed, with the message at which it was, and the others are not', async () => {
    await tamperDigest(store, ACTOR, 1n);
    await using after = await EchoApplications.start(temporary.store, store, 2n);
    const directory = directoryOf(after);
    expect(await directory.get(ACTOR)).toMatchObject({ status: 'passive', sequence: 2n, error: undefined });
    await expect(after.invoke(SERVICE, 'count', 'k')).rejects.toMatchObject({ reason: 'REPLAY_DIVERGED' });
    await after.invoke(SERVICE, 'count', 'other');
    const { actors } = await directory.list({ limit: 10 });
    expect(actors).toMatchObject([
      { address: ACTOR, status: 'failed', sequence: 2n, error: expect.stringContaining('diverged at message 1') },
      { address: { service: SERVICE, key: 'other' }, status: 'active', sequence: 1n, error: undefined },
    ]);
    await expect(after.applications.checkpoint(ACTOR, AbortSignal.timeout(5000))).rejects.toMatchObject({
      reason: 'REPLAY_DIVERGED',
    });
  });
});

describe('an application that is stopped', () => {
  it('has its actors still, and takes no checkpoint of them', async () => {
    await using after = await EchoApplications.start(temporary.store, store, 2n);
    await after.applications.stop('echo', { deadlineMs: 0 });
    expect(await directoryOf(after).get(ACTOR)).toMatchObject({ status: 'passive', sequence: 2n, replayed: undefined });
    await expect(after.applications.checkpoint(ACTOR, AbortSignal.timeout(5000))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'application echo is stopped',
    });
  });
});
