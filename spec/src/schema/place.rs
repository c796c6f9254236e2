//! Declarations to kinds: resolves names and gives every field its place.
//!
//! A file is added to a copy of the schema, which replaces the schema if all went
//! well. Fields of a kind are those of its family, then of its view, then its own.

mod relations;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;

use super::error::SchemaError;
use super::layout::{
    ADDED_BIT, ELEMENT_NULL_BIT, ELEMENT_PRESENCE, END_BIT, MAP_MAX, MAP_NAME,
    MAP_STRIDE, MAP_VALUE, MAP_VALUE_BIT, OWN_BIT, PRESENCE_WORDS, Regions, STRIDE_MAX,
    VIEW_BIT, scalar_stride, slot,
};
use super::text::{
    CommonText, EnumText, ExtendText, FamilyText, FieldText, File, KindText, ViewText,
};
use super::{
    Added, Common, Enum, Family, Field, FieldIdx, FieldType, IntRepr, Items, Kind,
    KindIdx, Label, Scalar, Schema, View,
};

/// Adds the declarations of a file to a schema.
///
/// `builtin` files may declare common fields and views; others may not. On an
/// error the schema is unchanged.
pub(super) fn add(
    schema: &mut Schema,
    text: &str,
    builtin: bool,
) -> Result<Added, SchemaError> {
    let file = super::text::parse(text)?;
    let mut next = schema.clone();
    let mut placer = Placer { text, schema: &mut next };
    let added = placer.file(file, builtin)?;
    *schema = next;
    Ok(added)
}

/// Resolves names and gives every field of a file its place.
struct Placer<'a> {
    text: &'a str,
    schema: &'a mut Schema,
}

