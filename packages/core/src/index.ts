export { codeOfGrpcStatus, GRPC_STATUS, isGrpcErrorCode, PlexSpacesError, toGuestText } from './errors.ts';
export type { ErrorCode, ErrorReason, GrpcErrorCode } from './errors.ts';
export {
  DEFAULT_KEY,
  formatActorAddress,
  MAX_KEY_LENGTH,
  parseActorAddress,
  parseApplicationId,
  parseModuleHash,
  parseNamespace,
  parseServiceId,
  quote,
} from './ids.ts';
export type { ActorAddress } from './ids.ts';
export { expectField, FIELD_TYPES, fieldsEqual, MAX_INT, MAX_TUPLE_ARITY, MAX_TUPLE_BYTES, MIN_INT } from './tuple.ts';
export type { FieldType, Tuple, TupleField } from './tuple.ts';
export { NumberedCalls } from './numbered-calls.ts';
export type { NumberedCall } from './numbered-calls.ts';
export { expectCounts, toUint64 } from './numbers.ts';
export { encodeInput, parseOutput } from './json-payload.ts';
export { matches } from './pattern.ts';
export type { Pattern, PatternField } from './pattern.ts';
export {
  parsePatternText,
  parseTupleDocument,
  parseTupleText,
  patternFromInput,
  toPattern,
  toTuple,
  tupleFromInput,
  tupleToOutput,
} from './tuple-json.ts';
export type { FieldInput, FieldOutput, PatternFieldInput, PatternInput, TupleInput } from './tuple-json.ts';
export {
  ByteReader,
  ByteWriter,
  decodePattern,
  decodeTuple,
  encodeField,
  encodePattern,
  encodeTuple,
  readPattern,
  readTuple,
  writePattern,
  writeTuple,
} from './codec.ts';
export { WASI_DESCRIPTOR_FUNCTIONS, WASI_FUNCTIONS, WASI_MODULE } from './wasi-names.ts';
