//! Writing one record, field by field, by number.
//!
//! A [`RecordWriter`] works for every kind, built in or loaded; typed writers in
//! [`typed`](super::typed) write the same bytes faster. A value that does not
//! fit its field's type makes the field *invalid*: that is data about the event
//! and not an error. Setting a field again replaces what it was.

use crate::schema::layout::{
    ELEMENT_NULL_BIT, INVALID_OFFSET, NULL_OFFSET, REPEATED_TRUNCATED, TEXT_SLOT, slot,
};
use crate::schema::{DerivedRange, Field, FieldIdx, FieldType, IntRepr, Items, Kind};

use super::plan::TextField;
use super::tail::Tail;
use super::value::{Slot, Text, Value};
use super::view::Repeated;

/// Writes one record of a batch. Dropped without [`commit`](Self::commit), it
/// leaves the batch as it was.
#[derive(Debug)]
pub struct RecordWriter<'r> {
    pub(super) kind: &'r Kind,
    pub(super) record: &'r mut [u8],
    pub(super) presence: [u64; 3],
    /// Whether a null or invalid bit may be set.
    pub(super) is_flagged: bool,
    pub(super) tail: Tail<'r>,
}

impl<'r> RecordWriter<'r> {
    /// The kind of the record.
    #[must_use]
    pub fn kind(&self) -> &'r Kind {
        self.kind
    }

    /// A field of the kind, as [`Kind::field`] finds it.
    #[must_use]
    pub fn field(&self, idx: FieldIdx) -> Option<&'r Field> {
        let kind = self.kind;
        match self.tail.plan.place(idx) {
            Some(at) => kind.fields.get(at),
            None => kind.field(idx),
        }
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
        let is_flagged = || self.flag(NULL_OFFSET, idx) || self.flag(INVALID_OFFSET, idx);
        !(self.is_present(idx) || self.is_flagged && is_flagged())
    }

    /// Whether the field is a text.
    #[must_use]
    pub fn is_text(&self, idx: FieldIdx) -> bool {
        self.tail.plan.text(idx).is_some()
    }

    /// Sets a field. Returns whether the value fitted; if not, the field is
    /// invalid now. A field that nobody needs, or that the kind does not have,
    /// is left as it is.
    #[inline]
    pub fn set(&mut self, idx: FieldIdx, value: Value<'_>) -> bool {
        if let Value::Text(text) = value
            && let Some(field) = self.tail.plan.text(idx)
        {
            return self.set_text(idx, field, text);
        }
        self.field(idx).is_some_and(|field| self.set_field(field, value))
    }

    /// The same for a field of the kind that is at hand.
    pub fn set_field(&mut self, field: &Field, value: Value<'_>) -> bool {
        let idx = field.idx();
        if let Value::Repeated(repeated) = value {
            return self.copy_repeated(field, repeated);
        }
        if let (Value::Text(text), Some(field)) = (value, self.tail.plan.text(idx)) {
            return self.set_text(idx, field, text);
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

    /// Sets a field that is a text to one.
    fn set_text(&mut self, idx: FieldIdx, field: TextField, text: Text<'_>) -> bool {
        if !field.fill {
            return true;
        }
        let words = self.tail.text_words(text, field.fold);
        let slot = self.record.get_mut(usize::from(field.offset)..);
        let slot = slot.and_then(|slot| slot.first_chunk_mut::<{ TEXT_SLOT as usize }>());
        for (bytes, word) in slot.into_iter().flat_map(|s| s.as_chunks_mut().0).zip(words)
        {
            *bytes = word.to_le_bytes();
        }
        self.mark(idx, State::Present);
        true
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
        self.text_of(idx, self.tail.plan.text(idx)?)
    }

    pub(super) fn text_of(&self, idx: FieldIdx, field: TextField) -> Option<&[u8]> {
        if !self.is_present(idx) {
            return None;
        }
        let slot = self.record.get(usize::from(field.offset)..)?;
        let [start, len] = slot.first_chunk::<8>()?.as_chunks().0 else { return None };
        let number = |word: &[u8; 4]| usize::try_from(u32::from_le_bytes(*word)).ok();
        let start = number(start)?.checked_sub(self.tail.base)?;
        self.tail.arena.get(start..start.checked_add(number(len)?)?)
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

    /// Sets all three bits of a field. Presence is written to the record on commit.
    fn mark(&mut self, idx: FieldIdx, state: State) {
        let (word, mask) = word_mask(idx);
        if let Some(bits) = self.presence.get_mut(word) {
            *bits = if state == State::Present { *bits | mask } else { *bits & !mask };
        }
        if !self.is_flagged && matches!(state, State::Present | State::Absent) {
            return;
        }
        self.is_flagged = true;
        for (words, on) in [(NULL_OFFSET, State::Null), (INVALID_OFFSET, State::Invalid)]
        {
            if let Some(bits) = self.record.get_mut(words.into()..) {
                set_bit(bits, idx.0, state == on);
            }
        }
    }

    fn flag(&self, words: u16, idx: FieldIdx) -> bool {
        self.record.get(words.into()..).is_some_and(|bits| has_bit(bits, idx.0))
    }
}

/// Writes the elements of one repeated field. Dropped without
/// [`end`](Self::end), it leaves the field as it was.
#[derive(Debug)]
pub struct RepeatedWriter<'w, 'r> {
    pub(super) writer: &'w mut RecordWriter<'r>,
    pub(super) field: &'w Field,
    pub(super) items: &'w Items,
    pub(super) count: u16,
    pub(super) fold: bool,
    /// Whether anything of the field is asked for.
    pub(super) wanted: bool,
    /// Of a map: whether all of it is, and not only some names.
    pub(super) whole: bool,
    pub(super) truncated: bool,
    pub(super) invalid: bool,
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
