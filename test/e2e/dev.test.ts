/** `plexspaces dev`: each change of the sources is built and deployed, its mistakes are told, the state stays. */
import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from '@plexspaces/client';
import { describe, expect, it } from 'vitest';
import { plexspaces, plexspacesJson } from '../support/command-line.ts';
import { DevSession } from '../support/dev-session.ts';
import { startFreshDaemon } from '../support/daemon.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';

const NAME = { name: 'Ann' };

describe('dev with a node of its own', () => {
  it('deploys what is changed, keeps the state, tells mistakes, shows the log, and leaves nothing behind', async () => {
    const { directory, service, source, replace } = await makeApplication('hello');
    await using dev = new DevSession(directory);
    const { node, data } = await dev.nextOf('ready');
    await expect(dev.nextOf('deployed')).resolves.toMatchObject({ applicationId: 'hello', service, state: 'kept' });
    await using client = await connect(String(node));
    await expect(client.invoke(service, 'greet', NAME)).resolves.toEqual({ text: 'Hello, Ann!', greeted: 1 });

    await replace('`Hello, ', '`Hi, ');
    await dev.nextOf('deployed');
    await expect(client.invoke(service, 'greet', NAME)).resolves.toEqual({ text: 'Hi, Ann!', greeted: 2 });

    const right = await readFile(source, 'utf8');
    await appendFile(source, 'const nothing = (\n');
    await expect(dev.next()).resolves.toMatchObject({
      event: 'failed',
      error: {
        code: 'INVALID_ARGUMENT',
        message: expect.stringMatching(/cannot build actor\.ts: .*\(actor\.ts:\d+:\d+\)/),
      },
    });
    await expect(client.invoke(service, 'greet', NAME)).resolves.toEqual({ text: 'Hi, Ann!', greeted: 3 });

    await writeFile(source, right.replace('state.greeted += 1;', 'state.greeted += 1; console.log("greeted", name);'));
    await dev.nextOf('deployed');
    await client.invoke(service, 'greet', NAME);
    await dev.untilLogged(`${service}/default  greeted Ann`);

    // The control: what is no part of the component and of the application deploys nothing.
    const deployed = dev.countOf('deployed');
    await appendFile(join(directory, 'README.md'), 'More.\n');
    await dev.nextOf('unchanged');
    expect(dev.countOf('deployed')).toBe(deployed);

    await expect(dev.end('SIGINT')).resolves.toBe(0);
    await expect(dev.next()).resolves.toEqual({ event: 'stopped' });
    expect(existsSync(String(data))).toBe(false);
  });
});

describe('dev with a node that runs already', () => {
  it('takes the place of what is deployed there, without its state if it is told so, and leaves it there', async () => {
    const { directory, service } = await makeApplication('other');
    await using daemon = await startFreshDaemon();
    await plexspacesJson(['build', directory]);
    await plexspacesJson(['deploy', directory], { node: daemon.grpc });
    await using client = await daemon.connect();
    await client.invoke(service, 'greet', NAME);
    for (const [args, greeted] of [
      [[], 2],
      [['--fresh'], 1],
    ] as const) {
      await using dev = new DevSession(directory, ['--node', daemon.grpc, ...args]);
      await dev.nextOf('deployed');
      await expect(client.invoke(service, 'greet', NAME)).resolves.toMatchObject({ greeted });
      await expect(dev.end('SIGTERM')).resolves.toBe(0);
    }
    await expect(client.status('other')).resolves.toMatchObject({ status: 'RUNNING' });
  });
});

describe('dev that cannot begin', () => {
  it('says why', async () => {
    const empty = await makeScratchDirectory();
    const nobody = await plexspaces(['dev', empty, '--node', '127.0.0.1:1']);
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringMatching(/^plexspaces: UNAVAILABLE: /) });
    await using taken = await startFreshDaemon();
    const busy = await plexspaces(['dev', empty, '--grpc', taken.grpc, '--http', '127.0.0.1:0']);
    expect(busy).toMatchObject({ code: 1, stderr: expect.stringContaining('--node uses a node that runs already') });
    await using dev = new DevSession(empty);
    await dev.nextOf('ready');
    await expect(dev.next()).resolves.toMatchObject({ event: 'failed', error: { code: 'NOT_FOUND' } });
    await expect(dev.end('SIGTERM')).resolves.toBe(0);
  });
});

interface Made {
  readonly directory: string;
  readonly service: string;
  readonly source: string;
  readonly replace: (found: string, by: string) => Promise<void>;
}

async function makeApplication(name: string): Promise<Made> {
  const cwd = await makeScratchDirectory();
  const made = await plexspacesJson(['new', name, '--lang', 'typescript'], { cwd });
  const { directory, service } = made as { directory: string; service: string };
  const source = join(directory, 'actor.ts');
  const replace = async (found: string, by: string): Promise<void> => {
    const text = await readFile(source, 'utf8');
    expect(text).toContain(found);
    await writeFile(source, text.replace(found, by));
  };
  return { directory, service, source, replace };
}
