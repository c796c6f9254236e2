//! The module while it grows: types, functions, globals, table, sections.
//!
//! Imports are made before all else and have the first indices; behind them a
//! function's index is the order in which it was declared, and its body may come later. Nothing here depends on any order but
//! that of the calls, so equal programs give equal bytes.

use std::collections::BTreeMap;

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, Encode,
    EntityType, ExportKind, ExportSection, FunctionSection, GlobalSection, GlobalType,
    ImportSection, IndirectNameMap, MemorySection, MemoryType, Module, NameMap,
    NameSection, RefType, TableSection, TableType, TypeSection, ValType,
};

use super::Error;
use super::func::{FnBuilder, FuncId};
use super::memory::Data;

/// A function's type: parameters and results.
type Signature = (Vec<ValType>, Vec<ValType>);

/// A function that the module needs from its host.
#[derive(Clone, Debug)]
pub(super) struct Import {
    pub(super) module: &'static str,
    pub(super) name: String,
    pub(super) params: Vec<ValType>,
    pub(super) results: Vec<ValType>,
}

/// A module under construction.
#[derive(Debug)]
pub struct ModuleBuilder {
    /// Constant data.
    pub data: Data,
    types: Vec<Signature>,
    type_numbers: BTreeMap<(Vec<u8>, Vec<u8>), u32>,
    imports: Vec<(u32, Import)>,
    functions: Vec<Slot>,
    globals: Vec<(String, u32)>,
    exports: Vec<(String, FuncId)>,
    table: Vec<FuncId>,
    sections: Vec<(String, Vec<u8>)>,
    preset: Option<(u32, Vec<u8>)>,
}

#[derive(Debug)]
struct Slot {
    ty: u32,
    name: String,
    body: Option<Vec<u8>>,
    local_names: Vec<(u32, String)>,
    predicates: Vec<u32>,
}

impl ModuleBuilder {
    pub(super) fn new(data: Data) -> Self {
        Self {
            data,
            types: Vec::new(),
            type_numbers: BTreeMap::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
            table: Vec::new(),
            sections: Vec::new(),
            preset: None,
        }
    }

    /// Imports a function, before any is declared.
    pub(super) fn import(&mut self, import: Import) -> FuncId {
        let ty = self.signature(&import.params, &import.results);
        let id = FuncId(u32::try_from(self.imports.len()).unwrap_or(u32::MAX));
        self.imports.push((ty, import));
        id
    }

    /// Number of a function type.
    pub fn signature(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let bytes = |types: &[ValType]| {
            let mut out = Vec::new();
            types.iter().for_each(|ty| ty.encode(&mut out));
            out
        };
        let next = u32::try_from(self.types.len()).unwrap_or(u32::MAX);
        let key = (bytes(params), bytes(results));
        let number = *self.type_numbers.entry(key).or_insert(next);
        if number == next {
            self.types.push((params.to_vec(), results.to_vec()));
        }
        number
    }

    /// Takes a function's number before its body is known.
    pub fn declare(&mut self, function: &FnBuilder) -> FuncId {
        let ty = self.signature(&function.params, &function.results);
        let index = self.imports.len().saturating_add(self.functions.len());
        let id = FuncId(u32::try_from(index).unwrap_or(u32::MAX));
        self.functions.push(Slot {
            ty,
            name: function.name.clone(),
            body: None,
            local_names: Vec::new(),
            predicates: Vec::new(),
        });
        id
    }

    /// Gives a declared function its body.
    pub fn define(&mut self, id: FuncId, mut function: FnBuilder) {
        function.i().end();
        let mut runs: Vec<(u32, ValType)> = Vec::new();
        for &ty in &function.locals {
            match runs.last_mut() {
                Some((n, last)) if *last == ty => *n = n.saturating_add(1),
                _ => runs.push((1, ty)),
            }
        }
        let mut body = Vec::new();
        u32::try_from(runs.len()).unwrap_or(u32::MAX).encode(&mut body);
        for (n, ty) in runs {
            n.encode(&mut body);
            ty.encode(&mut body);
        }
        body.extend_from_slice(&function.code);
        if let Some(slot) = self.slot(id) {
            slot.body = Some(body);
            slot.local_names = function.local_names;
        }
    }

    /// Declares and defines.
    pub fn function(&mut self, function: FnBuilder) -> FuncId {
        let id = self.declare(&function);
        self.define(id, function);
        id
    }

    /// Notes which predicates a function evaluates, for the source map.
    pub fn evaluates(&mut self, id: FuncId, predicates: &[u32]) {
        if let Some(slot) = self.slot(id) {
            slot.predicates.extend_from_slice(predicates);
        }
    }

    /// Exports a function.
    pub fn export(&mut self, name: &str, function: FuncId) {
        self.exports.push((name.to_owned(), function));
    }

