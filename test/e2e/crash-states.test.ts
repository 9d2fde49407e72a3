/**
 * What a crash leaves, at every place where one could come: the writes of a node under load are recorded with the
 * replies that it sent, and data directories are made of their prefixes, as kill -9 leaves them, with the last write
 * torn, and as power loss leaves them. Each opens and has every call that was answered before that place, or is
 * refused by name. PLEXSPACES_SEED repeats a run's choices.
 */
import { cp } from 'node:fs/promises';
import { relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildHastyStepper } from '../fixtures/components/stepper.ts';
import { isKept, openState, readFiles } from '../support/crash-state.ts';
import type { Found } from '../support/crash-state.ts';
import { startDaemon } from '../support/daemon.ts';
import { DiskModel } from '../support/disk-model.ts';
import { tally } from '../support/outcomes.ts';
import type { Crash } from '../support/disk-model.ts';
import { canTrace, recordLife } from '../support/recorded-life.ts';
import { makeScratchDirectory } from '../support/scratch-directory.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { IS_SOAK, tellFigures, TEST_TIMEOUT_MS } from '../support/soak.ts';
import { StepCalls } from '../support/step-calls.ts';
import type { TraceEvent } from '../support/write-trace.ts';

/** Where a crash comes: behind so many of the recorded events, the last of them torn or whole. */
interface State {
  readonly events: number;
  readonly crash: Crash;
  readonly isTorn: boolean;
}

interface Recording {
  /** The files before the first event. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Paths are within the data directory. */
  readonly events: readonly TraceEvent[];
  /** The files behind the last event, as they are. */
  readonly filesAfter: ReadonlyMap<string, Buffer>;
}

const SAMPLE = 30;
const LIVES = 2;
const CALLS_PER_LIFE = 15;
const SERVICE = 'test.Stepper.v1';
const ADDRESSES = ['a', 'b', 'c'].map((key) => `${SERVICE}/${key}`);
const MANIFEST = {
  service: SERVICE,
  workers: { max: 1, residentActors: 2 },
  durability: { checkpointEvery: 5 },
} as const;

const random = seededRandom();
const hasTrace = canTrace();
if (!hasTrace) process.stdout.write('SKIPPED: crash states need strace, and leave to trace\n');

let deployed: string;
let recording: Recording;
const calls = new StepCalls({ isKeyed: true });

describe.skipIf(!hasTrace)(`what a crash leaves, seed ${random.seed}`, () => {
  beforeAll(async () => {
    deployed = await makeScratchDirectory();
    await using daemon = await startDaemon(deployed);
    await using client = await daemon.connect();
    await client.deploy({ name: 'small', version: '1.0.0', component: await buildHastyStepper(), manifest: MANIFEST });
    await daemon.stop();
    recording = await record();
  }, TEST_TIMEOUT_MS);

  it('the recording has every write and every reply', () => {
    const disk = diskBehind(recording.events);
    expect(disk.after('kill', isDatabase)).toEqual(recording.filesAfter);
    const sent = demandedBy(recording.events);
    expect(sent).toEqual(calls.highestReplies());
    expect(sent.size).toBe(ADDRESSES.length);
    expect(recording.events.filter(({ kind }) => kind === 'sync').length).toBeGreaterThan(CALLS_PER_LIFE);
  });

  it(
    'each state opens with all that was acknowledged, or is refused by name',
    async () => {
      const states = IS_SOAK ? allStates() : sampleOf(allStates());
      const refused: string[] = [];
      for (const state of states) {
        const { lost, why } = await judge(state);
        expect({ ...state, lost }).toEqual({ ...state, lost: [] });
        if (why !== undefined) refused.push(`${state.crash}${state.isTorn ? ', torn' : ''}: ${why}`);
      }
      expect(states.length).toBeGreaterThanOrEqual(SAMPLE);
      // A kill keeps all that was written: there is nothing to refuse.
      expect(refused.filter((line) => line.startsWith('kill:'))).toEqual([]);
      const writes = recording.events.filter(({ kind }) => kind === 'write').length;
      tellFigures('crash states', { seed: random.seed, writes, states: states.length, refused: refused.length });
      for (const [why, times] of Object.entries(tally(refused))) process.stdout.write(`refused ${times}: ${why}\n`);
    },
    TEST_TIMEOUT_MS,
  );

  it('control: on a disk that syncs nothing, power loss takes what was acknowledged', async () => {
    const unsynced = recording.events.filter(({ kind }) => kind !== 'sync');
    const state = { events: unsynced.length, isTorn: false };
    const { lost } = await judge({ ...state, crash: 'power' }, unsynced);
    expect(lost).not.toEqual([]);
    // Where the watermark is left of it, the node says so.
    const { why } = await judge({ ...state, crash: 'power, unsynced kept' }, unsynced);
    expect(why).toMatch(/expected the log to reach LSN \d+/);
  });
});

