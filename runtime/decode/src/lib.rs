//! Turns frames into events: pure, no input or output, bounded memory.
//!
//! ```text
//! Frame --> net: link, ip, fragments, tunnel, flows, tcp --> bytes in order
//!       --> a protocol's Session (one folder a protocol)  --> records of events
//! Frame --> net: link, another ether type than IP's
//!       --> a protocol's FrameSession                     --> records of events
//! ```
//!
//! [`Pipeline`] is the whole way. It writes typed records through
//! [`EventSink`], which is the runtime, or [`JsonLines`] for `tagout decode`.
//! Everything that is read is hostile: what does not parse is an event or a
//! counter, and no input makes it panic, hang or grow.

mod artifact;
pub mod cip;
mod commons;
mod crc;
mod cursor;
pub mod dcerpc;
pub mod dcp;
pub mod dnp3;
mod each;
pub mod enip;
mod frame;
pub mod iec104;
pub mod iso;
pub mod modbus;
pub mod net;
mod pipeline;
pub mod pnio;
mod protocol;
mod put;
pub mod s7;
pub mod s7plus;
mod stats;
#[cfg(test)]
mod testing;
mod time;
mod umas;

pub use commons::Commons;
pub use cursor::Cursor;
pub use each::EachEvent;
pub use frame::{Frame, LinkType};
pub use pipeline::{Config, FlowEvents, Pipeline};
pub use protocol::{
    Context, Decoder, Endpoint, EventSink, Facts, FrameContext, FrameSession, Head,
    Probe, Session, Transport, Verdict,
};
pub use stats::{Stats, TcpStats};

/// The decoders that are built in.
#[rustfmt::skip]
pub const DECODERS: &[&dyn Decoder] = &[
    &modbus::Modbus,
    &iec104::Iec104::STANDARD,
    &dcp::Dcp,
    &pnio::Pnio,
    &dcerpc::Dcerpc,
    &dnp3::Dnp3,
    &enip::Enip,
    &s7::S7,
    &s7plus::S7Plus,
    &iso::Cotp,
];
