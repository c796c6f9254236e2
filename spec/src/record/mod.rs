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
//! All numbers are little endian. All offsets count from the batch's start, so
//! a batch is position independent: it is written once and copied to each pack.

/// Bytes of the header of a batch.
pub const BATCH_HEADER: usize = 64;
/// Most records in a batch.
pub const BATCH_MAX: usize = 256;
/// Bytes after the arena that a reader may load and must ignore.
pub const ARENA_SLACK: usize = 16;
/// Most bytes of text that a slot keeps; longer text is truncated.
pub const TEXT_MAX: usize = 16 * 1024;
