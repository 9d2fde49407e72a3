/** What a thread has loaded and makes instances of, whatever its form. */
import type { HostContext } from './host/context.ts';
import type { TrapReason } from './protocol.ts';

/** The actor interface; an error of WIT's is thrown as a string, or with the text as `payload`. */
export interface ActorExports {
  init(state: Uint8Array): void;
  handleRequest(fromActor: string, messageType: string, payload: Uint8Array): Uint8Array;
  handleMessage(fromActor: string, messageType: string, payload: Uint8Array): void;
  snapshotState(): Uint8Array | undefined;
  shutdown(): void;
}

/** What an instance may see beside its imports. */
export interface InstanceOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** The longest reply; undefined: as long as it has memory for. */
  readonly replyBytes?: number | undefined;
  /** Told of each memory that it exports to the host, before it runs. */
  readonly onMemory?: ((memory: WebAssembly.Memory) => void) | undefined;
}

export interface GuestCode {
  /** @throws what its start does. */
  instantiate(context: HostContext, options: InstanceOptions): ActorExports;
}

/** The guest's own "no". */
export class GuestError extends Error {
  readonly payload: string;

  constructor(text: string) {
    super(text);
    this.payload = text;
  }
}

/** What a guest did that ends its instance, where the host finds it. */
export class GuestFault extends Error {
  readonly reason: TrapReason;

  constructor(reason: TrapReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
