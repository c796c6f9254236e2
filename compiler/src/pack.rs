//! `pack.toml`: what a pack says of itself.
//!
//! ```toml
//! name = "modbus"
//! version = "1.0.0"
//! edition = "2026"
//! schema = "1"
//! license = "Apache-2.0"
//! description = "rules for Modbus"
//! missing = "unknown"        # or "false"
//! on_unknown = "count"       # or "alert"
//!
//! [lints]
//! W0507 = "allow"            # or "warn", "deny"
//! ```
//!
//! All keys may be left out. A rule file that is checked alone has no manifest
//! and takes the defaults.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use crate::analysis::{PackSource, Settings};
use crate::diagnostic::{Applicability, Code, Diagnostic, FileId, Fix, Span, closest};

/// The edition of the language that this compiler knows.
pub const EDITION: &str = "2026";
/// The version of the schema that this compiler knows.
pub const SCHEMA: &str = "1";

/// What `pack.toml` says, with defaults for what it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackInfo {
    /// Name of the pack: the first half of a rule's full name.
    pub name: String,
    /// Version, as the author writes it.
    pub version: String,
    /// Edition of the language.
    pub edition: String,
    /// Version of the schema.
    pub schema: String,
    /// SPDX expression; empty if none is stated.
    pub license: String,
    /// One line for people.
    pub description: String,
    /// Levels of lints.
    pub lints: BTreeMap<Code, Level>,
}

/// What a lint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is silent.
    Allow,
    /// It warns.
    Warn,
    /// It is an error.
    Deny,
}

const KEYS: &[&str] = &[
    "name",
    "version",
    "edition",
    "schema",
    "license",
    "licence",
    "description",
    "missing",
    "on_unknown",
    "lints",
];

/// Reads the manifest; what is wrong in it is reported and takes its default.
pub(crate) fn manifest(
    source: &PackSource,
    diagnostics: &mut Vec<Diagnostic>,
) -> (PackInfo, Settings) {
    let info = PackInfo {
        name: if source.name.is_empty() {
            "pack".to_owned()
        } else {
            source.name.clone()
        },
        version: "0.0.0".to_owned(),
        edition: EDITION.to_owned(),
        schema: SCHEMA.to_owned(),
        license: String::new(),
        description: String::new(),
        lints: BTreeMap::new(),
    };
    let file = source.manifest_id();
    let mut reader = Reader { file, info, settings: Settings::default(), diagnostics };
    if let Some(text) = &source.manifest {
        reader.read(text);
    }
    (reader.info, reader.settings)
}

struct Reader<'d> {
    file: FileId,
    info: PackInfo,
    settings: Settings,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span::new(self.file, narrow(range.start), narrow(range.end))
    }

    fn error(&mut self, code: Code, span: Span, message: String, label: &str) {
        self.diagnostics.push(Diagnostic::new(code, span, message).label(label));
    }

    fn read(&mut self, text: &str) {
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let span = self.span(error.span().unwrap_or(0..0));
                let message = error.message().lines().next().unwrap_or("").to_owned();
                let message = format!("not TOML: {message}");
                self.error(Code::E0401, span, message, "reading stopped here");
                return;
            }
        };
        for (key, value) in &table {
            let name: &str = key.get_ref();
            let at = self.span(value.span());
            match (name, value.get_ref()) {
                ("lints", DeValue::Table(lints)) => {
                    for (code, level) in lints {
                        let places = (self.span(code.span()), self.span(level.span()));
                        self.lint(code.get_ref(), level.get_ref(), places);
                    }
                }
                ("lints", _) => {
                    self.error(
                        Code::E0401,
                        at,
                        "`lints` is a table".into(),
                        "not a table",
                    );
                }
                ("missing", DeValue::Boolean(false)) => {
                    self.settings.set_missing("false");
                }
                (name, DeValue::String(text)) if KEYS.contains(&name) => {
                    self.text(name, text, at);
                }
                (name, _) if KEYS.contains(&name) => {
                    let message = format!("`{name}` is a text");
                    self.error(Code::E0401, at, message, "not a text");
                }
                (name, _) => self.unknown(name, self.span(key.span())),
            }
        }
    }

    fn unknown(&mut self, name: &str, span: Span) {
        let message = format!("`pack.toml` has no key `{name}`");
        let mut diagnostic = Diagnostic::new(Code::E0402, span, message);
        match closest(name, KEYS.iter().copied()) {
            Some(near) => {
                diagnostic = diagnostic.label(format!("did you mean `{near}`?")).fix(
                    Fix::replace(
                        format!("write `{near}`"),
                        Applicability::Machine,
                        span,
                        near,
                    ),
                );
            }
            None => diagnostic = diagnostic.label("unknown key"),
        }
        self.diagnostics.push(diagnostic);
    }

    fn text(&mut self, name: &str, text: &str, at: Span) {
        let info = &mut self.info;
        match name {
            "name" => {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
                if text.is_empty() || !text.chars().all(is_plain) {
                    let message = "a name has ASCII letters, digits, `-`, `_` and `.`";
                    self.error(Code::E0401, at, message.into(), "not a name of a pack");
                } else {
                    text.clone_into(&mut info.name);
                }
            }
            "version" => text.clone_into(&mut info.version),
            "license" | "licence" => text.clone_into(&mut info.license),
            "description" => text.clone_into(&mut info.description),
            "edition" if text == EDITION => {}
            "schema" if text == SCHEMA => {}
            "edition" | "schema" => {
                let known = if name == "edition" { EDITION } else { SCHEMA };
                let message = format!("{name} `{text}` is not known to this compiler");
                let label = format!("known is `{known}`");
                self.error(Code::E0406, at, message, &label);
            }
            "missing" if self.settings.set_missing(text).is_some() => {}
            "on_unknown" if self.settings.set_on_unknown(text).is_some() => {}
            "missing" => {
                let message = "`missing` is \"false\" or \"unknown\"";
                self.error(Code::E0401, at, message.into(), "neither of them");
            }
            "on_unknown" => {
                let message = "`on_unknown` is \"count\" or \"alert\"";
                self.error(Code::E0401, at, message.into(), "neither of them");
            }
            _ => {}
        }
    }

    fn lint(&mut self, code: &str, level: &DeValue<'_>, places: (Span, Span)) {
        let level = match level {
            DeValue::String(level) => match &**level {
                "allow" => Some(Level::Allow),
                "warn" => Some(Level::Warn),
                "deny" => Some(Level::Deny),
                _ => None,
            },
            _ => None,
        };
        let Some(level) = level else {
            let message = "a lint is set to \"allow\", \"warn\" or \"deny\"";
            self.error(Code::E0401, places.1, message.into(), "none of them");
            return;
        };
        match Code::from_id(code).filter(|code| code.id().starts_with('W')) {
            Some(code) => {
                self.info.lints.insert(code, level);
            }
            None => {
                let message = format!("there is no lint `{code}`");
                let diagnostic = Diagnostic::new(Code::W0516, places.0, message);
                self.diagnostics.push(diagnostic.label("unknown lint"));
            }
        }
    }
}
