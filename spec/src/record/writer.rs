//! Writing one record, field by field, by number.
//!
//! A [`RecordWriter`] works for every kind, built in or loaded; typed writers in
//! [`typed`](super::typed) write the same bytes faster. A value that does not
//! fit its field's type makes the field *invalid*: that is data about the event
//! and not an error. Setting a field again replaces what it was.

use crate::schema::layout::{
    ELEMENT_NULL_BIT, INVALID_OFFSET, MAP_NAME, MAP_STRIDE, MAP_VALUE, NULL_OFFSET,
    REPEATED_TRUNCATED, TEXT_SLOT, slot,
};
use crate::schema::{DerivedRange, Field, FieldIdx, FieldType, IntRepr, Items, Kind};

use super::tail::{Tail, TextSlot};
use super::value::{Slot, Text, Value};
use super::view::Repeated;

/// Writes one record of a batch. Dropped without [`commit`](Self::commit), it
/// leaves the batch as it was.
#[derive(Debug)]
pub struct RecordWriter<'r> {
    pub(super) kind: &'r Kind,
    pub(super) record: &'r mut [u8],
    pub(super) presence: [u64; 3],
    pub(super) tail: Tail<'r>,
}

impl<'r> RecordWriter<'r> {
    /// The kind of the record.
    #[must_use]
    pub fn kind(&self) -> &'r Kind {
        self.kind
    }

    /// Whether the field has a value by now.
    #[must_use]
    pub fn is_present(&self, idx: FieldIdx) -> bool {
        let (word, mask) = word_mask(idx);
        self.presence.get(word).is_some_and(|bits| bits & mask != 0)
    }

    /// Whether the event says nothing about the field so far: no value, not null,
    /// not invalid.
    #[must_use]
    pub fn is_absent(&self, idx: FieldIdx) -> bool {
        !self.is_present(idx)
            && !self.flag(NULL_OFFSET, idx)
            && !self.flag(INVALID_OFFSET, idx)
    }

    /// Sets a field. Returns whether the value fitted; if not, the field is
    /// invalid now. A field that nobody needs, or that the kind does not have,
    /// is left as it is.
    pub fn set(&mut self, idx: FieldIdx, value: Value<'_>) -> bool {
        let kind = self.kind;
        kind.field(idx).is_some_and(|field| self.set_field(field, value))
    }

    /// The same for a field of the kind that is at hand.
    pub fn set_field(&mut self, field: &Field, value: Value<'_>) -> bool {
        let idx = field.idx();
        if let Value::Repeated(repeated) = value {
            return self.copy_repeated(field, repeated);
        }
        if field.ty.is_text() && !self.tail.wants(idx) {
            return true;
        }
        let fold = self.tail.folds(idx);
        let stored = slot_mut(self.record, field)
            .is_some_and(|slot| put(slot, field.ty, value, fold, &mut self.tail));
        let done = stored && value.is_usable();
        self.mark(idx, if done { State::Present } else { State::Invalid });
        done
    }

    /// Says that the field is null.
    pub fn set_null(&mut self, idx: FieldIdx) {
        self.mark(idx, State::Null);
    }

    /// Says that the field has a value that is not of its type.
    pub fn set_invalid(&mut self, idx: FieldIdx) {
        self.mark(idx, State::Invalid);
    }

    /// Says that a repeated field, which has been set, had more elements.
    pub fn set_truncated(&mut self, field: &Field) {
        let slot = slot_mut(self.record, field).filter(|_| field.items.is_some());
        if let Some(flags) = slot.and_then(|slot| slot.last_chunk_mut()) {
            *flags = REPEATED_TRUNCATED.to_le_bytes();
        }
    }

    /// Takes back what was said about the field.
    pub fn set_absent(&mut self, idx: FieldIdx) {
        self.mark(idx, State::Absent);
    }

    /// Writes the elements of a list or a group; `None` if the field is neither.
    pub fn repeated<'w>(
        &'w mut self,
        field: &'w Field,
    ) -> Option<RepeatedWriter<'w, 'r>> {
        let items = field.items.as_ref()?;
        let named = field.ty == FieldType::Map && self.tail.names.len() > 0;
        let whole = self.tail.wants(field.idx());
        let wanted = whole || named;
        let fold = self.tail.folds(field.idx());
        self.tail.scratch.clear();
        Some(RepeatedWriter {
            writer: self,
            field,
            items,
            count: 0,
            fold,
            wanted,
            whole,
            truncated: false,
            invalid: false,
        })
    }

    /// What the record says about a field by now. Texts and elements cannot be
    /// looked at before the batch is finished: they read as absent.
    #[must_use]
    pub fn get(&self, idx: FieldIdx) -> Slot<'_> {
        let Some(field) = self.kind.field(idx) else { return Slot::Absent };
        if self.flag(NULL_OFFSET, idx) {
            return Slot::Null;
        }
        if self.flag(INVALID_OFFSET, idx) {
            return Slot::Invalid;
        }
        if !self.is_present(idx) || field.ty.is_text() || field.items.is_some() {
            return Slot::Absent;
        }
        super::view::plain(self.record, field).map_or(Slot::Absent, Slot::Value)
    }

    /// The bytes of a text that has been set. Unlike [`get`](Self::get) it looks into
    /// the arena, for a host that joins what it knows by a name.
    #[must_use]
    pub fn text(&self, idx: FieldIdx) -> Option<&[u8]> {
        self.text_of(self.kind.field(idx)?)
    }

    fn text_of(&self, field: &Field) -> Option<&[u8]> {
        if !field.ty.is_text() || !self.is_present(field.idx()) {
            return None;
        }
        let slot = self.record.get(usize::from(field.offset)..)?;
        let word = |at: usize| {
            let bytes = slot.get(at..)?.first_chunk()?;
            usize::try_from(u32::from_le_bytes(*bytes)).ok()
        };
        let start = word(0)?.checked_sub(self.tail.base)?;
        self.tail.arena.get(start..start.checked_add(word(4)?)?)
    }

    /// Makes the record part of the batch, with the ranges that follow from its
    /// other fields.
    pub fn commit(mut self) {
        let kind = self.kind;
        for range in kind.ranges.iter() {
            derive(&mut self, *range);
        }
        self.commit_as_is();
    }

    /// The same of a record that has those ranges.
    pub(super) fn commit_as_is(self) {
        for (bytes, bits) in self.record.chunks_exact_mut(8).zip(self.presence) {
            bytes.copy_from_slice(&bits.to_le_bytes());
        }
        self.tail.done.n = self.tail.done.n.saturating_add(1);
        self.tail.done.used = self.tail.used;
    }

    /// Copies the elements of another record's field.
    fn copy_repeated(&mut self, field: &Field, from: Repeated<'_>) -> bool {
        let Some(mut to) = self.repeated(field) else {
            self.mark(field.idx(), State::Invalid);
            return false;
        };
        for value in from.items() {
            to.push(value);
        }
        for (name, value) in from.pairs() {
            to.pair(name.bytes, value);
        }
        let is_group = to.is_group();
        for element in from.elements().filter(|_| is_group) {
            to.element(|to| {
                for field in to.items.fields.iter() {
                    match element.field(field) {
                        Slot::Value(value) => {
                            to.set(field, value);
                        }
                        Slot::Null => to.set_null(field),
                        Slot::Absent | Slot::Invalid => {}
                    }
                }
            });
        }
        if from.truncated() {
            to.set_truncated();
        }
        to.end()
    }

    fn mark(&mut self, idx: FieldIdx, state: State) {
        mark(self.record, &mut self.presence, idx, state);
    }

    fn flag(&self, words: u16, idx: FieldIdx) -> bool {
        self.record.get(words.into()..).is_some_and(|bits| has_bit(bits, idx.0))
    }
}

