;; An enricher that knows nothing: it gives each Modbus event a level and an owner. What
;; is marked with `;;@` is replaced by tests of plugins that do other things.
(module
  (import "tagout" "set_int" (func $set_int (param i32 i32 i64)))
  (import "tagout" "set_text" (func $set_text (param i32 i32 i32 i32)))
  ;;@imports
  (memory (export "memory") 3)
  (global (export "tagout_plugin") i32 (i32.const 0x100))
  (data (i32.const 0x100) "TGPL\01\00\00\00\00\00\01\00\00\00\01\00")
  (data (i32.const 0x200) "press")

  ;; A batch: stride at 4, number of records at 8, records from 64 on; `unit` of Modbus is
  ;; hot, at byte 98 of the record.
  (func (export "tagout_enrich") (param $kind i32) (param $len i32) (result i32)
    (local $n i32)
    (local.set $n (i32.load (i32.const 0x10008)))
    ;;@enrich
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        ;;@record
        (call $set_int (local.get $n) (i32.const 0) (i64.const 7))
        (call $set_text (local.get $n) (i32.const 1) (i32.const 0x200) (i32.const 5))
        (br $next)))
    (i32.const 0))
  ;;@functions

  (@custom "tagout.plugin"
    "name = 'tag'\n"
    "version = '0.1.0'\n"
    "licence = 'MIT'\n"
    "doc = 'a level and an owner for each event'\n"
    "[enricher]\n"
    "kinds = ['modbus', 'nothing']\n"
    "reads = ['src.ip', 'unit']\n"
    ;;@manifest
    "[[test]]\n"
    "name = 'any event'\n"
    "given = ['{\"kind\":\"modbus\",\"modbus\":{\"unit\":1}}']\n"
    "events = ['{\"tag\":{\"level\":7,\"owner\":\"press\"}}']\n")
  (@custom "tagout.schema"
    "[[extend]]\n"
    "kinds = ['modbus', 'nothing']\n"
    "[[extend.field]]\n"
    "path = 'tag.level'\n"
    "type = 'u8'\n"
    "doc = 'how much it matters'\n"
    "example = 'e.tag.level > 5'\n"
    "[[extend.field]]\n"
    "path = 'tag.owner'\n"
    "type = 'text'\n"
    "doc = 'whose it is'\n"
    "example = 'e.tag.owner == \"press\"'\n"
    ;;@schema
  ))
