/** One call of a stream, and how it learns that nobody wants its reply any more. */
import type { NumberedCall } from '@plexspaces/core';

export class StreamCall implements NumberedCall {
  /** The node's own: what its client says, the correlation, may be that of another one, too. */
  id = 0;
  readonly correlation: bigint;
  /**
   * Each call has its own: whoever listens to a signal for a call may do so as long as the signal lasts, and with one for
   * all calls that would be as long as the stream. Most that are answered at once ask for none.
   */
  #cancel: AbortController | undefined;

  constructor(correlation: bigint) {
    this.correlation = correlation;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  cancel(reason: Error): void {
    this.#controller.abort(reason);
  }

  get #controller(): AbortController {
    return (this.#cancel ??= new AbortController());
  }
}
