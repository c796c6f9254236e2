//! Records in memory: a batch of events of one kind.
//!
//! ```text
//! byte 0   kind          u32   pack-local number of the kind, set per pack
//!      4   stride        u32   bytes from one record to the next
//!      8   n             u32   records
//!     12   arena         u32   offset of the arena from the batch's start
//!     16   bytes         u32   of the whole batch
//!     20   flags         u32   reserved, 0
//!     24   sequence      u64   of the first record; records count up
//!     32   reserved            zero
//!     64   records             n x stride, as `schema::layout` says
//!     arena                    texts and repeated elements, then at least
//!                              16 zero bytes, so that a window may read past
//! ```
//!
//! The arena begins behind the room for [`BATCH_MAX`] records, whatever `n` is,
//! so that offsets are known while records are written; a plugin's batches may have less
//! room, and say so in the header. A copy of a batch may
//! have a smaller stride, which leaves out slots beyond it: see
//! [`Batch::copy_to`].
//!
//! ```text
//! decoder --typed::modbus::Writer--.
//! JSON line ------json_in----------+--> BatchBuilder --finish--> Batch --copy_to--> pack
//! loaded kind ----RecordWriter-----|                               '--view--> BatchView
//! plugin's batch --Importer--------'
//! ```
//!
//! All numbers are little endian. All offsets count from the batch's start, so
//! a batch is position independent: it is written once and copied to each pack.

mod builder;
#[cfg(feature = "std")]
mod export;
#[cfg(feature = "std")]
mod import;
#[cfg(feature = "std")]
mod json;
mod map;
#[cfg(feature = "std")]
mod moves;
mod names;
mod needs;
mod plan;
mod tail;
pub mod typed;
mod value;
mod view;
mod writer;

pub use builder::{Batch, BatchBuilder, Room};
#[cfg(feature = "std")]
pub use export::Exporter;
#[cfg(feature = "std")]
pub use import::{Foreign, ForeignHeader, Importer, set_value};
#[cfg(feature = "std")]
pub use json::{EventJson, JsonError, JsonErrorKind, LINE_MAX, ReadReport};
#[cfg(feature = "std")]
pub use moves::Move;
pub use names::NameCache;
pub use needs::Needs;
pub use value::{Slot, Text, Value, ip_octets};
pub use view::{BatchView, ElementView, RecordView, Repeated};
pub use writer::{ElementWriter, RecordWriter, RepeatedWriter};

use crate::schema::layout;

/// Bytes of the header of a batch.
pub const BATCH_HEADER: usize = 64;
/// Most records in a batch.
pub const BATCH_MAX: usize = 256;
/// Bytes after the arena that a reader may load and must ignore.
pub const ARENA_SLACK: usize = 16;
/// Most bytes of text that a slot keeps; longer text is truncated.
pub const TEXT_MAX: usize = 16 * 1024;
/// Most bytes that texts and elements of one record take in the arena; what does
/// not fit is truncated.
pub const RECORD_ARENA_MAX: usize = 256 * 1024;
/// Bytes of the arena, its slack not counted. A batch takes no further record
/// when less than [`RECORD_ARENA_MAX`] of it is free.
pub const ARENA_MAX: usize = 2 * RECORD_ARENA_MAX;
/// Least stride of a batch: presence, null and invalid bits and the hot slots.
pub const STRIDE_MIN: u16 = layout::COLD_OFFSET;

/// Most bytes of a batch of a kind with the given stride: what a pack must have
/// room for.
#[must_use]
pub const fn batch_bytes_max(stride: u16) -> usize {
    arena_start(stride).saturating_add(ARENA_MAX).saturating_add(ARENA_SLACK)
}

/// Offset of the arena from the start of a batch.
#[must_use]
pub const fn arena_start(stride: u16) -> usize {
    BATCH_HEADER.saturating_add(BATCH_MAX.saturating_mul(stride as usize))
}

/// Offsets of the header's words.
pub mod header {
    /// Pack-local number of the kind, u32.
    pub const KIND: usize = 0;
    /// Bytes from one record to the next, u32.
    pub const STRIDE: usize = 4;
    /// Number of records, u32.
    pub const N: usize = 8;
    /// Offset of the arena, u32.
    pub const ARENA: usize = 12;
    /// Bytes of the whole batch, u32.
    pub const BYTES: usize = 16;
    /// Reserved, u32.
    pub const FLAGS: usize = 20;
    /// Sequence number of the first record, u64.
    pub const SEQUENCE: usize = 24;
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
