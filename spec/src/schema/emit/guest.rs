//! Tables and typed writers of a plugin's schema, for its own crate.
//!
//! ```text
//! schema.toml --Schema::add_file--> kinds at the end of a schema --guest--> Rust
//! ```
//!
//! What is generated is what the built-in kinds have, with two differences: kinds are
//! numbered from 0 in the order of the plugin's file, as its batches name them, and tables
//! are without documentation, which would lie in the plugin's memory.

use std::borrow::Cow;

use crate::schema::layout::STRIDE_MAX;
use crate::schema::{Enum, EnumIdx, Field, Kind, KindIdx, Schema};

use super::{Source, writers};

/// What of a schema is a plugin's.
#[derive(Clone, Debug, Default)]
pub struct Guest {
    /// Kinds whose events it emits, in the order of its file.
    pub kinds: Vec<KindIdx>,
    /// Enumerations that it declares.
    pub enums: Vec<EnumIdx>,
    /// Kinds whose events it is given.
    pub given: Vec<KindIdx>,
    /// Paths of the fields that it is given of them.
    pub reads: Vec<String>,
}

/// The source of a module that uses `tagout_plugin`.
#[must_use]
pub fn guest(schema: &Schema, guest: &Guest) -> String {
    let mut out = Source {
        text: "// @generated from the plugin's schema; edit that.\n".to_owned(),
    };
    if !guest.kinds.is_empty() || !guest.enums.is_empty() {
        codes(&mut out, schema, &guest.enums);
    }
    if !guest.kinds.is_empty() {
        kinds(&mut out, schema, &guest.kinds);
    }
    if !guest.given.is_empty() {
        given(&mut out, schema, guest);
    }
    out.text
}

fn codes(out: &mut Source, schema: &Schema, enums: &[EnumIdx]) {
    out.line("/// Numbers of the labels of enumerations.");
    out.line("pub mod codes {");
    out.line("    pub use ::tagout_plugin::record::typed::codes::*;");
    for idx in enums {
        let e = schema.enums.get(usize::from(idx.0)).map(AsRef::as_ref);
        if let Some(e @ Enum { .. }) = e {
            writers::labels(out, schema, *idx, e);
        }
    }
    out.line("}\n");
}

fn kinds(out: &mut Source, schema: &Schema, kinds: &[KindIdx]) {
    out.line("/// Tables of the kinds.\npub mod tables {");
    out.line("    use ::tagout_plugin::generated::tables::*;");
    let kinds: Vec<&Kind> = kinds.iter().filter_map(|idx| schema.kind(*idx)).collect();
    tables(out, &kinds.iter().map(|kind| lean(kind, |_| true)).collect::<Vec<_>>());
    out.line("}\n");
    out.line("/// The kinds whose events the plugin emits.");
    out.line("pub static KINDS: &[::tagout_plugin::EventKind] = &[");
    for (at, kind) in kinds.iter().enumerate() {
        out.line(&format!(
            "    ::tagout_plugin::EventKind {{ kind: &tables::KINDS[{at}], \
             idx: {}::KIND, layout: {}::LAYOUT }},",
            kind.name, kind.name
        ));
    }
    out.line("];\n");
    out.line("use ::tagout_plugin::generated::writers::*;\n");
    for (at, kind) in (0..).zip(&kinds) {
        writers::module(out, schema, KindIdx(at), kind);
    }
}

/// What an enricher reads: one table a kind, whose fields are those of its manifest.
fn given(out: &mut Source, schema: &Schema, guest: &Guest) {
    out.line(
        "/// The kinds whose events the plugin is given, and what it reads of them.",
    );
    out.line("pub mod given {");
    out.line("    use ::tagout_plugin::generated::tables::*;");
    let kinds = guest.given.iter().filter_map(|idx| schema.kind(*idx));
    let kinds: Vec<Kind> = kinds
        .map(|kind| {
            let mut kind = lean(kind, |f| guest.reads.iter().any(|path| *path == f.path));
            // The sensor's records may be longer than those of today.
            kind.stride = STRIDE_MAX;
            kind
        })
        .collect();
    tables(out, &kinds);
    out.line("}\n");
}

/// Fields and kinds as statics.
fn tables(out: &mut Source, kinds: &[Kind]) {
    for (at, kind) in kinds.iter().enumerate() {
        out.fields("", &format!("K{at}"), &kind.fields);
    }
    out.line("/// The kinds.");
    out.line(&format!("pub static KINDS: [Kind; {}] = [", kinds.len()));
    for (at, kind) in kinds.iter().enumerate() {
        out.kind(at, kind);
    }
    out.line("];");
}

/// A kind without what only people read.
fn lean(kind: &Kind, keep: impl Fn(&Field) -> bool) -> Kind {
    let fields: Vec<Field> =
        kind.fields.iter().filter(|f| keep(f)).map(lean_field).collect();
    Kind {
        doc: "".into(),
        source: "".into(),
        views: Cow::Borrowed(&[]),
        registers: None,
        fields: fields.into(),
        ..kind.clone()
    }
}

fn lean_field(field: &Field) -> Field {
    let mut field = Field {
        doc: "".into(),
        example: "".into(),
        source: "".into(),
        unit: "".into(),
        ..field.clone()
    };
    if let Some(items) = &mut field.items {
        items.fields = items.fields.iter().map(lean_field).collect::<Vec<_>>().into();
    }
    field
}
