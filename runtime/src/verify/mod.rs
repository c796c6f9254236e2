//! The verifier: what a module is, read from its bytes.
//!
//! A pack comes from outside. Nothing that it says about itself is believed:
//! this module reads the WebAssembly and never a custom section.
//!
//! ```text
//! bytes -> structure   sections, limits, no start                 or Refused
//!       -> validate    types and features, by wasmparser          or Refused
//!       -> imports     declared functions of plugins              or Refused
//!       -> exports     names, signatures, areas inside memory     or Refused
//!       -> function    for each body: cost, calls, loops   -.
//!       -> bound       calls without cycles, costs summed  -'-> Proven | NotProven
//! ```
//!
//! *Refused* modules never run. A module that is *not proven* runs with epoch
//! checks and a deadline; a *proven* one runs without, because a call of it ends
//! after at most the stated number of instructions.
//!
//! A loop is proven in one form only, which the code generator writes:
//!
//! ```wat
//! (i32.lt_u (i32.sub (local.get $n) (i32.const 1)) (i32.const CAP))
//! if                            ;; so 1 <= $n <= CAP
//!   loop
//!     BODY                      ;; never assigns $n, never branches to the loop
//!     (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1))))
//!   end
//! else ... end
//! ```
//!
//! BODY runs at most CAP times, whatever it computes. Everything here takes time
//! linear in the size of the module.

mod bound;
mod exports;
mod function;
mod imports;
mod limits;
mod refused;
mod structure;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde::Serialize;
use tagout_spec::function::Function;
use wasmparser::Validator;
use wasmparser::WasmFeatures;

pub use self::bound::Bound;
pub use self::bound::Ops;
pub use self::bound::Reason;
pub use self::bound::Unproven;
pub use self::limits::Limits;
pub use self::refused::Refused;

/// What the verifier found out about a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// Major and minor version of the ABI.
    pub abi: (u32, u32),
    /// Bytes of its memory, which cannot grow.
    pub memory_bytes: u64,
    /// Where batches are copied to.
    pub batch: Area,
    /// Where the module writes rows.
    pub out: Area,
    /// Where parameters are copied to.
    pub bindings: Area,
    /// Number of functions.
    pub functions: u32,
    /// Bytes of all function bodies.
    pub code_bytes: u64,
    /// Whether the length of every call is bounded.
    pub bound: Bound,
}

/// A part of a module's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// First byte.
    pub at: u32,
    /// Bytes.
    pub len: u32,
}

impl Area {
    /// The byte after the last one.
    #[must_use]
    pub fn end(self) -> u64 {
        u64::from(self.at).saturating_add(u64::from(self.len))
    }
}

/// What a pack may use of WebAssembly: the first version, and what every engine
/// has had since. No references, threads, tail calls, relaxed SIMD.
pub(crate) fn features() -> WasmFeatures {
    WasmFeatures::MVP
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::SIMD
}

/// Verifies a module, which may import the functions that are declared; what a call of
/// one costs is part of the bound.
///
/// # Errors
///
/// [`Refused`] says why the module must not run.
pub fn verify(
    bytes: &[u8],
    limits: &Limits,
    declared: &[Function],
) -> Result<Verified, Refused> {
    let module = structure::read(bytes, limits)?;
    Validator::new_with_features(features())
        .validate_all(bytes)
        .map_err(|error| Refused::invalid(&error))?;
    let imports = imports::check(&module, declared)?;
    let interface = exports::check(&module)?;
    let bound = bound::of(&module, &interface, &imports)?;
    Ok(Verified {
        abi: interface.abi,
        memory_bytes: module.memory_bytes,
        batch: interface.batch,
        out: interface.out,
        bindings: interface.bindings,
        functions: u32::try_from(module.bodies.len()).unwrap_or(u32::MAX),
        code_bytes: module.code_bytes,
        bound,
    })
}
