//! What plugins are written with.
//!
//! ```text
//! plugin.toml, schema.toml --build.rs--> mod plugin: tables, typed writers, sections
//! impl Decoder / Enricher / fn --decoder!, enricher!, functions!--> exports of the contract
//! ```
//!
//! A decoder is an implementation of [`Decoder`] and [`Session`], the traits of the
//! decoders that are built in; the same source is either. The contract (`spec/plugin.md`)
//! is behind them: nothing here needs to be called but the macros. `docs/plugins.md`
//! walks through a plugin from nothing to its events.
//!
//! ```text
//! tagout_probe  --> probe of the input ----> Decoder::probe --Yes--> waits
//! tagout_decode --> messages of the input -> sessions by number -> sink -> emit
//! ```
//!
//! A plugin needs no standard library; this crate brings an allocator and lets a panic
//! end in a trap, which costs the events of the call and the instance. Its memory is
//! small: a stack of 64 KiB, the input of 64 KiB, and a batch of some tens of KiB a kind.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod decoder;
mod enricher;
mod global;
pub mod guest;
mod host;
mod macros;
mod message;
#[cfg(all(target_family = "wasm", feature = "runtime"))]
mod runtime;
mod sink;
#[cfg(test)]
mod tests;

pub use tagout_spec::decoder::{
    Commons, Context, Cursor, Decoder, Endpoint, EventSink, Facts, FrameContext,
    FrameSession, Head, Ip, Mac, Probe, Session, Side, Transport, Verdict,
};
pub use tagout_spec::{
    envelope, frame_envelope, plugin as contract, record, schema, some,
};

pub use enricher::{Enricher, Fields};
pub use global::Global;
pub use host::{Level, data, log};

use tagout_spec::schema::{Kind, KindIdx};

/// A kind whose events a plugin emits; its position in the list is its number in the
/// plugin's schema.
#[derive(Clone, Copy, Debug)]
pub struct EventKind {
    /// Its fields and where they lie.
    pub kind: &'static Kind,
    /// The number by which the decoder's writers know it.
    pub idx: KindIdx,
    /// Fingerprint of the layout that the writers rely on.
    pub layout: u64,
}

/// Names that generated code uses.
pub mod generated {
    /// Of tables.
    pub mod tables {
        pub use alloc::borrow::Cow::Borrowed as B;
        pub use tagout_spec::schema::*;
    }
    /// Of typed writers.
    pub mod writers {
        pub use tagout_spec::record::typed::{Core, Place};
        pub use tagout_spec::record::{BatchBuilder, RecordWriter, RepeatedWriter};
        pub use tagout_spec::schema::{FieldIdx, KindIdx};
    }
}
