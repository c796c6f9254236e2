//! Sections of a module: what there is and how much of it.
//!
//! This pass runs before validation, so that nothing oversized is looked at
//! closely. Indices read here are not yet known to be in range.

use std::collections::HashMap;

use wasmparser::BinaryReaderError;
use wasmparser::CompositeInnerType;
use wasmparser::ConstExpr;
use wasmparser::ElementItems;
use wasmparser::Encoding;
use wasmparser::ExternalKind;
use wasmparser::FuncType;
use wasmparser::FunctionBody;
use wasmparser::GlobalSectionReader;
use wasmparser::MemorySectionReader;
use wasmparser::Operator;
use wasmparser::Parser;
use wasmparser::Payload;
use wasmparser::TableSectionReader;
use wasmparser::TypeRef;
use wasmparser::TypeSectionReader;
use wasmparser::ValType;

use super::limits::Limits;
use super::refused::Refused;

/// Bytes of a page of memory.
const PAGE: u64 = 65_536;

/// A module's sections, unvalidated.
#[derive(Default)]
pub(super) struct Module<'a> {
    /// Function types, equal ones sharing a number: see [`Module::type_numbers`].
    pub(super) types: Vec<FuncType>,
    /// For each type index, a number that equal types share.
    pub(super) type_numbers: Vec<u32>,
    /// Imported functions: module, name, type index.
    pub(super) imports: Vec<(&'a str, &'a str, u32)>,
    /// For each function, imported ones first, its type index.
    pub(super) functions: Vec<u32>,
    /// For each function that is not imported, its body.
    pub(super) bodies: Vec<FunctionBody<'a>>,
    /// Functions that may get into the table.
    pub(super) table_functions: Vec<u32>,
    /// Globals.
    pub(super) globals: Vec<Global>,
    /// Exports by name: names are unique in a valid module.
    pub(super) exports: HashMap<&'a str, (ExternalKind, u32)>,
    /// Memories.
    pub(super) memories: u32,
    /// Bytes of the memory.
    pub(super) memory_bytes: u64,
    /// Bytes of all bodies.
    pub(super) code_bytes: u64,
}

/// A global variable.
#[derive(Clone, Copy)]
pub(super) struct Global {
    /// Whether it is an immutable i32.
    pub(super) constant_i32: bool,
    /// Its value, if it is a plain i32 constant.
    pub(super) value: Option<i32>,
}

/// Reads all sections.
pub(super) fn read<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Module<'a>, Refused> {
    at_most("bytes of the file", len(bytes), limits.file_bytes)?;
    let mut module = Module::default();
    let mut parser = Parser::new(0);
    parser.set_features(super::features());
    for payload in parser.parse_all(bytes) {
        section(&mut module, payload.map_err(invalid)?, limits)?;
    }
    if module.memories != 1 {
        return Err(Refused::Memories(module.memories));
    }
    Ok(module)
}

fn section<'a>(
    module: &mut Module<'a>,
    payload: Payload<'a>,
    limits: &Limits,
) -> Result<(), Refused> {
    match payload {
        Payload::Version { encoding: Encoding::Component, .. } => Err(Refused::Component),
        Payload::TypeSection(types) => read_types(module, types, limits),
        Payload::ImportSection(imports) => {
            at_most("number of imports", imports.count().into(), limits.imports.into())?;
            for import in imports.into_imports() {
                let import = import.map_err(invalid)?;
                let TypeRef::Func(ty) = import.ty else {
                    let (module, name) = (import.module.into(), import.name.into());
                    return Err(Refused::Import { module, name });
                };
                module.imports.push((import.module, import.name, ty));
                module.functions.push(ty);
            }
            Ok(())
        }
        Payload::FunctionSection(functions) => {
            let n = u64::from(functions.count());
            at_most("number of functions", n, limits.functions.into())?;
            for function in functions {
                module.functions.push(function.map_err(invalid)?);
            }
            Ok(())
        }
        Payload::TableSection(tables) => read_tables(tables, limits),
        Payload::MemorySection(memories) => read_memories(module, memories, limits),
        Payload::GlobalSection(globals) => read_globals(module, globals, limits),
        Payload::ExportSection(exports) => {
            for export in exports {
                let export = export.map_err(invalid)?;
                module.exports.insert(export.name, (export.kind, export.index));
            }
            Ok(())
        }
        Payload::StartSection { .. } => Err(Refused::Start),
        Payload::ElementSection(segments) => {
            for segment in segments {
                read_elements(module, segment.map_err(invalid)?.items, limits)?;
            }
            Ok(())
        }
        Payload::CodeSectionEntry(body) => read_body(module, body, limits),
        _ => Ok(()),
    }
}

