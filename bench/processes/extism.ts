/**
 * An Extism plug-in in a worker thread, in a process of its own: told what to do, it answers with what it measured.
 * Argument: the loader of the neighbours' packages.
 */
import { ASKED, buildExtismGuest } from '../peers/extism-guest.ts';
import { answerWith } from '../support/answer-with.ts';
import { closedLoop } from '../support/closed-loop.ts';
import type { Sample } from '../support/figures.ts';
import { perCall } from '../support/repeat.ts';

export interface ExtismRequest {
  readonly what: 'echo' | 'ask';
  readonly bytes: number;
  readonly durationMs: number;
}

interface Plugin {
  call(name: string, input: Uint8Array): Promise<{ bytes(): Uint8Array } | null>;
}

const { load } = await import(process.argv[2] ?? '');
const { default: createPlugin } = await load('@extism/extism');
const plugin: Plugin = await createPlugin(
  { wasm: [{ data: await buildExtismGuest() }] },
  {
    runInWorker: true,
    useWasi: false,
    functions: { 'extism:host/user': { identity: (_context: unknown, block: bigint) => block } },
  },
);

process.on('message', (request: ExtismRequest) => answerWith(measure(request)));

async function measure({ what, bytes, durationMs }: ExtismRequest): Promise<Sample> {
  const payload = new Uint8Array(bytes).fill(7);
  if (what === 'echo') return await closedLoop({ inFlight: 1, durationMs }, () => echo(payload));
  return await perCall(durationMs, ASKED, async () => void (await plugin.call('ask', payload)));
}

async function echo(payload: Uint8Array): Promise<void> {
  const answer = await plugin.call('echo', payload);
  if (answer === null || Buffer.compare(answer.bytes(), payload) !== 0) throw new Error('expected the payload');
}
