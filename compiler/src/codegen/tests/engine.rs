//! A module in an interpreter of WebAssembly.

use tagout_spec::pack::rows::{self, Column, Row};
use tagout_spec::pack::{Cause, Verdict, export};
use wasmi::{Instance, Linker, Memory, Module, Store, Val};

use crate::ir::generate::functions::{call_raw, functions};

pub(crate) struct Engine {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Engine {
    pub(crate) fn new(wasm: &[u8]) -> Self {
        let engine = wasmi::Engine::default();
        let module = Module::new(&engine, wasm).unwrap();
        let mut store = Store::new(&engine, ());
        let linker = linker(&engine);
        let instance = linker.instantiate_and_start(&mut store, &module).unwrap();
        let memory = instance.get_memory(&store, export::MEMORY).unwrap();
        Self { store, instance, memory }
    }

    pub(crate) fn bind(&mut self, bytes: &[u8]) -> i32 {
        let at = self.global(export::BINDINGS.0);
        assert!(bytes.len() <= self.global(export::BINDINGS.1));
        self.memory.write(&mut self.store, at, bytes).unwrap();
        let len = i32::try_from(bytes.len()).unwrap();
        self.call(export::BIND, &[i32::try_from(at).unwrap(), len]).unwrap()
    }

    pub(crate) fn write_batch(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.global(export::BATCH.1));
        let at = self.global(export::BATCH.0);
        self.memory.write(&mut self.store, at, bytes).unwrap();
    }

    /// All rows of a batch, over as many calls as it takes.
    pub(crate) fn evaluate(&mut self, n: u32, from: u32) -> Result<Vec<Row>, String> {
        let mut all = Vec::new();
        let mut from = from;
        while from < n {
            let out = self.run(export::EVALUATE, [n, from], true)?;
            let resume = rows::rows(&out, n, u32::MAX, &mut all);
            let resume = resume.map_err(|bad| bad.to_string())?;
            assert!(resume > from, "no progress at {from}");
            from = resume;
        }
        Ok(all)
    }

    pub(crate) fn explain(
        &mut self,
        event: u32,
        predicate: u32,
    ) -> Result<(Vec<Verdict>, Vec<Cause>), String> {
        let out = self.run(export::EXPLAIN, [event, predicate], false)?;
        rows::explanation(&out).map_err(|e| e.to_string())
    }

    pub(crate) fn columns(
        &mut self,
        event: u32,
        predicate: u32,
        check: impl FnOnce(Option<u8>, &[Column<'_>]) -> Result<(), String>,
    ) -> Result<(), String> {
        let out = self.run(export::COLUMNS, [event, predicate], false)?;
        let memory = self.memory.data(&self.store);
        let (severity, columns) =
            rows::columns(memory, &out).map_err(|e| e.to_string())?;
        check(severity, &columns)
    }

    /// Calls an export that writes, and copies what it wrote.
    fn run(
        &mut self,
        name: &str,
        two: [u32; 2],
        evaluate: bool,
    ) -> Result<Vec<u8>, String> {
        let int = |n: usize| i32::try_from(n).unwrap();
        let [a, b] = two.map(u32::cast_signed);
        let (batch, out) = (self.global(export::BATCH.0), self.global(export::OUT.0));
        let args = match evaluate {
            true => [int(batch), a, int(out), b],
            false => [int(batch), a, b, int(out)],
        };
        let end = usize::try_from(self.call(name, &args)?).unwrap();
        assert!(end <= out + self.global(export::OUT.1), "{name} wrote past its area");
        Ok(self.memory.data(&self.store)[out..end].to_vec())
    }

    fn call(&mut self, name: &str, args: &[i32]) -> Result<i32, String> {
        let function = self.instance.get_func(&self.store, name).unwrap();
        let args: Vec<Val> = args.iter().map(|n| Val::I32(*n)).collect();
        let mut results = [Val::I32(0)];
        function
            .call(&mut self.store, &args, &mut results)
            .map_err(|error| format!("{name}: {error}"))?;
        Ok(results[0].i32().unwrap())
    }

    fn global(&self, name: &str) -> usize {
        let global = self.instance.get_global(&self.store, name).unwrap();
        usize::try_from(global.get(&self.store).i32().unwrap()).unwrap()
    }
}

/// The functions of the sample plugin, for modules that call them.
fn linker(engine: &wasmi::Engine) -> Linker<()> {
    use tagout_spec::function::Word;
    use wasmi::{FuncType, ValType};
    let mut linker = Linker::new(engine);
    for function in functions() {
        let val_type = |word: Word| match word {
            Word::I32 => ValType::I32,
            Word::I64 => ValType::I64,
            Word::F64 => ValType::F64,
        };
        let words = function.arguments.iter().flat_map(|argument| argument.words());
        let params: Vec<_> = words.map(|word| val_type(*word)).collect();
        let result = function.returns.word();
        let ty = FuncType::new(params, [val_type(result)]);
        let name = function.import();
        let call = move |caller: wasmi::Caller<'_, ()>,
                         params: &[Val],
                         out: &mut [Val]| {
            let memory = caller.get_export(export::MEMORY).and_then(|e| e.into_memory());
            let memory = memory.unwrap();
            let word = |value: &Val| match value {
                Val::I32(number) => u64::from(number.cast_unsigned()),
                Val::I64(number) => number.cast_unsigned(),
                Val::F64(number) => number.to_bits(),
                _ => panic!("{value:?}"),
            };
            let words: Vec<u64> = params.iter().map(word).collect();
            let bits = call_raw(&function, &words, memory.data(&caller));
            out[0] = match result {
                Word::I32 => Val::I32(u32::try_from(bits).unwrap().cast_signed()),
                Word::I64 => Val::I64(bits.cast_signed()),
                Word::F64 => Val::F64(wasmi::F64::from_bits(bits)),
            };
            Ok(())
        };
        let module = tagout_spec::plugin::FUNCTION_IMPORTS;
        linker.func_new(module, &name, ty, call).unwrap();
    }
    linker
}
