//! The text form of a schema: TOML to declarations.
//!
//! ```text
//! [[protocol]] name, kinds, standards, reads, leaves, proof      (for the docs)
//! [[enum]]   name, labels = [{ value, name, doc? }]
//! [[common]] families, then the keys of a field         (common.toml only)
//! [[view]]   name, family, doc, [[view.field]]          (built-in files only)
//! [[kind]]   name, doc, family, group?, views?, source?, registers?, ranges?, guards?
//!   [[kind.field]]  path or paths, type, doc, example, unit?, source?, hot?, max?
//!     [[kind.field.field]]  the same, for the elements of a group
//! [[extend]] kinds; [[extend.field]] as of a kind       (files given at load only)
//! ```
//!
//! `type` is `bool`, `u8` to `u64`, `i8` to `i64`, `float`, `time`, `duration`,
//! `ip`, `mac`, `text`, `name`, `path`, `bytes`, `range`, `enum NAME REPR`,
//! `list SCALAR`, `group` or `map`. The order of entries is the order of presence bits:
//! a released file only ever grows at its ends.
//!
//! This module checks what one file says by itself: keys, names, limits.
//! [`place`](super::place) resolves names and gives every field its place.
//! A file given at load is not trusted: its size, and the number and length of
//! everything in it, is bounded here.

use serde::Deserialize;
use toml::Spanned;

use super::error::SchemaError;

/// Most bytes of a schema file.
pub(super) const FILE_MAX: usize = 1 << 20;
/// Most bytes of a name, or of one part of a path.
pub(super) const NAME_MAX: usize = 64;
/// Most parts of a path.
pub(super) const PATH_DEPTH_MAX: usize = 6;
/// Most labels of an enumeration.
pub(super) const LABELS_MAX: usize = 4096;
/// Most elements of a repeated field.
pub(super) const ITEMS_MAX: u16 = 4096;
/// Most fields of a group's element: one presence word holds 32.
pub(super) const ELEMENT_FIELDS_MAX: usize = 32;

/// A parsed file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default, rename = "enum")]
    pub(super) enums: Vec<EnumText>,
    #[serde(default)]
    pub(super) common: Vec<CommonText>,
    #[serde(default)]
    pub(super) view: Vec<ViewText>,
    #[serde(default)]
    pub(super) kind: Vec<KindText>,
    #[serde(default)]
    pub(super) extend: Vec<ExtendText>,
    #[serde(default)]
    pub(super) protocol: Vec<ProtocolText>,
}

/// `[[extend]]`: fields that are added to kinds that exist.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExtendText {
    pub(super) kinds: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) field: Vec<FieldText>,
}

/// `[[protocol]]`: what a decoder reads, for `docs/protocols.md` alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProtocolText {
    pub(super) name: String,
    pub(super) kinds: Vec<String>,
    pub(super) standards: Vec<String>,
    pub(super) reads: Vec<String>,
    pub(super) leaves: Vec<String>,
    pub(super) proof: String,
}

/// `[[enum]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnumText {
    pub(super) name: Spanned<String>,
    pub(super) labels: Vec<LabelText>,
}

/// One entry of `labels`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelText {
    pub(super) value: u64,
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) doc: String,
}

/// `[[common]]`: a field of every kind of some families.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommonText {
    pub(super) families: Vec<FamilyText>,
    path: Option<Spanned<String>>,
    paths: Option<Vec<Spanned<String>>>,
    #[serde(rename = "type")]
    ty: Spanned<String>,
    doc: String,
    example: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    hot: bool,
    max: Option<u16>,
}

impl CommonText {
    pub(super) fn field(self) -> FieldText {
        FieldText {
            path: self.path,
            paths: self.paths,
            ty: self.ty,
            doc: self.doc,
            example: self.example,
            unit: self.unit,
            source: self.source,
            hot: self.hot,
            max: self.max,
            field: Vec::new(),
        }
    }
}

/// `[[view]]`: fields that several kinds share at the same place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewText {
    pub(super) name: Spanned<String>,
    pub(super) family: FamilyText,
    pub(super) doc: String,
    #[serde(default)]
    pub(super) field: Vec<FieldText>,
}

/// `[[kind]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindText {
    pub(super) name: Spanned<String>,
    pub(super) doc: String,
    pub(super) family: FamilyText,
    pub(super) group: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) views: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) source: String,
    pub(super) registers: Option<RegistersText>,
    #[serde(default)]
    pub(super) ranges: Vec<RangeText>,
    #[serde(default)]
    pub(super) guards: Vec<GuardText>,
    #[serde(default)]
    pub(super) field: Vec<FieldText>,
}

/// `registers = { address, values, table, tables }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistersText {
    pub(super) address: Spanned<String>,
    pub(super) values: Spanned<String>,
    pub(super) table: Spanned<String>,
    pub(super) tables: Vec<Spanned<String>>,
}

/// One entry of `ranges`: a range that follows from a first number and a count.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RangeText {
    pub(super) range: Spanned<String>,
    pub(super) first: Spanned<String>,
    pub(super) count: Spanned<String>,
}

