//! Turns frames into events: pure, no input or output, bounded memory.

mod frame;

pub use frame::{Frame, LinkType};
