//! A module with its charges.
//!
//! What is added comes behind what was there: a global, and for each function that is
//! exported one that sets it. So nothing gets another number, and code is copied as it is
//! from one charge to the next. Custom sections are left out.

use std::ops::Range;

use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, InstructionSink, Module,
    RawSection, ValType,
};
use wasmparser::{
    BinaryReader, BinaryReaderError, CompositeInnerType, ExternalKind, FuncType,
    FunctionBody, Parser, Payload, TypeRef,
};

use super::GLOBAL;
use super::ways::{self, Amount, Charge};

/// Rewrites a module that was validated.
pub(in crate::engine) fn metered(bytes: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let shape = Shape::read(bytes)?;
    let mut module = Module::new();
    let mut code = CodeSection::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        let section = payload.as_section();
        match payload {
            Payload::CustomSection(_) | Payload::CodeSectionStart { .. } => {}
            Payload::CodeSectionEntry(body) => {
                code.function(&shape.function(bytes, code.len(), &body)?);
                if code.len() == shape.bodies() {
                    shape.setters().for_each(|setter| {
                        code.function(&setter);
                    });
                    module.section(&code);
                }
            }
            Payload::ExportSection(exports) => {
                let mut written = ExportSection::new();
                written.export(GLOBAL, ExportKind::Global, shape.globals);
                for export in exports {
                    let export = export?;
                    match export.kind {
                        ExternalKind::Func => continue,
                        ExternalKind::Memory => {
                            written.export(export.name, ExportKind::Memory, export.index);
                        }
                        ExternalKind::Global if export.name != GLOBAL => {
                            written.export(export.name, ExportKind::Global, export.index);
                        }
                        _ => continue,
                    }
                }
                for ((name, _), n) in shape.exported.iter().zip(0..) {
                    let index = shape.functions().saturating_add(n);
                    written.export(name, ExportKind::Func, index);
                }
                module.section(&written);
            }
            _ => {
                let Some((id, range)) = section else { continue };
                let data = bytes.get(range).unwrap_or_default();
                let data = match payload {
                    Payload::TypeSection(_) => grown(data, &shape.setter_types())?,
                    Payload::FunctionSection(_) => grown(data, &shape.setter_indices())?,
                    Payload::GlobalSection(_) => grown(data, &[fuel_global()])?,
                    _ => data.to_vec(),
                };
                module.section(&RawSection { id, data: &data });
            }
        }
    }
    Ok(module.finish())
}

/// What of a module has to be known before any of it is written.
#[derive(Default)]
struct Shape<'a> {
    types: Vec<FuncType>,
    /// Type of each function, imported ones first.
    signatures: Vec<u32>,
    imported: u32,
    globals: u32,
    /// Names and numbers of the functions that are exported.
    exported: Vec<(&'a str, u32)>,
}

