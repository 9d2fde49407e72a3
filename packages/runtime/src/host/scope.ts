/** What the host functions of the main half share. */
import { PlexSpacesError } from '@plexspaces/core';
import type { ActorAddress } from '@plexspaces/core';
import type { HostFunction, HostValue } from '@plexspaces/worker';
import type { StoreOperation } from '../store/store.ts';

export type Capability = 'tuplespace' | 'messaging' | 'timers' | 'state' | 'log';
export const CAPABILITIES: readonly Capability[] = ['tuplespace', 'messaging', 'timers', 'state', 'log'];

/** On whose behalf a host function runs; filled in by the node, never named by the guest. */
export interface HostScope {
  /** The actor's address, as the guest sees it. */
  readonly actor: string;
  readonly address: ActorAddress;
  /** What is promised to it outlives the process: it has a journal. */
  readonly isDurable: boolean;
  /** Whose it is: of the tuple space, and of the actors that it can reach. */
  readonly tenant: string;
  /** Of the tuple space. */
  readonly namespace: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** Asks for a checkpoint behind the message that is being handled; kinds without journal have none. */
  readonly requestCheckpoint?: () => void;
  /** Every worker that its pool may have waits for a tuple, and calls wait behind them. */
  readonly isStarved?: () => boolean;
}

/** What a host function did: its answer, and what the store must keep of it. */
export interface HostEffect {
  readonly value: HostValue;
  readonly operations: readonly StoreOperation[];
}

/** @throws PERMISSION_DENIED. */
export function expectCapability(scope: HostScope, capability: Capability, name: HostFunction): void {
  if (scope.capabilities.has(capability)) return;
  throw new PlexSpacesError('PERMISSION_DENIED', `${name}: the application has no capability ${capability}`);
}
