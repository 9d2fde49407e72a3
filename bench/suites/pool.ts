/**
 * The pool beside what it is made of: an echo within the thread, over bare piscina and over the pool, with equal
 * numbers of threads; a guest's tuple calls beside the bare round trip through shared memory; and the memory of a worker.
 */
import { builtFixture } from '../../test/support/built-actors.ts';
import { loadEcho } from '../../test/support/echo.ts';
import { closedLoop } from '../support/closed-loop.ts';
import { directCaller, loadFile, piscinaCaller, poolCaller } from '../support/echo-callers.ts';
import type { EchoCaller } from '../support/echo-callers.ts';
import { measure, ratio } from '../support/figures.ts';
import type { Case, Figure, Sample } from '../support/figures.ts';
import { guestFile } from '../support/guest-languages.ts';
import type { Bench, Goal, SuiteResult } from '../support/suite.ts';
import { TupleCalls } from '../support/tuple-calls.ts';
import { memoryCase } from '../support/worker-memory.ts';

const WAYS = {
  direct: 'in the same thread',
  piscina: 'bare piscina.run',
  manyAtOnce: 'bare piscina.run, 16 at once, stricterFIFO',
  pool: 'the pool, .wat',
  python: 'the pool, Python',
} as const;
type Way = keyof typeof WAYS;

const SIZES = { '100 B': 100, '64 KiB': 65_536 } as const;
type Size = keyof typeof SIZES;
const IN_FLIGHT = [1, 64] as const;

/** An instance keeps some of each answer (docs/limits.md); this is enough for one measurement, which has a pool of its own. */
const PYTHON_BYTES = 1_073_741_824;
const SPEEDUP_WANTED = 10;
const BRIDGE_RATIO_ALLOWED = 1.5;
const RUST_MEMORY = 'memory of a worker past the first, Rust';
const PYTHON_MEMORY = 'memory of a worker past the first, Python';
const RUST_MIB_ALLOWED = 12;
const PYTHON_MIB_ALLOWED = 45;
const BARE = 'bare SharedArrayBuffer round trip';
const TUPLE_CALLS = { write: 'write', 'failed-take': 'failed take', 'matching-take': 'matching take' } as const;

export async function pool(bench: Bench): Promise<SuiteResult> {
  const pythonFile = await builtFixture('echo');
  const calls = await measureCalls(bench, pythonFile);
  const tuples = await measureTuples(bench);
  const memory = await measure(
    [memoryCase(RUST_MEMORY, await guestFile('rust', 'kernel')), memoryCase(PYTHON_MEMORY, pythonFile)],
    { ...bench, rounds: 1 }, // it does not depend on what else the machine does
  );
  const note = `Threads: ${bench.layout.workers}, of the pool and of piscina alike; the callers are in the main thread.`;
  return {
    figures: [...calls.figures, ...tuples.figures, ...memory],
    goals: [...calls.goals, ...tuples.goals, ...memoryGoals(memory)],
    notes: [note],
  };
}

interface Part {
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
}

async function measureCalls(bench: Bench, pythonFile: string): Promise<Part> {
  const { workers } = bench.layout;
  await using small = await loadEcho();
  await using python = await loadFile(pythonFile, { memoryBytes: PYTHON_BYTES });
  await using direct = await directCaller(small.component);
  await using piscina = piscinaCaller(workers, 'default');
  await using manyAtOnce = piscinaCaller(workers, 'many-at-once');
  await using smallPool = await poolCaller(small.component, workers);
  const callers: Readonly<Record<Way, WithCaller>> = {
    direct: (use) => use(direct),
    piscina: (use) => use(piscina),
    manyAtOnce: (use) => use(manyAtOnce),
    pool: (use) => use(smallPool),
    python: async (use) => {
      await using afresh = await poolCaller(python.component, workers);
      return await use(afresh);
    },
  };
  const loads = sizes().flatMap((size) => IN_FLIGHT.map((inFlight) => ({ size, inFlight })));
  const cases = loads.flatMap(({ size, inFlight }) =>
    ways(inFlight).map((way) => echoCase(callers[way], { way, size, inFlight }, bench.durationMs)),
  );
  return withGoals(await measure(cases, bench));
}

