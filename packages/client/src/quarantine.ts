/** The messages that were put aside because they kept ending their actors. */
import type { QuarantinedMessage as QuarantinedMessageWire } from '@plexspaces/proto';
import { toStandingEffect } from './branches.ts';
import type { StandingEffect } from './branches.ts';
import { toReplyBody, toReplyError } from './invoke.ts';
import { toFailure } from './journal.ts';
import type { JournalFailure } from './journal.ts';
import { toUint64 } from '@plexspaces/core';
import type { CallOptions } from './options.ts';
import { stubOptions } from './stubs.ts';
import type { Stubs } from './stubs.ts';

const PAGE_SIZE = 1000;

export interface QuarantinedMessage {
  /** The actor it was for: `service/key`. */
  readonly id: string;
  /** Its number. */
  readonly sequence: number;
  /** Who sent it. */
  readonly from: string;
  readonly messageType: string;
  /** The first 1,024 bytes of it. */
  readonly payload: Uint8Array;
  /** All of its bytes. */
  readonly payloadSize: number;
  /** How often it was tried. */
  readonly attempts: number;
  /** How the last attempt ended. */
  readonly lastFailure: JournalFailure;
  readonly quarantinedAt: Date | undefined;
  /** What it did outside the actor, which stands; the first 100. */
  readonly standingEffects: readonly StandingEffect[];
}

/** What came of a message that was tried again. */
export interface RetriedReply {
  /** The parsed JSON; the bytes themselves where they are none. */
  readonly value: unknown;
  readonly bytes: Uint8Array;
}

export interface Quarantine {
  /** Of an application, or of all. No guest runs for it. @throws NOT_FOUND */
  list(applicationId?: string, options?: CallOptions): Promise<QuarantinedMessage[]>;
  /** Handles the message once more, now. @throws NOT_FOUND, EXECUTION_ERROR where the guest itself says no. */
  retry(address: string, sequence: number, options?: CallOptions): Promise<RetriedReply>;
  /** Forgets the message. @throws NOT_FOUND */
  drop(address: string, sequence: number, options?: CallOptions): Promise<void>;
}

export function createQuarantine({ actors }: Stubs, deadlineMs: number): Quarantine {
  return {
    async list(applicationId = '', options = {}): Promise<QuarantinedMessage[]> {
      const found: QuarantinedMessage[] = [];
      let pageToken = '';
      do {
        const request = { applicationId, pageSize: PAGE_SIZE, pageToken };
        const page = await actors.listQuarantined(request, stubOptions(options, deadlineMs));
        found.push(...page.messages.map(toQuarantined));
        pageToken = page.nextPageToken;
      } while (pageToken !== '');
      return found;
    },
    async retry(id, sequence, options = {}): Promise<RetriedReply> {
      const request = { id, sequence: toUint64(sequence, 'sequence') };
      const { success, output, error } = await actors.retryQuarantined(request, stubOptions(options, deadlineMs));
      if (!success) throw toReplyError(error);
      return toReplyBody(output);
    },
    async drop(id, sequence, options = {}): Promise<void> {
      const request = { id, sequence: toUint64(sequence, 'sequence') };
      await actors.dropQuarantined(request, stubOptions(options, deadlineMs));
    },
  };
}

function toQuarantined(message: QuarantinedMessageWire): QuarantinedMessage {
  const { id, sequence, fromActor, method, payload, payloadSize, attempts, lastFailure, quarantinedAt } = message;
  return {
    id,
    sequence: Number(sequence),
    from: fromActor,
    messageType: method,
    payload,
    payloadSize: Number(payloadSize),
    attempts,
    lastFailure: toFailure(lastFailure),
    quarantinedAt,
    standingEffects: message.standingEffects.map(toStandingEffect),
  };
}
