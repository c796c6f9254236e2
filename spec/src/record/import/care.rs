//! The fields that could lie: texts and elements, whose offsets may point anywhere; bools,
//! floats, wide numbers and ranges with values that rules cannot use.

use crate::schema::layout::{
    ELEMENT_NULL_BIT, ELEMENT_PRESENCE, REPEATED_TRUNCATED, slot,
};
use crate::schema::{Field, FieldIdx, FieldType, IntRepr, Items, Scalar};

use super::Foreign;
use crate::record::value::Text;
use crate::record::view::{self, u32_at};
use crate::record::writer::{RecordWriter, set_bit};

/// What could be wrong with a field that is there: found out once a kind, since most
/// records have some such field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Care {
    at: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// One byte, 0 or 1.
    Truth,
    /// Not NaN.
    Float,
    /// No more than the language can hold.
    Wide,
    /// The first no greater than the last.
    Range,
    /// Bytes that are none of its.
    Mac,
    /// Bytes that lie elsewhere; of which field.
    Text(FieldIdx),
    /// Elements that do, with bytes each and how many at most, and hold no texts.
    Numbers(FieldIdx, u16, u16),
    /// Elements that hold texts.
    Elements(FieldIdx),
}

impl Care {
    /// `None` if every value is allowed.
    pub(super) fn of(field: &Field) -> Option<Self> {
        let what = match field.ty {
            FieldType::Bool => What::Truth,
            FieldType::Float => What::Float,
            FieldType::Range => What::Range,
            FieldType::Mac => What::Mac,
            FieldType::Int(repr) | FieldType::Enum(_, repr) => match repr {
                IntRepr::U64 => What::Wide,
                _ => return None,
            },
            FieldType::Time | FieldType::Duration | FieldType::Ip => return None,
            FieldType::List(scalar) if !matches!(scalar, Scalar::Text | Scalar::Name) => {
                let items = field.items.as_ref()?;
                What::Numbers(field.idx(), items.stride, items.max)
            }
            FieldType::List(_) | FieldType::Group | FieldType::Map => {
                What::Elements(field.idx())
            }
            FieldType::Text | FieldType::Name | FieldType::Path | FieldType::Bytes => {
                What::Text(field.idx())
            }
        };
        Some(Self { at: field.offset.into(), what })
    }

    /// Whether it is a byte that must be 0 or 1.
    pub(super) fn is_truth(self) -> bool {
        self.what == What::Truth
    }

    /// Makes the field of a copy good; false if it cannot be, `None` if the slot is not
    /// there.
    #[inline(always)]
    pub(super) fn is_good(
        self,
        record: &[u8],
        from: &Foreign<'_>,
        to: &mut RecordWriter<'_>,
    ) -> Option<bool> {
        let slot = record.get(self.at..)?;
        let word = || slot.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
        Some(match self.what {
            What::Truth => *slot.first()? <= 1,
            What::Float => !f64::from_bits(word()?).is_nan(),
            What::Wide => i64::try_from(word()?).is_ok(),
            What::Range => u32_at(slot, 0)? <= u32_at(slot, 4)?,
            What::Mac => {
                // What is behind its six bytes is compared with the rest.
                to.record.get_mut(self.at..)?.get_mut(6..8)?.fill(0);
                true
            }
            What::Text(idx) => {
                let text = from.text(slot)?;
                if !to.tail.wants(idx) {
                    to.set_absent(idx);
                    return Some(true);
                }
                let fold = to.tail.folds(idx);
                let room = to.record.get_mut(self.at..)?.first_chunk_mut()?;
                to.tail.text(text, fold, room);
                true
            }
            What::Numbers(idx, stride, max) => {
                let (offset, count, truncated) = repeated(slot)?;
                if count > max {
                    return Some(false);
                }
                let bytes = usize::from(stride).checked_mul(count.into())?;
                let elements = from.bytes(offset, bytes)?;
                if !to.tail.wants(idx) {
                    to.set_absent(idx);
                    return Some(true);
                }
                let room = to.record.get_mut(self.at..)?.first_chunk_mut()?;
                *room = to.tail.copy_elements(elements, stride, count, truncated);
                true
            }
            What::Elements(idx) => {
                let field = to.kind.field(idx)?;
                return with_texts(field, slot, from, to);
            }
        })
    }
}