/** Runs a measurement with a caller that may be its own. */
type WithCaller = (use: (caller: EchoCaller) => Promise<Sample>) => Promise<Sample>;

interface Load {
  readonly way: Way;
  readonly size: Size;
  readonly inFlight: (typeof IN_FLIGHT)[number];
}

function echoCase(withCaller: WithCaller, load: Load, durationMs: number): Case {
  const payload = new Uint8Array(SIZES[load.size]).fill(7);
  const run = ({ call }: EchoCaller): Promise<Sample> =>
    closedLoop({ inFlight: load.inFlight, durationMs }, async () => {
      const answer = await call(payload);
      if (answer.length !== payload.length || answer.at(-1) !== payload.at(-1)) throw new Error('expected the payload');
    });
  return {
    name: nameOf(load),
    unit: 'calls per second',
    curve: { series: `${WAYS[load.way]}, ${load.size}`, axis: 'calls in flight', x: load.inFlight },
    run: () => withCaller(run),
  };
}

function withGoals(figures: readonly Figure[]): Part {
  const many = { size: '100 B', inFlight: 64 } as const;
  const speedup = ratio(
    'the pool over bare piscina.run, 64 in flight, 100 B',
    figures,
    nameOf({ way: 'pool', ...many }),
    nameOf({ way: 'piscina', ...many }),
  );
  const one = { size: '100 B', inFlight: 1 } as const;
  const [ours, theirs] = [nameOf({ way: 'pool', ...one }), nameOf({ way: 'piscina', ...one })];
  const latency = ratio('p50 of the pool over bare piscina.run, 1 in flight, 100 B', figures, ours, theirs, 'p50Ms');
  return {
    figures: [...figures, speedup, latency],
    goals: [
      { name: speedup.name, atLeast: SPEEDUP_WANTED, found: speedup.median },
      { name: latency.name, atMost: 1, found: latency.median },
    ],
  };
}

async function measureTuples(bench: Bench): Promise<Part> {
  await using calls = await TupleCalls.start();
  const cases: Case[] = [
    { name: BARE, unit: 'µs (p50)', run: () => calls.measure('bare', bench.durationMs) },
    ...tupleActions().map((action) => ({
      name: TUPLE_CALLS[action],
      unit: 'µs (p50)',
      run: () => calls.measure(action, bench.durationMs),
    })),
  ];
  const figures = await measure(cases, bench);
  const ratios = tupleActions().map((action) => {
    const name = TUPLE_CALLS[action];
    return ratio(`${name} over the bare round trip`, figures, name, BARE);
  });
  const goals = ratios.map(({ name, median }) => ({ name, atMost: BRIDGE_RATIO_ALLOWED, found: median }));
  return { figures: [...figures, ...ratios], goals };
}

function memoryGoals(figures: readonly Figure[]): Goal[] {
  const allowed = new Map([
    [RUST_MEMORY, RUST_MIB_ALLOWED],
    [PYTHON_MEMORY, PYTHON_MIB_ALLOWED],
  ]);
  return figures.map(({ name, median }) => ({ name: `${name} (MiB)`, atMost: allowed.get(name) ?? 0, found: median }));
}

/** A caller in the same thread has one call in flight, whatever is asked for. */
function ways(inFlight: Load['inFlight']): Way[] {
  const all = Object.keys(WAYS) as Way[];
  return inFlight === 1 ? all : all.filter((way) => way !== 'direct');
}

function sizes(): Size[] {
  return Object.keys(SIZES) as Size[];
}

function tupleActions(): (keyof typeof TUPLE_CALLS)[] {
  return Object.keys(TUPLE_CALLS) as (keyof typeof TUPLE_CALLS)[];
}

function nameOf({ way, size, inFlight }: Load): string {
  return `${WAYS[way]}, ${size}, ${inFlight} in flight`;
}
