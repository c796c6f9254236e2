//! Reads captures, logs and event files: the only file and network input.
//!
//! ```text
//! any Read --Buffer--> detect --+--> pcap    --.
//!                               +--> pcapng  --+--> Item::Frame --.
//!                               +--> evtx    --.                  |
//!                               +--> xml     --+-> Item::Line  ---+--> Merge --> caller
//!                               '--> lines   --'
//! ```
//!
//! A [`Source`] finds out from the first bytes what it reads ([`detect`]) and
//! then hands out one [`Item`] after another, borrowed from its buffer. It asks
//! its reader for no more than the next item needs, so an item that comes
//! through a pipe is handed out as soon as its last byte is there. The memory of a
//! source is bounded by the largest record that its format allows here.
//!
//! [`Merge`] puts the items of several sources in the order of their times.
//!
//! Deliberately absent: decoding of frames (that is `tagout-decode`), and the
//! meaning of lines (that is `tagout-host`, which here only takes chunks of EVTX apart
//! and finds the times of texts).

mod buffer;
mod detect;
mod error;
mod evtx;
mod lines;
mod merge;
mod pcap;
mod pcapng;
mod source;
#[cfg(test)]
mod tests;
mod xml;

pub use detect::{Detected, Format, detect};
pub use error::SourceError;
pub use merge::{DEFAULT_LATENESS_NS, Merge, MergeStats, Merged};
pub use source::{Item, Line, Source, SourceStats};
pub use tagout_decode::{Frame, LinkType};
