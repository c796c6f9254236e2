//! Other engines than our runtime's: proof that a pack needs nothing but a
//! WebAssembly engine. A harness here writes records and reads rows; it knows
//! no schema, no rule and no site.

use std::fmt;

use wasmi::{
    Caller, Config, Engine, FuncType, Instance, Linker, Memory, Module, Store, TypedFunc,
    Val, ValType,
};

use tagout_compiler::ir::generate::functions::{call_raw, functions};
use tagout_spec::function::Word;
use tagout_spec::pack::export;
use tagout_spec::plugin::FUNCTION_IMPORTS;

/// Rows of `evaluate` for one batch: event and code (`predicate << 2 | verdict`).
pub type Rows = Vec<(u32, u32)>;

/// Why an engine did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineError(pub String);

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EngineError {}

impl From<wasmi::Error> for EngineError {
    fn from(error: wasmi::Error) -> Self {
        Self(error.to_string())
    }
}

/// A pack in `wasmi`, an interpreter that shares no code with wasmtime.
pub struct Wasmi {
    store: Store<()>,
    memory: Memory,
    bindings: (usize, usize),
    batch: (usize, usize),
    out: (usize, usize),
    bind: TypedFunc<(i32, i32), i32>,
    evaluate: TypedFunc<(i32, i32, i32, i32), i32>,
    columns: TypedFunc<(i32, i32, i32, i32), i32>,
    explain: TypedFunc<(i32, i32, i32, i32), i32>,
}

impl Wasmi {
    /// Loads a module that imports nothing.
    pub fn new(module: &[u8]) -> Result<Self, EngineError> {
        Self::linked(module, |_| Ok(()))
    }

    /// Loads a module that may call the functions of the sample plugin.
    pub fn with_functions(module: &[u8]) -> Result<Self, EngineError> {
        Self::linked(module, sample_functions)
    }

    fn linked(
        module: &[u8],
        link: impl FnOnce(&mut Linker<()>) -> Result<(), EngineError>,
    ) -> Result<Self, EngineError> {
        let mut config = Config::default();
        config.wasm_simd(true);
        let engine = Engine::new(&config);
        let module = Module::new(&engine, module)?;
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        link(&mut linker)?;
        let instance = linker.instantiate_and_start(&mut store, &module)?;
        let memory = instance
            .get_memory(&store, export::MEMORY)
            .ok_or_else(|| EngineError("no memory".into()))?;
        let areas = [export::BINDINGS, export::BATCH, export::OUT];
        let mut found = [(0, 0); 3];
        for (area, (start, size)) in found.iter_mut().zip(areas) {
            *area = (global(&instance, &store, start)?, global(&instance, &store, size)?);
        }
        let [bindings, batch, out] = found;
        Ok(Self {
            bind: instance.get_typed_func(&store, export::BIND)?,
            evaluate: instance.get_typed_func(&store, export::EVALUATE)?,
            columns: instance.get_typed_func(&store, export::COLUMNS)?,
            explain: instance.get_typed_func(&store, export::EXPLAIN)?,
            store,
            memory,
            bindings,
            batch,
            out,
        })
    }

    /// Installs parameters and the mask of predicates.
    pub fn bind(&mut self, bindings: &[u8]) -> Result<(), EngineError> {
        self.write(self.bindings, bindings)?;
        let arguments = (int(self.bindings.0)?, int(bindings.len())?);
        match self.bind.call(&mut self.store, arguments)? {
            0 => Ok(()),
            status => Err(EngineError(format!("bind answers {status}"))),
        }
    }

    /// Evaluates a batch to its end.
    pub fn evaluate(&mut self, batch: &[u8], n: u32) -> Result<Rows, EngineError> {
        self.write(self.batch, batch)?;
        let (records, out) = (int(self.batch.0)?, int(self.out.0)?);
        let mut rows = Rows::new();
        let mut from = 0;
        while from < n {
            let arguments = (records, int(n as usize)?, out, int(from as usize)?);
            let end = self.evaluate.call(&mut self.store, arguments)?;
            let text = self.read_out(end)?;
            let word = |at: usize| -> Result<u32, EngineError> {
                let bytes = text.get(at..at + 4).and_then(|b| b.try_into().ok());
                bytes
                    .map(u32::from_le_bytes)
                    .ok_or_else(|| EngineError("short output".into()))
            };
            let next = word(0)?;
            if next <= from {
                return Err(EngineError("evaluation does not advance".into()));
            }
            for at in (8..text.len()).step_by(8) {
                rows.push((word(at)?, word(at + 4)?));
            }
            from = next;
        }
        Ok(rows)
    }

