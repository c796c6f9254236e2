//! Safe reading of a batch: for the interpreter, the alert writer and tests.
//!
//! A view trusts nothing but the kind's layout: an offset or a count that
//! points outside of the batch reads as nothing, never as a fault.

use crate::schema::layout::{
    ELEMENT_NULL_BIT, INVALID_OFFSET, NULL_OFFSET, REPEATED_TRUNCATED, TEXT_SLOT, slot,
};
use crate::schema::{Field, FieldIdx, FieldType, IntRepr, Items, Kind};

use super::builder::Header;
use super::value::{Slot, Text, Value};
use super::{BATCH_HEADER, BATCH_MAX, header};

/// A batch of one kind.
#[derive(Clone, Copy, Debug)]
pub struct BatchView<'a> {
    kind: &'a Kind,
    bytes: &'a [u8],
    stride: usize,
    n: usize,
    sequence: u64,
}

impl<'a> BatchView<'a> {
    /// Looks at a batch; `None` if the header does not fit the kind or the bytes.
    ///
    /// The stride may be less than the kind's: fields that lie beyond it are
    /// absent.
    #[must_use]
    pub fn new(kind: &'a Kind, bytes: &'a [u8]) -> Option<Self> {
        let stride = usize::try_from(u32_at(bytes, header::STRIDE)?).ok()?;
        let n = usize::try_from(u32_at(bytes, header::N)?).ok()?;
        let sequence = u64::from_le_bytes(array_at(bytes, header::SEQUENCE)?);
        let records = stride.checked_mul(n)?.checked_add(BATCH_HEADER)?;
        let fits = stride >= usize::from(super::STRIDE_MIN)
            && stride <= usize::from(kind.stride)
            && n <= BATCH_MAX
            && records <= bytes.len();
        fits.then_some(Self { kind, bytes, stride, n, sequence })
    }

    /// Looks at a batch that a builder has just written.
    pub(super) fn over(kind: &'a Kind, bytes: &'a [u8], header: Header) -> Self {
        let Header { stride, n, sequence, .. } = header;
        Self { kind, bytes, stride, n, sequence }
    }

    /// The number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The kind of the records.
    #[must_use]
    pub fn kind(&self) -> &'a Kind {
        self.kind
    }

    /// The sequence number of the first record.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// A record by its position.
    #[must_use]
    pub fn record(&self, at: usize) -> Option<RecordView<'a>> {
        if at >= self.n {
            return None;
        }
        let start = at.checked_mul(self.stride)?.checked_add(BATCH_HEADER)?;
        let record = self.bytes.get(start..start.checked_add(self.stride)?)?;
        Some(RecordView { kind: self.kind, batch: self.bytes, record })
    }

    /// All records in order.
    pub fn records(&self) -> impl Iterator<Item = RecordView<'a>> {
        (0..self.n).filter_map(|at| self.record(at))
    }
}

/// One event.
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'a> {
    kind: &'a Kind,
    batch: &'a [u8],
    record: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// The event's kind.
    #[must_use]
    pub fn kind(&self) -> &'a Kind {
        self.kind
    }

    /// What the event says about a field; a field the kind does not have is absent.
    #[must_use]
    pub fn get(&self, idx: FieldIdx) -> Slot<'a> {
        self.kind.field(idx).map_or(Slot::Absent, |field| self.field(field))
    }

    /// The same for a field of the kind that is at hand.
    #[must_use]
    pub fn field(&self, field: &'a Field) -> Slot<'a> {
        if let Some(name) = field.name() {
            return self.named(name).map_or(Slot::Absent, Slot::Value);
        }
        if self.bit(0, field.bit) {
            return self.value(field).map_or(Slot::Absent, Slot::Value);
        }
        if self.bit(NULL_OFFSET.into(), field.bit) {
            return Slot::Null;
        }
        if self.bit(INVALID_OFFSET.into(), field.bit) {
            return Slot::Invalid;
        }
        Slot::Absent
    }

    /// What the map holds under a name: the first, if a source says it twice.
    fn named(&self, name: &str) -> Option<Value<'a>> {
        let map = self.field(self.kind.map()?).value()?;
        let Value::Repeated(map) = map else { return None };
        let is_it = |(key, _): &(Text<'_>, Text<'_>)| key.bytes == name.as_bytes();
        map.pairs().find(is_it).map(|(_, value)| Value::Text(value))
    }

    /// The number that made a field invalid although it is of its type: an integer
    /// of 2^63 or more, a NaN. No rule sees it, but people are shown it.
    #[cfg(feature = "std")]
    pub(super) fn unusable(&self, field: &'a Field) -> Option<Value<'a>> {
        self.value(field).filter(|value| !value.is_usable())
    }

    fn value(&self, field: &'a Field) -> Option<Value<'a>> {
        let (bytes, _) = slot(field.ty);
        let slot = slot_at(self.record, field.offset, bytes)?;
        read(self.batch, slot, field)
    }

    fn bit(&self, words: usize, bit: u16) -> bool {
        let byte = usize::from(bit / 8).saturating_add(words);
        self.record.get(byte).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
    }
}

/// The elements of a list or a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repeated<'a> {
    ty: FieldType,
    items: &'a Items,
    batch: &'a [u8],
    elements: &'a [u8],
    len: usize,
    truncated: bool,
}

