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

const TAKERS = 16;

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

  get payloads(): string[] {
    return [...this.#sent.keys()].toSorted();
  }

  get acknowledged(): number {
    return this.#replies.size;
  }

  /** The addresses with the highest count that each replied. */
  highestReplies(): Map<string, number> {
    const highest = new Map<string, number>();
    for (const [payload, reply] of this.#replies) {
      const address = this.#sent.get(payload)?.address ?? '';
      highest.set(address, Math.max(reply, highest.get(address) ?? 0));
    }
    return highest;
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

/** Takes all tuples that steppers left. @returns the payloads of both kinds, in order. */
export async function takeTuples(client: PlexSpacesClient): Promise<{ first: string[]; second: string[] }> {
  return { first: await takeAll(client, 'echo'), second: await takeAll(client, 'info') };
}

async function takeAll(client: PlexSpacesClient, head: string): Promise<string[]> {
  const taken: string[] = [];
  const taker = async (): Promise<void> => {
    for (;;) {
      const tuple = await client.tuples.take([head, { '?': 'bytes' }]);
      if (tuple === null) return;
      const { bytes } = tuple[1] as { bytes: string };
      taken.push(Buffer.from(bytes, 'base64').toString());
    }
  };
  await Promise.all(Array.from({ length: TAKERS }, taker));
  return taken.toSorted();
}

function readCount(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}
