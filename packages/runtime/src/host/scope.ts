/** What the host functions of the main half share. */
import type { HostValue } from '@plexspaces/worker';
import type { StoreOperation } from '../store/store.ts';

export type Capability = 'tuplespace' | 'messaging' | 'timers' | 'state' | 'log';
export const CAPABILITIES: readonly Capability[] = ['tuplespace', 'messaging', 'timers', 'state', 'log'];

/** On whose behalf a host function runs; filled in by the node, never named by the guest. */
export interface HostScope {
  /** The actor's address. */
  readonly actor: string;
  /** Of the tuple space. */
  readonly namespace: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** Asks for a checkpoint behind the message that is being handled; kinds without journal have none. */
  readonly requestCheckpoint?: () => void;
}

/** What a host function did: its answer, and what the store must keep of it. */
export interface HostEffect {
  readonly value: HostValue;
  readonly operations: readonly StoreOperation[];
}