fn read_types(
    module: &mut Module<'_>,
    types: TypeSectionReader<'_>,
    limits: &Limits,
) -> Result<(), Refused> {
    at_most("number of types", types.count().into(), limits.functions.into())?;
    let mut numbers = HashMap::new();
    for group in types {
        for ty in group.map_err(invalid)?.into_types() {
            let CompositeInnerType::Func(ty) = ty.composite_type.inner else {
                return Err(Refused::Invalid {
                    message: "a type that is not a function's".to_owned(),
                    offset: 0,
                });
            };
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            module.type_numbers.push(*numbers.entry(ty.clone()).or_insert(next));
            module.types.push(ty);
        }
    }
    Ok(())
}

fn read_tables(tables: TableSectionReader<'_>, limits: &Limits) -> Result<(), Refused> {
    if tables.count() > 1 {
        return Err(Refused::TableKind("has several tables"));
    }
    for table in tables {
        let ty = table.map_err(invalid)?.ty;
        at_most("elements of the table", ty.initial, limits.table_elements)?;
        if ty.table64 || ty.shared || ty.maximum != Some(ty.initial) {
            return Err(Refused::TableKind("has a table that can grow"));
        }
    }
    Ok(())
}

fn read_memories(
    module: &mut Module<'_>,
    memories: MemorySectionReader<'_>,
    limits: &Limits,
) -> Result<(), Refused> {
    module.memories = memories.count();
    for memory in memories {
        let ty = memory.map_err(invalid)?;
        if ty.memory64 || ty.shared || ty.page_size_log2.is_some() {
            return Err(Refused::MemoryKind("is not a plain one with 32-bit addresses"));
        }
        if ty.maximum != Some(ty.initial) {
            return Err(Refused::MemoryKind("can grow: minimum and maximum differ"));
        }
        module.memory_bytes = ty.initial.saturating_mul(PAGE);
        at_most("bytes of memory", module.memory_bytes, limits.memory_bytes)?;
    }
    Ok(())
}

fn read_globals(
    module: &mut Module<'_>,
    globals: GlobalSectionReader<'_>,
    limits: &Limits,
) -> Result<(), Refused> {
    at_most("number of globals", globals.count().into(), limits.globals.into())?;
    let mut mutable = 0_u64;
    for global in globals {
        let global = global.map_err(invalid)?;
        mutable = mutable.saturating_add(u64::from(global.ty.mutable));
        module.globals.push(Global {
            constant_i32: global.ty.content_type == ValType::I32 && !global.ty.mutable,
            value: i32_constant(&global.init_expr)?,
        });
    }
    at_most("number of mutable globals", mutable, limits.mutable_globals.into())
}

fn read_elements(
    module: &mut Module<'_>,
    items: ElementItems<'_>,
    limits: &Limits,
) -> Result<(), Refused> {
    match items {
        ElementItems::Functions(functions) => {
            for function in functions {
                module.table_functions.push(function.map_err(invalid)?);
            }
        }
        ElementItems::Expressions(_, expressions) => {
            for expression in expressions {
                for operator in expression.map_err(invalid)?.get_operators_reader() {
                    if let Operator::RefFunc { function_index } =
                        operator.map_err(invalid)?
                    {
                        module.table_functions.push(function_index);
                    }
                }
            }
        }
    }
    let n = len(&module.table_functions);
    at_most("functions in element segments", n, limits.table_elements)
}

fn read_body<'a>(
    module: &mut Module<'a>,
    body: FunctionBody<'a>,
    limits: &Limits,
) -> Result<(), Refused> {
    let bytes = len(body.as_bytes());
    at_most("bytes of a function", bytes, limits.function_bytes)?;
    module.code_bytes = module.code_bytes.saturating_add(bytes);
    at_most("bytes of code", module.code_bytes, limits.code_bytes)?;
    let mut locals = 0_u64;
    for group in body.get_locals_reader().map_err(invalid)? {
        locals = locals.saturating_add(group.map_err(invalid)?.0.into());
    }
    at_most("local variables of a function", locals, limits.locals.into())?;
    module.bodies.push(body);
    Ok(())
}

/// The value of an expression that is one i32 constant.
fn i32_constant(expression: &ConstExpr<'_>) -> Result<Option<i32>, Refused> {
    let mut operators = expression.get_operators_reader().into_iter();
    let first = operators.next().transpose().map_err(invalid)?;
    let second = operators.next().transpose().map_err(invalid)?;
    Ok(match (first, second) {
        (Some(Operator::I32Const { value }), Some(Operator::End)) => Some(value),
        _ => None,
    })
}

fn at_most(what: &'static str, is: u64, max: u64) -> Result<(), Refused> {
    if is > max { Err(Refused::TooLarge { what, is, max }) } else { Ok(()) }
}

fn len<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn invalid(error: BinaryReaderError) -> Refused {
    Refused::invalid(&error)
}
