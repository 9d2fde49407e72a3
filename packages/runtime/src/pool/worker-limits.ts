/** What one worker thread and one call may use. */
export interface WorkerLimits {
  /** Maximum of each WebAssembly memory of the component. */
  readonly memoryBytes: number;
  /** Wall clock of one call; past it the thread is ended. */
  readonly callMs: number;
  /** CPU time of one call; past it the thread is ended. */
  readonly cpuMs: number;
  readonly payloadBytes: number;
  readonly replyBytes: number;
  /** Of the thread's JavaScript heap; WebAssembly memory is not part of it. */
  readonly heapBytes: number;
  readonly stackBytes: number;
  readonly logBytesPerSecond: number;
}
