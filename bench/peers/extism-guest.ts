/** A plug-in for Extism, as small as our own small component: it echoes, and it asks the host. */
import { componentFrom } from '../../test/fixtures/components/wat.ts';

/** Host calls of one `ask`. */
export const ASKED = 500;

/** The kernel's own block is given back as it is: no byte is copied that need not be. */
const TEXT = `(module
  (import "extism:host/env" "input_offset" (func $input_offset (result i64)))
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "identity" (func $identity (param i64) (result i64)))
  (memory (export "memory") 1)
  (func (export "echo") (result i32)
    (call $output_set (call $input_offset) (call $input_length))
    (i32.const 0))
  (func (export "ask") (result i32)
    (local $left i32)
    (local.set $left (i32.const ${ASKED}))
    (loop $again
      (drop (call $identity (call $input_offset)))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i32.const 0)))`;

export function buildExtismGuest(): Promise<Uint8Array> {
  return componentFrom(TEXT);
}
