/**
 * Guests in Python, which never get back the bytes that they give away: their instances are renewed between two calls,
 * so that no caller learns of it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlexSpacesClient } from '@plexspaces/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtApplication, builtFixture } from '../support/built-actors.ts';
import { countOf } from '../support/echo.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import type { Daemon, DaemonOptions } from '../support/daemon.ts';
import { UNRENEWED } from '../support/faulty-program.ts';
import { codeOf, tally } from '../support/outcomes.ts';

/** There is room for some 845 payloads in the memory of an echo. */
const PAYLOAD = new Uint8Array(65_536).fill(7);
const MEMORY_BYTES = 64 * 1_048_576;
/** Every 16 messages it would take longer than the messages. */
const CHECKPOINT_BYTES = 16 * 1_048_576;
const AT_ONCE = 4;
const BUILD_TIMEOUT_MS = 120_000;
const TIMEOUT_MS = 120_000;

let echo: Uint8Array;
/** It has a snapshot, and counts. */
let counting: Uint8Array;

beforeAll(async () => {
  echo = await readFile(join(await builtApplication('echo'), 'dist', 'echo.wasm'));
  counting = await readFile(await builtFixture('echo'));
}, BUILD_TIMEOUT_MS);

describe('an echo in Python', () => {
  it(
    'of the kind service answers 2,000 calls of 64 KiB',
    async () => {
      await using node = await Echoing.start('service', echo);
      expect(await node.call(2000)).toEqual({ ok: 2000 });
      const { renewed, replaced, failed } = await node.counts();
      expect({ replaced, failed }).toEqual({ replaced: 0, failed: 0 });
      expect(renewed).toBeGreaterThanOrEqual(2);
      expect(node.daemon.log).toMatch(/"calls":\d+.*nearly used up its memory/);
    },
    TIMEOUT_MS,
  );

  it(
    'that is durable answers 1,000, and keeps its state',
    async () => {
      await using node = await Echoing.start('durable', counting);
      expect(await node.count()).toBe(1);
      expect(await node.call(1000)).toEqual({ ok: 1000 });
      expect(await node.count()).toBe(2);
      const { renewed, replaced, failed } = await node.counts();
      expect({ replaced, failed }).toEqual({ replaced: 0, failed: 0 });
      expect(renewed).toBeGreaterThanOrEqual(1);
    },
    TIMEOUT_MS,
  );

  it(
    'does not where nothing is renewed',
    async () => {
      await using node = await Echoing.start('service', echo, UNRENEWED);
      expect(await node.call(1000)).toMatchObject({ 'RESOURCE_EXHAUSTED MEMORY_LIMIT': expect.any(Number) });
      await expect(node.counts()).resolves.toMatchObject({ renewed: 0 });
    },
    TIMEOUT_MS,
  );
});

class Echoing implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly #client: PlexSpacesClient;

  private constructor(daemon: Daemon, client: PlexSpacesClient) {
    this.daemon = daemon;
    this.#client = client;
  }

  static async start(
    kind: 'service' | 'durable',
    component: Uint8Array,
    options: DaemonOptions = {},
  ): Promise<Echoing> {
    const daemon = await startFreshDaemon(options);
    const client = await daemon.connect();
    const workers = { min: 1, max: 1 };
    const durability = { checkpointBytes: CHECKPOINT_BYTES };
    const manifest = {
      kind,
      workers,
      limits: { memoryBytes: MEMORY_BYTES },
      ...(kind === 'durable' && { durability }),
    };
    await client.deploy({ name: 'echo', version: '1.0.0', component, manifest });
    return new Echoing(daemon, client);
  }

  async count(): Promise<number> {
    return countOf((await this.#client.call('echo', 'count', new Uint8Array())).bytes);
  }

  /** Several at once. @returns how they ended. */
  async call(count: number): Promise<Record<string, number>> {
    const ends: string[] = [];
    const callInTurn = async (): Promise<void> => {
      for (let made = 0; made < count / AT_ONCE; made += 1) ends.push(await this.#end());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, callInTurn));
    return tally(ends);
  }

  /** As its metrics tell. */
  async counts(): Promise<{ renewed: number; replaced: number; failed: number }> {
    const text = await (await fetch(`http://${this.daemon.http}/metrics`)).text();
    const of = (name: string): number => {
      const [, found] = new RegExp(`^${name}\\{application="echo"\\} (\\d+)$`, 'm').exec(text) ?? [];
      return Number(found);
    };
    return {
      renewed: of('plexspaces_pool_instances_renewed_total'),
      replaced: of('plexspaces_pool_workers_replaced_total'),
      failed: of('plexspaces_pool_calls_failed_total'),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.daemon.kill();
  }

  async #end(): Promise<string> {
    try {
      const reply = await this.#client.invoke('echo', 'echo', PAYLOAD);
      return reply instanceof Uint8Array && Buffer.compare(reply, PAYLOAD) === 0 ? 'ok' : 'another payload';
    } catch (thrown) {
      return codeOf(thrown);
    }
  }
}