impl<'a> Repeated<'a> {
    /// The number of elements that are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether there were more.
    #[must_use]
    pub fn truncated(&self) -> bool {
        self.truncated
    }

    /// An element of a list.
    #[must_use]
    pub fn item(&self, at: usize) -> Option<Value<'a>> {
        let FieldType::List(scalar) = self.ty else { return None };
        read_plain(self.batch, self.element_bytes(at)?, scalar.field_type())
    }

    /// An element of a group.
    #[must_use]
    pub fn element(&self, at: usize) -> Option<ElementView<'a>> {
        if !self.ty.has_elements() {
            return None;
        }
        let bytes = self.element_bytes(at)?;
        Some(ElementView { items: self.items, batch: self.batch, bytes })
    }

    /// All elements of a list.
    pub fn items(&self) -> impl Iterator<Item = Value<'a>> {
        (0..self.len).filter_map(|at| self.item(at))
    }

    /// All elements of a group.
    pub fn elements(&self) -> impl Iterator<Item = ElementView<'a>> {
        (0..self.len).filter_map(|at| self.element(at))
    }

    /// Names and values of a map.
    pub fn pairs(&self) -> impl Iterator<Item = (Text<'a>, Text<'a>)> {
        let text = |element: &ElementView<'a>, at| match element.get(FieldIdx(at)) {
            Slot::Value(Value::Text(text)) => Some(text),
            _ => None,
        };
        let is_map = self.ty == FieldType::Map;
        let elements = self.elements().filter(move |_| is_map);
        elements.filter_map(move |e| Some((text(&e, 0)?, text(&e, 1)?)))
    }

    fn element_bytes(&self, at: usize) -> Option<&'a [u8]> {
        let stride = usize::from(self.items.stride);
        let start = at.checked_mul(stride)?;
        self.elements.get(start..start.checked_add(stride)?)
    }
}

/// One element of a group.
#[derive(Clone, Copy, Debug)]
pub struct ElementView<'a> {
    items: &'a Items,
    batch: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> ElementView<'a> {
    /// What the element says about a field. Elements tell null from absent, and
    /// hold no invalid values: those are absent.
    #[must_use]
    pub fn get(&self, idx: FieldIdx) -> Slot<'a> {
        self.items.field(idx).map_or(Slot::Absent, |field| self.field(field))
    }

    /// The same for a field of the element that is at hand.
    #[must_use]
    pub fn field(&self, field: &'a Field) -> Slot<'a> {
        if self.bit(field.bit) {
            let (bytes, _) = slot(field.ty);
            return slot_at(self.bytes, field.offset, bytes)
                .and_then(|slot| read(self.batch, slot, field))
                .map_or(Slot::Absent, Slot::Value);
        }
        let null = field.bit.saturating_add(ELEMENT_NULL_BIT);
        if self.bit(null) { Slot::Null } else { Slot::Absent }
    }

    fn bit(&self, bit: u16) -> bool {
        let byte = self.bytes.get(usize::from(bit / 8));
        byte.is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
    }
}

/// The value in a slot of a field.
fn read<'a>(batch: &'a [u8], slot: &'a [u8], field: &'a Field) -> Option<Value<'a>> {
    let Some(items) = &field.items else { return read_plain(batch, slot, field.ty) };
    let len = usize::from(u16::from_le_bytes(array_at(slot, 4)?));
    let flags = u16::from_le_bytes(array_at(slot, 6)?);
    let bytes = len.checked_mul(items.stride.into())?;
    Some(Value::Repeated(Repeated {
        ty: field.ty,
        items,
        batch,
        elements: bytes_at(batch, u32_at(slot, 0)?, bytes)?,
        len,
        truncated: flags & REPEATED_TRUNCATED != 0,
    }))
}

