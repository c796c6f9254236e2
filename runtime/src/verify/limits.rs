//! How large a module may be.

/// Limits of a module, checked before anything is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole file.
    pub file_bytes: u64,
    /// Bytes of its memory.
    pub memory_bytes: u64,
    /// Bytes of all function bodies.
    pub code_bytes: u64,
    /// Bytes of one function body: code generators are not linear in it.
    pub function_bytes: u64,
    /// Functions that it imports.
    pub imports: u32,
    /// Functions.
    pub functions: u32,
    /// Local variables of one function.
    pub locals: u32,
    /// Elements of its table.
    pub table_elements: u64,
    /// Globals.
    pub globals: u32,
    /// Globals that can change.
    pub mutable_globals: u32,
}

impl Default for Limits {
    /// Room for ten thousand rules several times over.
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            memory_bytes: 64 << 20,
            code_bytes: 48 << 20,
            function_bytes: 2 << 20,
            imports: 1_000,
            functions: 200_000,
            locals: 10_000,
            table_elements: 65_536,
            globals: 1_000,
            mutable_globals: 16,
        }
    }
}
