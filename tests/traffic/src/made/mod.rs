//! Traffic that is made: what it holds is known without decoding it, so that benches can
//! tell whether nothing was lost.
//!
//! ```text
//! Plan --capture--> Made: a capture in memory, and how many of each are in it
//! rules/PACK/captures --packs--> Replay: the same, over and over, between other hosts
//!                     --talks--> Talk: what one decoder is given of them
//! ```

mod mixed;
mod modbus;
mod office;
mod replay;
mod sink;
mod talks;
mod wire;

pub use mixed::{Made, Plan, capture};
pub use modbus::{Expected, WATCHED};
pub use replay::{Replay, packs};
pub use sink::Counts;
pub use talks::{Talk, talks};
