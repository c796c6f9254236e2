//! Fuel of plugins: their code is rewritten to count what it does, before it is compiled.
//!
//! ```text
//! global fuel            what is left: set by the call, below zero when there is too little
//! entry, loop header     fuel -= instructions of the longest way from here to the next of
//!                        these; unreachable if it is below zero
//! memory.copy, ..        fuel -= bytes, in the same way
//! export f: (a) -> r     a new one: (fuel, a) -> r, which sets the global and calls f
//! ```
//!
//! The engine's own fuel adds up at each branch, and is stored and loaded around each call,
//! a fifteenth of a decoder's time. Here a piece of code without loops pays once and at its
//! beginning, for the longest of its ways: no less than what is executed, and the same
//! whenever the same is executed. What is longest is found by `ways`, what is written is
//! in `write`.

#[cfg(test)]
mod tests;
#[cfg(feature = "cranelift")]
mod ways;
#[cfg(feature = "cranelift")]
mod write;

#[cfg(feature = "cranelift")]
pub(super) use self::write::metered;

/// The global that a rewritten module exports.
pub(super) const GLOBAL: &str = "fuel";

/// Changes with each change of what is written: native code that is older is not used.
pub(super) const VERSION: u32 = 1;
