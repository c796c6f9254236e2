//! Random events, drawn from what the conditions ask.

use std::collections::BTreeMap;

use tagout_spec::schema::{Field, FieldIdx, FieldType};

use super::{Generator, palette, repr_of};
use crate::ir::interpret::{Content, Event, Slot};
use crate::ir::types::{type_of_field, type_of_item};
use crate::ir::{FieldRef, Type, Value};

/// How often, in a hundred, fields of an event are absent, null, invalid or cut.
#[derive(Clone, Copy)]
struct Gaps {
    absent: usize,
    null: usize,
    invalid: usize,
    cut: usize,
}

/// Events range from whole ones to those that lack nearly everything.
const GAPS: &[Gaps] = &[
    Gaps { absent: 0, null: 0, invalid: 0, cut: 0 },
    Gaps { absent: 2, null: 1, invalid: 1, cut: 2 },
    Gaps { absent: 10, null: 3, invalid: 3, cut: 8 },
    Gaps { absent: 40, null: 8, invalid: 8, cut: 20 },
    Gaps { absent: 75, null: 5, invalid: 5, cut: 30 },
];

impl Generator<'_> {
    /// An event of the kind.
    pub(super) fn event(&mut self) -> Event {
        let gaps = self.random.pick(GAPS).copied();
        let Some(gaps) = gaps else { return Event::default() };
        let mut event = Event::default();
        let kind = self.kind;
        for field in kind.fields.iter() {
            if let Some(content) = self.content(field, gaps) {
                event.fields.insert(FieldIdx(field.bit), content);
            }
        }
        event.complete(kind);
        event
    }

    fn content(&mut self, field: &Field, gaps: Gaps) -> Option<Content> {
        let field_ref = FieldRef::Event(FieldIdx(field.bit));
        match self.random.below(100) {
            at if at < gaps.absent => return None,
            at if at < gaps.absent.saturating_add(gaps.null) => {
                return Some(Content::One(Slot::Null));
            }
            at if at >= 100_usize.saturating_sub(gaps.invalid) => {
                return Some(Content::One(Slot::Invalid));
            }
            _ => {}
        }
        let Some(items) = &field.items else {
            let ty = type_of_field(field.ty)?;
            return Some(Content::One(self.slot(field_ref, field, ty, gaps.cut)));
        };
        let most = usize::from(items.max);
        let truncated = gaps.absent > 0 && most <= 64 && self.random.chance(10);
        let len = match truncated {
            true => most,
            false => self.random.below(most.min(5).saturating_add(1)),
        };
        let is_registers = self
            .kind
            .registers
            .as_ref()
            .is_some_and(|registers| registers.values == FieldIdx(field.bit));
        match field.ty {
            FieldType::List(scalar) => {
                let ty = type_of_item(scalar);
                let items =
                    (0..len).map(|_| match is_registers && self.random.chance(70) {
                        true => Slot::Value(Value::Int(palette::word(&mut self.random))),
                        false => self.item(field_ref, field, ty, gaps),
                    });
                let items = items.collect();
                Some(Content::List(items, truncated))
            }
            _ => {
                let group = FieldIdx(field.bit);
                let elements =
                    (0..len).map(|_| self.element_of(group, &items.fields, gaps));
                let elements = elements.collect();
                Some(Content::Group(elements, truncated))
            }
        }
    }

    /// An item; now and then one that has no value.
    fn item(&mut self, list: FieldRef, field: &Field, ty: Type, gaps: Gaps) -> Slot {
        use tagout_spec::schema::{IntRepr, Scalar};
        if self.random.chance(gaps.invalid) {
            match field.ty {
                FieldType::List(Scalar::Float) => {
                    return Slot::Value(Value::Float(f64::NAN));
                }
                FieldType::List(Scalar::Int(IntRepr::U64)) => return Slot::Invalid,
                _ => {}
            }
        }
        self.slot(list, field, ty, gaps.cut)
    }

    fn element_of(
        &mut self,
        group: FieldIdx,
        fields: &[Field],
        gaps: Gaps,
    ) -> BTreeMap<FieldIdx, Slot> {
        let mut element = BTreeMap::new();
        for (position, field) in (0_u16..).zip(fields) {
            let position = FieldIdx(position);
            let Some(ty) = type_of_field(field.ty) else { continue };
            let slot = match self.random.below(100) {
                at if at < gaps.absent => continue,
                at if at < gaps.absent.saturating_add(gaps.null) => Slot::Null,
                _ => self.slot(FieldRef::Elem(group, position), field, ty, gaps.cut),
            };
            element.insert(position, slot);
        }
        element
    }

    /// A value for a field, often one that a condition asks for.
    fn slot(&mut self, place: FieldRef, field: &Field, ty: Type, cut: usize) -> Slot {
        let value = self.pooled(place, field, ty);
        match value {
            Value::Bytes(bytes) if !bytes.is_empty() && self.random.chance(cut) => {
                Slot::Cut(bytes)
            }
            value => Slot::Value(value),
        }
    }

    fn pooled(&mut self, place: FieldRef, field: &Field, ty: Type) -> Value {
        let repr = repr_of(field.ty);
        let is_table = |value: &Value| match value {
            Value::Int(number) => ty.admits(value) && palette::fits(*number, repr),
            _ => ty.admits(value),
        };
        if let Some(registers) = &self.kind.registers
            && place == FieldRef::Event(registers.table)
            && self.random.chance(70)
            && let Some(table) = self.random.pick(&registers.register_tables)
        {
            return Value::Int(i64::try_from(*table).unwrap_or(0));
        }
        if self.random.chance(80)
            && let Some(pool) = self.pools.get(&place)
            && let Some(value) = self.random.pick(pool)
            && is_table(value)
        {
            return value.clone();
        }
        palette::value(&mut self.random, ty, repr)
    }
}
