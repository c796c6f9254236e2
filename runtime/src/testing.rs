//! Modules written as text, for tests.

/// A module with the interface of a pack, whose parts a test replaces.
pub(crate) struct Module {
    /// Imports, types, tables, functions, data; stands first.
    pub(crate) items: String,
    /// Body of `bind`, without its result 0.
    pub(crate) bind: String,
    /// Body of `evaluate` (`$records $n $out $from`, locals `$i $j`).
    pub(crate) evaluate: String,
    /// Body of `columns` (`$records $event $predicate $out`).
    pub(crate) columns: String,
    /// Body of `explain`, likewise.
    pub(crate) explain: String,
}

impl Module {
    pub(crate) fn new(evaluate: &str) -> Self {
        Self {
            items: String::new(),
            bind: String::new(),
            evaluate: evaluate.to_owned(),
            columns: String::new(),
            explain: String::new(),
        }
    }

    pub(crate) fn text(&self) -> String {
        let Self { items, bind, evaluate, columns, explain } = self;
        format!(
            r#"(module
  {items}
  (memory (export "memory") 16 16)
  (global (export "tagout_abi_major") i32 (i32.const 1))
  (global (export "tagout_abi_minor") i32 (i32.const 0))
  (global (export "tagout_batch") i32 (i32.const 65536))
  (global (export "tagout_batch_size") i32 (i32.const 524288))
  (global (export "tagout_out") i32 (i32.const 0))
  (global (export "tagout_out_size") i32 (i32.const 4096))
  (global (export "tagout_bindings") i32 (i32.const 4096))
  (global (export "tagout_bindings_size") i32 (i32.const 4096))
  (func (export "bind") (param $at i32) (param $len i32) (result i32)
    {bind}
    (i32.const 0))
  (func $evaluate (export "evaluate") (param $records i32) (param $n i32)
    (param $out i32) (param $from i32) (result i32) (local $i i32) (local $j i32)
    {evaluate}
    (i32.const 0))
  (func (export "columns") (param $records i32) (param $event i32)
    (param $predicate i32) (param $out i32) (result i32)
    {columns}
    (i32.const 0))
  (func (export "explain") (param $records i32) (param $event i32)
    (param $predicate i32) (param $out i32) (result i32)
    {explain}
    (i32.const 0)))"#
        )
    }

    pub(crate) fn assemble(&self) -> Vec<u8> {
        wat::parse_str(self.text()).expect("the test's module assembles")
    }
}
