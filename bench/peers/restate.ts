/** Restate: its server, and a process with a virtual object that counts. One node, on disk, each write synced. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { writeFile, mkdir } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Server } from '../support/child.ts';
import type { PeerPackages } from './packages.ts';

const START_TIMEOUT_MS = 60_000;
const LOOK_EACH_MS = 100;

export interface Peer extends AsyncDisposable {
  /** `host:port` */
  readonly address: string;
}

export async function startRestate(packages: PeerPackages, directory: string): Promise<Peer> {
  await using stack = new AsyncDisposableStack();
  const program = new URL('../processes/restate-counter.ts', import.meta.url);
  const service = stack.use(await Server.start(program, [packages.loaderUrl]));
  const [ingress, admin, fabric] = [await freePort(), await freePort(), await freePort()];
  await mkdir(directory, { recursive: true });
  const config = join(directory, 'restate.toml');
  await writeFile(config, configOf(directory, { ingress, admin, fabric }));
  const flags = ['--config-file', config, '--no-logo'];
  const child = spawn(packages.restateServer, flags, { stdio: 'ignore' });
  stack.defer(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await untilItAnswers(`http://127.0.0.1:${admin}/health`);
  await register(admin, service.http);
  const moved = stack.move();
  return { address: `127.0.0.1:${ingress}`, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

interface Ports {
  readonly ingress: number;
  readonly admin: number;
  readonly fabric: number;
}

/** Its defaults but for names, ports and telemetry: one replica, the write-ahead log synced. */
function configOf(directory: string, { ingress, admin, fabric }: Ports): string {
  return [
    'node-name = "bench"',
    `base-dir = ${JSON.stringify(directory)}`,
    'disable-telemetry = true',
    'log-filter = "error"',
    'listen-mode = "tcp"',
    `bind-address = "127.0.0.1:${fabric}"`,
    `[ingress]\nbind-address = "127.0.0.1:${ingress}"`,
    `[admin]\nbind-address = "127.0.0.1:${admin}"`,
    '',
  ].join('\n');
}

async function register(admin: number, service: string): Promise<void> {
  const reply = await fetch(`http://127.0.0.1:${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://${service}` }),
  });
  if (!reply.ok) throw new Error(`Restate does not take the service: ${reply.status} ${await reply.text()}`);
}

async function untilItAnswers(url: string): Promise<void> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const reply = await fetch(url).catch(() => undefined);
    if (reply?.ok === true) return;
    if (performance.now() > giveUpAt) throw new Error(`${url}: expected an answer within ${START_TIMEOUT_MS} ms`);
    await delay(LOOK_EACH_MS);
  }
}

/** Its configuration has no way to say what it was given. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}
