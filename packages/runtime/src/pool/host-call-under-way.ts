/** A host call while its guest waits for the answer. */
import type { PlexSpacesError } from '@plexspaces/core';
import type { UnderWay } from '../host/waiting.ts';

export class HostCallUnderWay implements UnderWay {
  readonly #remainingMs: () => number;
  /** Most host calls are answered at once and never look at it. */
  #controller: AbortController | undefined;
  #end: PlexSpacesError | undefined;

  constructor(remainingMs: () => number) {
    this.#remainingMs = remainingMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#end !== undefined) this.#controller.abort(this.#end);
    return this.#controller.signal;
  }

  get remainingMs(): number {
    return this.#remainingMs();
  }

  /** The thread is no more. */
  over(reason: PlexSpacesError): void {
    this.#end = reason;
    this.#controller?.abort(reason);
  }
}