/// One entry of `guards`: fields that are there only if another `is` one of these.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardText {
    pub(super) when: Spanned<String>,
    pub(super) is: Vec<Spanned<String>>,
    pub(super) fields: Vec<Spanned<String>>,
}

/// `[[kind.field]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldText {
    path: Option<Spanned<String>>,
    paths: Option<Vec<Spanned<String>>>,
    #[serde(rename = "type")]
    pub(super) ty: Spanned<String>,
    pub(super) doc: String,
    pub(super) example: String,
    #[serde(default)]
    pub(super) unit: String,
    #[serde(default)]
    pub(super) source: String,
    #[serde(default)]
    pub(super) hot: bool,
    pub(super) max: Option<u16>,
    #[serde(default)]
    pub(super) field: Vec<FieldText>,
}

impl FieldText {
    /// The paths this entry declares, in order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.path.iter().chain(self.paths.iter().flatten())
    }
}

/// `family = "network"`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FamilyText {
    Network,
    Host,
    Other,
}

/// Reads a file and checks names and limits.
pub(super) fn parse(text: &str) -> Result<File, SchemaError> {
    if text.len() > FILE_MAX {
        return Err(SchemaError::new(format!(
            "the file has {} bytes; at most {FILE_MAX} are read",
            text.len()
        )));
    }
    let file: File = toml::from_str(text).map_err(|e| match e.span() {
        Some(span) => SchemaError::at(text, span.start, e.message()),
        None => SchemaError::new(e.message()),
    })?;
    Checker { text }.file(&file)?;
    Ok(file)
}

/// Checks of one file; holds the text for line numbers.
struct Checker<'a> {
    text: &'a str,
}

impl Checker<'_> {
    fn file(&self, file: &File) -> Result<(), SchemaError> {
        for e in &file.enums {
            self.enumeration(e)?;
        }
        for view in &file.view {
            self.name(&view.name)?;
            self.fields(&view.field)?;
        }
        for kind in &file.kind {
            self.name(&kind.name)?;
            if let Some(group) = &kind.group {
                self.name(group)?;
            }
            self.fields(&kind.field)?;
        }
        for extend in &file.extend {
            self.fields(&extend.field)?;
        }
        Ok(())
    }

    fn enumeration(&self, e: &EnumText) -> Result<(), SchemaError> {
        self.name(&e.name)?;
        if e.labels.len() > LABELS_MAX {
            return Err(self.error(
                &e.name,
                format!("an enumeration has at most {LABELS_MAX} labels"),
            ));
        }
        let mut last = None;
        let mut names = std::collections::BTreeSet::new();
        for label in &e.labels {
            self.name(&label.name)?;
            if last.is_some_and(|last| last >= label.value) {
                return Err(self.error(
                    &label.name,
                    format!(
                        "the numbers of `{}` must be unique and ascending",
                        e.name.get_ref()
                    ),
                ));
            }
            last = Some(label.value);
            if !names.insert(label.name.get_ref()) {
                return Err(self.error(
                    &label.name,
                    format!("label `{}` is given twice", label.name.get_ref()),
                ));
            }
        }
        Ok(())
    }

    fn fields(&self, fields: &[FieldText]) -> Result<(), SchemaError> {
        for field in fields {
            self.field(field)?;
            for inner in &field.field {
                self.field(inner)?;
                if !inner.field.is_empty() {
                    return Err(self.error(&inner.ty, "an element cannot hold a group"));
                }
            }
            if field.field.len() > ELEMENT_FIELDS_MAX {
                return Err(self.error(
                    &field.ty,
                    format!("an element has at most {ELEMENT_FIELDS_MAX} fields"),
                ));
            }
        }
        Ok(())
    }

    fn field(&self, field: &FieldText) -> Result<(), SchemaError> {
        if field.path.is_some() == field.paths.is_some() {
            return Err(
                self.error(&field.ty, "a field needs either `path` or `paths`, not both")
            );
        }
        for path in field.paths() {
            let parts = path.get_ref().split('.');
            if parts.clone().count() > PATH_DEPTH_MAX {
                return Err(self
                    .error(path, format!("a path has at most {PATH_DEPTH_MAX} parts")));
            }
            if !parts.clone().all(is_name) {
                return Err(self.error(
                    path,
                    format!("`{}` is not a path of names", path.get_ref()),
                ));
            }
        }
        if field.max.is_some_and(|max| max == 0 || max > ITEMS_MAX) {
            return Err(
                self.error(&field.ty, format!("`max` lies between 1 and {ITEMS_MAX}"))
            );
        }
        Ok(())
    }

    fn name(&self, name: &Spanned<String>) -> Result<(), SchemaError> {
        if is_name(name.get_ref()) {
            return Ok(());
        }
        Err(self.error(
            name,
            format!(
                "`{}` is not a name: lower-case letters, digits and `_`, at most {NAME_MAX}",
                name.get_ref()
            ),
        ))
    }

    fn error<T>(&self, at: &Spanned<T>, message: impl Into<String>) -> SchemaError {
        SchemaError::at(self.text, at.span().start, message)
    }
}

/// Whether the text can name a kind, an enumeration, a label or a part of a path.
fn is_name(text: &str) -> bool {
    text.len() <= NAME_MAX
        && text.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
