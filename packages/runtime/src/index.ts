/** The daemon: a node of its own, for programs that embed one. */
export { examineDataDirectory } from './doctor.ts';
export type { Finding } from './store/examination.ts';
export { PlexSpacesNode } from './node.ts';
export type { NodeAddresses, NodeOptions } from './node.ts';
export type { SecurityOptions } from './services/security.ts';
export type { TlsPaths } from './services/tls-files.ts';
export type { SyncMode } from './store/sync-mode.ts';
export { MemoryStore } from './store/memory-store.ts';
export type { KeyRange, Store, StoreOperation } from './store/store.ts';
/** The library: actors of a program, without a node. */
export { WASMActor } from './library/wasm-actor.ts';
export { WASMSingletonActor } from './library/wasm-singleton-actor.ts';
export type { SingletonOptions } from './library/wasm-singleton-actor.ts';
export { WASMWorkerPool } from './library/wasm-worker-pool.ts';
export { WASMWorker } from './library/wasm-worker.ts';
export type { WorkerOptions } from './library/wasm-worker.ts';
export { SharedState } from './library/shared-state.ts';
export type { PutOptions, SharedStateOptions, StateValue } from './library/shared-state.ts';
export { TupleSpace } from './library/tuple-space.ts';
export type { WaitOptions } from './library/tuple-space.ts';
export type { ActorOptions, PoolWorkers, WorkerPoolOptions } from './library/actor-options.ts';
export type { Deadline, InvokeOptions, ShutdownOptions } from './library/patience.ts';
export type { ComponentInput } from './library/prepared-components.ts';
export type { HostApis } from './library/surroundings.ts';
/** What a service says of itself, and the same as JSON Schema. */
export { parseDescription } from './description/parse-description.ts';
export type { Description } from './description/description.ts';
export { jsonSchemasOf } from './description/json-schemas.ts';
export type { DescriptionSchemas, JsonSchema, MethodSchemas } from './description/json-schemas.ts';
export type { PoolStats } from './pool/pool-stats.ts';
export type { StateLimits } from './state/service-state.ts';
export type { SpaceOptions } from './tuplespace/space-options.ts';
export { PlexSpacesError } from '@plexspaces/core';
export type { ErrorCode, FieldInput, FieldOutput, PatternFieldInput, PatternInput, TupleInput } from '@plexspaces/core';
export type { ManifestEvery, ManifestLimits } from '@plexspaces/proto';
