/**
 * What the node needs of its storage: ordered keys, atomic batches, a sync that survives power loss.
 *
 * Nothing but LogWriter writes through it, so that one order of batches holds for the whole node.
 */
export type StoreOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

export interface KeyRange {
  /** Inclusive. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
}

export interface Store {
  /** All of the operations or none; with `sync` the promise resolves when they survive power loss. */
  batch(operations: readonly StoreOperation[], options: { readonly sync: boolean }): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** In the order of the keys' UTF-8 bytes. */
  range(range: KeyRange): AsyncIterable<readonly [key: string, value: Uint8Array]>;
  /** The keys of a range, in their order; no value is read. */
  keys(range: KeyRange): AsyncIterable<string>;
  /** The first or the last key of a range; no value is read. */
  edgeKey(range: KeyRange, edge: 'first' | 'last'): Promise<string | undefined>;
  close(): Promise<void>;
}