impl<'a> Shape<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut shape = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(types) => {
                    for group in types {
                        for ty in group?.into_types() {
                            if let CompositeInnerType::Func(ty) = ty.composite_type.inner
                            {
                                shape.types.push(ty);
                            }
                        }
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        if let TypeRef::Func(ty) = import?.ty {
                            shape.signatures.push(ty);
                            shape.imported = shape.imported.saturating_add(1);
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for function in functions {
                        shape.signatures.push(function?);
                    }
                }
                Payload::GlobalSection(globals) => shape.globals = globals.count(),
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            shape.exported.push((export.name, export.index));
                        }
                    }
                }
                _ => {}
            }
        }
        if shape.bodies() == 0 {
            // What is imported does not count.
            shape.exported.clear();
        }
        Ok(shape)
    }

    fn functions(&self) -> u32 {
        u32::try_from(self.signatures.len()).unwrap_or(u32::MAX)
    }

    fn bodies(&self) -> u32 {
        self.functions().saturating_sub(self.imported)
    }

    /// The type of a function.
    fn ty(&self, function: u32) -> Option<&FuncType> {
        let ty = self.signatures.get(usize::try_from(function).ok()?)?;
        self.types.get(usize::try_from(*ty).ok()?)
    }

    /// The types of the functions that are exported, with their numbers.
    fn exported_types(&self) -> impl Iterator<Item = (u32, &FuncType)> {
        self.exported.iter().filter_map(|(_, index)| Some((*index, self.ty(*index)?)))
    }

    /// A function with its charges.
    fn function(
        &self,
        bytes: &[u8],
        number: u32,
        body: &FunctionBody<'_>,
    ) -> Result<Function, BinaryReaderError> {
        let ty = self.ty(self.imported.saturating_add(number));
        let charges = ways::charges(body)?;
        let mut locals = Vec::new();
        let mut n = ty.map_or(0, |ty| ty.params().len());
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            n = n.saturating_add(usize::try_from(count).unwrap_or(usize::MAX));
            locals.push((count, value_type(ty)));
        }
        // One more, for what has to be counted and used.
        if charges.iter().any(|charge| charge.amount == Amount::Top) {
            locals.push((1, ValType::I32));
        }
        let top = u32::try_from(n).unwrap_or(u32::MAX);
        let mut written = Function::new(locals);
        let mut from = body.get_binary_reader_for_operators()?.original_position();
        for Charge { at, amount } in charges {
            written.raw(copied(bytes, from..at));
            from = at;
            let mut code = written.instructions();
            match amount {
                Amount::Piece(0) => {}
                Amount::Piece(n) => {
                    code.global_get(self.globals);
                    code.i64_const(i64::try_from(n).unwrap_or(i64::MAX));
                    self.pay(&mut code);
                }
                Amount::Top => {
                    code.local_tee(top).global_get(self.globals);
                    code.local_get(top).i64_extend_i32_u();
                    self.pay(&mut code);
                }
            }
        }
        written.raw(copied(bytes, from..body.range().end));
        Ok(written)
    }

    /// Pays what is on top of the stack, above the fuel.
    fn pay(&self, code: &mut InstructionSink<'_>) {
        code.i64_sub().global_set(self.globals);
        code.global_get(self.globals).i64_const(0).i64_lt_s();
        code.if_(BlockType::Empty).unreachable().end();
    }

    /// The functions that set the fuel and call those that were exported.
    fn setters(&self) -> impl Iterator<Item = Function> {
        self.exported_types().map(|(index, ty)| {
            let mut written = Function::new([]);
            let mut code = written.instructions();
            code.local_get(0).global_set(self.globals);
            for n in 1..=u32::try_from(ty.params().len()).unwrap_or(0) {
                code.local_get(n);
            }
            code.call(index).end();
            written
        })
    }

    fn setter_types(&self) -> Vec<Vec<u8>> {
        let types = self.exported_types().map(|(_, ty)| {
            let mut types = wasm_encoder::TypeSection::new();
            let params = ty.params().iter().map(|ty| value_type(*ty));
            let params: Vec<ValType> = [ValType::I64].into_iter().chain(params).collect();
            types.ty().function(params, ty.results().iter().map(|ty| value_type(*ty)));
            entry(&types)
        });
        types.collect()
    }

    fn setter_indices(&self) -> Vec<Vec<u8>> {
        let first = u32::try_from(self.types.len()).unwrap_or(u32::MAX);
        let indices = self.exported_types().zip(first..).map(|(_, ty)| {
            let mut functions = wasm_encoder::FunctionSection::new();
            functions.function(ty);
            entry(&functions)
        });
        indices.collect()
    }
}

/// The global that fuel is counted in.
fn fuel_global() -> Vec<u8> {
    let ty =
        wasm_encoder::GlobalType { val_type: ValType::I64, mutable: true, shared: false };
    let mut globals = wasm_encoder::GlobalSection::new();
    globals.global(ty, &wasm_encoder::ConstExpr::i64_const(0));
    entry(&globals)
}

/// The only entry of a section: what is behind its length and its count.
fn entry(section: &impl wasm_encoder::Encode) -> Vec<u8> {
    let mut bytes = Vec::new();
    section.encode(&mut bytes);
    let mut reader = BinaryReader::new(&bytes, 0);
    let head = reader.read_var_u32().and_then(|_| reader.read_var_u32());
    let at = head.map_or(bytes.len(), |_| reader.current_position());
    bytes.split_off(at)
}

/// A section with more entries.
fn grown(data: &[u8], entries: &[Vec<u8>]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut reader = BinaryReader::new(data, 0);
    let count = reader.read_var_u32()?;
    let more = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let mut grown = Vec::new();
    wasm_encoder::Encode::encode(&count.saturating_add(more), &mut grown);
    grown.extend(copied(data, reader.current_position()..data.len()));
    grown.extend(entries.iter().flatten());
    Ok(grown)
}

fn copied(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = u8> {
    bytes.get(range).unwrap_or_default().iter().copied()
}

/// A type that a plugin's values have: others were refused.
fn value_type(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        _ => ValType::I32,
    }
}
