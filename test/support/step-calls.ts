/**
 * Calls of the stepper, each under a payload of its own that is its idempotency key as well: what was sent, the
 * first reply to each, and replies that were not the first one.
 */
import { hash } from 'node:crypto';
import type { PlexSpacesClient } from '@plexspaces/client';

export interface StepCall {
  /** `service/key` */
  readonly address: string;
  readonly payload: string;
}

export interface TupleCounts {
  /** Tuples of all steps, of the first and of the second kind. */
  readonly first: number;
  readonly second: number;
  /** Calls that left another number of tuples than one of each kind. */
  readonly odd: readonly string[];
}

export class StepCalls {
  readonly #isKeyed: boolean;
  readonly #sent = new Map<string, StepCall>();
  readonly #replies = new Map<string, number>();
  /** Replies that differ from the first one to the same call. */
  readonly changed: string[] = [];

  constructor({ isKeyed }: { readonly isKeyed: boolean }) {
    this.#isKeyed = isKeyed;
  }

  get all(): StepCall[] {
    return [...this.#sent.values()];
  }

  replyTo({ payload }: StepCall): number | undefined {
    return this.#replies.get(payload);
  }

  async send(client: PlexSpacesClient, call: StepCall): Promise<void> {
    const { address, payload } = call;
    this.#sent.set(payload, call);
    const idempotencyKey = this.#isKeyed ? payload : undefined;
    const { bytes } = await client.call(address, 'count', Buffer.from(payload), { idempotencyKey });
    const reply = readCount(bytes);
    const first = this.#replies.get(payload) ?? reply;
    this.#replies.set(payload, first);
    if (reply !== first) this.changed.push(`${payload}: ${first}, then ${reply}`);
  }
}

/** What the actor counted so far. */
export async function countOf(client: PlexSpacesClient, address: string): Promise<number> {
  const { bytes } = await client.call(address, 'count', new Uint8Array());
  return readCount(bytes);
}

/** The hash of the state of a stepper that counted so far. */
export function stateHashOf(count: number): string {
  const state = new Uint8Array(4);
  new DataView(state.buffer).setUint32(0, count, true);
  return hash('sha256', state, 'hex');
}

export async function countTuples(client: PlexSpacesClient, calls: readonly StepCall[]): Promise<TupleCounts> {
  const odd: string[] = [];
  for (const { payload } of calls) {
    const bytes = Buffer.from(payload).toString('base64');
    const first = await client.tuples.count(['echo', { bytes }]);
    const second = await client.tuples.count(['info', { bytes }]);
    if (first !== 1 || second !== 1) odd.push(`${payload}: ${first}, ${second}`);
  }
  const first = await client.tuples.count(['echo', { '?': 'bytes' }]);
  return { first, second: await client.tuples.count(['info', { '?': 'bytes' }]), odd };
}

function readCount(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}