/// Writes the elements of one repeated field. Dropped without
/// [`end`](Self::end), it leaves the field as it was.
#[derive(Debug)]
pub struct RepeatedWriter<'w, 'r> {
    writer: &'w mut RecordWriter<'r>,
    field: &'w Field,
    items: &'w Items,
    count: u16,
    fold: bool,
    /// Whether anything of the field is asked for.
    wanted: bool,
    /// Of a map: whether all of it is, and not only some names.
    whole: bool,
    truncated: bool,
    invalid: bool,
}

impl RepeatedWriter<'_, '_> {
    /// Whether elements have fields of their own.
    #[must_use]
    pub fn is_group(&self) -> bool {
        self.field.ty == FieldType::Group
    }

    /// What an element is.
    #[must_use]
    pub fn items(&self) -> &Items {
        self.items
    }

    /// Appends an element of a list. One that does not fit the type makes the
    /// whole list invalid, since a list cannot say which one it was.
    pub fn push(&mut self, value: Value<'_>) {
        let FieldType::List(scalar) = self.field.ty else {
            self.invalid = true;
            return;
        };
        let fold = self.fold;
        let done =
            self.append(|slot, tail| put(slot, scalar.field_type(), value, fold, tail));
        self.invalid |= !done.unwrap_or(true);
    }

