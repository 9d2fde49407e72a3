/**
 * The same actors in Rust, TypeScript and Python, through the pool, beside a JavaScript function in the same pool: what
 * each language costs a call, how it grows with threads, and what it takes to have one.
 */
import { availableParallelism } from 'node:os';
import { closedLoop } from '../support/closed-loop.ts';
import { coldStartCases } from '../support/cold-start.ts';
import { directCaller, poolCaller } from '../support/echo-callers.ts';
import { measure, ratio } from '../support/figures.ts';
import type { Case, CurvePoint, Figure } from '../support/figures.ts';
import { guestFile, LANGUAGES, loadGuest, loadNative } from '../support/guest-languages.ts';
import type { GuestActor, Language } from '../support/guest-languages.ts';
import { ADD, SIEVE, WORKS } from '../support/guest-works.ts';
import type { Work } from '../support/guest-works.ts';
import type { Bench, SuiteResult } from '../support/suite.ts';
import type { LoadedComponent } from '../../packages/runtime/src/components/component-store.ts';
import { memoryCase } from '../support/worker-memory.ts';

type Way = Language | 'native';

const IN_FLIGHT = [1, 8, 64];
const BUSY = 64;
/** Python takes ten seconds to be translated on a busy machine. */
const QUICK_STARTS: readonly Language[] = ['rust'];
const NAMES = { native: 'JavaScript, no WebAssembly', ...LANGUAGES } as const;
/** Of a case of the other suites: there are many, and each is short. */
const DURATION_PART = 0.25;
const DIRECT = 'calculator add in Python in the same thread';
const OF_DIRECT_WANTED = 0.8;
const SCALE_WANTED = 1.7;

export async function languages(bench: Bench): Promise<SuiteResult> {
  await using stack = new AsyncDisposableStack();
  const short = { ...bench, durationMs: bench.durationMs * DURATION_PART };
  const guests = await loadAll(stack);
  const calls = await measure(await callCases(guests, stack, short), bench);
  const threads = await measure(await threadCases(guests, short), bench);
  const started = bench.isQuick ? QUICK_STARTS : languageNames();
  const files = await Promise.all(started.map(async (each) => [each, await guestFile(each, 'kernel')] as const));
  const starts = await measure(
    files.flatMap(([each, file]) => coldStartCases(LANGUAGES[each], file, SIEVE)),
    bench,
  );
  const memory = await measure(
    files.map(([each, file]) => memoryCase(`memory of a worker past the first, ${LANGUAGES[each]}`, file)),
    { ...bench, rounds: 1 },
  );
  const ratios = ratiosOf([...calls, ...threads]);
  return {
    figures: [...calls, ...threads, ...starts, ...memory, ...ratios],
    goals: goalsOf(ratios),
    notes: [
      'Calls go through a pool of one thread; the callers are in the main thread. A document of JSON is parsed and written by the guest.',
      'The JavaScript function stands where the code stands that is generated of a component, in the same thread: it is what no guest can pass.',
    ],
  };
}

type Guests = ReadonlyMap<Way, Partial<Record<GuestActor, LoadedComponent>>>;

async function loadAll(stack: AsyncDisposableStack): Promise<Guests> {
  const guests = new Map<Way, Partial<Record<GuestActor, LoadedComponent>>>([
    ['native', { kernel: await loadNative() }],
  ]);
  for (const language of languageNames()) {
    const kernel = stack.use(await loadGuest(language, 'kernel'));
    const calculator = stack.use(await loadGuest(language, 'calculator'));
    guests.set(language, { kernel: kernel.component, calculator: calculator.component });
  }
  return guests;
}

async function callCases(guests: Guests, stack: AsyncDisposableStack, { durationMs, isQuick }: Bench): Promise<Case[]> {
  const cases: Case[] = [];
  const loads = isQuick ? [BUSY] : IN_FLIGHT;
  for (const work of WORKS) {
    for (const [way, { [work.actor]: component }] of guests) {
      if (component === undefined) continue; // there is no calculator without WebAssembly
      const { call } = stack.use(await poolCaller(component, 1, work.method));
      cases.push(...loads.map((inFlight) => callCase({ work, way, inFlight }, call, durationMs)));
    }
  }
  const python = guests.get('python')?.calculator;
  if (python !== undefined) cases.push(await directCase(python, durationMs));
  return cases;
}

