/**
 * The messages of one durable actor, first in, first out.
 *
 * M1. A message that is cancelled before it starts leaves the mailbox; one that has started runs on.
 */
export interface MailboxEntry<T> {
  readonly message: T;
  readonly settle: PromiseWithResolvers<Uint8Array>;
}

export class Mailbox<T> {
  readonly #entries: MailboxEntry<T>[] = [];

  get length(): number {
    return this.#entries.length;
  }

  /** Settles when the message has been handled; rejects with the signal's reason if it never started. */
  post(message: T, signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const entry: MailboxEntry<T> = { message, settle: Promise.withResolvers() };
    this.#entries.push(entry);
    if (signal === undefined) return entry.settle.promise;
    const leave = (): void => {
      const index = this.#entries.indexOf(entry);
      if (index < 0) return; // M1: it has started
      this.#entries.splice(index, 1);
      entry.settle.reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    return entry.settle.promise.finally(() => signal.removeEventListener('abort', leave));
  }

  next(): MailboxEntry<T> | undefined {
    return this.#entries.shift();
  }
}
