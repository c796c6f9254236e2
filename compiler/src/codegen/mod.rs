//! From the typed representation to a WebAssembly module.
//!
//! ```text
//! Program, Schema --> memory     areas and constant data
//!                     evaluate   a Strategy: straight here, indexed in `index`
//!                     columns    bodies shared by equal lists of columns
//!                     explain    tables, one small machine, shared leaves
//!                     bind       checks what the host wrote
//!                 --> bytes, names, custom sections
//! ```
//!
//! A condition is compiled to branches: [`cond`] writes code that leaves for a
//! label as soon as the condition is false (or true), and falls through with a
//! note of what may have been unknown. A value is compiled to code that leaves
//! for a label when the value is lacking ([`value`]). Every kind of leaf has its
//! file: integers, floats, addresses, texts, patterns, quantifiers.
//!
//! Shared functions ([`helper`]) are in the module only if something calls them.
//! Functions are small, loops have one shape ([`loops`]), nothing is imported but
//! functions of plugins ([`calls`]), and no order depends on anything but the program.

mod bind;
mod calls;
mod columns;
pub mod cond;
mod explain;
pub mod fault;
mod floats;
pub mod frame;
pub mod func;
pub mod helper;
mod ints;
mod ips;
pub(crate) mod literal;
pub mod loops;
mod marks;
pub mod memory;
pub mod module;
pub mod pattern;
pub mod place;
mod quant;
mod registers;
mod sets;
mod shape;
mod share;
pub mod straight;
mod text;
pub mod value;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

use tagout_spec::pack::{self, bindings, export, manifest, rows};
use tagout_spec::record::{BATCH_MAX, STRIDE_MIN, batch_bytes_max};
use tagout_spec::schema::{Kind, Schema};
use wasm_encoder::ValType;

pub use bind::bindings_of;
pub use fault::Fault;
pub use frame::Frame;
pub use func::{FnBuilder, FuncId, Label, Local};
pub use helper::Helper;
pub use memory::{Area, Areas};
pub use module::ModuleBuilder;
pub use share::Shared;
pub use straight::Straight;

use crate::ir::Program;

/// Bytes of the area for rows, beyond those of one event, unless a caller decides.
const OUT_ROOM: u32 = 64 << 10;

/// What a caller decides about a module.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the module, for people.
    pub name: String,
    /// Names of predicates, for people: `rule:NAME`. May be shorter than the
    /// program.
    pub names: Vec<String>,
    /// Least bytes of the area for batches; it is never too small for a full
    /// batch of any kind of the pack.
    pub batch: u32,
    /// Bytes of the area for output beyond the rows of one event: the more, the
    /// fewer calls a batch with many matches takes.
    pub out_room: u32,
    /// Files and lines of the predicates; the functions are filled in. Without
    /// it the module has no source map.
    pub source_map: Option<manifest::SourceMap>,
    /// Custom sections, as they come.
    pub sections: Vec<(String, Vec<u8>)>,
    /// A seeded fault, to show that tests find it.
    pub fault: Option<Fault>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "pack".to_owned(),
            names: Vec::new(),
            batch: 0,
            out_room: OUT_ROOM,
            source_map: None,
            sections: Vec::new(),
            fault: None,
        }
    }
}

/// Why there is no module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A limit of the format.
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How large it would have been.
        size: u64,
    },
    /// A pattern whose automaton cannot be built.
    Pattern {
        /// Position in [`Program::patterns`].
        index: u32,
        /// Why.
        why: pattern::Error,
    },
    /// The program breaks an invariant of the representation.
    Invalid(&'static str),
    /// A mistake in the code generator.
    Internal(&'static str),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge { what, size } => write!(f, "{what} of {size} is too large"),
            Self::Pattern { index, why } => write!(f, "pattern {index}: {why}"),
            Self::Invalid(what) => write!(f, "the program holds {what}"),
            Self::Internal(what) => write!(f, "the code generator left {what}"),
        }
    }
}

impl std::error::Error for Error {}

/// How events of a kind find their predicates.
pub trait Strategy {
    /// Asks for areas of zeros, before any code is written.
    fn reserve(&mut self, program: &Program, areas: &mut Areas) -> Result<(), Error>;

