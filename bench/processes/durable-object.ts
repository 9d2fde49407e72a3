/**
 * A Durable Object that counts its calls in its storage, on disk. Prints its address.
 * Arguments: the loader of the neighbours' packages, the directory.
 */
const [, , loader = '', directory = ''] = process.argv;
const { load } = await import(loader);
const { Miniflare } = await load('miniflare');

const SCRIPT = `
  export class Counter {
    constructor(state) { this.storage = state.storage; }
    async fetch(request) {
      await request.arrayBuffer(); // a body that nobody reads ends the connection
      const count = ((await this.storage.get('count')) ?? 0) + 1;
      this.storage.put('count', count); // its output gate holds the answer until this is written
      return new Response(String(count));
    }
  }
  export default {
    fetch(request, { COUNTER }) {
      const { pathname } = new URL(request.url);
      return COUNTER.get(COUNTER.idFromName(pathname)).fetch(request);
    },
  };
`;

const miniflare = new Miniflare({
  modules: true,
  script: SCRIPT,
  compatibilityDate: '2026-04-01',
  durableObjects: { COUNTER: { className: 'Counter', useSQLite: true } },
  durableObjectsPersist: directory,
  host: '127.0.0.1',
  port: 0,
  cf: false,
});
const { host } = new URL(String(await miniflare.ready));
process.stdout.write(`${JSON.stringify({ http: host })}\n`);
