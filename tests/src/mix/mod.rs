//! Realistic mixes of rules and events for the benches, from a seed.
//!
//! The shares follow public rule sets, counted once and written down here as
//! numbers, so that a bench needs no corpus:
//!
//! - [`ot`]: the Modbus rules of Quickdraw and Emerging Threats name a function
//!   (all of them), who may talk to whom (half), a sub-function or an exception
//!   (a quarter); sites add protected address ranges for each controller.
//! - [`process`]: of the Windows process rules of Sigma 40 % of the leaves are
//!   `endswith`, 47 % `contains` (a third of those `all`), 9 % equality; the
//!   median rule has three leaves, 54 % of leaves have one alternative, the
//!   median literal has 10 bytes, and the command line is asked for most.

pub mod native;
pub mod ot;
pub mod process;
mod random;

pub use random::Random;
