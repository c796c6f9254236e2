//! Turns frames into events: pure, no input or output, bounded memory.

mod cursor;
mod frame;
pub mod net;

pub use cursor::Cursor;
pub use frame::{Frame, LinkType};
