/**
 * A node as `plexspaces serve` starts it, with a fault in its store or in its tuple space: a program of its own.
 *
 *     --data DIR              as for serve; the ports are free ones
 *     --fault JSON            {"point", "payloads"}: the process ends there by SIGKILL, see faulty-store.ts
 *     --die-behind PREFIX     the process ends behind the first batch that puts something under a key that begins so
 *     --forget PREFIX         nothing is written under keys that begin so; any number of times
 *     --late-ends             the end of a timer reaches the disk with that of the next one
 *     --racy                  a take is a read and, a moment later, a delete; see racy-spaces.ts
 *     --unwatched             no call is ended for taking too long
 *     --unrenewed             no instance is renewed before its calls have used up its memory
 *     --waiters ODDITY        those who wait for tuples are wronged; see odd-waiters.ts
 */
import { parseArgs } from 'node:util';
import { PlexSpacesNode } from '@plexspaces/runtime';
import { pino } from 'pino';
import type { Store } from '../../packages/runtime/src/store/store.ts';
import type { Spaces } from '../../packages/runtime/src/tuplespace/spaces.ts';
import { FatalStore } from './fatal-store.ts';
import { FaultyStore } from './faulty-store.ts';
import type { Fault } from './faulty-store.ts';
import { ForgetfulStore } from './forgetful-store.ts';
import { LateEndsStore } from './late-ends-store.ts';
import { oddWaiters } from './odd-waiters.ts';
import { racySpaces } from './racy-spaces.ts';
import type { Append } from './racy-spaces.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    grpc: { type: 'string', default: '127.0.0.1:0' },
    http: { type: 'string', default: '127.0.0.1:0' },
    fault: { type: 'string' },
    'die-behind': { type: 'string' },
    forget: { type: 'string', multiple: true, default: [] },
    'late-ends': { type: 'boolean', default: false },
    racy: { type: 'boolean', default: false },
    unwatched: { type: 'boolean', default: false },
    unrenewed: { type: 'boolean', default: false },
    waiters: { type: 'string' },
  },
});
const fault: Fault | undefined = values.fault === undefined ? undefined : JSON.parse(values.fault);

const node = await PlexSpacesNode.start({
  dataDirectory: values.data,
  grpc: values.grpc,
  http: values.http,
  logger: pino({ level: 'info' }, pino.destination({ dest: 2, sync: false })),
  decorateStore: decorate,
  decorateSpaces,
  unsafeUnwatched: values.unwatched,
  unsafeUnrenewed: values.unrenewed,
});
process.stdout.write(`${JSON.stringify({ ready: true, ...node.addresses, pid: process.pid })}\n`);

function decorateSpaces(spaces: Spaces, append: Append): Spaces {
  if (values.waiters === 'lifo' || values.waiters === 'deaf') return oddWaiters(spaces, values.waiters);
  return values.racy ? racySpaces(spaces, append) : spaces;
}

function decorate(store: Store): Store {
  const forgetful = values.forget.length > 0 ? new ForgetfulStore(store, values.forget) : store;
  const kept = values['late-ends'] ? new LateEndsStore(forgetful) : forgetful;
  const faulty = fault === undefined ? kept : new FaultyStore(kept, fault, die);
  const prefix = values['die-behind'];
  return prefix === undefined ? faulty : new FatalStore(faulty, prefix, die);
}

/** The signal is there before the call returns: nothing else happens in this process. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
