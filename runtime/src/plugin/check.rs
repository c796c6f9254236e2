//! What a plugin's module must be, read from its bytes: see `spec/plugin.md`, *The file*.
//!
//! Sizes first, so that nothing oversized is looked at closely; then types and features,
//! by wasmparser; then the sections, and whether the exports are there that they promise.

use std::collections::HashMap;

use tagout_spec::function::Word;
use tagout_spec::plugin::manifest::Manifest;
use tagout_spec::plugin::{
    EMIT_OF, FUNCTION_PREFIX, IMPORTS, MANIFEST_SECTION, SCHEMA_SECTION, SECTION_MAX,
    export, header,
};
use wasmparser::{
    BinaryReaderError, CompositeInnerType, Encoding, ExternalKind, FuncType, Parser,
    Payload, TypeRef, ValType, Validator, WasmFeatures,
};

use super::error::PluginError;

/// Most bytes of a file, of its code and of one function.
const FILE_MAX: usize = 32 << 20;
const CODE_MAX: u64 = 8 << 20;
const FUNCTION_MAX: u64 = 1 << 20;
/// Most functions, and most locals of one.
const FUNCTIONS_MAX: u32 = 50_000;
const LOCALS_MAX: u64 = 10_000;
/// Most elements of the table.
const TABLE_MAX: u64 = 65_536;
/// Bytes of a page of memory.
const PAGE: u64 = 65_536;

/// What a module was found to be.
pub(super) struct Checked {
    pub(super) manifest: Manifest,
    pub(super) schema: String,
    pub(super) imports: Vec<String>,
    pub(super) code_bytes: u64,
    pub(super) memory_bytes: u64,
}

/// What an import is for: who may have it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Decoder,
    Enricher,
    /// Whom the site allows it.
    Allowed,
}

/// Name, parameters, results and user of each function that may be imported.
type Import = (&'static str, &'static [ValType], &'static [ValType], For);

use ValType::{F64, I32, I64};

const ALL: &[Import] = &[
    ("emit", &[I32, I32], &[], For::Decoder),
    (EMIT_OF, &[I32, I32, I32], &[], For::Decoder),
    ("set_int", &[I32, I32, I64], &[], For::Enricher),
    ("set_float", &[I32, I32, F64], &[], For::Enricher),
    ("set_bool", &[I32, I32, I32], &[], For::Enricher),
    ("set_ip", &[I32, I32, I32], &[], For::Enricher),
    ("set_text", &[I32, I32, I32, I32], &[], For::Enricher),
    ("log", &[I32, I32, I32], &[], For::Allowed),
    ("data", &[I32, I32, I32, I32, I32], &[I64], For::Allowed),
];

/// Whether the site decides on an import.
pub(super) fn is_capability(name: &str) -> bool {
    ALL.iter().any(|(known, _, _, who)| *known == name && *who == For::Allowed)
}

/// What a plugin may use of WebAssembly: what a pack may, and the longer form of calls
/// through a table that linkers write.
fn features() -> WasmFeatures {
    crate::verify::features() | WasmFeatures::CALL_INDIRECT_OVERLONG
}

/// Whether bytes are a module with a plugin's manifest.
pub(super) fn is_plugin(bytes: &[u8]) -> bool {
    Parser::new(0).parse_all(bytes).map_while(Result::ok).any(|payload| {
        matches!(payload, Payload::CustomSection(found) if found.name() == MANIFEST_SECTION)
    })
}

/// Sections of a module, unvalidated.
#[derive(Default)]
struct Module<'a> {
    types: Vec<FuncType>,
    /// Type index of each function, imported ones first.
    functions: Vec<u32>,
    imports: Vec<(String, u32)>,
    /// Whether each global is an immutable i32.
    globals: Vec<bool>,
    exports: HashMap<&'a str, (ExternalKind, u32)>,
    memories: u32,
    memory_bytes: u64,
    code_bytes: u64,
    manifest: Option<&'a [u8]>,
    schema: Option<&'a [u8]>,
}

/// Checks a module and reads its sections.
pub(super) fn check(bytes: &[u8]) -> Result<Checked, PluginError> {
    if bytes.len() > FILE_MAX {
        return Err(too_large("bytes of the file", bytes.len(), FILE_MAX));
    }
    let mut module = Module::default();
    let mut parser = Parser::new(0);
    parser.set_features(features());
    for payload in parser.parse_all(bytes) {
        module.take(payload.map_err(|error| invalid(&error))?)?;
    }
    let manifest = text(MANIFEST_SECTION, module.manifest)?
        .ok_or_else(|| PluginError::section(MANIFEST_SECTION, "is missing"))?;
    let schema = text(SCHEMA_SECTION, module.schema)?.unwrap_or_default().to_owned();
    if module.memories != 1 {
        let n = module.memories;
        return Err(PluginError::module(format!("it has {n} memories and not one")));
    }
    Validator::new_with_features(features())
        .validate_all(bytes)
        .map_err(|error| invalid(&error))?;
    let manifest = Manifest::parse(manifest)
        .map_err(|error| PluginError::section(MANIFEST_SECTION, error))?;
    module.check_imports(&manifest)?;
    module.check_exports(&manifest)?;
    let (is, max) = (module.memory_bytes, manifest.limits.memory);
    if is > max {
        return Err(too_large("bytes of memory at its smallest", is, max));
    }
    Ok(Checked {
        manifest,
        schema,
        imports: module.imports.into_iter().map(|(name, _)| name).collect(),
        code_bytes: module.code_bytes,
        memory_bytes: module.memory_bytes,
    })
}

