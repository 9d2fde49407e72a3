/**
 * The messages of one durable actor, first in, first out.
 *
 * M1. A message that is cancelled before it starts leaves the mailbox; one that has started runs on.
 */
export interface MailboxEntry<T> {
  readonly message: T;
  readonly settle: PromiseWithResolvers<Uint8Array>;
  /** It starts: it cannot be cancelled any more. */
  readonly start?: (() => void) | undefined;
}

export class Mailbox<T> {
  readonly #entries: MailboxEntry<T>[] = [];

  get length(): number {
    return this.#entries.length;
  }

  /** Settles when the message has been handled; rejects with the signal's reason if it never started. */
  post(message: T, signal: AbortSignal | undefined): Promise<Uint8Array> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const settle = Promise.withResolvers<Uint8Array>();
    const start = signal && (() => signal.removeEventListener('abort', leave));
    const entry: MailboxEntry<T> = { message, settle, start };
    this.#entries.push(entry);
    const leave = (): void => {
      const index = this.#entries.indexOf(entry);
      if (index < 0) return;
      this.#entries.splice(index, 1);
      settle.reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    return settle.promise;
  }

  next(): MailboxEntry<T> | undefined {
    const entry = this.#entries.shift();
    entry?.start?.(); // M1
    return entry;
  }
}
