/** Time as the node's parts are given it: the machine's, or one that a test moves. */
export interface Clock {
  /** Milliseconds since 1970. The machine's clock may be set, forward and back. */
  nowMs(): number;
  /** Runs it once, after the delay or somewhat later. @returns what keeps it from running. */
  after(delayMs: number, run: () => void): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref(); // what waits is no reason for a process to go on
    return () => clearTimeout(timer);
  },
};
