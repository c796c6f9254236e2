//! Hostile traffic for every decoder.
//!
//! ```text
//! input --target--> frames --pipeline, all decoders--> events --promises--> kept, or a panic
//! capture --seeds--> inputs
//! ```
//!
//! For benches there is also traffic that is [`made`], whose events are known.
//!
//! A [`Target`] turns any bytes into traffic: a capture, frames, or the two sides of a
//! flow to a protocol's usual port. libFuzzer calls it through `fuzz/traffic`, and the
//! tests with every input that is kept. It panics on a broken promise and on nothing
//! else:
//!
//! - no frame is lost between source and pipeline;
//! - there are not more events than bytes, besides those of flows themselves;
//! - an event that is written as JSON reads back as itself.

mod frames;
pub mod made;
mod seeds;
mod sink;
mod target;

pub use seeds::seeds;
pub use target::{Carrier, TARGETS, Target};
