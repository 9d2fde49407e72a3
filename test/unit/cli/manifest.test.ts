import { describe, expect, it } from 'vitest';
import { toManifest } from '../../../packages/cli/src/manifest.ts';

const CONFIG = { name: 'a', version: '1' };

describe('the manifest', () => {
  it('says nothing that the file does not say', () => {
    const manifest = toManifest(CONFIG, {}, undefined);
    expect(Object.values(manifest).filter((value) => value !== undefined)).toEqual([]);
  });

  it('takes every key of the file over', () => {
    const said = {
      service: 'demo.A.v1',
      kind: 'service',
      namespace: 'n',
      workers: { min: 1, max: 2, idleTimeoutMs: 3, queueLimit: 4, residentActors: 5 },
      durability: { checkpointEvery: 1, keepSnapshots: 2 },
      limits: { memoryBytes: 1, callMs: 2 },
      capabilities: [],
      every: [{ intervalMs: 1, messageType: 'tick', payload: { a: 1 } }],
    } as const;
    const manifest = toManifest({ ...CONFIG, ...said, schema: 'service.gql' }, {}, 'type Query');
    expect(manifest).toStrictEqual({ ...said, schema: 'type Query' });
  });

  it('lets the command line win, worker by worker', () => {
    const config = { ...CONFIG, service: 'a', kind: 'durable', workers: { min: 1, max: 2, queueLimit: 9 } } as const;
    const manifest = toManifest(config, { service: 'b', kind: 'singleton', max: 8 }, undefined);
    expect(manifest).toMatchObject({ service: 'b', kind: 'singleton', workers: { min: 1, max: 8, queueLimit: 9 } });
    expect(toManifest(CONFIG, { min: 3 }, undefined).workers).toEqual({ min: 3 });
  });
});
