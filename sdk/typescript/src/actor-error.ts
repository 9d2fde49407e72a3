/** The actor's own answer "no": the caller gets this text as it is, and no stack is logged. */
export class ActorError extends Error {
  override readonly name = 'ActorError';
}