    /// Says that there is an element that the type cannot hold.
    pub fn set_invalid(&mut self) {
        self.invalid = true;
    }

    /// Says that there are more elements than were given.
    pub fn set_truncated(&mut self) {
        self.truncated = true;
    }

    /// Appends an element of a group, which the function fills. It is not called
    /// for elements beyond the field's maximum.
    pub fn element<T>(
        &mut self,
        fill: impl FnOnce(&mut ElementWriter<'_, '_>) -> T,
    ) -> Option<T> {
        if !self.is_group() {
            self.invalid = true;
            return None;
        }
        let (items, fold) = (self.items, self.fold);
        self.append(|bytes, tail| fill(&mut ElementWriter { items, bytes, tail, fold }))
    }

    /// Appends a name and its value to a map. What nobody asks for is passed over.
    pub fn pair(&mut self, name: &[u8], value: Text<'_>) {
        if self.field.ty != FieldType::Map {
            self.invalid = true;
            return;
        }
        self.element_of_map(name, |_, fold, tail| Some(tail.text_words(value, fold)));
    }

    /// Appends a name and its value, which is not written once more if a field of the
    /// record is that text. Returns whether it is, in the form that the map needs; if not,
    /// nothing was appended.
    pub fn pair_of(&mut self, name: &[u8], field: &Field, value: &[u8]) -> bool {
        let idx = field.idx();
        self.field.ty == FieldType::Map
            && self.writer.text_of(field) == Some(value)
            && self.element_of_map(name, |record, fold, tail| {
                let slot = record.get(usize::from(field.offset)..)?;
                let slot: &TextSlot = slot.first_chunk()?;
                let mut words = [0; 3];
                for (word, bytes) in words.iter_mut().zip(slot.as_chunks().0) {
                    *word = u64::from_le_bytes(*bytes);
                }
                (!fold || tail.folds(idx)).then_some(words)
            })
    }

