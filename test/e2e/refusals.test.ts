/**
 * Components that must not run, sent to a real node both ways: by the command line (upload, then deploy by hash)
 * and by a unary deploy. After each the node is as it was.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@plexspaces/client';
import type { PlexSpacesClient } from '@plexspaces/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echoNamed, HARMLESS, payloadName } from '../fixtures/components/named.ts';
import { componentFrom, echoRenamed, echoWith } from '../fixtures/components/wat.ts';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import type { Daemon } from '../support/daemon.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { componentFile, ECHO_FILE } from '../support/component-files.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { openWire } from '../support/wire.ts';
import type { Wire } from '../support/wire.ts';

const MEMORY_ROOM_BYTES = 160 * 1024 * 1024;

let daemon: Daemon;
let client: PlexSpacesClient;
let wire: Wire;
let marker: string;

beforeAll(async () => {
  daemon = await startFreshDaemon();
  client = await connect(daemon.grpc);
  wire = await openWire(daemon.grpc);
  marker = join(await makeScratchDirectory(), 'marker');
  await plexspacesJson(['deploy', ECHO_FILE, '--name', 'neighbour', '--kind', 'service'], { node: daemon.grpc });
});

afterAll(async () => {
  client.close();
  wire.close();
  await daemon.kill();
});

describe.each<[what: string, reason: string, make: () => Promise<Uint8Array>]>([
  ['garbage', 'NOT_A_COMPONENT', async () => randomBytes(4096)],
  ['no bytes but a header', 'NOT_A_COMPONENT', async () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 255)],
  ['a core module', 'NOT_A_COMPONENT', async () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
  ['a component that exports nothing', 'NOT_A_COMPONENT', () => componentFrom('(component)')],
  ['an actor interface of another name', 'NOT_A_COMPONENT', async () => renamedActor()],
  ['a foreign import', 'FOREIGN_IMPORT', () => echoWith('(import "evil:host/shell@1.0.0" (instance))')],
  ['a name with a quote that carries code', 'UNSAFE_NAME', () => echoNamed({ import: payloadName(marker) })],
  ['a module name with a quote', 'UNSAFE_NAME', () => echoNamed({ module: "it's" })],
  ['an export with a line break', 'UNSAFE_NAME', () => echoNamed({ export: 'a\nb' })],
])('%s', (_what, reason, make) => {
  it(`is ${reason} on the command line, and the node is as it was`, async () => {
    const before = await state();
    const refused = await plexspaces(['deploy', await componentFile(await make()), '--name', 'bad', '--json'], {
      node: daemon.grpc,
    });
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'INVALID_ARGUMENT', details: { reason } } });
    expect(refused.stderr).toMatch(/^plexspaces: INVALID_ARGUMENT: .+\n$/);
    await expectUnchanged(before);
  });

  it(`is ${reason} as a unary deploy, and the node is as it was`, async () => {
    const before = await state();
    const refusal = wire.call('plexspaces.application.v1.ApplicationService', 'DeployApplication', {
      name: 'bad',
      version: '1.0.0',
      wasm_module: { name: 'bad', version: '1.0.0', module_bytes: await make() },
    });
    await expect(refusal).rejects.toMatchObject({ code: 3, reason });
    await expectUnchanged(before);
  });
});

describe('the twin with harmless names', () => {
  it('is taken and called, so that the names were what was refused', async () => {
    const twin = await componentFile(await echoNamed({}));
    const deployed = await plexspacesJson(['deploy', twin, '--name', 'twin', '--kind', 'service'], {
      node: daemon.grpc,
    });
    expect(deployed).toMatchObject({ name: 'twin', status: 'RUNNING' });
    await expect(client.invoke('twin', 'echo', { names: HARMLESS })).resolves.toEqual({ names: HARMLESS });
    await client.undeploy('twin');
  });

  it('leaves, as all the others did, no trace of what names could say', () => {
    expect(existsSync(marker)).toBe(false);
    expect(existsSync(join(daemon.dataDirectory, 'marker'))).toBe(false);
    expect(daemon.log).not.toContain('internal error');
  });
});

interface State {
  readonly names: readonly string[];
  readonly modules: readonly string[];
  readonly rssBytes: number;
}

async function state(): Promise<State> {
  const list = await client.list();
  return {
    names: list.map(({ name, status }) => `${name} ${status}`),
    modules: readdirSync(join(daemon.dataDirectory, 'components', 'modules')).toSorted(),
    rssBytes: daemon.rssBytes(),
  };
}

async function expectUnchanged(before: State): Promise<void> {
  const { names, modules, rssBytes } = await state();
  expect({ names, modules }).toEqual({ names: before.names, modules: before.modules });
  expect(names).toEqual(['neighbour RUNNING']);
  expect(rssBytes).toBeLessThan(before.rssBytes + MEMORY_ROOM_BYTES);
  expect(daemon.isRunning).toBe(true);
  expect(existsSync(marker)).toBe(false);
  await expect(client.invoke('neighbour', 'echo', [1])).resolves.toEqual([1]);
}

function renamedActor(): Uint8Array {
  return echoRenamed('plexspaces:actor/actor@0.1.0', 'plexspaces:actor/axtor@0.1.0');
}