    /// Exports an immutable global.
    pub fn global(&mut self, name: &str, value: u32) {
        self.globals.push((name.to_owned(), value));
    }

    /// Puts a function into the table; its position.
    pub fn table_entry(&mut self, function: FuncId) -> u32 {
        let at = u32::try_from(self.table.len()).unwrap_or(u32::MAX);
        self.table.push(function);
        at
    }

    /// Appends a custom section.
    pub fn section(&mut self, name: &str, bytes: Vec<u8>) {
        self.sections.push((name.to_owned(), bytes));
    }

    /// Fills the start of the area before the data, which then is not all zeros.
    pub(super) fn preset(&mut self, at: u32, bytes: Vec<u8>) {
        self.preset = Some((at, bytes));
    }

    /// For each function, the predicates it evaluates.
    pub fn predicates_of_functions(&self) -> Vec<Vec<u32>> {
        self.functions.iter().map(|slot| slot.predicates.clone()).collect()
    }

    /// The bytes of the module.
    pub fn finish(self, name: &str) -> Result<Vec<u8>, Error> {
        let mut types = TypeSection::new();
        for (params, results) in &self.types {
            types.ty().function(params.iter().copied(), results.iter().copied());
        }
        let mut imports = ImportSection::new();
        for (ty, import) in &self.imports {
            imports.import(import.module, &import.name, EntityType::Function(*ty));
        }
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for slot in &self.functions {
            functions.function(slot.ty);
            let body = slot.body.as_ref();
            code.raw(body.ok_or(Error::Internal("a function without a body"))?);
        }
        let names = names(name, &self.imports, &self.functions, &self.globals);
        let mut globals = GlobalSection::new();
        let mut exports = ExportSection::new();
        exports.export(tagout_spec::pack::export::MEMORY, ExportKind::Memory, 0);
        for (index, (name, value)) in (0..).zip(&self.globals) {
            let ty = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
            globals.global(ty, &ConstExpr::i32_const(value.cast_signed()));
            exports.export(name, ExportKind::Global, index);
        }
        for (name, function) in &self.exports {
            exports.export(name, ExportKind::Func, function.0);
        }
        let (base, bytes, pages) = self.data.finish()?;
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: u64::from(pages),
            maximum: Some(u64::from(pages)),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut module = Module::new();
        module.section(&types);
        if !imports.is_empty() {
            module.section(&imports);
        }
        module.section(&functions);
        let entries: Vec<u32> = self.table.iter().map(|id| id.0).collect();
        if !entries.is_empty() {
            let n = u64::try_from(entries.len()).unwrap_or(u64::MAX);
            let mut tables = TableSection::new();
            tables.table(TableType {
                element_type: RefType::FUNCREF,
                table64: false,
                minimum: n,
                maximum: Some(n),
                shared: false,
            });
            module.section(&tables);
        }
        module.section(&memories).section(&globals).section(&exports);
        if !entries.is_empty() {
            let mut elements = ElementSection::new();
            let functions = Elements::Functions(entries.into());
            elements.active(None, &ConstExpr::i32_const(0), functions);
            module.section(&elements);
        }
        module.section(&code);
        let mut data = DataSection::new();
        if let Some((at, bytes)) = self.preset {
            data.active(0, &ConstExpr::i32_const(at.cast_signed()), bytes);
        }
        if !bytes.is_empty() {
            data.active(0, &ConstExpr::i32_const(base.cast_signed()), bytes);
        }
        if !data.is_empty() {
            module.section(&data);
        }
        module.section(&names);
        for (name, bytes) in &self.sections {
            module.section(&CustomSection { name: name.into(), data: bytes.into() });
        }
        Ok(module.finish())
    }

    fn slot(&mut self, id: FuncId) -> Option<&mut Slot> {
        let index = usize::try_from(id.0).ok()?;
        self.functions.get_mut(index.checked_sub(self.imports.len())?)
    }
}

fn names(
    module: &str,
    imports: &[(u32, Import)],
    slots: &[Slot],
    globals: &[(String, u32)],
) -> NameSection {
    let mut section = NameSection::new();
    section.module(module);
    let mut functions = NameMap::new();
    let mut locals = IndirectNameMap::new();
    (0..).zip(imports).for_each(|(at, (_, one))| functions.append(at, &one.name));
    let first = u32::try_from(imports.len()).unwrap_or(u32::MAX);
    for (index, slot) in (first..).zip(slots) {
        functions.append(index, &slot.name);
        if !slot.local_names.is_empty() {
            let mut named = NameMap::new();
            slot.local_names.iter().for_each(|(local, name)| named.append(*local, name));
            locals.append(index, &named);
        }
    }
    section.functions(&functions);
    section.locals(&locals);
    let mut named = NameMap::new();
    (0..).zip(globals).for_each(|(index, (name, _))| named.append(index, name));
    section.globals(&named);
    section
}
