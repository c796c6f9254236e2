//! Where fields lie in a record: the rules, in one place.
//!
//! ```text
//! record of a kind, W = 3 presence words
//! byte   0      presence bits, W x u64, little endian; bit = FieldIdx
//!       24      hot slots: common, then the view's, then the kind's
//!      128      end of the hot part; null bits, W x u64
//!      152      invalid bits, W x u64
//!      176      cold slots: common, then the view's, then the kind's
//!      stride   a multiple of 8
//!
//!                  hot                         cold
//!                  common   view     own       common    view      own
//! network          24..80   80..96   96..128   176..560  560..688  688..
//! host and other   24..40   -        40..128   176..560  -         560..
//!
//! bits 0..40   common to the family (envelope, src/dst/flow or host, site facts)
//!      40..64  the view's (the common OT fields), reserved in every kind
//!      64..168 the kind's own, in the order of its file
//!      168..192 those that other files add to the kind, in the order of the files
//! ```
//!
//! A slot never moves. Files are append-only, every region is filled by first
//! fit in the order of the file (so a later field never displaces an earlier
//! one), and the regions in front of others keep room. All kinds of a view have
//! the view's fields at the same bits and offsets. `hot` in a file is a wish: a
//! field that no longer fits into its hot region lies in the cold one. What other files
//! add (`[[extend]]`) lies behind the kind's own fields, so that writers of the kind as it
//! was write the kind as it is.
//!
//! A map is a group of names and values with a *row* before its elements: a byte for
//! each name that somebody has singled out, counted backwards from the elements. It is
//! the number of the element with that name, from 1, or 0 if there is none.
//!
//! ```text
//!        row                     elements
//! | .. | byte 1 | byte 0 | presence, name, value | presence, name, value | ..
//!                        ^ offset of the slot, a multiple of 8
//! ```
//!
//! A field that is present has its presence bit; one that is null or invalid has
//! the bit of that name instead. Its slot then holds nothing of meaning.

#[cfg(feature = "std")]
use core::ops::Range;

use super::{Family, Field, FieldType, Kind, Scalar};

/// Bytes of the hot part of a record, presence words included.
pub const HOT_BYTES: u16 = 128;
/// First presence bit of the fields that a view shares.
pub const VIEW_BIT: u16 = 40;
/// First presence bit of a kind's own fields.
pub const OWN_BIT: u16 = 64;
/// First presence bit of the fields that other files add to a kind.
pub const ADDED_BIT: u16 = 168;
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

/// First bit of that word that says null.
pub const ELEMENT_NULL_BIT: u16 = 32;
/// Bytes of an element of a map: presence, a name, a value.
pub const MAP_STRIDE: u16 = MAP_VALUE + TEXT_SLOT;
/// Offset of the name's slot in it.
pub const MAP_NAME: u16 = ELEMENT_PRESENCE;
/// Offset of the value's slot in it.
pub const MAP_VALUE: u16 = MAP_NAME + TEXT_SLOT;
/// Presence bit of the value in it; that of the name is 0.
pub const MAP_VALUE_BIT: u16 = 1;
/// Most elements of a map: a byte numbers them from 1.
pub const MAP_MAX: u16 = 255;
/// Number of presence words, and of null and invalid words.
pub const PRESENCE_WORDS: u8 = 3;
/// One past the last presence bit.
pub const END_BIT: u16 = 192;
/// First number of the fields that [`Schema::with_names`](super::Schema::with_names)
/// adds: they are no presence bits.
pub const NAMED_BIT: u16 = END_BIT;
/// Most such fields.
pub const NAMES_MAX: u16 = 1024;
/// Most bytes of such a name.
pub const NAME_BYTES_MAX: usize = 128;
/// Offset of the null bits.
pub const NULL_OFFSET: u16 = HOT_BYTES;
/// Offset of the invalid bits.
pub const INVALID_OFFSET: u16 = HOT_BYTES + 24;
/// Offset of the first cold slot.
pub const COLD_OFFSET: u16 = HOT_BYTES + 48;
/// Most bytes of a record.
pub const STRIDE_MAX: u16 = 4096;

/// Byte ranges of a family's records, in which slots are placed.
#[cfg(feature = "std")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Regions {
    pub(super) hot_common: Range<u16>,
    pub(super) hot_view: Range<u16>,
    pub(super) hot_own: Range<u16>,
    pub(super) cold_common: Range<u16>,
    pub(super) cold_view: Range<u16>,
    pub(super) cold_own: Range<u16>,
}

#[cfg(feature = "std")]
impl Regions {
    pub(super) const fn of(family: Family) -> Self {
        match family {
            Family::Network => Self {
                hot_common: 24..80,
                hot_view: 80..96,
                hot_own: 96..HOT_BYTES,
                cold_common: COLD_OFFSET..560,
                cold_view: 560..688,
                cold_own: own_cold(family)..STRIDE_MAX,
            },
            Family::Host | Family::Other => Self {
                hot_common: 24..40,
                hot_view: 40..40,
                hot_own: 40..HOT_BYTES,
                cold_common: COLD_OFFSET..560,
                cold_view: 560..560,
                cold_own: own_cold(family)..STRIDE_MAX,
            },
        }
    }
}

/// Bytes and alignment of the slot of a type.
#[must_use]
pub const fn slot(ty: FieldType) -> (u16, u16) {
    match ty {
        FieldType::Bool => (1, 1),
        FieldType::Int(repr) | FieldType::Enum(_, repr) => (repr.bytes(), repr.bytes()),
        FieldType::Float | FieldType::Time | FieldType::Duration | FieldType::Mac => {
            (8, 8)
        }
        FieldType::Ip => (16, 8),
        FieldType::Text | FieldType::Name | FieldType::Path | FieldType::Bytes => {
            (TEXT_SLOT, 8)
        }
        FieldType::Range => (8, 4),
        FieldType::List(_) | FieldType::Group | FieldType::Map => (REPEATED_SLOT, 4),
    }
}

/// Bytes from one scalar of a list to the next.
#[must_use]
pub const fn scalar_stride(scalar: Scalar) -> u16 {
    match scalar {
        Scalar::Int(repr) | Scalar::Enum(_, repr) => repr.bytes(),
        Scalar::Float => 8,
        Scalar::Text | Scalar::Name => TEXT_SLOT,
        Scalar::Ip => 16,
    }
}

/// Bytes of a record of a kind without the fields that other files have added.
pub(super) fn own_stride(kind: &Kind) -> u16 {
    if !kind.fields.iter().any(Field::is_added) {
        return kind.stride;
    }
    let own = kind.fields.iter().filter(|field| !field.is_added());
    let ends = own.map(|field| field.offset.saturating_add(slot(field.ty).0));
    let start = own_cold(kind.family);
    ends.max().unwrap_or(0).max(start).next_multiple_of(8)
}

/// Where the cold slots of a kind's own fields begin.
const fn own_cold(family: Family) -> u16 {
    match family {
        Family::Network => 688,
        Family::Host | Family::Other => 560,
    }
}
