//! Writing a map: names that a source gives, with their values.
//!
//! ```text
//! element   presence | slot of the name | slot of the value
//!                      as this batch has  as a field of the record has it,
//!                      it               or written anew
//! ```

use crate::schema::layout::{
    ELEMENT_PRESENCE, MAP_NAME, MAP_STRIDE, MAP_VALUE, TEXT_SLOT,
};
use crate::schema::{FieldIdx, FieldType};

use super::names::NameCache;
use super::value::Text;
use super::writer::{RecordWriter, RepeatedWriter};

const _: () = assert!(
    ELEMENT_PRESENCE == 8
        && MAP_NAME == 8
        && MAP_VALUE == MAP_NAME + TEXT_SLOT
        && MAP_STRIDE == MAP_VALUE + TEXT_SLOT
);

/// A name as a reader has it.
struct Name<'n> {
    text: &'n [u8],
    /// Its number in a cache.
    cached: Option<(&'n mut NameCache, usize)>,
}

impl RepeatedWriter<'_, '_> {
    /// Appends a name and its value to a map. What nobody asks for is passed over.
    pub fn pair(&mut self, name: &[u8], value: Text<'_>) {
        self.push_pair(Name { text: name, cached: None }, None, value);
    }

    /// The same for a name that a reader has numbered, and a value that may be the text of
    /// a field of the record: it is not written once more then.
    pub fn pair_of(
        &mut self,
        (cache, number): (&mut NameCache, usize),
        name: &[u8],
        field: Option<FieldIdx>,
        value: Text<'_>,
    ) {
        let name = Name { text: name, cached: Some((cache, number)) };
        self.push_pair(name, field, value);
    }

    fn push_pair(&mut self, name: Name<'_>, field: Option<FieldIdx>, value: Text<'_>) {
        if self.field.ty != FieldType::Map {
            self.invalid = true;
            return;
        }
        let names = &mut self.writer.tail.names;
        let found = match name.cached {
            Some((cache, number)) => names.find_in(cache, number, name.text),
            None => names.find(name.text),
        };
        let number = found.and_then(|found| found.number);
        if !self.wanted || !(self.whole || number.is_some()) {
            return;
        }
        let is_full = self.count >= self.items.max;
        self.truncated |= is_full;
        if is_full && number.is_none() {
            return;
        }
        let tail = &mut self.writer.tail;
        let slot = found.and_then(|found| found.slot);
        let [a, b, c] = slot.unwrap_or_else(|| {
            tail.name(found.map(|found| found.at), name.text, self.fold)
        });
        let fold = self.fold || number.is_some();
        let [d, e, f] = field
            .and_then(|field| self.writer.words_of(field, value, fold))
            .unwrap_or_else(|| self.writer.tail.text_words(value, fold));
        // Which byte of the row leads here: `Tail::map` reads and clears it.
        let back = number.map_or(0, |number| u64::from(number) + 1);
        let element = [0b11, a, b, c, d, e, f | back << 32].map(u64::to_le_bytes);
        let scratch = &mut self.writer.tail.scratch;
        if !is_full {
            scratch.extend_from_slice(element.as_flattened());
            self.count = self.count.saturating_add(1);
        } else if let Some(place) = unasked(scratch) {
            place.copy_from_slice(element.as_flattened());
        }
    }
}

impl RecordWriter<'_> {
    /// The words of the slot of a field that is this text, folded if that is asked for;
    /// `None` if it is not.
    fn words_of(&self, idx: FieldIdx, text: Text<'_>, fold: bool) -> Option<[u64; 3]> {
        let field = self.tail.plan.text(idx).filter(|field| !fold || field.fold)?;
        if self.text_of(idx, field) != Some(text.bytes) {
            return None;
        }
        let slot = self.record.get(usize::from(field.offset)..)?;
        let slot: &[u8; TEXT_SLOT as usize] = slot.first_chunk()?;
        let mut words = [0; 3];
        for (word, bytes) in words.iter_mut().zip(slot.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        // A cut text is the same only if as much was cut.
        let [_, original, _] = words;
        (original & u64::from(u32::MAX) == u64::from(text.original)).then_some(words)
    }
}

/// The last element of a map whose name nobody asked for: where there is no room for more,
/// one that is asked for takes its place.
fn unasked(elements: &mut [u8]) -> Option<&mut [u8]> {
    let mut elements = elements.rchunks_exact_mut(usize::from(MAP_STRIDE));
    elements.find(|element| element.ends_with(&[0; 4]))
}