    /// Appends an element of a map, unless nobody asks for it. The function gives the slot
    /// of the value, looking at the record, given whether it is to be folded. Returns
    /// whether it did, or was not asked.
    fn element_of_map(
        &mut self,
        name: &[u8],
        value: impl FnOnce(&[u8], bool, &mut Tail<'_>) -> Option<[u64; 3]>,
    ) -> bool {
        let tail = &mut self.writer.tail;
        let (number, known) = tail.names.find(name);
        if !self.wanted || !(self.whole || number.is_some()) {
            return true;
        }
        let full = self.count >= self.items.max;
        if full {
            self.truncated = true;
            if number.is_none() {
                return true;
            }
        }
        let name = known.unwrap_or_else(|| tail.name(name, self.fold));
        let fold = self.fold || number.is_some();
        let Some(value) = value(self.writer.record, fold, tail) else { return false };
        // Which byte of the row leads here: `Tail::map` reads and clears it.
        let back = number.map_or(0, |number| u64::from(number) + 1);
        let ([a, b, c], [d, e, f]) = (name, value);
        let element = [0b11, a, b, c, d, e, f | back << 32].map(u64::to_le_bytes);
        const _: () = assert!(MAP_NAME == 8 && MAP_VALUE == MAP_NAME + TEXT_SLOT);
        if !full {
            tail.scratch.extend_from_slice(element.as_flattened());
            self.count = self.count.saturating_add(1);
        } else if let Some(place) = unasked(tail.scratch) {
            place.copy_from_slice(element.as_flattened());
        }
        true
    }

    /// Whether one more element would be kept.
    #[must_use]
    pub fn takes_more(&self) -> bool {
        self.wanted && self.count < self.items.max
    }

    /// Sets the field to the elements so far. Returns whether all fitted.
    pub fn end(self) -> bool {
        let Self { writer, field, items, count, truncated, .. } = self;
        let idx = field.idx();
        if self.invalid {
            writer.tail.scratch.clear();
            writer.mark(idx, State::Invalid);
            return false;
        }
        if self.wanted {
            let slot = match field.ty {
                FieldType::Map => writer.tail.map(count, truncated),
                _ => writer.tail.elements(items.stride, count, truncated),
            };
            if let Some(to) = slot_mut(writer.record, field) {
                to.copy_from_slice(&slot);
                writer.mark(idx, State::Present);
            }
        }
        true
    }

    /// Gives room for one more element, zeroed, to a function; `None` if the
    /// field is full or not needed.
    fn append<T>(
        &mut self,
        fill: impl FnOnce(&mut [u8], &mut Tail<'_>) -> T,
    ) -> Option<T> {
        if !self.wanted {
            return None;
        }
        if self.count >= self.items.max {
            self.truncated = true;
            return None;
        }
        let tail = &mut self.writer.tail;
        // Texts of the element go to the arena while the element itself is
        // outside of it, so it must not be borrowed from the tail meanwhile.
        let mut scratch = core::mem::take(tail.scratch);
        let start = scratch.len();
        scratch.resize(start.saturating_add(self.items.stride.into()), 0);
        let done = scratch.get_mut(start..).map(|bytes| fill(bytes, tail));
        *tail.scratch = scratch;
        self.count = self.count.saturating_add(1);
        done
    }
}

/// The last element of a map whose name nobody asked for: where there is no room for more,
/// one that is asked for takes its place.
fn unasked(elements: &mut [u8]) -> Option<&mut [u8]> {
    let mut elements = elements.rchunks_exact_mut(usize::from(MAP_STRIDE));
    elements.find(|element| element.ends_with(&[0; 4]))
}

/// Fills one element of a group.
#[derive(Debug)]
pub struct ElementWriter<'e, 't> {
    items: &'e Items,
    bytes: &'e mut [u8],
    tail: &'e mut Tail<'t>,
    fold: bool,
}

impl ElementWriter<'_, '_> {
    /// What an element is.
    #[must_use]
    pub fn items(&self) -> &Items {
        self.items
    }

    /// Sets a field of the element. A value that does not fit leaves it absent:
    /// elements do not tell invalid from absent.
    pub fn set(&mut self, field: &Field, value: Value<'_>) -> bool {
        let done = value.is_usable()
            && slot_mut(self.bytes, field)
                .is_some_and(|slot| put(slot, field.ty, value, self.fold, self.tail));
        self.flag(field.bit, done);
        self.flag(field.bit.saturating_add(ELEMENT_NULL_BIT), false);
        done
    }

    /// The same, by number.
    pub fn set_idx(&mut self, idx: FieldIdx, value: Value<'_>) -> bool {
        let items = self.items;
        items.field(idx).is_some_and(|field| self.set(field, value))
    }

    /// Takes back what was said about a field of the element.
    pub fn set_absent(&mut self, field: &Field) {
        self.flag(field.bit, false);
        self.flag(field.bit.saturating_add(ELEMENT_NULL_BIT), false);
    }

    /// Whether the element says nothing about the field so far.
    #[must_use]
    pub fn is_absent(&self, field: &Field) -> bool {
        let null = field.bit.saturating_add(ELEMENT_NULL_BIT);
        !has_bit(self.bytes, field.bit) && !has_bit(self.bytes, null)
    }

    /// Says that a field of the element is null.
    pub fn set_null(&mut self, field: &Field) {
        self.flag(field.bit, false);
        self.flag(field.bit.saturating_add(ELEMENT_NULL_BIT), true);
    }

    fn flag(&mut self, bit: u16, on: bool) {
        set_bit(self.bytes, bit, on);
    }
}

/// What the presence, null and invalid bits of a field say.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Absent,
    Present,
    Null,
    Invalid,
}

/// Sets all three bits of a field. Presence is written to the record on commit.
fn mark(record: &mut [u8], presence: &mut [u64; 3], idx: FieldIdx, state: State) {
    let (word, mask) = word_mask(idx);
    if let Some(bits) = presence.get_mut(word) {
        *bits = if state == State::Present { *bits | mask } else { *bits & !mask };
    }
    for (words, on) in [(NULL_OFFSET, State::Null), (INVALID_OFFSET, State::Invalid)] {
        if let Some(bits) = record.get_mut(words.into()..) {
            set_bit(bits, idx.0, state == on);
        }
    }
}

pub(super) fn set_bit(bytes: &mut [u8], bit: u16, on: bool) {
    if let Some(byte) = bytes.get_mut(usize::from(bit / 8)) {
        let mask = 1_u8 << (bit % 8);
        *byte = if on { *byte | mask } else { *byte & !mask };
    }
}

fn has_bit(bytes: &[u8], bit: u16) -> bool {
    bytes.get(usize::from(bit / 8)).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
}

fn word_mask(idx: FieldIdx) -> (usize, u64) {
    (usize::from(idx.0 / 64), 1 << (idx.0 % 64))
}

fn slot_mut<'a>(record: &'a mut [u8], field: &Field) -> Option<&'a mut [u8]> {
    let (bytes, _) = slot(field.ty);
    let start = usize::from(field.offset);
    record.get_mut(start..start.checked_add(bytes.into())?)
}