    /// Writes `(records, n, out, from) -> end` for one pack-local kind.
    ///
    /// It must report each predicate of the kind at most once an event, and end
    /// before an event for whose rows there may be no room ([`Ctx::out_end`]).
    fn kind(&mut self, ctx: &mut Ctx<'_>, kind: u16) -> Result<FuncId, Error>;
}

/// Everything that emitters share.
#[derive(Debug)]
pub struct Ctx<'a> {
    /// What is compiled.
    pub program: &'a Program,
    /// Where fields lie.
    pub schema: &'a Schema,
    /// What has been written.
    pub module: ModuleBuilder,
    /// The area for batches.
    pub batch: Area,
    /// The area for output.
    pub out: Area,
    /// The area for bindings.
    pub bindings: Area,
    options: &'a Options,
    /// By number of the program's function.
    imports: BTreeMap<u32, FuncId>,
    helpers: BTreeMap<Helper, FuncId>,
    patterns: BTreeMap<u32, pattern::Placed>,
    tables: BTreeMap<u32, sets::Table>,
}

/// Compiles without an index.
pub fn compile(
    program: &Program,
    schema: &Schema,
    options: &Options,
) -> Result<Vec<u8>, Error> {
    compile_with(program, schema, options, &mut Straight::default())
}

/// Compiles with a strategy.
pub fn compile_with(
    program: &Program,
    schema: &Schema,
    options: &Options,
    strategy: &mut dyn Strategy,
) -> Result<Vec<u8>, Error> {
    let mut areas = Areas::new();
    strategy.reserve(program, &mut areas)?;
    let out = areas.reserve(out_size(program, schema, options.out_room)?)?;
    let batch = areas.reserve(batch_size(program, schema, options)?)?;
    let bindings = areas.reserve(bind::area_size(program)?)?;
    let mut ctx = Ctx {
        program,
        schema,
        module: ModuleBuilder::new(areas.into_data()?),
        imports: BTreeMap::new(),
        batch,
        out,
        bindings,
        options,
        helpers: BTreeMap::new(),
        patterns: BTreeMap::new(),
        tables: BTreeMap::new(),
    };
    for (number, import) in calls::imports(program) {
        let id = ctx.module.import(import);
        ctx.imports.insert(number, id);
    }
    let bind = bind::emit(&mut ctx)?;
    let evaluate = evaluate(&mut ctx, strategy)?;
    let columns = columns::emit(&mut ctx)?;
    let explain = explain::emit(&mut ctx)?;
    ctx.module.export(export::BIND, bind);
    ctx.module.export(export::EVALUATE, evaluate);
    ctx.module.export(export::COLUMNS, columns);
    ctx.module.export(export::EXPLAIN, explain);
    ctx.module.global(export::ABI_MAJOR, pack::ABI_MAJOR);
    ctx.module.global(export::ABI_MINOR, pack::ABI_MINOR);
    let exported =
        [(export::BATCH, batch), (export::OUT, out), (export::BINDINGS, bindings)];
    for ((at, size), area) in exported {
        ctx.module.global(at, area.at);
        ctx.module.global(size, area.size);
    }
    ctx.finish()
}

/// A module as text, with the names of its functions and locals.
pub fn wat(wasm: &[u8]) -> Result<String, Error> {
    wasmprinter::print_bytes(wasm)
        .map_err(|_| Error::Invalid("bytes that are not a module"))
}