/// Whether a slot of a plain type holds a value that rules can use.
fn is_good(slot: &[u8], ty: FieldType) -> bool {
    match ty {
        FieldType::Bool => slot.first().is_some_and(|byte| *byte <= 1),
        FieldType::Range => {
            u32_at(slot, 0).zip(u32_at(slot, 4)).is_some_and(|(a, b)| a <= b)
        }
        FieldType::Mac => true,
        ty => view::plain_value(slot, ty).is_some_and(|value| value.is_usable()),
    }
}

/// What a slot says of elements: where, how many, and whether there were more.
fn repeated(slot: &[u8]) -> Option<(u32, u16, bool)> {
    let [a, b, c, d, e, f, g, h] = *slot.first_chunk()?;
    let (count, flags) = (u16::from_le_bytes([e, f]), u16::from_le_bytes([g, h]));
    Some((u32::from_le_bytes([a, b, c, d]), count, flags & REPEATED_TRUNCATED != 0))
}

/// Writes the elements of a field anew, with their texts.
fn with_texts(
    field: &Field,
    slot: &[u8],
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
) -> Option<bool> {
    let items = field.items.as_ref()?;
    let (offset, count, truncated) = repeated(slot)?;
    if count > items.max {
        return Some(false);
    }
    let stride = usize::from(items.stride);
    let elements = from.bytes(offset, stride.checked_mul(count.into())?)?;
    let wants = to.tail.wants(field.idx());
    if field.ty == FieldType::Map {
        return pairs(field, elements, truncated, from, to);
    }
    if !wants {
        to.set_absent(field.idx());
        return Some(true);
    }
    let fold = to.tail.folds(field.idx());
    let mut scratch = std::mem::take(to.tail.scratch);
    scratch.clear();
    scratch.extend_from_slice(elements);
    let mut good = true;
    for element in scratch.chunks_exact_mut(stride.max(1)) {
        good &= match field.ty {
            FieldType::Group => {
                group_element(element, items, from, to, fold);
                true
            }
            _ => rewrite(element, from, to, fold).is_some(),
        };
    }
    *to.tail.scratch = scratch;
    if !good {
        to.tail.scratch.clear();
        return Some(false);
    }
    let written = to.tail.elements(items.stride, count, truncated);
    *to.record.get_mut(usize::from(field.offset)..)?.first_chunk_mut()? = written;
    Some(true)
}

/// Makes an element good: what is not becomes absent.
fn group_element(
    element: &mut [u8],
    items: &Items,
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
    fold: bool,
) {
    let said = element.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
    if let Some(presence) = element.get_mut(..ELEMENT_PRESENCE.into()) {
        presence.fill(0);
    }
    for field in items.fields.iter() {
        let null = field.bit.saturating_add(ELEMENT_NULL_BIT);
        if said >> field.bit & 1 == 0 {
            set_bit(element, null, said >> null & 1 == 1);
            continue;
        }
        let (bytes, _) = slot(field.ty);
        let start = usize::from(field.offset);
        let end = start.saturating_add(bytes.into());
        let Some(slot) = element.get_mut(start..end) else { continue };
        let good = if field.ty.is_text() {
            rewrite(slot, from, to, fold).is_some()
        } else {
            if let (FieldType::Mac, Some(rest)) = (field.ty, slot.get_mut(6..)) {
                rest.fill(0);
            }
            is_good(slot, field.ty)
        };
        set_bit(element, field.bit, good);
    }
}

/// Writes the text of a slot anew.
fn rewrite(
    slot: &mut [u8],
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
    fold: bool,
) -> Option<()> {
    let text = from.text(slot)?;
    to.tail.text(text, fold, slot.first_chunk_mut()?);
    Some(())
}

/// Writes the names and values of a map anew.
fn pairs(
    field: &Field,
    elements: &[u8],
    truncated: bool,
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
) -> Option<bool> {
    let items = field.items.as_ref()?;
    let texts: Option<Vec<(Text<'_>, Text<'_>)>> = elements
        .chunks_exact(usize::from(items.stride).max(1))
        .map(|element| {
            let text = |at: usize| {
                let field = items.fields.get(at)?;
                from.text(element.get(usize::from(field.offset)..)?)
            };
            Some((text(0)?, text(1)?))
        })
        .collect();
    let texts = texts?;
    to.set_absent(field.idx());
    let mut writer = to.repeated(field)?;
    for (name, value) in texts {
        writer.pair(name.bytes, value);
    }
    if truncated {
        writer.set_truncated();
    }
    Some(writer.end())
}
