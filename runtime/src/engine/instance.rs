//! A running module: its memory, its four functions, and the functions of plugins that it
//! calls.

use std::sync::Arc;

use wasmtime::Store;
use wasmtime::TypedFunc;

use super::Code;
use super::CodeError;
use super::link::Host;
use super::link::Links;
use super::link::Opened;
use crate::verify::Area;
use tagout_spec::pack::export;

/// A module with its memory.
pub(crate) struct Instance {
    code: Code,
    store: Store<Host>,
    links: Arc<Links>,
    memory: wasmtime::Memory,
    bind: TypedFunc<(u32, u32), u32>,
    evaluate: Function,
    columns: Function,
    explain: Function,
}

type Function = TypedFunc<(u32, u32, u32, u32), u32>;

/// What went wrong in a call: always the pack's fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The module trapped.
    Trap(String),
    /// The module did not end in time.
    Deadline,
    /// What it wrote makes no sense.
    Output(String),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Trap(message) => f.write_str(message),
            Self::Deadline => f.write_str("did not end in time"),
            Self::Output(problem) => f.write_str(problem),
        }
    }
}

impl Instance {
    /// Instantiates a module and links what it imports to functions that were opened.
    pub(crate) fn new(
        code: Code,
        links: Arc<Links>,
        opened: Opened,
    ) -> Result<Self, CodeError> {
        let failed = |error: wasmtime::Error| CodeError::Engine(format!("{error:#}"));
        let mut store = Store::new(code.module.engine(), Host::new(opened));
        arm(&mut store, &code);
        let imports = links.imports(&mut store, &code.module).map_err(failed)?;
        let instance = wasmtime::Instance::new(&mut store, &code.module, &imports)
            .map_err(failed)?;
        let memory = instance
            .get_memory(&mut store, export::MEMORY)
            .ok_or_else(|| CodeError::Engine("no memory".to_owned()))?;
        store.data_mut().memory = Some(memory);
        let mut function = |name| instance.get_typed_func(&mut store, name);
        let (evaluate, columns, explain) = (
            function(export::EVALUATE).map_err(failed)?,
            function(export::COLUMNS).map_err(failed)?,
            function(export::EXPLAIN).map_err(failed)?,
        );
        let bind = instance.get_typed_func(&mut store, export::BIND).map_err(failed)?;
        Ok(Self { code, store, links, memory, bind, evaluate, columns, explain })
    }

    /// A new instance of the same code: after a fault, memory is not trusted.
    /// The functions that it calls have no part in the fault, and stay.
    pub(crate) fn renew(&mut self) -> Result<Self, CodeError> {
        let opened = std::mem::take(&mut self.store.data_mut().opened);
        Self::new(self.code.clone(), Arc::clone(&self.links), opened)
    }

    /// Functions that give no values any more, by number of the pack's manifest.
    pub(crate) fn off(&self) -> Vec<usize> {
        self.links.off(&self.store.data().opened)
    }

    pub(crate) fn code(&self) -> &Code {
        &self.code
    }

    /// An area for writing; empty if it does not lie inside the memory.
    pub(crate) fn area_mut(&mut self, area: Area) -> &mut [u8] {
        let bounds = usize::try_from(area.at).ok().zip(usize::try_from(area.end()).ok());
        bounds
            .and_then(|(at, end)| self.memory.data_mut(&mut self.store).get_mut(at..end))
            .unwrap_or_default()
    }

    /// The whole memory.
    pub(crate) fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// What a call has written to the output area, given where it says it ended.
    pub(crate) fn output(&self, end: u32) -> Result<&[u8], Fault> {
        let out = self.code.verified.out;
        if u64::from(end) > out.end() {
            return Err(Fault::Output("it does not end in its area".to_owned()));
        }
        let bounds = usize::try_from(out.at).ok().zip(usize::try_from(end).ok());
        bounds
            .and_then(|(at, end)| self.memory().get(at..end))
            .ok_or_else(|| Fault::Output("it ends before it starts".to_owned()))
    }

    /// Calls `bind` on the area for it; its status is 0 if all is well.
    pub(crate) fn bind(&mut self, len: u32) -> Result<u32, Fault> {
        arm(&mut self.store, &self.code);
        let at = self.code.verified.bindings.at;
        self.bind.call(&mut self.store, (at, len)).map_err(fault)
    }

    /// Evaluates the batch in its area from a record on.
    pub(crate) fn evaluate(&mut self, n: u32, from: u32) -> Result<u32, Fault> {
        arm(&mut self.store, &self.code);
        let (batch, out) = self.areas();
        self.evaluate.call(&mut self.store, (batch, n, out, from)).map_err(fault)
    }

    /// Computes the columns of a predicate for a record of the batch.
    pub(crate) fn columns(&mut self, event: u32, predicate: u32) -> Result<u32, Fault> {
        arm(&mut self.store, &self.code);
        let (batch, out) = self.areas();
        self.columns.call(&mut self.store, (batch, event, predicate, out)).map_err(fault)
    }

    /// Explains a predicate for a record of the batch.
    pub(crate) fn explain(&mut self, event: u32, predicate: u32) -> Result<u32, Fault> {
        arm(&mut self.store, &self.code);
        let (batch, out) = self.areas();
        self.explain.call(&mut self.store, (batch, event, predicate, out)).map_err(fault)
    }

    fn areas(&self) -> (u32, u32) {
        (self.code.verified.batch.at, self.code.verified.out.at)
    }
}

/// Sets the deadline of the next call.
fn arm(store: &mut Store<Host>, code: &Code) {
    if let Some((ticks, _)) = &code.deadline {
        store.set_epoch_deadline(*ticks);
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn fault(error: wasmtime::Error) -> Fault {
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(wasmtime::Trap::Interrupt) => Fault::Deadline,
        Some(trap) => Fault::Trap(trap.to_string()),
        None => Fault::Trap(format!("{error:#}")),
    }
}
