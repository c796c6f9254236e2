//! From frames to ordered bytes of flows.
//!
//! ```text
//! Frame -> link -> ip -> (fragment) -> (tunnel: once more from link or ip)
//!       -> transport -> flow table -> tcp halves -> bytes in order, and gaps
//! ```
//!
//! Everything here is safe code over borrowed slices without input or output.
//! The bytes of a segment in order are lent from the frame; only what comes out
//! of order, or as a fragment, is copied, into buffers with a bound.
//!
//! Left out on purpose: checksums (captures at a sender hold unfinished ones, and
//! a mirror port has checked the frame's) and IP options. What is not IP goes to the
//! decoders of its ether type as it lies in the frame.

pub mod addr;
pub mod community;
pub mod flow;
pub mod fragment;
pub mod ip;
pub mod link;
pub mod packet;
pub mod redundancy;
pub mod tcp;
pub mod transport;
