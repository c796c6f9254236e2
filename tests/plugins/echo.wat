;; A decoder without a protocol: each datagram, each piece of a stream and each frame is
;; an event, with its first byte, its size and its bytes. What is marked with `;;@` is
;; replaced by tests of plugins that do other things.
;;
;;   0x00100  header          0x10000  input, 64 KiB
;;   0x20000  batch: header, one record of 712 bytes, arena
(module
  (import "tagout" "emit" (func $emit (param i32 i32)))
  ;;@imports
  (memory (export "memory") 4)
  (global (export "tagout_plugin") i32 (i32.const 0x100))
  (data (i32.const 0x100) "TGPL\01\00\00\00\00\00\01\00\00\00\01\00")

  (func (export "tagout_probe") (param $len i32) (result i32)
    ;;@probe
    (i32.const 2))

  (func (export "tagout_decode") (param $len i32) (result i32)
    (local $at i32)
    (local.set $at (i32.const 0x10000))
    (local.set $len (i32.add (local.get $len) (i32.const 0x10000)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $len)))
        (if (i32.or
              (i32.eq (i32.load8_u offset=4 (local.get $at)) (i32.const 2))
              (i32.eq (i32.load8_u offset=4 (local.get $at)) (i32.const 5)))
          (then (call $event (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.load (local.get $at))))
        (br $next)))
    ;;@decoded
    (i32.const 0))

  (func $event (param $at i32)
    (local $len i32)
    (local.set $len (i32.load offset=12 (local.get $at)))
    ;;@event
    (i64.store (i32.const 0x20048) (i64.const 7))
    (i32.store8 (i32.const 0x200a0) (i32.load8_u offset=128 (local.get $at)))
    (i32.store16 (i32.const 0x200a2) (local.get $len))
    (i32.store (i32.const 0x202f0) (i32.const 776))
    (i32.store (i32.const 0x202f4) (local.get $len))
    (i32.store (i32.const 0x202f8) (local.get $len))
    (memory.copy (i32.const 0x20308)
      (i32.add (local.get $at) (i32.const 128)) (local.get $len))
    (i32.store (i32.const 0x20004) (i32.const 712))
    (i32.store (i32.const 0x20008) (i32.const 1))
    (i32.store (i32.const 0x2000c) (i32.const 776))
    (i32.store (i32.const 0x20010) (i32.add (i32.const 776) (local.get $len)))
    ;;@emit
    (call $emit (i32.const 0x20000) (i32.add (i32.const 776) (local.get $len))))
  ;;@functions

  (@custom "tagout.plugin"
    "name = 'echo'\n"
    "version = '1.2.3'\n"
    "licence = 'MIT'\n"
    "doc = 'every message as an event'\n"
    "[decoder]\n"
    "udp = [7777]\n"
    "tcp = [7777]\n"
    "ethertypes = [0x88b5]\n"
    ;;@manifest
    "[[test]]\n"
    "name = 'a datagram'\n"
    "udp = [{ from = 'a', port = 7777, hex = '2a 6869' }]\n"
    "events = ['{\"kind\":\"echo\",\"dst\":{\"port\":7777},\"echo\":{\"code\":42,\"size\":3,\"body\":\"*hi\"}}']\n"
    "[[test]]\n"
    "name = 'a connection, both sides'\n"
    "tcp = [{ from = 'a', port = 7777, hex = '01' }, { from = 'b', port = 7777, hex = '02' }]\n"
    "events = ['{\"src\":{\"port\":50000},\"echo\":{\"code\":1}}', '{\"src\":{\"port\":7777},\"echo\":{\"code\":2}}']\n"
    "[[test]]\n"
    "name = 'a frame'\n"
    "frame = [{ ethertype = 0x88b5, hex = '07' }]\n"
    "events = ['{\"src\":{\"mac\":\"02:00:00:00:00:01\"},\"echo\":{\"code\":7}}']\n")
  (@custom "tagout.schema"
    "[[kind]]\n"
    "name = 'echo'\n"
    "doc = 'a message'\n"
    "family = 'network'\n"
    "[[kind.field]]\n"
    "path = 'code'\n"
    "type = 'u8'\n"
    "hot = true\n"
    "doc = 'first byte'\n"
    "example = 'e.code == 42'\n"
    "[[kind.field]]\n"
    "path = 'size'\n"
    "type = 'u16'\n"
    "hot = true\n"
    "doc = 'number of bytes'\n"
    "example = 'e.size > 100'\n"
    "[[kind.field]]\n"
    "path = 'body'\n"
    "type = 'text'\n"
    "doc = 'all bytes'\n"
    "example = 'e.body contains \"hi\"'\n"
    ;;@schema
  ))
