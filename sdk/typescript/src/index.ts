/** What the author of an actor imports. */
export { ActorError } from './actor-error.ts';
export { defineActor } from './actor.ts';
export type { Actor, ActorDefinition, BytesHandler, Context, Handler } from './actor.ts';
export {
  ask,
  askBytes,
  cancelTimer,
  checkpoint,
  deleteState,
  getState,
  isReplayMode,
  journalSequence,
  listState,
  log,
  nowMillis,
  putState,
  selfId,
  sendAfter,
  sleepMillis,
  tell,
} from './calls.ts';
export type { AskOptions, LogLevel, PutOptions, Stored } from './calls.ts';
export { any, bool, bytes, float, int, string, toNumber, tuple } from './fields.ts';
export type { Field, Float, Found, FoundField, Match, Pattern, PatternItem } from './fields.ts';
export { HostError } from './host.ts';
/** The tuple space: `tuples.write('done', 6)`. */
export * as tuples from './tuples.ts';
export { decodeUtf8, encodeUtf8 } from './utf8.ts';
