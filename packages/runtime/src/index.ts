export { examineDataDirectory } from './doctor.ts';
export type { Finding } from './store/examination.ts';
export { PlexSpacesNode } from './node.ts';
export type { NodeAddresses, NodeOptions } from './node.ts';
export type { SyncMode } from './store/sync-mode.ts';
export { MemoryStore } from './store/memory-store.ts';
export type { KeyRange, Store, StoreOperation } from './store/store.ts';
