/**
 * What loading left behind is given back when the thread first has nothing to do: a third of the JavaScript heap of a
 * small component's thread, in parsed code that is not needed again and in pages for garbage. V8 collects by itself only
 * when a heap grows, which a quiet one does not.
 *
 * It takes some 30 ms (of a thread with Python 50), so that it is neither done before the first call, which somebody may
 * wait for, nor between calls that follow each other.
 */

/** As long as nothing was run, nothing is expected soon. */
const REST_MS = 100;

export interface FirstRestOptions {
  /** Default: the whole heap of this thread is collected. */
  readonly collect?: () => Promise<void>;
  readonly restMs?: number;
}

export class FirstRest {
  readonly #collect: () => Promise<void>;
  readonly #restMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isBusy = false;

  constructor({ collect = collectGarbage, restMs = REST_MS }: FirstRestOptions = {}) {
    this.#collect = collect;
    this.#restMs = restMs;
  }

  /** Something was loaded: the next rest is a first one. */
  await(): void {
    this.cancel();
    this.#timer = setInterval(() => this.#look(), this.#restMs).unref();
  }

  /** Something is run. It costs a call nothing that could be measured. */
  stir(): void {
    this.#isBusy = true;
  }

  cancel(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const wasBusy = this.#isBusy;
    this.#isBusy = false;
    if (wasBusy) return;
    this.cancel();
    this.#collect().catch(() => undefined); // a heap that cannot be collected is larger, and nothing else
  }
}

/**
 * By the inspector, whose collection is a full one: what `gc` stands for is behind a flag of the whole process.
 *
 * @throws where Node was built without an inspector, or may not use it.
 */
async function collectGarbage(): Promise<void> {
  const { Session } = await import('node:inspector');
  const session = new Session();
  session.connect();
  await new Promise<void>((resolve) => session.post('HeapProfiler.collectGarbage', () => resolve()));
  session.disconnect();
}
