/**
 * A node as `plexspaces serve` starts it, with a fault in its store: a program of its own.
 *
 *     --data DIR              as for serve; the ports are free ones
 *     --fault JSON            {"point", "payloads"}: the process ends there by SIGKILL, see faulty-store.ts
 *     --forget                nothing of durable actors is written
 *     --late-ends             the end of a timer reaches the disk with that of the next one
 */
import { parseArgs } from 'node:util';
import { PlexSpacesNode } from '@plexspaces/runtime';
import { pino } from 'pino';
import type { Store } from '../../packages/runtime/src/store/store.ts';
import { FaultyStore } from './faulty-store.ts';
import type { Fault } from './faulty-store.ts';
import { ForgetfulStore } from './forgetful-store.ts';
import { LateEndsStore } from './late-ends-store.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    grpc: { type: 'string', default: '127.0.0.1:0' },
    http: { type: 'string', default: '127.0.0.1:0' },
    fault: { type: 'string' },
    forget: { type: 'boolean', default: false },
    'late-ends': { type: 'boolean', default: false },
  },
});
const fault: Fault | undefined = values.fault === undefined ? undefined : JSON.parse(values.fault);

const node = await PlexSpacesNode.start({
  dataDirectory: values.data,
  grpc: values.grpc,
  http: values.http,
  logger: pino({ level: 'info' }, pino.destination({ dest: 2, sync: false })),
  decorateStore: decorate,
});
process.stdout.write(`${JSON.stringify({ ready: true, ...node.addresses, pid: process.pid })}\n`);

function decorate(store: Store): Store {
  const forgetful = values.forget ? new ForgetfulStore(store) : store;
  const kept = values['late-ends'] ? new LateEndsStore(forgetful) : forgetful;
  return fault === undefined ? kept : new FaultyStore(kept, fault, die);
}

/** The signal is there before the call returns: nothing else happens in this process. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
