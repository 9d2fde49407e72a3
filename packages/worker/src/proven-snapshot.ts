/**
 * A snapshot that was seen to restore itself: a fresh instance is given it and has to give the same bytes again.
 *
 * All of it happens in the thread, in one call, because each way there and back costs more than what is done.
 */
import type { GuestInstance } from './guest-instance.ts';
import type { GuestOutcome, MessageContext } from './protocol.ts';

const SNAPSHOT = { export: 'snapshot-state' } as const;

/** A snapshot that is none is told as the guest's own "no" is; only a trap of the instance itself is a trap. */
export function provenSnapshot(instance: GuestInstance, message: MessageContext): GuestOutcome {
  const taken = instance.call(SNAPSHOT, message);
  if (taken.kind !== 'ok' || taken.payload === undefined) return taken;
  const refusal = refusalOf(instance, taken.payload, message);
  return refusal === undefined ? taken : { kind: 'guest-error', message: refusal, clockMicros: taken.clockMicros };
}

/** Undefined: it restores itself. */
function refusalOf(instance: GuestInstance, state: Uint8Array, message: MessageContext): string | undefined {
  try {
    const spare = instance.another();
    const restored = spare.call({ export: 'init', state }, { ...message, restoring: true });
    if (restored.kind !== 'ok') return `an instance that was given the snapshot refused it: ${restored.message}`;
    const again = spare.call(SNAPSHOT, message);
    if (again.kind !== 'ok') return `an instance that was given the snapshot gave none: ${again.message}`;
    const isSame = again.payload !== undefined && Buffer.compare(state, again.payload) === 0;
    return isSame ? undefined : 'the snapshot does not restore itself: an instance that was given it gave another one';
  } catch (thrown) {
    return `no instance could be made to prove the snapshot: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}
