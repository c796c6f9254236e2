//! What the index reads of an event: the values of subjects. The generated code
//! computes the same numbers from a record.
//!
//! A subject has a value or none. It has none if its field is not present, and
//! for texts also if the text was cut: what is left may decide a test, but the
//! index does not ask.

use tagout_spec::schema::FieldIdx;

use crate::ir::Value;
use crate::ir::fold;
use crate::ir::interpret::{Place, Slot, Source};

/// Multipliers of [`mix`]; odd, otherwise of no meaning.
pub(super) const MIX: [u64; 3] =
    [0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93, 0xA076_1D64_78BD_642F];

/// Most bytes of a name that are looked at.
pub(super) const NAME: usize = 16;

/// Something about an event that has one 64-bit number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An integer, an enumeration, a boolean, a time: the number itself, mixed.
    Int(FieldIdx),
    /// All bytes of an address.
    Ip(FieldIdx),
    /// A whole text: its length and its first and last eight bytes.
    Whole(FieldIdx, bool),
    /// What follows the last separator of a text; of a longer one the last
    /// sixteen bytes.
    Name(FieldIdx, bool),
    /// The last eight bytes of a text, or all of a shorter one.
    Tail8(FieldIdx, bool),
    /// The last four bytes of a text, or all of a shorter one.
    Tail4(FieldIdx, bool),
}

impl Subject {
    /// The field that it reads.
    pub fn field(self) -> FieldIdx {
        match self {
            Self::Int(field)
            | Self::Ip(field)
            | Self::Whole(field, _)
            | Self::Name(field, _)
            | Self::Tail8(field, _)
            | Self::Tail4(field, _) => field,
        }
    }
}

/// Spreads two words over one.
pub(super) fn mix(a: u64, b: u64) -> u64 {
    let x = (a ^ b.wrapping_mul(MIX[0])).wrapping_mul(MIX[1]);
    x ^ (x >> 32)
}

/// The number of an integer.
pub(super) fn int_key(value: i64) -> u64 {
    mix(value.cast_unsigned(), 0)
}

/// The number of an address.
pub(super) fn ip_key(address: [u8; 16]) -> u64 {
    let (high, low) = address.split_at(8);
    mix(word(high), word(low))
}

/// The number of a whole text.
pub(super) fn whole_key(text: &[u8]) -> u64 {
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    mix(head(text, 8) ^ length.wrapping_mul(MIX[2]), tail(text, 8))
}

/// The number of a text's last component.
pub(super) fn name_key(text: &[u8]) -> u64 {
    let end = text.get(text.len().saturating_sub(NAME)..).unwrap_or(text);
    whole_key(end.rsplit(|byte| matches!(byte, b'\\' | b'/')).next().unwrap_or(end))
}

/// The number of a text's end.
pub(super) fn tail8_key(text: &[u8]) -> u64 {
    mix(tail(text, 8), 0)
}

/// The number of a text's end.
pub(super) fn tail4_key(text: &[u8]) -> u64 {
    mix(tail(text, 4), 0)
}

fn head(text: &[u8], n: usize) -> u64 {
    word(text.get(..n).unwrap_or(text))
}

fn tail(text: &[u8], n: usize) -> u64 {
    word(text.get(text.len().saturating_sub(n)..).unwrap_or(text))
}

/// Little endian, zeros above.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

/// One event.
#[derive(Clone, Copy)]
pub struct Event<'a>(pub &'a dyn Source);

impl Event<'_> {
    /// The number of a subject.
    pub(super) fn key(&self, subject: Subject) -> Option<u64> {
        let text = |field, fold, key: fn(&[u8]) -> u64| {
            self.text(field, fold).map(|text| key(&text))
        };
        match subject {
            Subject::Int(field) => self.int(field).map(int_key),
            Subject::Ip(field) => self.ip(field).map(ip_key),
            Subject::Whole(field, fold) => text(field, fold, whole_key),
            Subject::Name(field, fold) => text(field, fold, name_key),
            Subject::Tail8(field, fold) => text(field, fold, tail8_key),
            Subject::Tail4(field, fold) => text(field, fold, tail4_key),
        }
    }

    /// The number in a field of a type with numbers.
    pub(super) fn int(&self, field: FieldIdx) -> Option<i64> {
        match self.value(field)? {
            Value::Bool(value) => Some(i64::from(value)),
            Value::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The address in a field.
    pub(super) fn ip(&self, field: FieldIdx) -> Option<[u8; 16]> {
        match self.value(field)? {
            Value::Ip(address) => Some(address),
            _ => None,
        }
    }

    /// First and last of a range.
    pub(super) fn range(&self, field: FieldIdx) -> Option<(u32, u32)> {
        match self.value(field)? {
            Value::Range(first, last) => Some((first, last)),
            _ => None,
        }
    }

    /// A text that was not cut.
    pub(super) fn text(&self, field: FieldIdx, folded: bool) -> Option<Vec<u8>> {
        match self.value(field)? {
            Value::Bytes(bytes) if folded => Some(fold::fold(&bytes)),
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A text, or those of all elements of a group, as far as they are there; and
    /// whether nothing of them is missing.
    pub(super) fn texts(
        &self,
        field: FieldIdx,
        element: Option<FieldIdx>,
        folded: bool,
    ) -> (Vec<Vec<u8>>, bool) {
        let (places, mut whole) = match (element, self.0.slot(Place::Field(field))) {
            (None, _) => (vec![Place::Field(field)], true),
            (Some(element), Slot::Repeated { len, truncated }) => {
                let place = |at| Place::Element(field, at, element);
                ((0..len).map(place).collect(), !truncated)
            }
            (Some(_), _) => (Vec::new(), false),
        };
        let mut texts = Vec::new();
        for place in places {
            let (text, is_whole) = match self.0.slot(place) {
                Slot::Value(Value::Bytes(text)) => (text, true),
                Slot::Cut(text) => (text, false),
                _ => (Vec::new(), false),
            };
            texts.push(if folded { fold::fold(&text) } else { text });
            whole &= is_whole;
        }
        (texts, whole)
    }

    fn value(&self, field: FieldIdx) -> Option<Value> {
        match self.0.slot(Place::Field(field)) {
            Slot::Value(value) => Some(value),
            _ => None,
        }
    }
}