impl<'a> Module<'a> {
    fn take(&mut self, payload: Payload<'a>) -> Result<(), PluginError> {
        match payload {
            Payload::Version { encoding: Encoding::Component, .. } => {
                Err(PluginError::module("a component; a plugin is a core module"))
            }
            Payload::TypeSection(types) => {
                at_most("types", types.count().into(), FUNCTIONS_MAX.into())?;
                for group in types {
                    let group = group.map_err(|error| invalid(&error))?;
                    for ty in group.into_types() {
                        if let CompositeInnerType::Func(ty) = ty.composite_type.inner {
                            self.types.push(ty);
                        }
                    }
                }
                Ok(())
            }
            Payload::ImportSection(imports) => self.read_imports(imports),
            Payload::FunctionSection(functions) => {
                at_most("functions", functions.count().into(), FUNCTIONS_MAX.into())?;
                for function in functions {
                    self.functions.push(function.map_err(|error| invalid(&error))?);
                }
                Ok(())
            }
            Payload::TableSection(tables) => {
                at_most("tables", tables.count().into(), 1)?;
                for table in tables {
                    let table = table.map_err(|error| invalid(&error))?;
                    at_most("elements of the table", table.ty.initial, TABLE_MAX)?;
                }
                Ok(())
            }
            Payload::MemorySection(memories) => {
                self.memories = memories.count();
                for memory in memories {
                    let ty = memory.map_err(|error| invalid(&error))?;
                    if ty.memory64 || ty.shared || ty.page_size_log2.is_some() {
                        return Err(PluginError::module("its memory is no plain one"));
                    }
                    self.memory_bytes = ty.initial.saturating_mul(PAGE);
                }
                Ok(())
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let ty = global.map_err(|error| invalid(&error))?.ty;
                    self.globals.push(ty.content_type == I32 && !ty.mutable);
                }
                Ok(())
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(|error| invalid(&error))?;
                    self.exports.insert(export.name, (export.kind, export.index));
                }
                Ok(())
            }
            Payload::StartSection { .. } => {
                Err(PluginError::module("it has a start function"))
            }
            Payload::CodeSectionEntry(body) => self.read_body(&body),
            Payload::CustomSection(found) => {
                let slot = match found.name() {
                    MANIFEST_SECTION => &mut self.manifest,
                    SCHEMA_SECTION => &mut self.schema,
                    _ => return Ok(()),
                };
                if slot.replace(found.data()).is_some() {
                    let name = if found.name() == SCHEMA_SECTION {
                        SCHEMA_SECTION
                    } else {
                        MANIFEST_SECTION
                    };
                    return Err(PluginError::section(name, "occurs twice"));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn read_imports(
        &mut self,
        imports: wasmparser::ImportSectionReader<'a>,
    ) -> Result<(), PluginError> {
        for import in imports.into_imports() {
            let import = import.map_err(|error| invalid(&error))?;
            let (module, name) = (import.module, import.name);
            let known = module == IMPORTS && ALL.iter().any(|(n, ..)| *n == name);
            let TypeRef::Func(ty) = import.ty else {
                return Err(PluginError::module(format!(
                    "it imports `{module}` `{name}`, which is no function"
                )));
            };
            if !known {
                return Err(PluginError::module(format!(
                    "it imports `{module}` `{name}`, which no plugin is given"
                )));
            }
            self.functions.push(ty);
            self.imports.push((name.to_owned(), ty));
            at_most("imports", count(self.imports.len()), 64)?;
        }
        Ok(())
    }

    fn read_body(
        &mut self,
        body: &wasmparser::FunctionBody<'_>,
    ) -> Result<(), PluginError> {
        let bytes = count(body.as_bytes().len());
        at_most("bytes of a function", bytes, FUNCTION_MAX)?;
        self.code_bytes = self.code_bytes.saturating_add(bytes);
        at_most("bytes of code", self.code_bytes, CODE_MAX)?;
        let mut locals = 0_u64;
        for group in body.get_locals_reader().map_err(|error| invalid(&error))? {
            let (n, _) = group.map_err(|error| invalid(&error))?;
            locals = locals.saturating_add(n.into());
        }
        at_most("local variables of a function", locals, LOCALS_MAX)
    }

    fn ty(&self, index: u32) -> Option<&FuncType> {
        self.types.get(usize::try_from(index).ok()?)
    }

    fn check_imports(&self, manifest: &Manifest) -> Result<(), PluginError> {
        for (name, ty) in &self.imports {
            let known = ALL.iter().find(|(known, ..)| known == name);
            let Some((_, params, results, who)) = known else { continue };
            let fits = self
                .ty(*ty)
                .is_some_and(|ty| ty.params() == *params && ty.results() == *results);
            if !fits {
                return Err(PluginError::module(format!(
                    "it imports `{name}` with another type than it has"
                )));
            }
            let role = match who {
                For::Decoder if manifest.decoder.is_none() => "a decoder",
                For::Enricher if manifest.enricher.is_none() => "an enricher",
                _ => continue,
            };
            return Err(PluginError::module(format!(
                "it imports `{name}`, which only {role} is given"
            )));
        }
        Ok(())
    }

    fn check_exports(&self, manifest: &Manifest) -> Result<(), PluginError> {
        if !matches!(self.exports.get(export::MEMORY), Some((ExternalKind::Memory, _))) {
            return Err(lacks(export::MEMORY, "its memory"));
        }
        let header_is_constant = match self.exports.get(header::EXPORT) {
            Some((ExternalKind::Global, index)) => {
                let index = usize::try_from(*index).ok();
                index.and_then(|index| self.globals.get(index)) == Some(&true)
            }
            _ => false,
        };
        if !header_is_constant {
            return Err(lacks(header::EXPORT, "an immutable i32"));
        }
        let decoder = manifest.decoder.is_some();
        let flows = manifest.decoder.as_ref();
        let flows = flows.is_some_and(|d| d.udp.is_some() || d.tcp.is_some());
        self.function(export::START, &[], false, None)?;
        self.function(export::PROBE, &[I32], flows, Some(decoder))?;
        self.function(export::DECODE, &[I32], decoder, Some(decoder))?;
        let enricher = manifest.enricher.is_some();
        self.function(export::ENRICH, &[I32, I32], enricher, Some(enricher))?;
        for function in &manifest.functions {
            let params: Vec<ValType> = function
                .arguments
                .iter()
                .flat_map(|argument| argument.words())
                .map(|word| val(*word))
                .collect();
            let name = format!("{FUNCTION_PREFIX}{}", function.name);
            if !self.is_function(&name, &params, &[val(function.returns.word())]) {
                return Err(PluginError::module(format!(
                    "it does not export `{name}` as its manifest declares `{function}`"
                )));
            }
        }
        Ok(())
    }

    /// Checks an export that returns an i32: whether it must be there, and may be.
    fn function(
        &self,
        name: &'static str,
        params: &[ValType],
        must: bool,
        may: Option<bool>,
    ) -> Result<(), PluginError> {
        let there = self.exports.contains_key(name);
        if there && may == Some(false) {
            return Err(PluginError::module(format!(
                "it exports `{name}`, but its manifest does not have the role"
            )));
        }
        if (there || must) && !self.is_function(name, params, &[I32]) {
            let n = params.len();
            return Err(lacks(name, &format!("a function of {n} i32 to i32")));
        }
        Ok(())
    }

    fn is_function(&self, name: &str, params: &[ValType], results: &[ValType]) -> bool {
        let Some((ExternalKind::Func, index)) = self.exports.get(name) else {
            return false;
        };
        let ty = usize::try_from(*index).ok().and_then(|i| self.functions.get(i));
        ty.and_then(|ty| self.ty(*ty))
            .is_some_and(|ty| ty.params() == params && ty.results() == results)
    }
}

fn val(word: Word) -> ValType {
    match word {
        Word::I32 => I32,
        Word::I64 => I64,
        Word::F64 => F64,
    }
}

fn text<'a>(
    name: &'static str,
    bytes: Option<&'a [u8]>,
) -> Result<Option<&'a str>, PluginError> {
    let Some(bytes) = bytes else { return Ok(None) };
    if bytes.len() > SECTION_MAX {
        return Err(PluginError::section(name, format!("more than {SECTION_MAX} bytes")));
    }
    let text = std::str::from_utf8(bytes);
    text.map(Some).map_err(|_| PluginError::section(name, "is not UTF-8"))
}

fn lacks(name: &str, expected: &str) -> PluginError {
    PluginError::module(format!("it does not export `{name}`, {expected}"))
}

fn at_most(what: &str, is: u64, max: u64) -> Result<(), PluginError> {
    if is > max { Err(too_large(what, is, max)) } else { Ok(()) }
}

fn too_large<T: std::fmt::Display>(what: &str, is: T, max: T) -> PluginError {
    PluginError::module(format!("{what}: {is}, at most {max} allowed"))
}

fn invalid(error: &BinaryReaderError) -> PluginError {
    PluginError::module(format!("{} (at byte {:#x})", error.message(), error.offset()))
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
