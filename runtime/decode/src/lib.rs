//! Turns frames into events: pure, no input or output, bounded memory.
//!
//! ```text
//! Frame --> net: link, ip, fragments, tunnel, flows, tcp --> bytes in order
//!       --> a protocol's Session (one folder a protocol)  --> records of events
//! ```
//!
//! [`Pipeline`] is the whole way. It writes typed records through
//! [`EventSink`], which is the runtime, or [`JsonLines`] for `tagout decode`.
//! Everything that is read is hostile: what does not parse is an event or a
//! counter, and no input makes it panic, hang or grow.

mod artifact;
mod cursor;
mod each;
mod frame;
pub mod iso;
pub mod modbus;
pub mod net;
mod pipeline;
mod protocol;
mod put;
pub mod s7;
pub mod s7plus;
mod stats;
#[cfg(test)]
mod testing;

pub use cursor::Cursor;
pub use each::EachEvent;
pub use frame::{Frame, LinkType};
pub use pipeline::{Config, FlowEvents, Pipeline};
pub use protocol::{
    Context, Decoder, Endpoint, EventSink, Probe, Session, Transport, Verdict,
};
pub use stats::{Stats, TcpStats};

/// The decoders that are built in.
#[rustfmt::skip]
pub const DECODERS: &[&dyn Decoder] = &[
    &modbus::Modbus,
    &s7::S7,
    &s7plus::S7Plus,
    &iso::Cotp,
];
