//! The interface of a pack: which exports there must be, and of which type.
//!
//! Exports beyond these are ignored: a later minor version of the ABI may add
//! some.

use tagout_spec::pack;
use tagout_spec::pack::export;
use tagout_spec::record::BATCH_HEADER;
use wasmparser::ExternalKind;
use wasmparser::ValType;

use super::Area;
use super::refused::Refused;
use super::structure::Module;

/// Fewest bytes of the output area: the resume index, padding, one row.
const OUT_MIN: u32 = 16;
/// Alignment of all areas.
const ALIGN: u32 = 8;

/// The checked interface.
pub(super) struct Interface {
    pub(super) abi: (u32, u32),
    pub(super) batch: Area,
    pub(super) out: Area,
    pub(super) bindings: Area,
    /// Function indices.
    pub(super) bind: u32,
    pub(super) evaluate: u32,
    pub(super) columns: u32,
    pub(super) explain: u32,
}

/// Checks all exports of a valid module.
pub(super) fn check(module: &Module<'_>) -> Result<Interface, Refused> {
    match module.exports.get(export::MEMORY) {
        None => return Err(Refused::NoExport(export::MEMORY)),
        Some((ExternalKind::Memory, _)) => {}
        Some(_) => return Err(wrong(export::MEMORY, "the memory")),
    }
    let abi =
        (constant(module, export::ABI_MAJOR)?, constant(module, export::ABI_MINOR)?);
    if abi.0 != pack::ABI_MAJOR {
        return Err(Refused::Abi { major: abi.0, minor: abi.1 });
    }
    let header = u32::try_from(BATCH_HEADER).unwrap_or(u32::MAX);
    let batch = area(module, export::BATCH, header)?;
    let out = area(module, export::OUT, OUT_MIN)?;
    if u64::from(batch.at) < out.end() && u64::from(out.at) < batch.end() {
        return Err(bad_area(export::OUT.0, "overlaps the area for batches"));
    }
    Ok(Interface {
        abi,
        batch,
        out,
        bindings: area(module, export::BINDINGS, 0)?,
        bind: function(module, export::BIND, 2, "a function of two i32 to i32")?,
        evaluate: function(module, export::EVALUATE, 4, "a function of four i32 to i32")?,
        columns: function(module, export::COLUMNS, 4, "a function of four i32 to i32")?,
        explain: function(module, export::EXPLAIN, 4, "a function of four i32 to i32")?,
    })
}

fn constant(module: &Module<'_>, name: &'static str) -> Result<u32, Refused> {
    let expected = "an immutable i32 global with a constant value";
    let Some(&(kind, index)) = module.exports.get(name) else {
        return Err(Refused::NoExport(name));
    };
    let global = usize::try_from(index).ok().and_then(|i| module.globals.get(i));
    match (kind, global.filter(|g| g.constant_i32).and_then(|g| g.value)) {
        (ExternalKind::Global, Some(value)) => Ok(value.cast_unsigned()),
        _ => Err(wrong(name, expected)),
    }
}

fn area(
    module: &Module<'_>,
    (at, size): (&'static str, &'static str),
    least: u32,
) -> Result<Area, Refused> {
    let area = Area { at: constant(module, at)?, len: constant(module, size)? };
    if area.end() > module.memory_bytes {
        return Err(bad_area(at, "does not lie inside the memory"));
    }
    if !area.at.is_multiple_of(ALIGN) {
        return Err(bad_area(at, "is not aligned to 8 bytes"));
    }
    if area.len < least {
        return Err(bad_area(at, "is too small"));
    }
    Ok(area)
}

fn function(
    module: &Module<'_>,
    name: &'static str,
    params: usize,
    expected: &'static str,
) -> Result<u32, Refused> {
    let Some(&(kind, index)) = module.exports.get(name) else {
        return Err(Refused::NoExport(name));
    };
    if kind != ExternalKind::Func {
        return Err(wrong(name, expected));
    }
    let ty = usize::try_from(index)
        .ok()
        .and_then(|i| module.functions.get(i))
        .and_then(|&ty| module.types.get(usize::try_from(ty).ok()?));
    let fits = ty.is_some_and(|ty| {
        ty.params().len() == params
            && ty.params().iter().all(|&p| p == ValType::I32)
            && ty.results() == [ValType::I32]
    });
    if fits { Ok(index) } else { Err(wrong(name, expected)) }
}

fn wrong(name: &'static str, expected: &'static str) -> Refused {
    Refused::ExportType { name, expected }
}

fn bad_area(name: &'static str, problem: &'static str) -> Refused {
    Refused::Area { name, problem }
}