    /// The output of `explain` for an event of the batch last evaluated.
    pub fn explain(
        &mut self,
        event: u32,
        predicate: u32,
    ) -> Result<Vec<u8>, EngineError> {
        self.cold(self.explain, event, predicate)
    }

    /// The output of `columns` for an event of the batch last evaluated.
    pub fn columns(
        &mut self,
        event: u32,
        predicate: u32,
    ) -> Result<Vec<u8>, EngineError> {
        self.cold(self.columns, event, predicate)
    }

    fn cold(
        &mut self,
        function: TypedFunc<(i32, i32, i32, i32), i32>,
        event: u32,
        predicate: u32,
    ) -> Result<Vec<u8>, EngineError> {
        let (records, out) = (int(self.batch.0)?, int(self.out.0)?);
        let arguments = (records, int(event as usize)?, int(predicate as usize)?, out);
        let end = function.call(&mut self.store, arguments)?;
        self.read_out(end)
    }

    fn write(&mut self, area: (usize, usize), bytes: &[u8]) -> Result<(), EngineError> {
        if bytes.len() > area.1 {
            return Err(EngineError(format!(
                "{} bytes do not fit {}",
                bytes.len(),
                area.1
            )));
        }
        let written = self.memory.write(&mut self.store, area.0, bytes);
        written.map_err(|error| EngineError(error.to_string()))
    }

    fn read_out(&self, end: i32) -> Result<Vec<u8>, EngineError> {
        let end = usize::try_from(end).map_err(|e| EngineError(e.to_string()))?;
        let data = self.memory.data(&self.store).get(self.out.0..end);
        data.map(<[u8]>::to_vec)
            .ok_or_else(|| EngineError("output outside memory".into()))
    }
}

/// Defines the functions of the sample plugin.
fn sample_functions(linker: &mut Linker<()>) -> Result<(), EngineError> {
    for function in functions() {
        let words = function.arguments.iter().flat_map(|argument| argument.words());
        let params: Vec<_> = words.map(|word| val_type(*word)).collect();
        let result = function.returns.word();
        let ty = FuncType::new(params, [val_type(result)]);
        let name = function.import();
        let call = move |caller: Caller<'_, ()>, params: &[Val], out: &mut [Val]| {
            let memory = caller.get_export(export::MEMORY).and_then(|e| e.into_memory());
            let memory = memory.map(|memory| memory.data(&caller)).unwrap_or_default();
            let words: Vec<u64> = params.iter().map(bits).collect();
            let bits = call_raw(&function, &words, memory);
            if let Some(out) = out.first_mut() {
                *out = match result {
                    Word::I32 => Val::I32(u32::try_from(bits).unwrap_or(0).cast_signed()),
                    Word::I64 => Val::I64(bits.cast_signed()),
                    Word::F64 => Val::F64(wasmi::F64::from_bits(bits)),
                };
            }
            Ok(())
        };
        linker
            .func_new(FUNCTION_IMPORTS, &name, ty, call)
            .map_err(|error| EngineError(error.to_string()))?;
    }
    Ok(())
}

fn val_type(word: Word) -> ValType {
    match word {
        Word::I32 => ValType::I32,
        Word::I64 => ValType::I64,
        Word::F64 => ValType::F64,
    }
}

fn bits(value: &Val) -> u64 {
    match value {
        Val::I32(number) => number.cast_unsigned().into(),
        Val::I64(number) => number.cast_unsigned(),
        Val::F64(number) => number.to_bits(),
        _ => 0,
    }
}

fn global(
    instance: &Instance,
    store: &Store<()>,
    name: &str,
) -> Result<usize, EngineError> {
    let global = instance.get_global(store, name).map(|global| global.get(store));
    let value = global.and_then(|value| value.i32());
    let value = value.ok_or_else(|| EngineError(format!("no global `{name}`")))?;
    usize::try_from(value).map_err(|error| EngineError(error.to_string()))
}

fn int(value: usize) -> Result<i32, EngineError> {
    i32::try_from(value).map_err(|error| EngineError(error.to_string()))
}
