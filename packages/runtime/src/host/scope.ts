/** On whose behalf a host function runs; filled in by the node, never named by the guest. */
export type Capability = 'tuplespace' | 'messaging' | 'timers' | 'state' | 'log';
export const CAPABILITIES: readonly Capability[] = ['tuplespace', 'messaging', 'timers', 'state', 'log'];

export interface HostScope {
  /** The actor's address. */
  readonly actor: string;
  /** Of the tuple space. */
  readonly namespace: string;
  readonly capabilities: ReadonlySet<Capability>;
}
