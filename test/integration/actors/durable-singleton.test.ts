/** A singleton that is told to be durable: one instance, whose state survives; without that it does not. */
import { ActorKind } from '@plexspaces/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../packages/runtime/src/store/memory-store.ts';
import { openTemporaryStore } from '../../fixtures/components/temporary-store.ts';
import type { TemporaryStore } from '../../fixtures/components/temporary-store.ts';
import { readEcho } from '../../fixtures/components/wat.ts';
import { countOf } from '../../support/echo.ts';
import { until } from '../../support/until.ts';
import { deployment, EchoApplications } from './echo-applications.ts';
import type { PartialManifest } from './echo-applications.ts';

const SINGLETON: PartialManifest = { kind: ActorKind.ACTOR_KIND_SINGLETON };
const DURABLE: PartialManifest = { ...SINGLETON, durability: { checkpointEvery: 10 } };
const SERVICE = 'test.one';

let components: TemporaryStore;
let store: MemoryStore;
let hash: string;

beforeAll(async () => {
  components = await openTemporaryStore();
  hash = await components.store.put(readEcho());
});

afterAll(async () => {
  await components[Symbol.asyncDispose]();
});

beforeEach(() => {
  store = new MemoryStore();
});

describe('a durable singleton', () => {
  it('goes on behind a kill, from snapshot and journal; another one begins again (control)', async () => {
    expect(await countOver(DURABLE)).toBe(26);
    store = new MemoryStore();
    expect(await countOver(SINGLETON)).toBe(1);
  });

  it('is one instance, which lives without being called', async () => {
    await using node = await EchoApplications.start(components.store, store);
    const { application } = await node.applications.deploy(deployment('one', hash, DURABLE));
    await until(
      () => application.host?.durable?.statusOf('default')?.status,
      (status) => status === 'active',
    );
    const counts = await Promise.all(Array.from({ length: 100 }, () => node.invoke(SERVICE, 'count')));
    expect(counts.map(countOf)).toEqual(Array.from({ length: 100 }, (_none, index) => index + 1));
    expect(application.host?.stats()).toMatchObject({ max: 1, total: 1 });
    await expect(node.invoke(SERVICE, 'count', 'other')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('remembers idempotency keys, which a forgetful one refuses', async () => {
    await using node = await EchoApplications.start(components.store, store);
    await node.applications.deploy(deployment('one', hash, DURABLE));
    await node.applications.deploy(deployment('two', hash, SINGLETON));
    const call = { fromActor: 'client', method: 'count', payload: new Uint8Array(), idempotencyKey: 'k' };
    const counts = [1, 2].map(() => node.applications.invoke({ service: SERVICE, key: 'default' }, call));
    expect((await Promise.all(counts)).map(countOf)).toEqual([1, 1]);
    await expect(node.applications.invoke({ service: 'test.two', key: 'default' }, call)).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
    });
  });
});

/** 25 counts, a kill, and what the next one says. */
async function countOver(manifest: PartialManifest): Promise<number> {
  {
    await using before = await EchoApplications.start(components.store, store);
    await before.applications.deploy(deployment('one', hash, manifest));
    for (let count = 1; count <= 25; count += 1) await before.invoke(SERVICE, 'count');
  }
  await using after = await EchoApplications.start(components.store, store, 2n);
  return countOf(await after.invoke(SERVICE, 'count'));
}
