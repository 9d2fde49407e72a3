/** A stream of tuple operations on the node's side: answered behind the sync, waits that hold up nobody, bad requests. */
import { toPattern, toTuple } from '@plexspaces/core';
import { patternToMessage, TupleRequestFrame, tupleToMessage } from '@plexspaces/proto';
import type { DeepPartial, TupleRequest, TupleResponse, TupleResponseFrame } from '@plexspaces/proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { EVERYONE } from '../../../packages/runtime/src/services/caller.ts';
import { createOutputGate } from '../../../packages/runtime/src/services/output-gate.ts';
import type { OutputGate } from '../../../packages/runtime/src/services/output-gate.ts';
import { tupleStream } from '../../../packages/runtime/src/services/tuple-stream.ts';
import type { TupleStreamPorts } from '../../../packages/runtime/src/services/tuple-stream.ts';
import { LogWriter } from '../../../packages/runtime/src/store/log-writer.ts';
import { TupleOperationRecords } from '../../../packages/runtime/src/store/tuple-operation-records.ts';
import { KeyedOperations } from '../../../packages/runtime/src/tuplespace/keyed-operations.ts';
import { Spaces } from '../../../packages/runtime/src/tuplespace/spaces.ts';
import { GatedStore } from '../../support/gated-store.ts';

type Operation = DeepPartial<NonNullable<TupleRequest['operation']>>;

const JOB = patternToMessage(toPattern(['job', { '?': 'any' }]));
const LONG_MS = 30_000n;
/** A frame is begun in one turn, however slow the machine is. */
const UNHURRIED_MS = 60_000;
/** Sees nothing of the log. */
const OPEN_GATE: OutputGate = async (work) => work();

let store: GatedStore;
let writer: LogWriter;
let spaces: Spaces;

beforeEach(() => {
  store = new GatedStore();
  writer = new LogWriter(store);
  spaces = new Spaces();
});

/** A stream of this test's hands: what it is sent, and what it answers. */
class TestStream implements AsyncDisposable {
  readonly #cancel = new AbortController();
  readonly #frames: TupleRequestFrame[] = [];
  readonly #responses: AsyncGenerator<TupleResponseFrame, void, undefined>;
  #wake: (() => void) | undefined;
  #sent = 0n;

  constructor(ports: Partial<TupleStreamPorts> = {}) {
    const keyed = new KeyedOperations(new TupleOperationRecords(store), writer);
    const closing = new AbortController().signal;
    const operations = { spaces, keyed, writer, closing };
    const gate = createOutputGate(writer);
    const limits = { turnMs: UNHURRIED_MS, ...ports.limits };
    const all = { operations, gate, closing, onError: () => undefined, ...ports, limits };
    this.#responses = tupleStream(all, this.#incoming(), { caller: EVERYONE, signal: this.#cancel.signal });
  }

