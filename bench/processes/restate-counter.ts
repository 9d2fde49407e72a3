/** A virtual object of Restate that counts its calls. Prints its address. Argument: the loader of the neighbours' packages. */
import { createServer } from 'node:http2';
import { once } from 'node:events';

interface Context {
  get(name: string): Promise<number | null>;
  set(name: string, value: number): void;
}

const { load } = await import(process.argv[2] ?? '');
const { object, createEndpointHandler } = await load('@restatedev/restate-sdk');

const counter = object({
  name: 'Counter',
  handlers: {
    async increment(context: Context): Promise<number> {
      const count = ((await context.get('count')) ?? 0) + 1;
      context.set('count', count);
      return count;
    },
  },
});

const server = createServer(createEndpointHandler({ services: [counter] }));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
if (address === null || typeof address === 'string') throw new Error('expected a port');
process.stdout.write(`${JSON.stringify({ http: `127.0.0.1:${address.port}` })}\n`);
