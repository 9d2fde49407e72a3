/** A stream's calls without a reply against a list: each settles once, by whichever end comes to it first. */
import { PlexSpacesError } from '@plexspaces/core';
import { ServiceResponse } from '@plexspaces/proto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PendingCalls } from '../../../packages/client/src/pending-calls.ts';
import { demand } from '../../support/simulation/demand.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { watch } from '../../support/simulation/settled.ts';
import type { Watched } from '../../support/simulation/settled.ts';

type Command =
  | { readonly kind: 'begin'; readonly timeoutMs: number }
  | { readonly kind: 'settle' | 'abort'; readonly which: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'end' };

const LIMIT = 5;
const QUICK_RUNS = 300;

const anyHistory: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin'), timeoutMs: fc.integer({ min: 1, max: 100 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle'), which: fc.nat({ max: 20 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort'), which: fc.nat({ max: 20 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 60 }) }) },
  ),
  { size: 'max', maxLength: 40 },
);

interface Begun {
  readonly correlation: bigint;
  readonly abort: AbortController;
  readonly dueAt: number;
  readonly outcome: Watched<ServiceResponse>;
  /** By the model. */
  expected: string;
}

type Calls = PendingCalls<ServiceResponse>;
type OnGone = (correlation: bigint) => void;

class PendingRun {
  readonly #calls: Calls;
  readonly #gone: bigint[] = [];
  readonly #begun: Begun[] = [];
  #nowMs = 0;

  constructor(make: (onGone: OnGone) => Calls) {
    this.#calls = make((correlation) => this.#gone.push(correlation));
  }

  async run(history: readonly Command[]): Promise<void> {
    for (const command of history) {
      this.#do(command);
      await this.#look();
    }
    this.#do({ kind: 'end' });
    await this.#look();
    demand('what begins behind the end', this.#begin(1), 'UNAVAILABLE');
    demand('timers that are left', vi.getTimerCount(), 0);
  }

  #do(command: Command): void {
    switch (command.kind) {
      case 'begin': {
        const isFull = this.#begun.filter(({ expected }) => expected === 'pending').length >= LIMIT;
        demand('a call begins', this.#begin(command.timeoutMs), isFull ? 'RESOURCE_EXHAUSTED' : 'begun');
        return;
      }
      case 'settle': {
        const call = this.#begun[command.which];
        this.#calls.settle(ServiceResponse.fromPartial({ correlation: call?.correlation ?? 1_000_000n }));
        return this.#expect(call, 'resolved');
      }
      case 'abort': {
        const call = this.#begun[command.which];
        call?.abort.abort();
        return this.#expect(call, 'CANCELLED');
      }
      case 'wait':
        this.#nowMs += command.ms;
        vi.advanceTimersByTime(command.ms);
        for (const call of this.#begun) if (call.dueAt <= this.#nowMs) this.#expect(call, 'DEADLINE_EXCEEDED');
        return;
      case 'end':
        this.#calls.end(new PlexSpacesError('UNAVAILABLE', 'the end'));
        for (const call of this.#begun) this.#expect(call, 'UNAVAILABLE');
    }
  }

  #begin(timeoutMs: number): string {
    const abort = new AbortController();
    try {
      const { correlation, response } = this.#calls.begin(timeoutMs, abort.signal);
      const dueAt = this.#nowMs + timeoutMs;
      this.#begun.push({ correlation, abort, dueAt, outcome: watch(response), expected: 'pending' });
      return 'begun';
    } catch (thrown) {
      return PlexSpacesError.from(thrown).code;
    }
  }

  /** The first end is the one. */
  #expect(call: Begun | undefined, end: string): void {
    if (call?.expected === 'pending') call.expected = end;
  }

  async #look(): Promise<void> {
    await Promise.resolve();
    for (const { correlation, outcome, expected } of this.#begun) {
      const found = outcome.now.kind === 'rejected' ? PlexSpacesError.from(outcome.now.reason).code : outcome.now.kind;
      demand(`call ${correlation}`, found, expected);
      const isGone = expected === 'CANCELLED' || expected === 'DEADLINE_EXCEEDED';
      const told = this.#gone.filter((gone) => gone === correlation).length;
      demand(`call ${correlation}, told that its caller has gone`, told, isGone ? 1 : 0);
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('pending calls', () => {
  it('settle once, by the first of their ends, and leave no timer', async () => {
    const check = (history: Command[]): Promise<void> =>
      new PendingRun((onGone) => new PendingCalls(LIMIT, onGone)).run(history);
    expect(await findFailure(anyHistory, check, QUICK_RUNS)).toBeUndefined();
  });

  it('that were given up get no reply that comes late, nor does one of the many that followed', async () => {
    const calls: Calls = new PendingCalls(LIMIT, () => undefined);
    const abort = new AbortController();
    const over = calls.begin(1_000, abort.signal);
    abort.abort();
    await expect(over.response).rejects.toMatchObject({ code: 'CANCELLED' });
    const late = ServiceResponse.fromPartial({ id: 'late', correlation: over.correlation });
    for (let count = 0; count < 1_000; count += 1) {
      const { correlation, response } = calls.begin(1_000, undefined);
      calls.settle(late);
      calls.settle(ServiceResponse.fromPartial({ id: 'own', correlation }));
      expect((await response).id).toBe('own');
    }
    calls.end(new PlexSpacesError('UNAVAILABLE', 'the end'));
  });

  it.each<[what: string, make: (onGone: OnGone) => Calls, why: RegExp]>([
    ['the bound was another', (onGone) => new PendingCalls(LIMIT + 1, onGone), /a call begins/],
    ['no deadline was kept', (onGone) => new Timeless(LIMIT, onGone), /call \d+/],
    ['replies found others', (onGone) => new Confused(LIMIT, onGone), /call \d+/],
    ['nobody was told', () => new PendingCalls(LIMIT, () => undefined), /told that its caller has gone/],
  ])('would be found out if %s', async (_what, make, why) => {
    const check = (history: Command[]): Promise<void> => new PendingRun(make).run(history);
    expect(await findControlFailure(anyHistory, check, why)).toMatch(why);
  });
});

class Timeless extends PendingCalls<ServiceResponse> {
  override begin(_timeoutMs: number, signal: AbortSignal | undefined): ReturnType<Calls['begin']> {
    return super.begin(1_000_000, signal);
  }
}

class Confused extends PendingCalls<ServiceResponse> {
  override settle(response: ServiceResponse): void {
    super.settle({ ...response, correlation: response.correlation - 1n });
  }
}