impl Placer<'_> {
    fn file(&mut self, file: File, builtin: bool) -> Result<Added, SchemaError> {
        for e in file.enums {
            self.enumeration(e)?;
        }
        if !builtin && !file.common.is_empty() {
            return Err(SchemaError::new("only built-in files declare common fields"));
        }
        if let Some(view) = file.view.first().filter(|_| !builtin) {
            return Err(self.error(&view.name, "only built-in files declare views"));
        }
        if !file.common.is_empty() {
            self.common(file.common)?;
        }
        for view in file.view {
            self.view(view)?;
        }
        if builtin && !file.extend.is_empty() {
            return Err(SchemaError::new("a built-in file extends no other"));
        }
        let kinds = file.kind.into_iter().map(|kind| self.kind(kind));
        let kinds = kinds.collect::<Result<Vec<_>, _>>()?;
        let mut added = Added { kinds, fields: Vec::new() };
        for extend in &file.extend {
            self.extend(extend, &mut added)?;
        }
        Ok(added)
    }

    /// Adds fields to kinds that exist, behind all that they have.
    fn extend(
        &mut self,
        extend: &ExtendText,
        added: &mut Added,
    ) -> Result<(), SchemaError> {
        for name in &extend.kinds {
            // A sensor may lack a kind; then there is nothing to add to.
            let Some(idx) = self.schema.kind_idx(name.get_ref()) else { continue };
            if added.kinds.contains(&idx) {
                return Err(self.error(name, "a kind of the same file is not extended"));
            }
            let Some(kind) = self.schema.kind(idx) else { continue };
            let (mut fields, group) = (kind.fields.to_vec(), kind.group.to_string());
            let cold = kind.stride..STRIDE_MAX;
            let free = fields.last().map_or(0, |field| field.bit.saturating_add(1));
            let mut slots = Slots::new(free.max(ADDED_BIT)..END_BIT);
            slots.end = kind.stride;
            for field in &extend.field {
                self.place(field, &mut slots, 0..0, cold.clone(), true)?;
            }
            if slots.fields.iter().any(|f| {
                let first = f.path.split('.').next();
                first == Some("kind") || first == Some(group.as_str())
            }) {
                let what = format!("a path begins with `kind` or `{group}`");
                return Err(self.error(name, what));
            }
            let new: Vec<FieldIdx> = slots.fields.iter().map(Field::idx).collect();
            let stride = slots.end.next_multiple_of(8);
            fields.append(&mut slots.fields);
            self.unique(name, &fields)?;
            if let Some(kind) = self.schema.kinds.get_mut(usize::from(idx.0)) {
                let kind = kind.to_mut();
                (kind.fields, kind.stride) = (fields.into(), stride);
            }
            match added.fields.iter_mut().find(|(kind, _)| *kind == idx) {
                Some((_, fields)) => fields.extend(new),
                None => added.fields.push((idx, new)),
            }
        }
        Ok(())
    }

    fn enumeration(&mut self, e: EnumText) -> Result<(), SchemaError> {
        let name = e.name.get_ref();
        if self.schema.enumeration(name).is_some() {
            return Err(self.error(&e.name, format!("enumeration `{name}` exists")));
        }
        if self.schema.enums.len() >= usize::from(u16::MAX) {
            return Err(self.error(&e.name, "too many enumerations"));
        }
        let labels = e
            .labels
            .into_iter()
            .map(|label| Label {
                value: label.value,
                name: label.name.into_inner().into(),
                doc: label.doc.into(),
            })
            .collect();
        self.schema
            .enums
            .push(Cow::Owned(Enum { name: e.name.into_inner().into(), labels }));
        Ok(())
    }

    fn common(&mut self, declared: Vec<CommonText>) -> Result<(), SchemaError> {
        let mut network = Slots::new(0..VIEW_BIT);
        let mut host = Slots::new(0..VIEW_BIT);
        let mut other = Slots::new(0..VIEW_BIT);
        for text in declared {
            let families = text.families.clone();
            let field = text.field();
            for family in families {
                let family = Family::from(family);
                let regions = Regions::of(family);
                let slots = match family {
                    Family::Network => &mut network,
                    Family::Host => &mut host,
                    Family::Other => &mut other,
                };
                self.place(&field, slots, regions.hot_common, regions.cold_common, true)?;
            }
        }
        self.schema.common = Common {
            network: network.fields.into(),
            host: host.fields.into(),
            other: other.fields.into(),
        };
        Ok(())
    }

    fn view(&mut self, view: ViewText) -> Result<(), SchemaError> {
        let name = view.name.get_ref();
        if self.schema.view(name).is_some() || self.schema.kind_idx(name).is_some() {
            return Err(self.error(&view.name, format!("`{name}` exists")));
        }
        let family = Family::from(view.family);
        let regions = Regions::of(family);
        let mut slots = Slots::new(VIEW_BIT..OWN_BIT);
        for field in &view.field {
            let (hot, cold) = (regions.hot_view.clone(), regions.cold_view.clone());
            self.place(field, &mut slots, hot, cold, false)?;
        }
        self.schema.views.push(Cow::Owned(View {
            name: view.name.into_inner().into(),
            doc: view.doc.into(),
            family,
            fields: slots.fields.into(),
        }));
        Ok(())
    }

    fn kind(&mut self, text: KindText) -> Result<KindIdx, SchemaError> {
        let name = text.name.get_ref().clone();
        if self.schema.kind_idx(&name).is_some() || self.schema.view(&name).is_some() {
            return Err(self.error(&text.name, format!("kind `{name}` exists")));
        }
        let idx = u16::try_from(self.schema.kinds.len())
            .map(KindIdx)
            .map_err(|_| self.error(&text.name, "too many kinds"))?;
        let family = Family::from(text.family);
        let regions = Regions::of(family);

        let mut slots = Slots::new(OWN_BIT..ADDED_BIT);
        for field in &text.field {
            let (hot, cold) = (regions.hot_own.clone(), regions.cold_own.clone());
            self.place(field, &mut slots, hot, cold, false)?;
        }
        let group = text.group.as_ref().map_or(&name, Spanned::get_ref).clone();
        let mut fields = self.schema.common.of(family).to_vec();
        if let Some(taken) = top_level(&fields).find(|part| *part == group) {
            return Err(self.error(
                &text.name,
                format!("the group cannot be named `{taken}`: a common field is"),
            ));
        }
        fields.extend(self.view_fields(&text, family)?);
        let end = slots.end.max(regions.cold_own.start);
        fields.append(&mut slots.fields);
        self.unique(&text.name, &fields)?;

        let mut kind = Kind {
            name: name.into(),
            doc: text.doc.into(),
            source: text.source.into(),
            family,
            group: group.into(),
            views: text.views.into_iter().map(|v| v.into_inner().into()).collect(),
            fields: fields.into(),
            presence_words: PRESENCE_WORDS,
            stride: end.next_multiple_of(8),
            registers: None,
            ranges: Vec::new().into(),
            guards: Vec::new().into(),
        };
        if let Some(registers) = text.registers {
            kind.registers = Some(self.registers(&kind, registers)?);
        }
        kind.ranges = text
            .ranges
            .iter()
            .map(|range| self.derived(&kind, range))
            .collect::<Result<Vec<_>, _>>()?
            .into();
        kind.guards = text
            .guards
            .iter()
            .map(|guard| self.guard(&kind, guard))
            .collect::<Result<Vec<_>, _>>()?
            .into();
        self.schema.kinds.push(Cow::Owned(kind));
        Ok(idx)
    }

    /// The fields that a kind gets by joining views.
    fn view_fields(
        &self,
        kind: &KindText,
        family: Family,
    ) -> Result<Vec<Field>, SchemaError> {
        let mut fields = Vec::new();
        for (n, name) in kind.views.iter().enumerate() {
            let Some(view) = self.schema.view(name.get_ref()) else {
                return Err(
                    self.error(name, format!("there is no view `{}`", name.get_ref()))
                );
            };
            if view.family != family {
                return Err(self.error(name, "the view belongs to another family"));
            }
            if n > 0 {
                return Err(self.error(name, "a kind joins at most one view"));
            }
            fields.extend_from_slice(&view.fields);
        }
        Ok(fields)
    }

    /// Refuses fields of the same path, a path that is both a field and the
    /// start of others, and a path that the label of an enumeration prints under.
    fn unique(&self, at: &Spanned<String>, fields: &[Field]) -> Result<(), SchemaError> {
        let mut paths = BTreeSet::new();
        for field in fields {
            let name = matches!(field.ty, FieldType::Enum(..))
                .then(|| format!("{}_name", field.path));
            for path in [Some(field.path.to_string()), name].into_iter().flatten() {
                if !paths.insert((path.clone(), field.common)) {
                    return Err(self.error(at, format!("`{path}` is declared twice")));
                }
            }
        }
        for (path, common) in &paths {
            let below = (format!("{path}."), *common);
            let clash = paths.range(below.clone()..).next();
            if let Some((clash, _)) =
                clash.filter(|(p, c)| c == common && p.starts_with(&below.0))
            {
                return Err(self.error(
                    at,
                    format!("`{path}` is a field and cannot hold `{clash}`"),
                ));
            }
        }
        let plain: BTreeSet<_> = fields.iter().map(|f| &f.path).collect();
        if plain.len() < fields.len() {
            return Err(
                self.error(at, "a field has the path of a common field or of the view's")
            );
        }
        Ok(())
    }

    /// A field by path, which must exist.
    fn own<'k>(
        &self,
        kind: &'k Kind,
        path: &Spanned<String>,
    ) -> Result<(FieldIdx, &'k Field), SchemaError> {
        kind.lookup(path.get_ref()).ok_or_else(|| {
            self.error(path, format!("there is no field `{}`", path.get_ref()))
        })
    }

    /// Places the fields that one entry declares.
    fn place(
        &self,
        text: &FieldText,
        slots: &mut Slots,
        hot: Range<u16>,
        cold: Range<u16>,
        common: bool,
    ) -> Result<(), SchemaError> {
        for path in text.paths() {
            let ty = self.field_type(&text.ty)?;
            let (bytes, align) = slot(ty);
            let offset = Some(hot.clone())
                .filter(|_| text.hot)
                .and_then(|hot| slots.fit(hot, bytes, align))
                .or_else(|| slots.fit(cold.clone(), bytes, align))
                .ok_or_else(|| self.error(path, "no room is left in the record"))?;
            let bit = slots
                .bits
                .next()
                .ok_or_else(|| self.error(path, "no presence bit is left"))?;
            let items = self.items(text, ty)?;
            slots.fields.push(Field {
                path: path.get_ref().clone().into(),
                common,
                ty,
                bit,
                offset,
                unit: text.unit.clone().into(),
                doc: text.doc.clone().into(),
                example: text.example.clone().into(),
                source: text.source.clone().into(),
                items,
            });
        }
        Ok(())
    }

    fn items(
        &self,
        text: &FieldText,
        ty: FieldType,
    ) -> Result<Option<Items>, SchemaError> {
        let max = || {
            text.max.ok_or_else(|| {
                self.error(&text.ty, "a repeated field needs `max`, its most elements")
            })
        };
        match ty {
            FieldType::List(scalar) => {
                if !text.field.is_empty() {
                    return Err(self.error(&text.ty, "only a group has fields"));
                }
                let stride = scalar_stride(scalar);
                Ok(Some(Items { max: max()?, stride, fields: Vec::new().into() }))
            }
            FieldType::Group => {
                if text.field.is_empty() {
                    return Err(self.error(&text.ty, "a group needs fields"));
                }
                let mut slots = Slots::new(0..ELEMENT_NULL_BIT);
                for field in &text.field {
                    let area = ELEMENT_PRESENCE..STRIDE_MAX;
                    self.place(field, &mut slots, area.clone(), area, false)?;
                }
                if let Some(list) = slots.fields.iter().find(|f| f.items.is_some()) {
                    return Err(self.error(
                        &text.ty,
                        format!("an element cannot hold the repeated `{}`", list.path),
                    ));
                }
                self.unique(&text.ty, &slots.fields)?;
                let stride = slots.end.max(ELEMENT_PRESENCE).next_multiple_of(8);
                Ok(Some(Items { max: max()?, stride, fields: slots.fields.into() }))
            }
            FieldType::Map => {
                if !text.field.is_empty() {
                    return Err(self.error(&text.ty, "the fields of a map are given"));
                }
                let max = max()?;
                if max > MAP_MAX {
                    return Err(self
                        .error(&text.ty, format!("a map has at most {MAP_MAX} names")));
                }
                Ok(Some(Items { max, ..map_items() }))
            }
            _ if text.max.is_some() || !text.field.is_empty() => {
                Err(self.error(&text.ty, "only lists and groups have `max` or fields"))
            }
            _ => Ok(None),
        }
    }

    /// Reads `u16`, `enum NAME u8`, `list u16`, `group`, `map`.
    fn field_type(&self, text: &Spanned<String>) -> Result<FieldType, SchemaError> {
        let words: Vec<&str> = text.get_ref().split_ascii_whitespace().collect();
        let unknown = || self.error(text, format!("unknown type `{}`", text.get_ref()));
        match words.as_slice() {
            ["list", rest @ ..] => {
                let scalar = match self.scalar_type(text, rest)?.ok_or_else(unknown)? {
                    FieldType::Int(repr) => Scalar::Int(repr),
                    FieldType::Enum(e, repr) => Scalar::Enum(e, repr),
                    FieldType::Float => Scalar::Float,
                    FieldType::Text => Scalar::Text,
                    FieldType::Name => Scalar::Name,
                    FieldType::Ip => Scalar::Ip,
                    _ => return Err(self.error(text, "no list can hold this type")),
                };
                Ok(FieldType::List(scalar))
            }
            ["group"] => Ok(FieldType::Group),
            ["map"] => Ok(FieldType::Map),
            words => self.scalar_type(text, words)?.ok_or_else(unknown),
        }
    }

    fn scalar_type(
        &self,
        at: &Spanned<String>,
        words: &[&str],
    ) -> Result<Option<FieldType>, SchemaError> {
        Ok(Some(match words {
            ["enum", name, repr] => {
                let Some(e) = self.schema.enumeration(name) else {
                    return Err(self.error(at, format!("no enumeration `{name}`")));
                };
                let repr = IntRepr::from_name(repr)
                    .ok_or_else(|| self.error(at, format!("unknown width `{repr}`")))?;
                let top = self.schema.enum_labels(e).last().map_or(0, |l| l.value);
                if !repr.holds(top) {
                    return Err(self.error(
                        at,
                        format!("the numbers of `{name}` do not fit its width"),
                    ));
                }
                FieldType::Enum(e, repr)
            }
            [name] => match *name {
                "bool" => FieldType::Bool,
                "float" => FieldType::Float,
                "time" => FieldType::Time,
                "duration" => FieldType::Duration,
                "ip" => FieldType::Ip,
                "mac" => FieldType::Mac,
                "text" => FieldType::Text,
                "name" => FieldType::Name,
                "path" => FieldType::Path,
                "bytes" => FieldType::Bytes,
                "range" => FieldType::Range,
                int => return Ok(IntRepr::from_name(int).map(FieldType::Int)),
            },
            _ => return Ok(None),
        }))
    }

    fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> SchemaError {
        SchemaError::at(self.text, at.span().start, message)
    }
}

