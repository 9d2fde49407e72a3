/** A call of a guest in a thread, and a guest's call of its host: by the node's pool and by Extism's worker. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ExtismRequest } from '../processes/extism.ts';
import { poolCaller } from '../support/echo-callers.ts';
import { Helper } from '../support/child.ts';
import { closedLoop } from '../support/closed-loop.ts';
import { ratio } from '../support/figures.ts';
import type { Case, Figure, Sample } from '../support/figures.ts';
import { parseSample } from '../support/sample.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';
import { TupleCalls } from '../support/tuple-calls.ts';
import { loadEcho } from '../../test/support/echo.ts';
import type { PeerPackages } from './packages.ts';

const ECHO = fileURLToPath(new URL('../../actors/rust/echo/echo.wasm', import.meta.url));
const BYTES = 100;
const POOL_CALL = 'pool call of a Rust echo, 100 B, 1 in flight, p50';
const EXTISM_CALL = 'Extism call in its worker, 100 B, 1 in flight, p50';
const HOST_CALL = 'tuple space call of a guest that finds nothing, p50';
const EXTISM_HOST_CALL = 'Extism host function from its worker, p50';
const POOL_ALLOWED = 0.7;
const HOST_CALL_ALLOWED = 1 / 3;
const MICROS_PER_MS = 1000;

export async function guestCallCases(
  packages: PeerPackages,
  stack: AsyncDisposableStack,
  { durationMs }: Bench,
): Promise<Case[]> {
  const echo = stack.use(await loadEcho(new Uint8Array(await readFile(ECHO))));
  const pool = stack.use(await poolCaller(echo.component, 1));
  const tuples = stack.use(await TupleCalls.start());
  const extism: Helper<ExtismRequest, Sample> = stack.use(
    new Helper(new URL('../processes/extism.ts', import.meta.url), parseSample, [packages.loaderUrl]),
  );
  const payload = new Uint8Array(BYTES).fill(7);
  const call = async (): Promise<void> => void (await pool.call(payload));
  const unit = 'µs';
  return [
    { name: POOL_CALL, unit, run: async () => p50(await closedLoop({ inFlight: 1, durationMs }, call)) },
    { name: EXTISM_CALL, unit, run: async () => p50(await extism.ask({ what: 'echo', bytes: BYTES, durationMs })) },
    { name: HOST_CALL, unit, run: () => tuples.measure('failed-take', durationMs) },
    { name: EXTISM_HOST_CALL, unit, run: () => extism.ask({ what: 'ask', bytes: BYTES, durationMs }) },
  ];
}

/** How much of the neighbour's time ours takes. */
export function guestCallRatios(figures: readonly Figure[]): Required<Pick<SuiteResult, 'figures' | 'goals'>> {
  const call = ratio('pool call over Extism call', figures, POOL_CALL, EXTISM_CALL);
  const hostCall = ratio('tuple space call over Extism host function', figures, HOST_CALL, EXTISM_HOST_CALL);
  const goals = [
    { name: call.name, atMost: POOL_ALLOWED, found: call.median },
    { name: hostCall.name, atMost: HOST_CALL_ALLOWED, found: hostCall.median },
  ];
  return { figures: [call, hostCall], goals };
}

function p50({ details = {} }: Sample): Sample {
  return { value: (details['p50Ms'] ?? Number.NaN) * MICROS_PER_MS, details };
}