/// The value in a slot that is neither text nor repeated.
#[cfg(feature = "std")]
pub(super) fn plain_value(slot: &[u8], ty: FieldType) -> Option<Value<'_>> {
    if ty.is_text() { None } else { read_plain(&[], slot, ty) }
}

/// The value of a field that is neither text nor repeated, from a record alone.
pub(super) fn plain(record: &[u8], field: &Field) -> Option<Value<'static>> {
    let (bytes, _) = slot(field.ty);
    match read_plain(&[], slot_at(record, field.offset, bytes)?, field.ty)? {
        Value::Bool(v) => Some(Value::Bool(v)),
        Value::Int(v) => Some(Value::Int(v)),
        Value::Large(v) => Some(Value::Large(v)),
        Value::Float(v) => Some(Value::Float(v)),
        Value::Ip(v) => Some(Value::Ip(v)),
        Value::Mac(v) => Some(Value::Mac(v)),
        Value::Range(first, last) => Some(Value::Range(first, last)),
        Value::Text(_) | Value::Repeated(_) => None,
    }
}

/// The value in a slot that is not repeated.
fn read_plain<'a>(batch: &'a [u8], slot: &'a [u8], ty: FieldType) -> Option<Value<'a>> {
    Some(match ty {
        FieldType::Bool => Value::Bool(*slot.first()? != 0),
        FieldType::Int(repr) | FieldType::Enum(_, repr) => read_int(slot, repr)?,
        FieldType::Float => Value::Float(f64::from_le_bytes(array_at(slot, 0)?)),
        FieldType::Time | FieldType::Duration => {
            Value::Int(i64::from_le_bytes(array_at(slot, 0)?))
        }
        FieldType::Ip => Value::Ip(array_at(slot, 0)?),
        FieldType::Mac => Value::Mac(array_at(slot, 0)?),
        FieldType::Range => Value::Range(u32_at(slot, 0)?, u32_at(slot, 4)?),
        FieldType::Text | FieldType::Name | FieldType::Path | FieldType::Bytes => {
            Value::Text(read_text(batch, slot)?)
        }
        FieldType::List(_) | FieldType::Group | FieldType::Map => return None,
    })
}

fn read_int(slot: &[u8], repr: IntRepr) -> Option<Value<'static>> {
    Some(match repr {
        IntRepr::U8 => Value::Int((*slot.first()?).into()),
        IntRepr::U16 => Value::Int(u16::from_le_bytes(array_at(slot, 0)?).into()),
        IntRepr::U32 => Value::Int(u32_at(slot, 0)?.into()),
        IntRepr::U64 => u64::from_le_bytes(array_at(slot, 0)?).into(),
        IntRepr::I8 => Value::Int(i8::from_le_bytes(array_at(slot, 0)?).into()),
        IntRepr::I16 => Value::Int(i16::from_le_bytes(array_at(slot, 0)?).into()),
        IntRepr::I32 => Value::Int(i32::from_le_bytes(array_at(slot, 0)?).into()),
        IntRepr::I64 => Value::Int(i64::from_le_bytes(array_at(slot, 0)?)),
    })
}

fn read_text<'a>(batch: &'a [u8], slot: &'a [u8]) -> Option<Text<'a>> {
    let text = |at| {
        let len = usize::try_from(u32_at(slot, at + 4)?).ok()?;
        bytes_at(batch, u32_at(slot, at)?, len)
    };
    let bytes = text(0)?;
    let original = u32_at(slot, 8)?;
    // An offset of zero, which lies in the header, says that none was written.
    let folded = match u32_at(slot, 12)? {
        0 => None,
        offset => {
            let len = usize::try_from(u32_at(slot, 16)?).ok()?;
            Some(bytes_at(batch, offset, len)?)
        }
    };
    Some(Text { bytes, original, folded })
}

fn slot_at(record: &[u8], offset: u16, bytes: u16) -> Option<&[u8]> {
    let start = usize::from(offset);
    record.get(start..start.checked_add(bytes.into())?)
}

fn bytes_at(batch: &[u8], offset: u32, len: usize) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    batch.get(start..start.checked_add(len)?)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

const _: () = assert!(TEXT_SLOT == 24, "read_text and the writer say so too");