  /** Numbered from 1 on. */
  send(operations: readonly (Operation | undefined)[], cancelled: readonly bigint[] = []): void {
    const requests = operations.map((operation) => ({ correlation: (this.#sent += 1n), operation }));
    this.#frames.push(TupleRequestFrame.fromPartial({ requests, cancelled: [...cancelled] }));
    this.#wake?.();
  }

  /** The next frame's, by their correlations. */
  async receive(): Promise<TupleResponse[]> {
    const { value } = await this.#responses.next();
    return (value?.responses ?? []).toSorted((a, b) => Number(a.correlation - b.correlation));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cancel.abort();
    await this.#responses.return();
  }

  async *#incoming(): AsyncGenerator<TupleRequestFrame, void, undefined> {
    for (;;) {
      const next = this.#frames.shift();
      if (next === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
      else yield next;
    }
  }
}

describe('what changes the space', () => {
  /** Whether the replies to a write and to a take were there before the batch with what they did was written. */
  async function answersBeforeTheSync(gate: OutputGate): Promise<boolean> {
    await using stream = new TestStream({ gate });
    store.hold();
    stream.send([write(1), take()]);
    let answered = 0;
    const received = stream.receive().then(({ length }) => (answered = length));
    await store.arrived(1);
    await turns(3);
    const before = answered;
    store.open();
    await received;
    expect(answered).toBe(2);
    return before > 0;
  }

  it('is answered when it is synced', async () => {
    expect(await answersBeforeTheSync(createOutputGate(writer))).toBe(false);
  });

  it('control: with a gate that lets everything through it is not', async () => {
    expect(await answersBeforeTheSync(OPEN_GATE)).toBe(true);
  });

  it('happens in the order of its frame, and is one batch of the log', async () => {
    await using stream = new TestStream();
    stream.send([write(1), write(2), take(), countAll(), swap(2, 3), take(), take()]);
    expect((await stream.receive()).map(({ outcome }) => outcome)).toMatchObject([
      { $case: 'write', value: { lease: 0n } },
      { $case: 'write' },
      { $case: 'take', value: { tuple: job(1) } },
      { $case: 'count', value: { count: 1n } },
      { $case: 'compareAndSwap', value: { swapped: true } },
      { $case: 'take', value: { tuple: job(3) } },
      { $case: 'take', value: { tuple: undefined } },
    ]);
    expect(store.batches).toHaveLength(1);
  });
});

describe('a take that waits', () => {
  it('holds up none of the others, and gets what one of them writes', async () => {
    await using stream = new TestStream();
    stream.send([take({ waitMs: LONG_MS }), countAll()]);
    expect(numbers(await stream.receive())).toEqual([2n]);
    stream.send([write(1)]);
    expect(numbers(await stream.receive())).toEqual([1n, 3n]);
  });

  it('is no waiting one where it finds something at once', async () => {
    await using stream = new TestStream({ maxWaiting: 0 });
    stream.send([write(1), write(2), take({ waitMs: LONG_MS }), take({ waitMs: LONG_MS }), take({ waitMs: LONG_MS })]);
    expect((await stream.receive()).slice(2).map(({ outcome }) => outcome)).toMatchObject([
      { $case: 'take', value: { tuple: job(1) } },
      { $case: 'take', value: { tuple: job(2) } },
      { $case: 'error', value: { code: 'RESOURCE_EXHAUSTED' } },
    ]);
  });

  it('past the number of those that may wait is refused, and the stream goes on', async () => {
    await using stream = new TestStream({ maxWaiting: 2 });
    stream.send([take({ waitMs: LONG_MS }), take({ waitMs: LONG_MS }), take({ waitMs: LONG_MS }), take()]);
    expect((await stream.receive()).map(({ outcome }) => outcome)).toMatchObject([
      { $case: 'error', value: { code: 'RESOURCE_EXHAUSTED', message: expect.stringMatching(/while 2 others wait/) } },
      { $case: 'take' },
    ]);
    stream.send([write(1), write(2)]);
    expect(numbers(await stream.receive())).toEqual([1n, 2n, 5n, 6n]);
    stream.send([take({ waitMs: LONG_MS })]); // there is room again
    await turns(2);
    expect(spaces.waiting).toBe(1);
  });

  it('and is not wanted any more ends alone, and takes nothing', async () => {
    await using stream = new TestStream();
    stream.send([take({ waitMs: LONG_MS }), take({ waitMs: LONG_MS })]);
    stream.send([], [1n, 77n]);
    const [ended] = await stream.receive();
    expect(ended).toMatchObject({ correlation: 1n, outcome: { $case: 'error', value: { code: 'CANCELLED' } } });
    stream.send([write(1), write(2), countAll()]);
    expect((await stream.receive()).map(({ correlation, outcome }) => [correlation, outcome])).toMatchObject([
      [2n, { $case: 'take', value: { tuple: job(1) } }],
      [3n, {}],
      [4n, {}],
      [5n, { $case: 'count', value: { count: 1n } }],
    ]);
  });

  it('goes with its stream', async () => {
    {
      await using stream = new TestStream();
      stream.send([take({ waitMs: LONG_MS }), take({ waitMs: LONG_MS, idempotencyKey: 'k' }), countAll()]);
      expect(numbers(await stream.receive())).toEqual([3n]);
      expect(spaces.waiting).toBe(2);
    }
    await turns(2);
    expect(spaces.waiting).toBe(0);
  });
});

describe('a request', () => {
  it.each<[what: string, operation: Operation | undefined, message: RegExp]>([
    ['without an operation', undefined, /^operation: expected one, found none$/],
    ['without a tuple', { $case: 'write', value: {} }, /^tuple: expected a tuple, found none$/],
    ['without a pattern', { $case: 'take', value: { waitMs: 1n } }, /^pattern: expected a pattern, found none$/],
    ['of a namespace that is none', { $case: 'count', value: { namespace: 'a/b', pattern: JOB } }, /a\/b/],
  ])('%s is answered so, and the next one as ever', async (_what, operation, message) => {
    await using stream = new TestStream();
    stream.send([operation, countAll()]);
    const responses = [...(await stream.receive())];
    if (responses.length < 2) responses.push(...(await stream.receive()));
    const error = { code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) };
    expect(responses.find(({ correlation }) => correlation === 1n)?.outcome).toMatchObject({
      $case: 'error',
      value: error,
    });
    expect(responses.find(({ correlation }) => correlation === 2n)?.outcome?.$case).toBe('count');
  });

  it('under a key that was there is answered as it was', async () => {
    await using stream = new TestStream();
    stream.send([write(1, 'k'), write(1, 'k'), write(2, 'k')]);
    const responses: TupleResponse[] = [];
    while (responses.length < 3) responses.push(...(await stream.receive()));
    const outcomes = new Map(responses.map(({ correlation, outcome }) => [correlation, outcome]));
    expect([outcomes.get(1n)?.$case, outcomes.get(2n)?.$case]).toEqual(['write', 'write']);
    expect(outcomes.get(3n)).toMatchObject({ $case: 'error', value: { code: 'INVALID_ARGUMENT' } });
    expect(spaces.count('default', toPattern(['job', { '?': 'any' }]))).toBe(1);
  });

  it('is not read while replies were not, past what a stream holds', async () => {
    const tuple = toTuple(['job', 'x'.repeat(1_000)]);
    for (let written = 0; written < 4; written += 1) spaces.write('default', tuple, '');
    await using stream = new TestStream({ limits: { bytes: 10_000, frameBytes: 5_000 } });
    stream.send(Array.from({ length: 8 }, () => ({ $case: 'readAll' as const, value: { pattern: JOB } })));
    stream.send([write(1)]);
    expect(await stream.receive()).toHaveLength(1);
    await turns(2);
    expect(spaces.figures.tuples).toBe(4);
    for (let received = 1; received < 8;) received += (await stream.receive()).length;
    expect(spaces.figures.tuples).toBe(5);
  });
});

function job(number: number): object {
  return tupleToMessage(toTuple(['job', number]));
}

function write(number: number, idempotencyKey = ''): Operation {
  return { $case: 'write', value: { tuple: tupleToMessage(toTuple(['job', number])), idempotencyKey } };
}

function take(more: { readonly waitMs?: bigint; readonly idempotencyKey?: string } = {}): Operation {
  return { $case: 'take', value: { pattern: JOB, ...more } };
}

function countAll(): Operation {
  return { $case: 'count', value: { pattern: JOB } };
}

function swap(expected: number, replacement: number): Operation {
  const [from, to] = [expected, replacement].map((number) => tupleToMessage(toTuple(['job', number])));
  return {
    $case: 'compareAndSwap',
    value: { pattern: JOB, ...(from && { expected: from }), ...(to && { replacement: to }) },
  };
}

function numbers(responses: readonly TupleResponse[]): bigint[] {
  return responses.map(({ correlation }) => correlation);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