/// Writes a value to a slot of its size; whether the value fitted the type.
fn put(
    slot: &mut [u8],
    ty: FieldType,
    value: Value<'_>,
    fold: bool,
    tail: &mut Tail<'_>,
) -> bool {
    match (ty, value) {
        (FieldType::Bool, Value::Bool(v)) => copy(slot, &[v.into()]),
        (FieldType::Int(repr) | FieldType::Enum(_, repr), Value::Int(v)) => {
            put_int(slot, repr, v)
        }
        (FieldType::Int(IntRepr::U64), Value::Large(v)) => copy(slot, &v.to_le_bytes()),
        (FieldType::Float, Value::Float(v)) => copy(slot, &v.to_le_bytes()),
        (FieldType::Time | FieldType::Duration, Value::Int(v)) => {
            copy(slot, &v.to_le_bytes())
        }
        (FieldType::Ip, Value::Ip(v)) => copy(slot, &v),
        (FieldType::Mac, Value::Mac([a, b, c, d, e, f])) => {
            copy(slot, &[a, b, c, d, e, f, 0, 0])
        }
        (FieldType::Range, Value::Range(first, last)) if first <= last => {
            copy(slot, &range_slot(first, last))
        }
        (ty, Value::Text(text)) if ty.is_text() => {
            let slot = slot.first_chunk_mut();
            slot.map(|slot| tail.text(text, fold, slot)).is_some()
        }
        _ => false,
    }
}

fn put_int(slot: &mut [u8], repr: IntRepr, value: i64) -> bool {
    let (least, greatest) = repr.limits();
    if value < least || value > greatest {
        return false;
    }
    // In range, the low bytes of two's complement are the narrow number.
    value.to_le_bytes().get(..repr.bytes().into()).is_some_and(|v| copy(slot, v))
}

fn copy(slot: &mut [u8], bytes: &[u8]) -> bool {
    match slot.get_mut(..bytes.len()) {
        Some(to) => {
            to.copy_from_slice(bytes);
            true
        }
        None => false,
    }
}

/// What a slot of a range holds.
pub(super) fn range_slot(first: u32, last: u32) -> [u8; 8] {
    let [a, b, c, d] = first.to_le_bytes();
    let [e, f, g, h] = last.to_le_bytes();
    [a, b, c, d, e, f, g, h]
}

/// Fills in a range that the event did not bring but that follows from others.
fn derive(record: &mut RecordWriter<'_>, derived: DerivedRange) {
    let number = |idx| match record.get(idx) {
        Slot::Value(Value::Int(v)) => u32::try_from(v).ok(),
        _ => None,
    };
    let Some((first, count)) = number(derived.first).zip(number(derived.count)) else {
        return;
    };
    let last = count.checked_sub(1).and_then(|n| first.checked_add(n));
    if let Some(last) = last.filter(|_| record.is_absent(derived.range)) {
        record.set(derived.range, Value::Range(first, last));
    }
}
