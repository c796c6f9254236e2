;; Functions of each form. What is marked with `;;@` is replaced by tests of plugins that
;; do other things.
(module
  ;;@imports
  (memory (export "memory") 3)
  (global (export "tagout_plugin") i32 (i32.const 0x100))
  (data (i32.const 0x100) "TGPL\01\00\00\00\00\00\01\00\00\00\01\00")

  (func (export "tagout_fn_size") (param $at i32) (param $len i32) (result i64)
    ;;@size
    (i64.extend_i32_u (local.get $len)))

  ;; The mean of the bytes; none of no bytes.
  (func (export "tagout_fn_mean") (param $at i32) (param $len i32) (result f64)
    (local $n i32) (local $sum i32)
    (local.set $n (local.get $len))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (local.set $sum (i32.add (local.get $sum)
          (i32.load8_u (i32.add (local.get $at) (local.get $n)))))
        (br $next)))
    (f64.div (f64.convert_i32_u (local.get $sum)) (f64.convert_i32_u (local.get $len))))

  (func (export "tagout_fn_within") (param $n i64) (param $most f64) (param $yes i32) (result i32)
    ;;@within
    (if (result i32) (local.get $yes)
      (then (f64.le (f64.convert_i64_s (local.get $n)) (local.get $most)))
      (else (i32.const 2))))

  (func (export "tagout_fn_same") (param $a i32) (param $b i32) (result i32)
    (i32.and
      (i64.eq (i64.load (local.get $a)) (i64.load (local.get $b)))
      (i64.eq (i64.load offset=8 (local.get $a)) (i64.load offset=8 (local.get $b)))))
  ;;@functions

  (@custom "tagout.plugin"
    "name = 'sum'\n"
    "version = '2.0.1'\n"
    "licence = 'MIT'\n"
    "doc = 'functions of each form'\n"
    "[[function]]\n"
    "name = 'size'\n"
    "arguments = ['bytes']\n"
    "returns = 'int'\n"
    "doc = 'number of bytes'\n"
    "example = 'size(m.data) > 10'\n"
    "cost = { call = 20 }\n"
    "[[function]]\n"
    "name = 'mean'\n"
    "arguments = ['text']\n"
    "returns = 'float'\n"
    "doc = 'mean of its bytes'\n"
    "example = 'mean(d.query) > 100.0'\n"
    "cost = { call = 20, byte = 20 }\n"
    "[[function]]\n"
    "name = 'within'\n"
    "arguments = ['int', 'float', 'bool']\n"
    "returns = 'bool'\n"
    "doc = 'whether the first is at most the second'\n"
    "example = 'within(m.quantity, 2.5, true)'\n"
    "cost = { call = 20 }\n"
    "[[function]]\n"
    "name = 'same'\n"
    "arguments = ['ip', 'ip']\n"
    "returns = 'bool'\n"
    "doc = 'whether two addresses are the same'\n"
    "example = 'same(m.src.ip, m.dst.ip)'\n"
    "cost = { call = 20 }\n"
    ;;@manifest
    "[[test]]\n"
    "name = 'each form'\n"
    "calls = [\n"
    "  { function = 'size', arguments = ['000102'], returns = 3 },\n"
    "  { function = 'mean', arguments = ['ac'], returns = 98.0 },\n"
    "  { function = 'mean', arguments = [''] },\n"
    "  { function = 'within', arguments = [2, 2.5, true], returns = true },\n"
    "  { function = 'within', arguments = [3, 2.5, true], returns = false },\n"
    "  { function = 'within', arguments = [3, 2.5, false] },\n"
    "  { function = 'same', arguments = ['10.0.0.1', '::ffff:10.0.0.1'], returns = true },\n"
    "  { function = 'same', arguments = ['10.0.0.1', '10.0.0.2'], returns = false },\n"
    "]\n"))
