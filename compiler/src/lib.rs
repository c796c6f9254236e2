//! Compiles Tagout rules: text in, diagnostics and one WebAssembly module out.
//!
//! ```text
//! text --syntax--> tree --analysis--> ir --index, codegen--> module
//!                    \         \       \
//!                  formatter  diagnostics  interpreter (the reference)
//! ```
//!
//! Pure: no input or output, no clock, no environment, no threads, and no
//! iteration order that differs between runs. It builds for wasm32.

pub mod analysis;
mod assemble;
mod build;
pub mod codegen;
pub mod diagnostic;
pub mod import;
pub mod index;
pub mod ir;
pub mod pack;
pub mod syntax;

pub use analysis::functions;
pub use analysis::{Checked, PackInfo, PackSource, check};
pub use build::{Built, assemble, build};

/// The text form of a module, with the names of its functions and locals.
///
/// # Errors
/// If the bytes are no module.
pub fn wat(module: &[u8]) -> Result<String, String> {
    wasmprinter::print_bytes(module).map_err(|error| error.to_string())
}
