/** The messages in quarantine, seen from outside: listed over all applications, tried again, forgotten. */
import type { ActorAddress } from '@plexspaces/core';
import type { LogWriter } from '../store/log-writer.ts';
import type { QuarantinedMessage, QuarantineRecords } from '../store/quarantine-records.ts';
import type { Applications } from './applications.ts';

export interface QuarantineQuery {
  /** Undefined: of every application. */
  readonly applicationId?: string | undefined;
  /** Where the page before ended. */
  readonly after?: { readonly actor: ActorAddress; readonly sequence: bigint } | undefined;
  readonly limit: number;
}

export interface QuarantinePage {
  readonly messages: readonly QuarantinedMessage[];
  readonly isLast: boolean;
}

type KnownApplications = Pick<Applications, 'list' | 'get' | 'durable'>;

export class Quarantine {
  readonly #applications: KnownApplications;
  readonly #records: QuarantineRecords;
  readonly #writer: LogWriter;

  constructor(applications: KnownApplications, records: QuarantineRecords, writer: LogWriter) {
    this.#applications = applications;
    this.#records = records;
    this.#writer = writer;
  }

  /** The same of these applications alone. */
  of(applications: KnownApplications): Quarantine {
    return new Quarantine(applications, this.#records, this.#writer);
  }

  /** By service, key and number. @throws NOT_FOUND where the application is unknown, DATA_LOSS at a damaged record. */
  async list({ applicationId, after, limit }: QuarantineQuery): Promise<QuarantinePage> {
    await this.#writer.stored(this.#writer.lsn); // it is the store that is asked
    const all = applicationId === undefined ? this.#applications.list() : [this.#applications.get(applicationId)];
    const services = all.map(({ settings }) => settings.service).toSorted();
    const messages: QuarantinedMessage[] = [];
    for (const service of services.filter((other) => after === undefined || other >= after.actor.service)) {
      const behind = after?.actor.service === service ? { key: after.actor.key, sequence: after.sequence } : undefined;
      for await (const message of this.#records.list(service, behind)) {
        if (messages.length === limit) return { messages, isLast: false };
        messages.push(message);
      }
    }
    return { messages, isLast: true };
  }

  /** The guest's answer. @throws NOT_FOUND, EXECUTION_ERROR for the guest's "no", and what a call may end in. */
  async retry(actor: ActorAddress, sequence: bigint, signal: AbortSignal): Promise<Uint8Array> {
    const keys = await this.#applications.durable('retry', actor);
    return await keys.retryQuarantined(actor.key, sequence, signal);
  }

  /** @throws NOT_FOUND. */
  async drop(actor: ActorAddress, sequence: bigint, signal: AbortSignal): Promise<void> {
    const keys = await this.#applications.durable('drop', actor);
    await keys.dropQuarantined(actor.key, sequence, signal);
  }
}
