//! What fields of a kind have to do with each other: registers, ranges, guards.

use toml::Spanned;

use super::Placer;
use crate::schema::error::SchemaError;
use crate::schema::text::{GuardText, RangeText, RegistersText};
use crate::schema::{DerivedRange, FieldType, Guard, IntRepr, Kind, Registers, Scalar};

impl Placer<'_> {
    pub(super) fn registers(
        &self,
        kind: &Kind,
        text: RegistersText,
    ) -> Result<Registers, SchemaError> {
        let (address, field) = self.own(kind, &text.address)?;
        if !matches!(field.ty, FieldType::Int(_)) {
            return Err(self.error(&text.address, "the address is an integer field"));
        }
        let (values, field) = self.own(kind, &text.values)?;
        if field.ty != FieldType::List(Scalar::Int(IntRepr::U16)) {
            return Err(self.error(&text.values, "the registers are a `list u16`"));
        }
        let (table, field) = self.own(kind, &text.table)?;
        let FieldType::Enum(table_enum, _) = field.ty else {
            return Err(self.error(&text.table, "the table is an enumeration field"));
        };
        let mut register_tables = Vec::new();
        for label in &text.tables {
            let value = self.schema.enum_value(table_enum, label.get_ref());
            register_tables.push(value.ok_or_else(|| {
                self.error(label, format!("there is no label `{}`", label.get_ref()))
            })?);
        }
        Ok(Registers { address, values, table, register_tables: register_tables.into() })
    }

    pub(super) fn guard(
        &self,
        kind: &Kind,
        text: &GuardText,
    ) -> Result<Guard, SchemaError> {
        let (by, field) = self.own(kind, &text.when)?;
        let value = |text: &Spanned<String>| {
            let found = match (field.ty, text.get_ref().as_str()) {
                (FieldType::Bool, "false") => Some(0),
                (FieldType::Bool, "true") => Some(1),
                (FieldType::Enum(labels, _), label) => {
                    self.schema.enum_value(labels, label).or_else(|| label.parse().ok())
                }
                (FieldType::Int(_), number) => number.parse().ok(),
                _ => None,
            };
            let why = || format!("`{}` is no value of it", text.get_ref());
            found.ok_or_else(|| self.error(text, why()))
        };
        let mut values = text.is.iter().map(value).collect::<Result<Vec<u64>, _>>()?;
        values.sort_unstable();
        let fields = text.fields.iter().map(|path| Ok(self.own(kind, path)?.0));
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        Ok(Guard { by, values: values.into(), fields: fields.into() })
    }

    pub(super) fn derived(
        &self,
        kind: &Kind,
        text: &RangeText,
    ) -> Result<DerivedRange, SchemaError> {
        let (range, field) = self.own(kind, &text.range)?;
        if field.ty != FieldType::Range {
            return Err(self.error(&text.range, "not a field of type `range`"));
        }
        let mut ints = [&text.first, &text.count].into_iter().map(|path| {
            let (idx, field) = self.own(kind, path)?;
            match field.ty {
                FieldType::Int(IntRepr::U8 | IntRepr::U16 | IntRepr::U32) => Ok(idx),
                _ => Err(self.error(path, "not an unsigned number of at most 32 bits")),
            }
        });
        let (Some(first), Some(count)) = (ints.next(), ints.next()) else {
            return Err(self.error(&text.range, "needs a first number and a count"));
        };
        Ok(DerivedRange { range, first: first?, count: count? })
    }
}
