/** The mailbox against a list. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Mailbox } from '../../../packages/runtime/src/actors/mailbox.ts';
import type { MailboxEntry } from '../../../packages/runtime/src/actors/mailbox.ts';
import { demand } from '../../support/simulation/demand.ts';
import { findControlFailure, findFailure } from '../../support/simulation/runs.ts';
import { watch } from '../../support/simulation/settled.ts';
import type { Watched } from '../../support/simulation/settled.ts';

type Command =
  | { readonly kind: 'post' }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'next'; readonly end: 'resolved' | 'rejected' };

interface Posted {
  readonly number: number;
  readonly outcome: Watched<Uint8Array>;
  readonly cancel: AbortController;
}

type Box = Pick<Mailbox<number>, 'post' | 'next' | 'length'>;

const anyHistory: fc.Arbitrary<Command[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('post') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel'), which: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('next'), end: fc.constantFrom('resolved', 'rejected') }) },
  ),
  { size: 'max', maxLength: 40 },
);

class MailboxRun {
  readonly #box: Box;
  readonly #posted: Posted[] = [];
  /** The model: the numbers that wait, and what became of the others. */
  readonly #waiting: number[] = [];
  readonly #settled = new Map<number, 'resolved' | 'rejected'>();

  constructor(box: Box) {
    this.#box = box;
  }

  async run(history: readonly Command[]): Promise<void> {
    for (const command of history) {
      this.#do(command);
      demand('how many wait', this.#box.length, this.#waiting.length);
    }
    while (this.#waiting.length > 0) this.#do({ kind: 'next', end: 'resolved' });
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    for (const { number, outcome } of this.#posted) {
      demand(`message ${number}`, outcome.now.kind, this.#settled.get(number));
    }
  }

  #do(command: Command): void {
    if (command.kind === 'post') this.#post();
    else if (command.kind === 'cancel') this.#cancel(command.which);
    else this.#next(command.end);
  }

  #post(): void {
    const number = this.#posted.length;
    const cancel = new AbortController();
    this.#posted.push({ number, cancel, outcome: watch(this.#box.post(number, cancel.signal)) });
    this.#waiting.push(number);
  }

  /** Whoever has started is not reached any more. */
  #cancel(which: number): void {
    const number = which % Math.max(1, this.#posted.length);
    this.#posted[number]?.cancel.abort();
    const at = this.#waiting.indexOf(number);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#settled.set(number, 'rejected');
  }

  #next(end: 'resolved' | 'rejected'): void {
    const entry = this.#box.next();
    const expected = this.#waiting.shift();
    demand('the order of posting', entry?.message, expected);
    if (entry === undefined || expected === undefined) return;
    this.#settled.set(expected, end);
    if (end === 'resolved') entry.settle.resolve(new Uint8Array());
    else entry.settle.reject(new Error('failed'));
  }
}

describe('the mailbox, in any order of posts, cancels and takes', () => {
  it('gives what waits in the order of posting, and settles everything once', async () => {
    expect(await findFailure(anyHistory, (input) => new MailboxRun(new Mailbox()).run(input), 200)).toBeUndefined();
  });

  it('is seen to break the order where the last comes first', async () => {
    const why = /the order of posting/;
    expect(await findControlFailure(anyHistory, (history) => new MailboxRun(new Stack()).run(history), why)).toMatch(
      why,
    );
  });

  it('is seen to hand out what was cancelled where nobody leaves', async () => {
    const why = /how many wait/;
    expect(await findControlFailure(anyHistory, (history) => new MailboxRun(new Deaf()).run(history), why)).toMatch(
      why,
    );
  });
});

/** Last in, first out. */
class Stack implements Box {
  readonly #entries: MailboxEntry<number>[] = [];

  get length(): number {
    return this.#entries.length;
  }

  post(message: number): Promise<Uint8Array> {
    const settle = Promise.withResolvers<Uint8Array>();
    this.#entries.push({ message, settle });
    return settle.promise;
  }

  next(): MailboxEntry<number> | undefined {
    return this.#entries.pop();
  }
}

/** Does not hear of cancellations. */
class Deaf extends Mailbox<number> {
  override post(message: number): Promise<Uint8Array> {
    return super.post(message, undefined);
  }
}
