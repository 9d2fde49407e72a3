/** A disk that fills up, and one whose syncs fail: what callers are told, and what is there afterwards. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { PlexSpacesClient } from '@plexspaces/client';
import { describe, expect, it, vi } from 'vitest';
import { environment } from '../support/command-line.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';
import { countOf } from '../support/echo.ts';
import { SmallDisk, whyNoSmallDisk } from '../support/small-disk.ts';
import { quickOrLong, tellFigures } from '../support/soak.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const CALLERS = 4;
const ROUNDS = quickOrLong(2, 10);
const DISK_MIB = 64;
const ONE_THREAD = { workers: { min: 1, max: 1 } } as const;
const RECOVERY = { timeout: 30_000, interval: 100 };
/** Enough for the deploy and some calls. */
const SYNCS_BEFORE_FAILURE = 40;

const noDisk = whyNoSmallDisk();
const noTracer = whyNoTracer();
for (const reason of [noDisk, noTracer]) {
  if (reason !== undefined) process.stderr.write(`SKIPPED, test/e2e/failing-disk.test.ts: ${reason}\n`);
}

function whyNoTracer(): string | undefined {
  const { status, stderr, error } = spawnSync('strace', [...failingSyncs(1), 'true'], { encoding: 'utf8' });
  return status === 0 ? undefined : `no strace that makes calls fail: ${error?.message ?? stderr.trim()}`;
}

/** Every fdatasync fails from the `first` on. */
function failingSyncs(first: number): string[] {
  return ['-D', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', `inject=fdatasync:error=EIO:when=${first}+`];
}

async function deployEcho(client: PlexSpacesClient): Promise<void> {
  await client.deploy({ name: 'echo', version: '1', component: await readFile(ECHO_FILE), manifest: ONE_THREAD });
}

/** Several callers count until each has failed. @returns how many calls were acknowledged, and the failures. */
async function countUntilFailure(client: PlexSpacesClient): Promise<{ acknowledged: number; failures: unknown[] }> {
  let acknowledged = 0;
  const caller = async (): Promise<unknown> => {
    for (;;) {
      try {
        await client.call('echo/one', 'count', new Uint8Array(16 * KIB));
        acknowledged += 1;
      } catch (failure) {
        return failure;
      }
    }
  };
  const failures = await Promise.all(Array.from({ length: CALLERS }, caller));
  return { acknowledged, failures };
}

async function count(client: PlexSpacesClient): Promise<number> {
  return countOf((await client.call('echo/one', 'count', new Uint8Array())).bytes);
}

describe.skipIf(noDisk !== undefined)('a full disk', () => {
  it('refuses calls until there is room, loses nothing acknowledged and goes on in the same process', async () => {
    await using disk = await SmallDisk.mount(DISK_MIB);
    const data = `${disk.path}/data`;
    let highest = 0;
    {
      await using daemon = await startDaemon(data, { launcher: disk.launcher });
      await using client = await daemon.connect();
      await deployEcho(client);
      for (let round = 0; round < ROUNDS; round += 1) {
        disk.fill(256 * KIB);
        const { acknowledged, failures } = await countUntilFailure(client);
        for (const failure of failures) {
          expect(failure).toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'STORAGE_FULL' });
        }
        await expect(count(client)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
        const health = await fetch(`http://${daemon.http}/healthz`);
        expect([health.status, await health.json()]).toEqual([503, { status: 'storage full' }]);
        disk.makeRoom();
        const before = highest + acknowledged;
        // What failed may have come about or not; what was acknowledged must have.
        highest = await vi.waitFor(() => count(client), RECOVERY);
        expect(highest).toBeGreaterThan(before);
        expect(highest).toBeLessThanOrEqual(before + CALLERS + 1);
      }
      expect(daemon.isRunning).toBe(true);
    }
    await using again = await startDaemon(data, { launcher: disk.launcher });
    await using client = await again.connect();
    expect(await count(client)).toBe(highest + 1);
    tellFigures('full disk', { rounds: ROUNDS, calls: highest });
  });

  it('refuses a deploy whose files find no room, and takes it when there is some', async () => {
    await using disk = await SmallDisk.mount(DISK_MIB);
    await using daemon = await startDaemon(`${disk.path}/data`, { launcher: disk.launcher });
    await using client = await daemon.connect();
    const module = { name: 'large', version: '1', component: Buffer.alloc(8 * MIB, 1) };
    const full = { code: 'RESOURCE_EXHAUSTED', message: expect.stringContaining('no room') };
    disk.fill(1 * MIB);
    await expect(client.deploy(module)).rejects.toMatchObject(full);
    disk.makeRoom();
    // The control: with room it is refused for what it is.
    await expect(client.deploy(module)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'NOT_A_COMPONENT' });
    // Room for the component itself, and not for what is made of it.
    disk.fill((await readFile(ECHO_FILE)).length + 16 * KIB);
    await expect(deployEcho(client)).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    disk.makeRoom();
    await vi.waitFor(() => deployEcho(client), RECOVERY);
    expect(await count(client)).toBe(1);
  });

  it('takes acknowledged writes along where LevelDB is gone on with behind it (control)', async () => {
    await using disk = await SmallDisk.mount(16);
    const program = fileURLToPath(new URL('../fixtures/go-on-after-full-disk.ts', import.meta.url));
    const [launcher, ...command] = [...disk.launcher, process.execPath, '--conditions=@plexspaces/source', program];
    const child = spawn(launcher, [...command, disk.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: environment(),
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    await once(child, 'close');
    const { acknowledged, found } = JSON.parse(stdout) as { acknowledged: number; found: number };
    expect(found).toBeLessThan(acknowledged);
  });
});

describe.skipIf(noTracer !== undefined)('a disk whose syncs fail', () => {
  it('ends all work with a clear answer; after a restart every acknowledged call is there', async () => {
    await using daemon = await startFreshDaemon({ launcher: ['strace', ...failingSyncs(SYNCS_BEFORE_FAILURE)] });
    await using client = await daemon.connect();
    await deployEcho(client);
    const { acknowledged, failures } = await countUntilFailure(client);
    const failed = {
      code: 'UNAVAILABLE',
      reason: 'STORAGE_FAILED',
      message: expect.stringContaining('restart the node'),
    };
    for (const failure of failures) expect(failure).toMatchObject(failed);
    await expect(count(client)).rejects.toMatchObject(failed);
    await expect(client.tuples.write(['x'])).rejects.toMatchObject(failed);
    const health = await fetch(`http://${daemon.http}/healthz`);
    expect([health.status, await health.json()]).toEqual([503, { status: 'storage failed' }]);
    expect(acknowledged).toBeGreaterThan(0);
    await daemon.kill();
    await using again = await startDaemon(daemon.dataDirectory);
    await using after = await again.connect();
    const found = (await count(after)) - 1;
    expect(found).toBeGreaterThanOrEqual(acknowledged);
    expect(found).toBeLessThanOrEqual(acknowledged + CALLERS);
  });
});
