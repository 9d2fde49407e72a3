/**
 * How often a message that the death of the process interrupted is taken up again.
 *
 * An attempt is counted in the store before it begins: one that ends the process has been made as well.
 */
import type { ActorAddress } from '@plexspaces/core';
import type { JournaledMessage } from '../store/journal.ts';
import type { ActorHostOptions } from './actor-host.ts';

export class Attempts {
  readonly #actor: ActorAddress;
  readonly #host: ActorHostOptions;
  readonly #sequence: bigint;
  #made: number;

  private constructor(actor: ActorAddress, host: ActorHostOptions, sequence: bigint, made: number) {
    this.#actor = actor;
    this.#host = host;
    this.#sequence = sequence;
    this.#made = made;
  }

  /** @throws DATA_LOSS where the record of them is damaged. */
  static async of(
    { sequence, received }: JournaledMessage,
    actor: ActorAddress,
    host: ActorHostOptions,
  ): Promise<Attempts> {
    const record = await host.ports.unfinished.get(actor);
    const made = record?.sequence === sequence ? record.attempts : received.attempt;
    return new Attempts(actor, host, sequence, made);
  }

  get made(): number {
    return this.#made;
  }

  /** No more will be made. */
  get areOver(): boolean {
    return this.#made >= this.#host.settings.maxAttempts;
  }

  async begin(): Promise<void> {
    const { writer } = this.#host.ports;
    await writer.stored(this.#count(1));
  }

  /** It did not come about, for a reason that is not the message's. */
  takeBack(): void {
    this.#count(-1);
  }

  #count(more: number): bigint {
    this.#made += more;
    const { unfinished, writer } = this.#host.ports;
    return writer.append([unfinished.put(this.#actor, { sequence: this.#sequence, attempts: this.#made })]);
  }
}
