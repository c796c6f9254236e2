//! The compiled pack: names of its exports, the shape of its output, and the
//! encoding of its custom sections. `spec/pack.md` is the normative text.
//!
//! ```text
//! NAME.wasm
//!   type, function, table?, memory (min = max), global, export, code, data
//!   name                 functions and locals, for people
//!   tagout.manifest      Manifest, JSON: what the pack is and needs
//!   tagout.plans         Vec<Plan>, postcard: what to do with each predicate
//!   tagout.rules         RuleInfo documents, JSON in compressed blocks, found
//!                        through Plan::info
//!   tagout.tests         Vec<PackTest>, JSON: the pack's own tests
//!   tagout.sourcemap     SourceMap, postcard: predicate nodes to source lines
//! ```
//!
//! A row of `evaluate` is eight bytes: `event: u32`, `code: u32` where `code` is
//! `predicate << 2 | verdict`. The output area opens with one `u32`, the index
//! of the event to resume at (`n` when the batch is done), then four bytes of
//! padding, then rows.

/// Major version of the ABI: a host refuses any other.
pub const ABI_MAJOR: u32 = 1;
/// Minor version: additive.
pub const ABI_MINOR: u32 = 0;

pub mod bindings;
pub mod documents;
pub mod manifest;
pub mod rows;

/// Names of what a pack exports.
pub mod export {
    /// The one memory.
    pub const MEMORY: &str = "memory";
    /// Immutable i32 global: [`super::ABI_MAJOR`].
    pub const ABI_MAJOR: &str = "tagout_abi_major";
    /// Immutable i32 global: [`super::ABI_MINOR`].
    pub const ABI_MINOR: &str = "tagout_abi_minor";
    /// Immutable i32 globals: address and size of the area for batches.
    pub const BATCH: (&str, &str) = ("tagout_batch", "tagout_batch_size");
    /// Immutable i32 globals: address and size of the output area.
    pub const OUT: (&str, &str) = ("tagout_out", "tagout_out_size");
    /// Immutable i32 globals: address and size of the area for `bind`'s input.
    pub const BINDINGS: (&str, &str) = ("tagout_bindings", "tagout_bindings_size");
    /// `(ptr, len) -> status`: installs parameters and the mask of predicates.
    pub const BIND: &str = "bind";
    /// `(records, n, out, from) -> end`.
    pub const EVALUATE: &str = "evaluate";
    /// `(records, event, predicate, out) -> end`: computed columns of a row.
    pub const COLUMNS: &str = "columns";
    /// `(records, event, predicate, out) -> end`: verdicts of sub-conditions.
    pub const EXPLAIN: &str = "explain";
}

/// The three answers, as the module writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Verdict {
    /// The condition does not hold.
    False = 0,
    /// A field is missing or a value cannot be computed.
    Unknown = 1,
    /// The condition holds.
    True = 2,
}

/// Why a field contributes to an indeterminate verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cause {
    /// Not part of the reason.
    None = 0,
    /// The event does not have the field.
    Absent = 1,
    /// The event has the field as null.
    Null = 2,
    /// The event has a value of another type, or out of range.
    Invalid = 3,
    /// The value was cut, and what is left does not decide.
    Truncated = 4,
    /// Overflow, division by zero, NaN, or a register outside the PDU.
    Domain = 5,
}
