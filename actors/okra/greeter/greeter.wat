;; A service as a plain core module in OKRA's ABI, by hand: no toolchain, no imports.
;;
;;   greet  {"name": "Ada"}  ->  {"message":"Hello, Ada!"}
;;
;; Any other method, and an input without a name, is an error: {"error": text}, with the answer's highest bit set.
(module
  (memory (export "memory") 1)

  (data (i32.const 0) "greet")
  (data (i32.const 16) "\"name\"")
  (data (i32.const 32) "{\"message\":\"Hello, ")                       ;; 19 bytes
  (data (i32.const 64) "!\"}")                                         ;; 3
  (data (i32.const 80) "{\"error\":\"greet: expected {\\\"name\\\": text}\"}")  ;; 44
  (data (i32.const 144) "{\"error\":\"expected the method greet\"}")    ;; 37

  ;; What is allocated goes on from 1024; once all of it was handed back it begins there again.
  (global $heap (mut i32) (i32.const 1024))
  (global $live (mut i32) (i32.const 0))

  (func $allocate (export "allocate") (param $length i32) (result i32)
    (local $at i32) (local $end i32) (local $missing i32)
    (local.set $at (global.get $heap))
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (if (i32.lt_u (local.get $end) (local.get $at)) (then (return (i32.const 0))))
    (local.set $missing (i32.sub
      (i32.add (i32.shr_u (local.get $end) (i32.const 16)) (i32.const 1))
      (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then (return (i32.const 0))))))
    (global.set $heap (local.get $end))
    (global.set $live (i32.add (global.get $live) (i32.const 1)))
    (local.get $at))

  (func (export "deallocate") (param $at i32) (param $length i32)
    (global.set $live (i32.sub (global.get $live) (i32.const 1)))
    (if (i32.eqz (global.get $live)) (then (global.set $heap (i32.const 1024)))))

  (func $same (param $a i32) (param $b i32) (param $length i32) (result i32)
    (loop $next
      (if (i32.eqz (local.get $length)) (then (return (i32.const 1))))
      (if (i32.ne (i32.load8_u (local.get $a)) (i32.load8_u (local.get $b))) (then (return (i32.const 0))))
      (local.set $a (i32.add (local.get $a) (i32.const 1)))
      (local.set $b (i32.add (local.get $b) (i32.const 1)))
      (local.set $length (i32.sub (local.get $length) (i32.const 1)))
      (br $next))
    (unreachable))

  ;; Where the text behind the key begins, its opening quote passed over; 0: there is none.
  (func $name_in (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (block $none
      (loop $search
        (br_if $none (i32.gt_u (i32.add (local.get $at) (i32.const 6)) (local.get $end)))
        (if (i32.eqz (call $same (local.get $at) (i32.const 16) (i32.const 6)))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $search))))
      (local.set $at (i32.add (local.get $at) (i32.const 6)))
      (loop $skip
        (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $skip (i32.or (i32.eq (local.get $byte) (i32.const 58)) (i32.le_u (local.get $byte) (i32.const 32)))))
      (br_if $none (i32.ne (local.get $byte) (i32.const 34)))
      (return (local.get $at)))
    (i32.const 0))

  ;; The text's closing quote; 0: there is none. What is escaped stays so, in the reply's JSON as well.
  (func $end_of_text (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (block $none
      (loop $next
        (br_if $none (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (if (i32.eq (local.get $byte) (i32.const 34)) (then (return (local.get $at))))
        (local.set $at (i32.add (local.get $at)
          (select (i32.const 2) (i32.const 1) (i32.eq (local.get $byte) (i32.const 92)))))
        (br $next)))
    (i32.const 0))

  (func $answer (param $at i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
      (i64.extend_i32_u (local.get $length))))

  (func $error (param $text i32) (param $length i32) (result i64)
    (local $at i32)
    (local.set $at (call $allocate (local.get $length)))
    (if (i32.eqz (local.get $at)) (then (return (i64.const 0))))
    (memory.copy (local.get $at) (local.get $text) (local.get $length))
    (i64.or (call $answer (local.get $at) (local.get $length)) (i64.const 0x8000000000000000)))

  (func $greet (param $input i32) (param $end i32) (result i64)
    (local $name i32) (local $length i32) (local $at i32)
    (local.set $name (call $name_in (local.get $input) (local.get $end)))
    (if (i32.eqz (local.get $name)) (then (return (call $error (i32.const 80) (i32.const 44)))))
    (local.set $length (call $end_of_text (local.get $name) (local.get $end)))
    (if (i32.eqz (local.get $length)) (then (return (call $error (i32.const 80) (i32.const 44)))))
    (local.set $length (i32.sub (local.get $length) (local.get $name)))
    (local.set $at (call $allocate (i32.add (local.get $length) (i32.const 22))))
    (if (i32.eqz (local.get $at)) (then (return (i64.const 0))))
    (memory.copy (local.get $at) (i32.const 32) (i32.const 19))
    (memory.copy (i32.add (local.get $at) (i32.const 19)) (local.get $name) (local.get $length))
    (memory.copy
      (i32.add (i32.add (local.get $at) (i32.const 19)) (local.get $length))
      (i32.const 64)
      (i32.const 3))
    (call $answer (local.get $at) (i32.add (local.get $length) (i32.const 22))))

  (func (export "handle_request")
    (param $method i32) (param $methodLength i32) (param $input i32) (param $inputLength i32) (result i64)
    (if (i32.eq (local.get $methodLength) (i32.const 5))
      (then (if (call $same (local.get $method) (i32.const 0) (i32.const 5))
        (then (return (call $greet (local.get $input) (i32.add (local.get $input) (local.get $inputLength))))))))
    (call $error (i32.const 144) (i32.const 37)))
)
