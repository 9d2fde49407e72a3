/** The content-addressed store seen from outside: one component is stored and translated once, and stays whole. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtApplication, builtFixture } from '../support/built-actors.ts';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import { ECHO_FILE } from '../support/component-files.ts';
import type { Daemon } from '../support/daemon.ts';
import { startDaemon, startFreshDaemon } from '../support/daemon.ts';

interface Deployed {
  readonly cache: string;
  readonly elapsedMs: number;
  readonly moduleHash: string;
}

let daemon: Daemon;
let first: Deployed;
let component: string;
const json = (...args: string[]): Promise<unknown> => plexspacesJson(args, { node: daemon.grpc });
const inStore = (...parts: string[]): string => join(daemon.dataDirectory, 'components', ...parts);

beforeAll(async () => {
  daemon = await startFreshDaemon();
  component = await builtApplication('calculator');
  first = (await json('deploy', component)) as Deployed;
});

afterAll(async () => {
  await daemon.kill();
});

describe('the same component', () => {
  it('under another name is a hit, at least five times faster, and stored once', async () => {
    expect(first.cache).toBe('miss');
    expect(first.moduleHash).toBe(
      createHash('sha256')
        .update(await readFile(wasm()))
        .digest('hex'),
    );
    const second = (await json('deploy', component, '--name', 'second', '--service', 'demo.Second.v1')) as Deployed;
    expect(second).toMatchObject({ cache: 'hit', moduleHash: first.moduleHash });
    expect(second.elapsedMs * 5).toBeLessThan(first.elapsedMs);
    await expect(readdir(inStore('modules'))).resolves.toEqual([`${first.moduleHash}.wasm`]);
    await expect(readdir(inStore('prepared'))).resolves.toEqual([first.moduleHash]);
    await expect(add('demo.Second.v1')).resolves.toContain('"result":6');
  });

  it('under the same name and settings changes nothing; another one is ALREADY_EXISTS', async () => {
    await expect(json('deploy', component)).resolves.toMatchObject({ cache: 'hit', status: 'RUNNING' });
    const other = await plexspaces(['deploy', ECHO_FILE, '--name', 'calculator'], { node: daemon.grpc });
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(new RegExp(`^plexspaces: ALREADY_EXISTS: .*${first.moduleHash}.*undeploy`));
    await expect(add('demo.Calculator.v1')).resolves.toContain('"result":6');
  });

  it('under the service id of another one is ALREADY_EXISTS too', async () => {
    const other = await plexspaces(['deploy', component, '--name', 'third'], { node: daemon.grpc });
    expect(other.stderr).toMatch(/ALREADY_EXISTS: .*demo\.Calculator\.v1 is served by calculator\n$/);
  });
});

describe('what was made of a component', () => {
  it('is used again after a restart', async () => {
    const made = times();
    await restart();
    await expect(add('demo.Calculator.v1')).resolves.toContain('"result":6');
    expect(times()).toEqual(made);
  });

  it('is made again where a byte has changed in it', async () => {
    const [core = ''] = await readdir(inStore('core'));
    for (const path of [inStore('prepared', first.moduleHash, 'component.mjs'), inStore('core', core)]) {
      const whole = readFileSync(path);
      await daemon.kill();
      flipByte(path);
      expect(readFileSync(path).equals(whole)).toBe(false);
      daemon = await startDaemon(daemon.dataDirectory);
      await expect(add('demo.Calculator.v1')).resolves.toContain('"result":6');
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
  });

  it('a component that is damaged itself is sent again by the next deploy', async () => {
    const path = inStore('modules', `${first.moduleHash}.wasm`);
    flipByte(path);
    await json('deploy', component, '--name', 'fourth', '--service', 'demo.Fourth.v1');
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(first.moduleHash);
    await expect(add('demo.Fourth.v1')).resolves.toContain('"result":6');
  });
});

describe('a plain module that imports nothing of the SDK', () => {
  it('is built by the command line and runs unmodified, with its state', async () => {
    const built = await builtFixture('plain_calculator');
    await json('deploy', built, '--name', 'plain', '--kind', 'singleton', '--service', 'demo.Plain.v1');
    const calculate = (operands: number[]): Promise<string> =>
      call('demo.Plain.v1', 'calculate', JSON.stringify({ operation: 'add', operands }));
    await expect(calculate([1, 2])).resolves.toBe('{"result": 3, "operation": "add", "total_calculations": 1}\n');
    await expect(calculate([3, 4])).resolves.toBe('{"result": 7, "operation": "add", "total_calculations": 2}\n');
    const refused = await plexspaces(
      ['invoke', 'demo.Plain.v1', 'calculate', '{"operation":"divide","operands":[1,0]}'],
      { node: daemon.grpc },
    );
    expect(refused).toEqual({ code: 1, stdout: '', stderr: 'plexspaces: EXECUTION_ERROR: Division by zero\n' });
  });
});

function wasm(): string {
  return join(component, 'dist', 'calculator.wasm');
}

function add(service: string): Promise<string> {
  return call(service, 'add', '[1,2,3]');
}

async function call(service: string, method: string, payload: string): Promise<string> {
  const { stdout, stderr } = await plexspaces(['invoke', service, method, payload], { node: daemon.grpc });
  return stdout + stderr;
}

async function restart(): Promise<void> {
  await daemon.stop();
  daemon = await startDaemon(daemon.dataDirectory);
}

/** When each file of the translation was written. */
function times(): number[] {
  const files = ['component.mjs', 'prepared.json'].map((name) => inStore('prepared', first.moduleHash, name));
  return files.map((file) => statSync(file).mtimeMs);
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
