/** The one door to the generated code: messages, service definitions, conversions and descriptors. */
import { DESCRIPTOR_SET_BASE64 } from '../gen/descriptors.ts';

export {
  Application,
  ApplicationInfo,
  ApplicationMetrics,
  ApplicationRuntimeState,
  ApplicationServiceDefinition,
  ApplicationSpec,
  ApplicationState,
  ApplicationStatistics,
  ApplicationStatus,
  ApplicationType,
  CacheResult,
  ChildSpec,
  ChildType,
  DeployApplicationRequest,
  DeployApplicationResponse,
  Facet,
  GetApplicationStatusRequest,
  GetApplicationStatusResponse,
  HealthStatus,
  ListApplicationsRequest,
  ListApplicationsResponse,
  ReleaseConfig,
  RestartPolicy,
  StartApplicationRequest,
  StartApplicationResponse,
  StopApplicationRequest,
  StopApplicationResponse,
  SupervisionStrategy,
  SupervisorSpec,
  UndeployApplicationRequest,
  UndeployApplicationResponse,
} from '../gen/plexspaces/application/v1/application.ts';
export type {
  ApplicationServiceClient,
  ApplicationServiceImplementation,
} from '../gen/plexspaces/application/v1/application.ts';
export { WasmModule } from '../gen/plexspaces/wasm/v1/wasm.ts';
export {
  Actor,
  ActorServiceDefinition,
  ActorStatus,
  CheckpointRequest,
  CheckpointResponse,
  DropQuarantinedRequest,
  DropQuarantinedResponse,
  ForkActorRequest,
  ForkActorResponse,
  GetActorRequest,
  GetActorResponse,
  JournalEntryKind,
  ListActorsRequest,
  ListActorsResponse,
  ListQuarantinedRequest,
  ListQuarantinedResponse,
  QuarantinedMessage,
  ReadJournalRequest,
  ReadJournalResponse,
  RequestFrame,
  ResponseFrame,
  RetryQuarantinedRequest,
  RetryQuarantinedResponse,
  RewindActorRequest,
  RewindActorResponse,
  ServiceRequest,
  ServiceResponse,
  StandingEffect,
  TellResponse,
} from '../gen/plexspaces/v1/actor.ts';
export type { ActorServiceClient, ActorServiceImplementation } from '../gen/plexspaces/v1/actor.ts';
export {
  DescribedEnum,
  DescribedEnumValue,
  DescribedField,
  DescribedMethod,
  DescribedObject,
  DescribeServiceRequest,
  DescribeServiceResponse,
  DescriptionForm,
  DescriptionServiceDefinition,
} from '../gen/plexspaces/v1/description.ts';
export type { DescriptionServiceClient, DescriptionServiceImplementation } from '../gen/plexspaces/v1/description.ts';
export { ServiceError } from '../gen/plexspaces/v1/error.ts';
export {
  ActorKind,
  Capabilities,
  Durability,
  Every,
  Limits,
  Manifest,
  Workers,
} from '../gen/plexspaces/v1/manifest.ts';
export {
  HasModuleRequest,
  HasModuleResponse,
  ModuleServiceDefinition,
  UploadHeader,
  UploadModuleRequest,
  UploadModuleResponse,
} from '../gen/plexspaces/v1/module.ts';
export type { ModuleServiceClient, ModuleServiceImplementation } from '../gen/plexspaces/v1/module.ts';
export { GetPoolRequest, PoolServiceDefinition, PoolStats } from '../gen/plexspaces/v1/pool.ts';
export type { PoolServiceClient, PoolServiceImplementation } from '../gen/plexspaces/v1/pool.ts';
export {
  CompareAndSwapRequest,
  CompareAndSwapResponse,
  CountRequest,
  CountResponse,
  Field as FieldMessage,
  FieldType as FieldTypeMessage,
  Pattern as PatternMessage,
  PatternField as PatternFieldMessage,
  ReadAllRequest,
  ReadAllResponse,
  ReadRequest,
  ReadResponse,
  RenewRequest,
  RenewResponse,
  SubscribeRequest,
  SubscribeResponse,
  TakeRequest,
  TakeResponse,
  Tuple as TupleMessage,
  TupleRequest,
  TupleRequestFrame,
  TupleResponse,
  TupleResponseFrame,
  TupleSpaceServiceDefinition,
  WriteRequest,
  WriteResponse,
} from '../gen/plexspaces/v1/tuplespace.ts';
export type { TupleSpaceServiceClient, TupleSpaceServiceImplementation } from '../gen/plexspaces/v1/tuplespace.ts';
export {
  ApplicationRecord,
  CommitMark,
  DesiredState,
  Failed,
  HostCall,
  IdempotencyRecord,
  InboxRecord,
  IntervalRecord,
  JournalRecord,
  MessageKind,
  ModuleFacts,
  Processed,
  QuarantineRecord,
  Received,
  ServiceOwnerRecord,
  SnapshotRecord,
  TupleOperationRecord,
  StateRecord,
  TimerRecord,
  TupleRecord,
  TupleSubscriptionRecord,
  UnfinishedRecord,
} from '../gen/plexspaces/store/v1/store.ts';
export type { Duration } from '../gen/google/protobuf/duration.ts';
export type { DeepPartial, ServerStreamingMethodResult } from '../gen/plexspaces/v1/actor.ts';
export { BoundedReader } from './bounded-reader.ts';
export { actorKindName, toManifestMessage } from './manifest.ts';
export type {
  ActorKindName,
  ApplicationManifest,
  ManifestDurability,
  ManifestEvery,
  ManifestLimits,
  ManifestWorkers,
} from './manifest.ts';
export { tupleRequestBytes, tupleResponseBytes } from './tuple-sizes.ts';
export { patternFromMessage, patternToMessage, tupleFromMessage, tupleToMessage } from './tuples.ts';

/** A google.protobuf.FileDescriptorSet of every .proto file and its imports: what server reflection needs. */
export function descriptorSet(): Uint8Array {
  return Buffer.from(DESCRIPTOR_SET_BASE64, 'base64');
}
export { BinaryWriter } from '@bufbuild/protobuf/wire';
