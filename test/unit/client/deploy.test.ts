import { createHash, randomBytes } from 'node:crypto';
import { connect } from '@plexspaces/client';
import { ActorKind, ApplicationStatus, CacheResult } from '@plexspaces/proto';
import type { DeployApplicationRequest, UploadModuleRequest } from '@plexspaces/proto';
import { describe, expect, it } from 'vitest';
import { startFakeNode } from './fake-node.ts';
import type { Answers } from './fake-node.ts';

const MIB = 1024 * 1024;

interface Seen {
  readonly hashes: string[];
  readonly parts: UploadModuleRequest[];
  readonly deploys: DeployApplicationRequest[];
}

describe('deploy', () => {
  it('sends a component that the node does not hold, in chunks, then deploys it by its hash', async () => {
    const component = randomBytes(2 * MIB + 7);
    const { answers, seen } = nodeThatHolds(false);
    await using node = await startFakeNode(answers);
    await using client = await connect(node.address);
    const progress: [number, number][] = [];
    const request = { name: 'calculator', version: '1.0.0', component, env: { A: 'b' }, description: 'adds' };
    const result = await client.deploy(request, { onProgress: (...sent) => progress.push(sent) });

    const hash = createHash('sha256').update(component).digest('hex');
    expect(seen.hashes).toEqual([hash]);
    const [header, ...chunks] = seen.parts.map(({ part }) => part);
    expect(header).toEqual({ $case: 'header', value: { hash, sizeBytes: BigInt(component.length) } });
    const sent = chunks.map((part) => (part?.$case === 'chunk' ? part.value : new Uint8Array()));
    expect(sent.map(({ length }) => length)).toEqual([MIB, MIB, 7]);
    expect(Buffer.concat(sent).equals(component)).toBe(true);
    expect(progress).toEqual([0, MIB, 2 * MIB, component.length].map((done) => [done, component.length]));
    expect(seen.deploys).toMatchObject([
      {
        applicationId: 'calculator',
        name: 'calculator',
        wasmModule: { moduleHash: hash, sizeBytes: BigInt(component.length), moduleBytes: new Uint8Array() },
        config: { env: { A: 'b' }, description: 'adds' },
      },
    ]);
    expect(seen.deploys[0]?.manifest).toBeUndefined();
    expect(result).toEqual({
      applicationId: 'calculator',
      name: 'calculator',
      version: '1.0.0',
      status: 'RUNNING',
      moduleHash: hash,
      cache: 'miss',
      elapsedMs: 1_250.5,
    });
  });

  it('sends nothing where the node holds the component', async () => {
    const { answers, seen } = nodeThatHolds(true);
    await using node = await startFakeNode(answers);
    await using client = await connect(node.address);
    const result = await client.deploy({ name: 'a', version: '1', component: Uint8Array.of(1) });
    expect(seen.parts).toEqual([]);
    expect(result.cache).toBe('hit');
  });

  it('sends the manifest with what is said and without what is not', async () => {
    const { answers, seen } = nodeThatHolds(true);
    await using node = await startFakeNode(answers);
    await using client = await connect(node.address);
    const manifest = {
      service: 'demo.A.v1',
      kind: 'singleton',
      workers: { min: 1, idleTimeoutMs: 5 },
      limits: { memoryBytes: 2 ** 32 },
      capabilities: [],
      every: [{ intervalMs: 9, messageType: 'tick', payload: { a: 1 } }],
    } as const;
    await client.deploy({ name: 'a', version: '1', component: Uint8Array.of(1), manifest });
    expect(seen.deploys[0]?.manifest).toEqual({
      service: 'demo.A.v1',
      kind: ActorKind.ACTOR_KIND_SINGLETON,
      namespace: '',
      workers: { min: 1, idleTimeoutMs: 5n, max: undefined, queueLimit: undefined, residentActors: undefined },
      durability: undefined,
      limits: expect.objectContaining({ memoryBytes: 2n ** 32n, callMs: undefined }),
      capabilities: { names: [] },
      every: [{ intervalMs: 9n, messageType: 'tick', payload: Buffer.from('{"a":1}') }],
      schema: '',
    });
  });

  it('refuses a manifest with a number that is no count, before anything is sent', async () => {
    const { answers, seen } = nodeThatHolds(true);
    await using node = await startFakeNode(answers);
    await using client = await connect(node.address);
    for (const bad of [-1, 1.5, NaN]) {
      const manifest = { workers: { min: bad } };
      await expect(
        client.deploy({ name: 'a', version: '1', component: Uint8Array.of(1), manifest }),
      ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('workers.min') });
    }
    expect(seen.deploys).toEqual([]);
  });

  it('notices a node that stored something else', async () => {
    const { answers } = nodeThatHolds(false, 'f'.repeat(64));
    await using node = await startFakeNode(answers);
    await using client = await connect(node.address);
    await expect(client.deploy({ name: 'a', version: '1', component: Uint8Array.of(1) })).rejects.toMatchObject({
      code: 'DATA_LOSS',
      details: { reason: 'HASH_MISMATCH', foundHash: 'f'.repeat(64) },
    });
  });

  it('does not run ahead of a node that does not read', async () => {
    const total = 64 * MIB;
    let sentBytes = 0;
    let sentAtHeader = Number.NaN;
    const { answers } = nodeThatHolds(false, undefined, () => (sentAtHeader = sentBytes));
    await using node = await startFakeNode(answers);
    await using client = await connect(node.address);
    const request = { name: 'a', version: '1', component: new Uint8Array(total) };
    await client.deploy(request, { onProgress: (sent) => (sentBytes = sent) });
    expect(sentAtHeader).toBeLessThan(total / 2);
    expect(sentBytes).toBe(total);
  });
});

function nodeThatHolds(present: boolean, stored?: string, onHeader?: () => void): { answers: Answers; seen: Seen } {
  const seen: Seen = { hashes: [], parts: [], deploys: [] };
  const answers: Answers = {
    modules: {
      hasModule: async ({ hash }) => {
        seen.hashes.push(hash);
        return { present };
      },
      uploadModule: async (parts) => {
        for await (const part of parts) {
          if (part.part?.$case === 'header') onHeader?.();
          seen.parts.push(part);
        }
        return { hash: stored ?? seen.hashes[0] ?? '' };
      },
    },
    applications: {
      deployApplication: async (request) => {
        seen.deploys.push(request);
        return {
          success: true,
          applicationId: request.applicationId,
          status: ApplicationStatus.APPLICATION_STATUS_RUNNING,
          cache: present ? CacheResult.CACHE_RESULT_HIT : CacheResult.CACHE_RESULT_MISS,
          moduleHash: request.wasmModule?.moduleHash ?? '',
          elapsed: { seconds: 1n, nanos: 250_500_000 },
        };
      },
    },
  };
  return { answers, seen };
}
