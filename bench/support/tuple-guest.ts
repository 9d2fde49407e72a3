/**
 * A guest that does nothing but tuple operations: the small component with another `count`. The payload says which (0
 * write, 1 take, 2 a take that finds nothing) and how often (u32 at 4). It traps where an operation fails, or a take finds
 * what it should not.
 */
import { buildEchoWith } from '../../test/fixtures/components/wat.ts';

const COUNT = '(global.set $counter (i32.add (global.get $counter) (i32.const 1)))';
const KINDS = { write: 0, take: 1, miss: 2 } as const;
export type TupleOperation = keyof typeof KINDS;

/** Parameters that are needed no more hold kind, rounds left and the heap's end, since a part cannot declare locals. */
const LOOP = `
  (local.set $typeLength (i32.load8_u (local.get $payload)))
  (local.set $fromLength (i32.load offset=4 (local.get $payload)))
  (local.set $from (global.get $heap))
  (block $done (loop $next
    (br_if $done (i32.eqz (local.get $fromLength)))
    (local.set $fromLength (i32.sub (local.get $fromLength) (i32.const 1)))
    (global.set $heap (local.get $from))
    (if (i32.eq (local.get $typeLength) (i32.const ${KINDS.write})) (then
      (if (i32.load8_u (call $do_write (local.get $payload) (local.get $length))) (then unreachable))))
    (if (i32.eq (local.get $typeLength) (i32.const ${KINDS.take})) (then
      (if (i32.load8_u (call $do_take)) (then unreachable))
      (if (i32.eqz (i32.load8_u (i32.const 48))) (then unreachable))))
    (if (i32.eq (local.get $typeLength) (i32.const ${KINDS.miss})) (then
      (i32.store8 (i32.const 128) (i32.const 0))
      (i32.store8 (i32.const 136) (i32.const 0))
      (i32.store (i32.const 144) (i32.const 264)) ;; "fail"
      (i32.store (i32.const 148) (i32.const 4))
      (i32.store8 (i32.const 152) (i32.const 1))
      (call $take (i32.const 128) (i32.const 2) (i32.const 64))
      (if (i32.or (i32.load8_u (i32.const 64)) (i32.load8_u (i32.const 68))) (then unreachable))))
    (br $next)))`;

export function buildTupleGuest(): Promise<Uint8Array> {
  return buildEchoWith(COUNT, LOOP);
}

export function tupleGuestPayload(operation: TupleOperation, times: number): Uint8Array {
  const payload = new Uint8Array(8);
  payload[0] = KINDS[operation];
  new DataView(payload.buffer).setUint32(4, times, true);
  return payload;
}
