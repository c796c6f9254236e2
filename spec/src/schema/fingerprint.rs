//! Fingerprints: does a pack mean the same field that this host means?
//!
//! A pack carries one number for each field it needs, over everything that its
//! code relies on: kind, path, type, unit and place. Where a field lies that other files
//! add to a kind is a matter of their order: a pack states its place besides, and hosts
//! bring the field there. Documentation may change freely. Labels of enumerations have numbers of their own, one for each label
//! that a pack uses, so that a new label breaks no pack. The number is FNV-1a,
//! 64 bit: it finds mistakes and not attackers, who could write any number.

use super::{EnumIdx, Field, FieldIdx, Kind, Schema, layout};

impl Schema {
    /// The fingerprint of a field of a kind.
    #[must_use]
    pub fn fingerprint(&self, kind: &Kind, field: FieldIdx) -> Option<u64> {
        let field = kind.field(field)?;
        let mut hash = Fnv::new();
        hash.text(&kind.name);
        self.add(&mut hash, field);
        Some(hash.0)
    }

    /// The fingerprint of a kind's whole layout: of every field, and the stride. What
    /// other files have added to the kind does not change it.
    #[must_use]
    pub fn layout_fingerprint(&self, kind: &Kind) -> u64 {
        let mut hash = Fnv::new();
        hash.text(&kind.name);
        hash.bytes(&layout::own_stride(kind).to_le_bytes());
        let own = kind.fields.iter().filter(|f| !f.is_named() && !f.is_added());
        for field in own {
            self.add(&mut hash, field);
        }
        hash.0
    }

    /// The fingerprint of one label of an enumeration.
    #[must_use]
    pub fn label_fingerprint(&self, idx: EnumIdx, label: &str) -> Option<u64> {
        let value = self.enum_value(idx, label)?;
        let mut hash = Fnv::new();
        hash.text(&self.enums.get(usize::from(idx.0))?.name);
        hash.text(label);
        hash.bytes(&value.to_le_bytes());
        Some(hash.0)
    }

    fn add(&self, hash: &mut Fnv, field: &Field) {
        hash.text(&field.path);
        hash.text(&self.type_name(field.ty));
        hash.text(&field.unit);
        if !field.is_added() {
            hash.bytes(&field.offset.to_le_bytes());
            hash.bytes(&field.bit.to_le_bytes());
        }
        if let Some(items) = &field.items {
            // A module's static bound counts with the maximum.
            hash.bytes(&items.max.to_le_bytes());
            hash.bytes(&items.stride.to_le_bytes());
            for inner in items.fields.iter() {
                self.add(hash, inner);
            }
        }
    }
}

/// FNV-1a.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Text with its length, so that two texts never run into each other.
    fn text(&mut self, text: &str) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }
}
