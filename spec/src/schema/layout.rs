//! Where fields lie in a record: the rules, in one place.
//!
//! ```text
//! record of a kind with W presence words (W = 2 or 3)
//! byte 0      presence bits, W x u64, little endian; bit = FieldIdx
//!      8*W    hot slots: common ones first, then the view's, then the kind's
//!      128    end of the hot part; here the null bits, W x u64,
//!             then the invalid bits, W x u64, then cold slots
//!      stride a multiple of 8
//!
//! bits 0..40   common to the family (envelope, src/dst/flow or host, site facts)
//!      40..64  the view's (the common OT fields), reserved in every kind
//!      64..    the kind's own, in the order of its file
//! ```
//!
//! A slot never moves: files are append-only, common fields have reserved bits
//! and reserved bytes, so that a field added later lies behind those of today.
//! All kinds of a view have the view's fields at the same bits and offsets.

/// Bytes of the hot part of a record, presence words included.
pub const HOT_BYTES: u16 = 128;
/// First presence bit of the fields that a view shares.
pub const VIEW_BIT: u16 = 40;
/// First presence bit of a kind's own fields.
pub const OWN_BIT: u16 = 64;
/// Bytes of a text slot: offset, length, original length, folded offset,
/// folded length, reserved; six u32. Offsets count from the batch's start.
/// The text is truncated if its original length is greater than its length.
pub const TEXT_SLOT: u16 = 24;
/// Bytes of a repeated field's slot: offset u32, count u16, flags u16.
/// The offset counts from the batch's start and is a multiple of 8.
pub const REPEATED_SLOT: u16 = 8;
/// Flag of a repeated slot: there were more elements than `Items::max`.
pub const REPEATED_TRUNCATED: u16 = 1;
/// Bytes of the presence word that opens an element of a group: bits 0..32
/// say present, 32..64 say null; an element field that is neither is absent.
pub const ELEMENT_PRESENCE: u16 = 8;