/// The fields placed so far in one record or element.
struct Slots {
    bits: Range<u16>,
    taken: Vec<bool>,
    end: u16,
    fields: Vec<Field>,
}

impl Slots {
    fn new(bits: Range<u16>) -> Self {
        Self { bits, taken: vec![false; STRIDE_MAX.into()], end: 0, fields: Vec::new() }
    }

    /// The first free place of a region, which is then taken.
    fn fit(&mut self, region: Range<u16>, bytes: u16, align: u16) -> Option<u16> {
        let last = region.end.checked_sub(bytes)?;
        let start = region.start.next_multiple_of(align);
        for offset in (start..=last).step_by(align.into()) {
            let end = offset.checked_add(bytes)?;
            let bytes = self.taken.get_mut(offset.into()..end.into())?;
            if bytes.iter().all(|taken| !taken) {
                bytes.fill(true);
                self.end = self.end.max(end);
                return Some(offset);
            }
        }
        None
    }
}

/// The elements of a map, at the places that [`layout`](super::layout) states.
fn map_items() -> Items {
    let field = |path: &'static str, bit, offset, doc: &'static str, example| Field {
        path: path.into(),
        common: false,
        ty: FieldType::Text,
        bit,
        offset,
        unit: "".into(),
        doc: doc.into(),
        example: Cow::Borrowed(example),
        source: "".into(),
        items: None,
    };
    Items {
        max: MAP_MAX,
        stride: MAP_STRIDE,
        fields: vec![
            field("name", 0, MAP_NAME, "name, as the source has it", r#"r.name == "a0""#),
            field(
                "value",
                MAP_VALUE_BIT,
                MAP_VALUE,
                "what it holds, as text",
                r#"r.value == "1""#,
            ),
        ]
        .into(),
    }
}

/// The first parts of the paths of common fields: keys at the top of the JSON.
fn top_level(common: &[Field]) -> impl Iterator<Item = &str> {
    common.iter().filter_map(|field| field.path.split('.').next()).chain(["kind"])
}

impl From<FamilyText> for Family {
    fn from(text: FamilyText) -> Self {
        match text {
            FamilyText::Network => Self::Network,
            FamilyText::Host => Self::Host,
            FamilyText::Other => Self::Other,
        }
    }
}