impl<'a> Ctx<'a> {
    /// A kind of the pack by its pack-local number.
    pub fn kind(&self, kind: u16) -> Result<&'a Kind, Error> {
        let index = self.program.kinds.get(usize::from(kind));
        index
            .and_then(|index| self.schema.kinds.get(usize::from(index.0)))
            .map(AsRef::as_ref)
            .ok_or(Error::Invalid("a kind that does not exist"))
    }

    /// Predicates that apply to a pack-local kind, ascending.
    pub fn predicates_of(&self, kind: u16) -> Vec<u32> {
        let all = (0..).zip(&self.program.predicates);
        all.filter(|(_, p)| p.kinds.contains(&kind)).map(|(n, _)| n).collect()
    }

    /// What people call a predicate.
    pub fn name_of(&self, predicate: u32) -> String {
        let name =
            usize::try_from(predicate).ok().and_then(|at| self.options.names.get(at));
        name.cloned().unwrap_or_else(|| format!("predicate:{predicate}"))
    }

    /// Address up to which rows may be written.
    pub fn out_end(&self) -> u32 {
        self.out.at.saturating_add(self.out.size)
    }

    /// Place of the mask bit of a predicate: byte and bit.
    pub fn mask_bit(&self, predicate: u32) -> (u32, u32) {
        let header = u32::try_from(bindings::HEADER).unwrap_or(16);
        let byte = self.bindings.at.saturating_add(header).saturating_add(predicate / 8);
        (byte, predicate % 8)
    }

    /// Whether a fault is seeded here.
    pub(super) fn has(&self, fault: Fault) -> bool {
        self.options.fault == Some(fault)
    }

    fn finish(mut self) -> Result<Vec<u8>, Error> {
        for (name, bytes) in &self.options.sections {
            self.module.section(name, bytes.clone());
        }
        if let Some(map) = &self.options.source_map {
            let mut map = map.clone();
            map.functions = self.module.predicates_of_functions();
            let bytes = postcard::to_allocvec(&map)
                .map_err(|_| Error::Internal("a source map that cannot be written"))?;
            self.module.section(manifest::section::SOURCE_MAP, bytes);
        }
        self.module.finish(&self.options.name)
    }
}

/// `evaluate`: the kind in the batch's header chooses the function.
fn evaluate(ctx: &mut Ctx<'_>, strategy: &mut dyn Strategy) -> Result<FuncId, Error> {
    let mut kinds = Vec::new();
    for kind in 0..u16::try_from(ctx.program.kinds.len()).unwrap_or(u16::MAX) {
        kinds.push(strategy.kind(ctx, kind)?);
    }
    let i32 = ValType::I32;
    let params = [("records", i32), ("n", i32), ("out", i32), ("from", i32)];
    let mut f = FnBuilder::new("evaluate", &params, &[i32]);
    let (records, n, out, from) = (f.param(0), f.param(1), f.param(2), f.param(3));
    let none = f.block();
    let labels: Vec<Label> = kinds.iter().map(|_| f.block()).collect();
    place::Place::at(records, 0).i32(&mut f);
    let reversed: Vec<Label> = labels.iter().rev().copied().collect();
    f.br_table(&reversed, none);
    for &kind in &kinds {
        f.end();
        f.get(records).get(n).get(out).get(from).call(kind);
        f.i().return_();
    }
    f.end();
    // A kind that the pack does not have: done, without rows.
    f.get(out).get(n).i().i32_store(frame::byte_arg(0));
    let header = u32::try_from(rows::HEADER).unwrap_or(8);
    f.get(out).u32(header).i().i32_add();
    Ok(ctx.module.function(f))
}

/// Room for a full batch of any kind.
fn batch_size(
    program: &Program,
    schema: &Schema,
    options: &Options,
) -> Result<u32, Error> {
    let kinds = program.kinds.iter();
    let kinds = kinds.filter_map(|kind| schema.kinds.get(usize::from(kind.0)));
    let most = kinds.map(|kind| batch_bytes_max(kind.stride)).max().unwrap_or(0);
    let most = most.max(batch_bytes_max(STRIDE_MIN));
    let size = u64::try_from(most).unwrap_or(u64::MAX).max(u64::from(options.batch));
    u32::try_from(size).map_err(|_| Error::TooLarge { what: "batch area", size })
}

/// Room for the rows of any one event and some more, for the columns and for the
/// explanation of any predicate.
fn out_size(program: &Program, schema: &Schema, room: u32) -> Result<u32, Error> {
    let mut per_kind = vec![0_u64; program.kinds.len()];
    let mut most = 0_u64;
    for predicate in &program.predicates {
        for &kind in &predicate.kinds {
            if let Some(n) = per_kind.get_mut(usize::from(kind)) {
                *n = n.saturating_add(1);
            }
        }
        let columns = u64::try_from(predicate.columns.len()).unwrap_or(u64::MAX);
        most = most.max(columns.saturating_mul(24));
        most = most.max(explain::size(program, schema, predicate));
    }
    let rows = per_kind.into_iter().max().unwrap_or(0).saturating_mul(8);
    let size = rows.max(most).saturating_add(u64::from(room)).saturating_add(64);
    u32::try_from(size).map_err(|_| Error::TooLarge { what: "output area", size })
}

/// Most events in a batch, as the bound of the loop over them.
pub fn batch_cap() -> u32 {
    u32::try_from(BATCH_MAX).unwrap_or(256)
}
