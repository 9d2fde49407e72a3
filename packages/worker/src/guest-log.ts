/**
 * The guest's log lines on their way out of the thread, limited before they leave it: a guest that
 * prints without end must not fill the main thread's queue.
 *
 * A token bucket of one second's bytes; what does not fit is counted and told with the next line.
 */
import type { LogLevel, LogLine } from './protocol.ts';

/** A line costs at least this much, since an empty one costs the main thread work as well. */
const MIN_LINE_COST_BYTES = 64;
const MAX_LINE_BYTES = 8_192;
/** What a trap's message quotes of the guest's last words, on stderr or of level error in the log. */
const TAIL_BYTES = 2_048;

export class GuestLog {
  readonly #send: (line: LogLine) => void;
  readonly #bytesPerSecond: number;
  #tokens: number;
  #filledAt = performance.now();
  #droppedBytes = 0;
  #stderrTail = '';
  #lastError = '';

  constructor(send: (line: LogLine) => void, bytesPerSecond: number) {
    this.#send = send;
    this.#bytesPerSecond = bytesPerSecond;
    this.#tokens = bytesPerSecond;
  }

  get stderrTail(): string {
    return this.#stderrTail.trimEnd();
  }

  /** What the guest logged last as an error during this message: a guest without stderr tells of its panic so. */
  get lastError(): string {
    return this.#lastError;
  }

  startMessage(): void {
    this.#stderrTail = '';
    this.#lastError = '';
  }

  line(source: LogLine['source'], level: LogLevel, text: string): void {
    if (source === 'stderr') this.#stderrTail = `${this.#stderrTail}${text}\n`.slice(-TAIL_BYTES);
    if (source === 'log' && level === 'error') this.#lastError = text.slice(0, TAIL_BYTES);
    const cut = text.length > MAX_LINE_BYTES ? `${text.slice(0, MAX_LINE_BYTES)}…` : text;
    if (!this.#take(Math.max(cut.length, MIN_LINE_COST_BYTES))) {
      this.#droppedBytes += text.length + 1;
      return;
    }
    this.#send({ source, level, text: cut, droppedBytes: this.#droppedBytes });
    this.#droppedBytes = 0;
  }

  /** Tells of dropped bytes that no later line would tell of. */
  finishMessage(): void {
    if (this.#droppedBytes === 0) return;
    const droppedBytes = this.#droppedBytes;
    this.#droppedBytes = 0;
    this.#send({ source: 'log', level: 'warn', text: 'log lines over the rate limit were dropped', droppedBytes });
  }

  #take(cost: number): boolean {
    const now = performance.now();
    const earned = ((now - this.#filledAt) / 1000) * this.#bytesPerSecond;
    this.#tokens = Math.min(this.#bytesPerSecond, this.#tokens + earned);
    this.#filledAt = now;
    if (cost > this.#tokens) return false;
    this.#tokens -= cost;
    return true;
  }
}

/** Splits a byte stream into lines; a line that never ends is cut at MAX_LINE_BYTES. */
export class LineSplitter {
  readonly #emit: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #pending = '';

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  write(bytes: Uint8Array): void {
    this.#pending += this.#decoder.decode(bytes, { stream: true });
    const lines = this.#pending.split('\n');
    this.#pending = lines.pop() ?? '';
    for (const line of lines) this.#emit(line);
    if (this.#pending.length > MAX_LINE_BYTES) this.flush();
  }

  flush(): void {
    if (this.#pending === '') return;
    const line = this.#pending;
    this.#pending = '';
    this.#emit(line);
  }
}
