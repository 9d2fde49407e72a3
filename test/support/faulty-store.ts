/**
 * A store that ends the process at a chosen point of chosen messages, as a kill -9 at that moment does it.
 *
 * It knows the messages by their payloads. Their points, in the order in which a message passes them:
 *
 *     before-received    nothing of the message is written, its first batch is about to be
 *     received-synced    `received` and a host call without effect are on disk, no effect is
 *     effect-synced      the first of two effects is on disk with its record
 *     processed-synced   the end is on disk; who waits for that batch is not told, so that no reply leaves
 *
 * Each batch with such a record takes a while, as on a slow disk, so that several messages come to the point
 * together; the process ends when all of them are there, or at the second batch that brings one there.
 */
import { setTimeout } from 'node:timers/promises';
import { JournalRecord } from '@plexspaces/proto';
import { unframe } from '../../packages/runtime/src/store/checksum.ts';
import type { Store, StoreOperation } from '../../packages/runtime/src/store/store.ts';
import { StoreInFront } from './store-in-front.ts';

export const FAULT_POINTS = ['before-received', 'received-synced', 'effect-synced', 'processed-synced'] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

export interface Fault {
  readonly point: FaultPoint;
  /** The messages, by their payloads. */
  readonly payloads: readonly string[];
}

const SLOW_BATCH_MS = 25;
/** Longer than a message of the stepper takes from its second effect to its end, so that ends share a batch. */
const SLOWER_BATCH_MS = 80;
const JOURNAL = 'j/';
/** Of a record's key: what follows the last dot; before it is the message. */
const INDEX = /\.[^.]*$/;

const EFFECT = 'tuplespace-write';

export class FaultyStore extends StoreInFront {
  readonly #fault: Fault;
  readonly #die: () => void;
  readonly #watched = new Map<string, string[]>();
  #batchesAtPoint = 0;

  constructor(inner: Store, fault: Fault, die: () => void) {
    super(inner);
    this.#fault = fault;
    this.#die = die;
  }

  override async batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void> {
    const touched = operations.map((operation) => this.#note(operation)).filter((message) => message !== undefined);
    if (touched.length > 0) await setTimeout(this.#slowMs);
    const isAtPoint = touched.some((message) => this.#isAtPoint(message)) && this.#isTime();
    if (isAtPoint && this.#fault.point === 'before-received') this.#die();
    await super.batch(operations, options);
    if (isAtPoint) this.#die();
  }

  get #slowMs(): number {
    return this.#fault.point === 'processed-synced' ? SLOWER_BATCH_MS : SLOW_BATCH_MS;
  }

  /** @returns the message that the record belongs to, if it is a watched one. */
  #note(operation: StoreOperation): string | undefined {
    if (operation.type !== 'put' || !operation.key.startsWith(JOURNAL)) return undefined;
    const message = operation.key.replace(INDEX, '');
    const { body, end } = JournalRecord.decode(unframe(operation.key, operation.value));
    if (body?.$case === 'received') {
      if (!this.#fault.payloads.includes(Buffer.from(body.value.payload).toString())) return undefined;
      this.#watched.set(message, []);
    }
    const steps = this.#watched.get(message);
    if (steps === undefined || body === undefined) return undefined;
    steps.push(body.$case === 'hostCall' ? body.value.function : body.$case);
    if (end !== undefined) steps.push('processed');
    return message;
  }

  #isAtPoint(message: string): boolean {
    const steps = this.#watched.get(message) ?? [];
    const hasEnded = steps.at(-1) === 'processed';
    const effects = steps.filter((step) => step === EFFECT).length;
    switch (this.#fault.point) {
      case 'before-received':
        return true;
      case 'received-synced':
        return effects === 0 && !hasEnded;
      case 'effect-synced':
        return effects === 1 && !hasEnded;
      case 'processed-synced':
        return hasEnded;
    }
  }

  #isTime(): boolean {
    this.#batchesAtPoint += 1;
    const there = [...this.#watched.keys()].filter((message) => this.#isAtPoint(message));
    return there.length === this.#fault.payloads.length || this.#batchesAtPoint === 2;
  }
}
