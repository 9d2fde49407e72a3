/** A core module in OKRA's ABI on a real node: deployed and called from outside, over a restart, and what it cannot be. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { okraModule, versatileModule } from '../fixtures/components/okra.ts';
import { plexspaces, plexspacesJson, PROJECT } from '../support/command-line.ts';
import { componentFile } from '../support/component-files.ts';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';
import { post } from '../support/http.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const GREETER = join(PROJECT, 'actors', 'okra', 'greeter');
const SERVICE = 'demo.Greeter.v1';

describe('the greeter', () => {
  it('is deployed, called, and there again after kill -9', async () => {
    const data = await makeScratchDirectory();
    const calls = async (node: string): Promise<unknown[]> => [
      await plexspacesJson(['invoke', SERVICE, 'greet', '{"name":"Ada"}'], { node }),
      await refused(['invoke', SERVICE, 'greet', '{}'], node),
      await refused(['tell', SERVICE, 'greet', '{"name":"Ada"}'], node),
    ];
    const expected = [
      { success: true, output: { message: 'Hello, Ada!' } },
      { success: false, error: { code: 'EXECUTION_ERROR', message: 'greet: expected {"name": text}' } },
      { error: { code: 'UNIMPLEMENTED' } },
    ];
    {
      await using daemon = await startDaemon(data);
      const node = daemon.grpc;
      expect(await plexspacesJson(['deploy', GREETER], { node })).toMatchObject({ status: 'RUNNING', cache: 'miss' });
      expect(await calls(node)).toMatchObject(expected);
      await daemon.kill();
    }
    await using daemon = await startDaemon(data);
    expect(await calls(daemon.grpc)).toMatchObject(expected);
    const deployed = await plexspacesJson(['deploy', GREETER], { node: daemon.grpc });
    expect(deployed).toMatchObject({ status: 'RUNNING', cache: 'hit' });
  });
});

it('answers HTTP and a stream of calls alike', async () => {
  await using daemon = await startFreshDaemon();
  await plexspacesJson(['deploy', GREETER], { node: daemon.grpc });
  const path = `/api/v1/services/${SERVICE}/greet`;
  expect(await post(daemon.http, path, { name: 'Ada' })).toMatchObject({
    status: 200,
    json: { message: 'Hello, Ada!' },
  });
  expect(await post(daemon.http, path, {})).toMatchObject({ status: 422, json: { code: 'EXECUTION_ERROR' } });
  await using client = await daemon.connect();
  await using stream = client.stream();
  const replies = await Promise.all(['Ann', 'Ben'].map((name) => stream.invoke(SERVICE, 'greet', { name })));
  expect(replies).toEqual([{ message: 'Hello, Ann!' }, { message: 'Hello, Ben!' }]);
  await expect(stream.invoke(SERVICE, 'greet')).rejects.toMatchObject({ code: 'EXECUTION_ERROR' });
});

describe('a core module by itself', () => {
  let file: string;

  beforeAll(async () => {
    file = await componentFile(await versatileModule(), 'versatile');
  });

  it('is a service unless something else is asked for, also when it is deployed again after a restart', async () => {
    const data = await makeScratchDirectory();
    for (const cache of ['miss', 'hit']) {
      await using daemon = await startDaemon(data);
      const node = daemon.grpc;
      expect(await plexspacesJson(['deploy', file], { node })).toMatchObject({ cache });
      expect(await plexspacesJson(['status', 'versatile'], { node })).toMatchObject({
        applications: [{ kind: 'service', status: 'RUNNING' }],
      });
      await daemon.stop();
    }
  });

  it('is a singleton where that is asked for: its state is one', async () => {
    await using daemon = await startFreshDaemon();
    const node = daemon.grpc;
    await plexspacesJson(['deploy', file, '--kind', 'singleton'], { node });
    const outputs: unknown[] = [];
    for (let call = 0; call < 3; call += 1) {
      outputs.push(await plexspacesJson(['invoke', 'versatile', 'count', '{}'], { node }));
    }
    expect(outputs).toMatchObject(['AQAAAA==', 'AgAAAA==', 'AwAAAA=='].map((base64) => ({ output: { base64 } })));
  });

  it('is nothing durable, and of an ABI of its own it is nothing at all; the node stays as it was', async () => {
    await using daemon = await startFreshDaemon();
    const node = daemon.grpc;
    expect(await refused(['deploy', file, '--kind', 'durable'], node)).toMatchObject({
      error: { code: 'INVALID_ARGUMENT', message: expect.stringMatching(/kind of a core module: expected service or/) },
    });
    const foreign = await okraModule({ imports: '(import "okra" "run_host_api" (func (param i32) (result i64)))' });
    expect(await refused(['deploy', await componentFile(foreign)], node)).toMatchObject({
      error: { code: 'INVALID_ARGUMENT', details: { reason: 'FOREIGN_IMPORT' } },
    });
    const header = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    expect(await refused(['deploy', await componentFile(header)], node)).toMatchObject({
      error: { code: 'INVALID_ARGUMENT', details: { reason: 'NOT_A_COMPONENT' } },
    });
    expect(await plexspacesJson(['list'], { node })).toEqual({ applications: [] });
    // The control: what was refused is no fault of the file.
    expect(await plexspacesJson(['deploy', file], { node })).toMatchObject({ status: 'RUNNING' });
  });
});

async function refused(args: readonly string[], node: string): Promise<unknown> {
  const { code, stdout } = await plexspaces([...args, '--json'], { node });
  expect(code).toBe(1);
  return JSON.parse(stdout);
}
