//! Traffic that is made: what it holds is known without decoding it, so that benches can
//! tell whether nothing was lost.
//!
//! ```text
//! Plan --capture--> Made: a capture in memory, and how many of each are in it
//! rules/PACK/captures --packs--> Replay: the same, over and over, between other hosts
//! ```

mod mixed;
mod modbus;
mod office;
mod replay;
mod sink;
mod wire;

pub use mixed::{Made, Plan, capture};
pub use modbus::{Expected, WATCHED};
pub use replay::{Replay, packs};
pub use sink::Counts;
