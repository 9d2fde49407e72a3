/**
 * A client of its own that waits in a take until it is killed: `waiting-client.ts HOST:PORT NAME`. It prints a line when
 * the node has its take: what is sent behind it on the same connection was answered.
 */
import { connect } from '@plexspaces/client';

const [address = '', name = ''] = process.argv.slice(2);
const client = await connect(address);
const taken = client.tuples.take([name, { '?': 'any' }], { waitMs: 60_000 });
await client.tuples.count([name]);
console.log('waiting');
console.log(JSON.stringify(await taken));
client.close();