interface Load {
  readonly work: Work;
  readonly way: Way;
  readonly inFlight: number;
}

type Call = (payload: Uint8Array) => Promise<Uint8Array> | Uint8Array;

function callCase(load: Load, call: Call, durationMs: number): Case {
  const { work, way, inFlight } = load;
  const curve = { series: `${work.name}, ${NAMES[way]}`, axis: `calls in flight: ${work.name}`, x: inFlight };
  return workCase(nameOf(load), work, call, { inFlight, durationMs, curve });
}

async function directCase(component: LoadedComponent, durationMs: number): Promise<Case> {
  const { call } = await directCaller(component, ADD.method);
  return workCase(DIRECT, ADD, call, { inFlight: 1, durationMs });
}

interface WorkLoad {
  readonly inFlight: number;
  readonly durationMs: number;
  readonly curve?: CurvePoint;
}

function workCase(name: string, work: Work, call: Call, { curve, ...loop }: WorkLoad): Case {
  const once = async (): Promise<void> => work.expect(await call(work.payload));
  return { name, unit: 'calls per second', curve, run: () => closedLoop(loop, once) };
}

/** A pool for each case, with its threads alone: others, idle as they may be, would have memory and caches too. */
async function threadCases(guests: Guests, { durationMs }: Bench): Promise<Case[]> {
  return threadCounts().flatMap((threads) =>
    [...guests].map(([way, { kernel }]) => ({
      name: threadsName(way, threads),
      unit: 'calls per second',
      curve: { series: NAMES[way], axis: `threads: ${SIEVE.name}`, x: threads },
      run: async () => {
        if (kernel === undefined) throw new Error(`${way}: expected a kernel`);
        await using pool = await poolCaller(kernel, threads, SIEVE.method);
        return await closedLoop({ inFlight: BUSY, durationMs }, async () =>
          SIEVE.expect(await pool.call(SIEVE.payload)),
        );
      },
    })),
  );
}

function ratiosOf(figures: readonly Figure[]): Figure[] {
  const ofNative = WORKS.filter(({ actor }) => actor === 'kernel').flatMap((work) =>
    languageNames().map((way) => {
      const name = `${work.name}, ${BUSY} in flight: ${LANGUAGES[way]} over JavaScript`;
      return ratio(
        name,
        figures,
        nameOf({ work, way, inFlight: BUSY }),
        nameOf({ work, way: 'native', inFlight: BUSY }),
      );
    }),
  );
  const pooled = nameOf({ work: ADD, way: 'python', inFlight: BUSY });
  const most = threadCounts().at(-1) ?? 1;
  return [
    ...ofNative,
    ratio('calculator add in Python: a pool of one thread over the same thread', figures, pooled, DIRECT),
    ratio(`${SIEVE.name}, Rust: ${most} threads over 1`, figures, threadsName('rust', most), threadsName('rust', 1)),
  ];
}

/** Of the last two. On one core there is nothing to gain by a second thread. */
function goalsOf(ratios: readonly Figure[]): SuiteResult['goals'] & object {
  const [direct, scale] = ratios.slice(-2);
  if (direct === undefined || scale === undefined) return [];
  const goals = [{ name: direct.name, atLeast: OF_DIRECT_WANTED, found: direct.median }];
  return availableParallelism() < 2
    ? goals
    : [...goals, { name: scale.name, atLeast: SCALE_WANTED, found: scale.median }];
}

/** 1, 2, 4 … up to what the machine has. */
function threadCounts(): number[] {
  const most = Math.max(2, availableParallelism());
  const counts = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, power) => 2 ** power);
  return counts.at(-1) === most ? counts : [...counts, most];
}

function threadsName(way: Way, threads: number): string {
  return `${SIEVE.name}, ${NAMES[way]}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

function nameOf({ work, way, inFlight }: Load): string {
  return `${work.name}, ${NAMES[way]}, ${inFlight} in flight`;
}

function languageNames(): Language[] {
  return Object.keys(LANGUAGES) as Language[];
}