/** Some lives of a node under load, each ended by SIGKILL. */
async function record(): Promise<Recording> {
  const dataDirectory = await makeScratchDirectory();
  await cp(deployed, dataDirectory, { recursive: true });
  const files = await readFiles(dataDirectory);
  const events: TraceEvent[] = [];
  for (let life = 0; life < LIVES; life += 1) {
    const recorded = await recordLife(dataDirectory, async (daemon) => {
      await using client = await daemon.connect();
      const load = async (address: string): Promise<void> => {
        for (let number = 0; number < CALLS_PER_LIFE; number += 1) {
          await calls.send(client, { address, payload: `${life} ${address} ${number}` });
        }
      };
      await Promise.all(ADDRESSES.map(load));
    });
    events.push(...recorded.flatMap((event) => within(dataDirectory, event)));
  }
  return { files, events, filesAfter: await readFiles(dataDirectory) };
}

/** The event with paths within the directory; nothing where it concerns other files. */
function within(directory: string, event: TraceEvent): TraceEvent[] {
  if (event.kind === 'send') return [event];
  if (!event.path.startsWith(`${directory}/`)) return [];
  const path = relative(directory, event.path);
  if (!isKept(path)) return [];
  return [event.kind === 'rename' ? { ...event, path, to: relative(directory, event.to) } : { ...event, path }];
}

/**
 * One behind each event, with all that was sent before the next one. A sync changes what power loss leaves, so that
 * right before it most has been answered for it; it changes nothing of what a kill leaves.
 */
function allStates(): State[] {
  const { events } = recording;
  return events.flatMap((event, at) => {
    if (event.kind === 'send') return [];
    const next = events.findIndex(({ kind }, later) => later > at && kind !== 'send');
    const end = next === -1 ? events.length : next;
    const whole = crashesBefore(events[end]).map((crash) => ({ events: end, crash, isTorn: false }));
    const isTearable = event.kind === 'write' && event.bytes.length > 1;
    return isTearable ? [...whole, { events: at + 1, crash: 'kill', isTorn: true } as const] : whole;
  });
}

function crashesBefore(next: TraceEvent | undefined): readonly Crash[] {
  if (next === undefined) return ['kill', 'power', 'power, unsynced kept'];
  return next.kind === 'sync' ? ['power', 'power, unsynced kept'] : ['kill'];
}

function sampleOf(states: readonly State[]): State[] {
  const left = [...states];
  return Array.from({ length: SAMPLE }, () => left.splice(random.below(left.length), 1)).flat();
}

/** Opens the state. @returns what is not there that had been answered, or why it was refused. */
async function judge(
  { events: length, crash, isTorn }: State,
  events: readonly TraceEvent[] = recording.events,
): Promise<{ readonly lost: readonly string[]; readonly why?: string }> {
  const prefix = events.slice(0, length);
  const disk = diskBehind(isTorn ? [...prefix.slice(0, -1), ...prefix.slice(-1).map(torn)] : prefix);
  const opened = await openState(disk.after(crash, isDatabase), deployed, ADDRESSES);
  if (opened.kind === 'refused') return { lost: [], why: opened.why };
  return { lost: missing(demandedBy(prefix), opened.found) };
}

function diskBehind(events: readonly TraceEvent[]): DiskModel {
  const disk = new DiskModel(recording.files);
  for (const event of events) if (event.kind !== 'send') disk.apply(event);
  return disk;
}

function isDatabase(path: string): boolean {
  return path.startsWith('db/');
}

function torn(event: TraceEvent): TraceEvent {
  if (event.kind !== 'write') return event;
  return { ...event, bytes: event.bytes.subarray(0, 1 + random.below(event.bytes.length - 1)) };
}

/** Of each address the highest count in a reply that was sent: a ServiceResponse with id, success and output. */
function demandedBy(events: readonly TraceEvent[]): Map<string, number> {
  const demanded = new Map<string, number>();
  for (const event of events) {
    if (event.kind !== 'send') continue;
    for (const address of ADDRESSES) {
      const head = Buffer.from([0x0a, address.length, ...Buffer.from(address), 0x10, 1, 0x1a, 4]);
      for (let at = event.bytes.indexOf(head); at >= 0; at = event.bytes.indexOf(head, at + 1)) {
        const count = event.bytes.readUInt32LE(at + head.length);
        demanded.set(address, Math.max(count, demanded.get(address) ?? 0));
      }
    }
  }
  return demanded;
}

/** Counts below an answered one, and tuples that are not those of the counted calls. */
function missing(demanded: ReadonlyMap<string, number>, { counts, tuples }: Found): string[] {
  const short = ADDRESSES.flatMap((address, at) => {
    const [wanted, found] = [demanded.get(address) ?? 0, counts[at] ?? 0];
    return found < wanted ? [`${address}: answered ${wanted}, found ${found}`] : [];
  });
  const total = counts.reduce((sum, count) => sum + count, 0);
  const { first, second } = tuples;
  const isWhole = new Set(first).size === total && first.length === total && String(first) === String(second);
  return isWhole ? short : [...short, `counted ${total}, tuples ${first.length} and ${second.length}`];
}
