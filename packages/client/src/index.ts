export { connect, PlexSpacesClient } from './client.ts';
export { PlexSpacesError } from '@plexspaces/core';
export type { ErrorCode, FieldInput, FieldOutput, PatternFieldInput, PatternInput, TupleInput } from '@plexspaces/core';
export type { ActorInfo, ActorStatusName, TakenCheckpoint } from './actors.ts';
export type { ApplicationChange, ApplicationInfo, StopOptions, UndeployOptions } from './applications.ts';
export type {
  EnumDescription,
  FieldDescription,
  MethodDescription,
  ObjectDescription,
  ServiceDescription,
} from './description.ts';
export type { ForkResult, RewindResult, StandingEffect } from './branches.ts';
export type { DeployOptions, DeployRequest, DeployResult } from './deploy.ts';
export type { InvokeOptions, InvokeReply, TellOptions } from './invoke.ts';
export type { JournalEntry, JournalFailure, JournalOptions } from './journal.ts';
export type {
  ActorKindName,
  ApplicationManifest,
  ManifestDurability,
  ManifestEvery,
  ManifestLimits,
  ManifestWorkers,
} from '@plexspaces/proto';
export type { CallOptions, ConnectOptions, TlsOptions } from './options.ts';
export type { PoolFigures } from './pool.ts';
export type { Quarantine, QuarantinedMessage, RetriedReply } from './quarantine.ts';
export type { ActorStream } from './stream.ts';
export type { StreamOptions } from './call-stream.ts';
export type {
  ReadAllOptions,
  SpaceOptions,
  TakeOptions,
  TupleOperations,
  WaitOptions,
  WriteOptions,
  WrittenTuple,
} from './tuple-operations.ts';
export type { TupleStream } from './tuple-stream.ts';
export type { TupleSpace } from './tuples.ts';
export type { TupleWatch } from './watch.ts';
