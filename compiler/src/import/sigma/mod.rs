//! Sigma rules to rules of ours.
//!
//! ```text
//! YAML --yaml--> data --document--> Rule (searches of items, conditions), Filter
//!                                     |
//!            source (which kind) -----+----- test (what a value is asked for: Tree)
//!                                     |
//!                        rule, target (fields, operators, literals: Cond)
//!                                     |
//!                              write, formatter --> text, checked by the compiler
//! ```
//!
//! The whole detection language of Sigma 2.1 is read. What Sigma leaves to who reads
//! it is fixed by `missing = false` (`spec/language.md`, Truth): a comparison with a
//! field that is missing is false. Case does not count unless a rule says so.
//! `docs/sigma.md` is the page for users.
//!
//! Left out, with a reason in the report: correlations, expressions that no automaton
//! can run, and texts that are not constant within a `contains`.
//!
//! Pure: the caller reads the files and writes what comes out. Nothing that a rule
//! holds is trusted: what comes out of it is literals, names of a fixed alphabet and
//! comments of one line, and the compiler has read it.

mod audit;
mod cond;
mod condition;
mod document;
mod encode;
mod fields;
mod modifier;
mod name;
mod network;
mod pattern;
mod quote;
mod report;
mod rule;
mod source;
mod target;
mod test;
mod text;
mod write;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::schema::Schema;

pub use report::{Class, Entry, Outcome, Report};

use self::document::{Document, Filter, LogSource, Rule};
use crate::codegen::pattern::table;
use crate::diagnostic::{Severity, has_errors};
use crate::{PackSource, check, syntax};

/// A file to import.
#[derive(Clone, Debug)]
pub struct Input {
    /// Its path, for the report and the names of rules.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// `pack.toml`
    pub manifest: String,
    /// Path in the pack and text of each rule file, in order.
    pub files: Vec<(String, String)>,
    /// What became of every document.
    pub report: Report,
}

/// Where the events of a log source lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Kind or view of the schema.
    pub kind: &'static str,
    /// Names of Sigma with the paths of our fields; others are the source's own. The
    /// path `hashes` stands for the fields below it.
    pub fields: Vec<(&'static str, &'static str)>,
    /// Names of Sigma with the source's own, where they are not the same.
    pub own: Vec<(&'static str, &'static str)>,
    /// Fields that have one of some values, as source.
    pub guard: Vec<(&'static str, Vec<String>)>,
    /// Whether the source's own fields are those of Linux audit records.
    pub records: bool,
}

/// Tells where the events of a log source lie.
///
/// # Errors
/// No source of ours gives such events.
pub fn mapping(
    product: Option<&str>,
    category: Option<&str>,
    service: Option<&str>,
) -> Result<Mapping, String> {
    let owned = |word: Option<&str>| word.map(str::to_owned);
    let source = LogSource {
        product: owned(product),
        category: owned(category),
        service: owned(service),
    };
    let found = source::find(&source)?;
    Ok(Mapping {
        kind: found.kind,
        fields: found.names.iter().flat_map(|names| names.iter().copied()).collect(),
        own: found.own.to_vec(),
        guard: found.guard.into_iter().map(|guard| (guard.path, guard.values)).collect(),
        records: found.records,
    })
}

/// The file of a pack that declares what a site states for placeholders.
const PARAMS: &str = "placeholders.tag";

/// Imports rules and the filters that apply to them.
///
/// ```
/// use tagout_compiler::import::sigma::{Input, import};
/// use tagout_spec::schema::Schema;
///
/// let text = "
/// title: Whoami
/// logsource: { category: process_creation, product: windows }
/// detection:
///     selection:
///         Image|endswith: '\\whoami.exe'
///     condition: selection
/// ";
/// let input = Input { path: "whoami.yml".into(), text: text.into() };
/// let imported = import(&[input], "own", &Schema::builtin());
/// assert_eq!(imported.report.imported(), 1);
/// assert!(imported.files[0].1.contains(r#"and p.image endswith r"\whoami.exe""#));
/// ```
#[must_use]
pub fn import(inputs: &[Input], pack: &str, schema: &Schema) -> Imported {
    let mut documents = Vec::new();
    for input in inputs {
        read(input, &mut documents);
    }
    let filters: Vec<Filter> = documents
        .iter()
        .filter_map(|read| match &read.document {
            Ok(Document::Filter(filter)) => Some((**filter).clone()),
            _ => None,
        })
        .collect();
    let mut import = Import {
        schema,
        filters,
        applied: BTreeMap::new(),
        names: name::Names::default(),
        ids: BTreeSet::new(),
        params: BTreeSet::new(),
        files: Vec::new(),
    };
    let outcomes: Vec<Option<Outcome>> =
        documents.iter().map(|read| import.document(read)).collect();
    let mut n_filter = 0;
    let mut entries = Vec::new();
    for (read, outcome) in documents.into_iter().zip(outcomes) {
        let outcome = outcome.unwrap_or_else(|| {
            let rules = import.applied.get(&n_filter).copied().unwrap_or(0);
            n_filter += 1;
            filtered(rules)
        });
        entries.push(Entry { path: read.path, title: read.title, id: read.id, outcome });
    }
    import.finish(pack, entries)
}

/// A document as it was read.
struct Read {
    path: String,
    title: String,
    id: Option<String>,
    /// Whether it is alone in its file.
    alone: bool,
    document: Result<Document, String>,
}

fn read(input: &Input, into: &mut Vec<Read>) {
    let documents = match yaml::read(&input.text) {
        Ok(documents) if documents.is_empty() => Err("the file is empty".to_owned()),
        other => other,
    };
    match documents {
        Ok(documents) => {
            let alone = documents.len() == 1;
            into.extend(documents.iter().map(|yaml| {
                let head = document::head(yaml);
                let document = document::document(yaml);
                let path = input.path.clone();
                Read { path, title: head.title, id: head.id, alone, document }
            }));
        }
        Err(why) => into.push(Read {
            path: input.path.clone(),
            title: String::new(),
            id: None,
            alone: true,
            document: Err(why),
        }),
    }
}

fn filtered(rules: usize) -> Outcome {
    if rules > 0 {
        return Outcome::Applied { rules };
    }
    let reason = "no rule of this import is one that the filter names".to_owned();
    Outcome::Refused { class: Class::Unused, reason }
}

fn refused(class: Class, reason: impl Into<String>) -> Outcome {
    Outcome::Refused { class, reason: reason.into() }
}

/// An import under way.
struct Import<'a> {
    schema: &'a Schema,
    filters: Vec<Filter>,
    /// How many rules have the exceptions of a filter.
    applied: BTreeMap<usize, usize>,
    names: name::Names,
    ids: BTreeSet<String>,
    params: BTreeSet<String>,
    files: Vec<(String, String)>,
}

impl Import<'_> {
    /// What becomes of a document; nothing yet for a filter.
    fn document(&mut self, read: &Read) -> Option<Outcome> {
        Some(match &read.document {
            Err(why) => refused(Class::Form, why),
            Ok(Document::Correlation) => refused(
                Class::Correlation,
                "a correlation over several events, which follows with the language's \
                 sequences",
            ),
            Ok(Document::Filter(_)) => return None,
            Ok(Document::Rule(rule)) => self.rule(read, rule),
        })
    }

    fn rule(&mut self, read: &Read, rule: &Rule) -> Outcome {
        if rule.head.id.as_ref().is_some_and(|id| self.ids.contains(id)) {
            return refused(Class::Duplicate, "another rule has the same identifier");
        }
        let source = match source::find(&rule.head.source) {
            Ok(source) => source,
            Err(why) => return refused(Class::LogSource, why),
        };
        let filters: Vec<(usize, &Filter)> =
            self.filters.iter().enumerate().filter(|(_, f)| applies(f, rule)).collect();
        let of_rule: Vec<&Filter> = filters.iter().map(|(_, filter)| *filter).collect();
        let lowered = match rule::lower(rule, &of_rule, &source, self.schema) {
            Ok(lowered) => lowered,
            Err(why) => return refused(Class::Language, why),
        };
        let title = Some(rule.head.title.as_str()).filter(|_| !read.alone);
        let name = self.names.rule(&read.path, title);
        let origin = read.path.rsplit(['/', '\\']).next().unwrap_or(&read.path);
        let text = write::rule(rule, &lowered, &source, &name, origin);
        let text = match self.checked(&text, &lowered.params) {
            Ok(text) => text,
            Err(why) => return refused(Class::Compiler, why),
        };
        for (n, _) in &filters {
            *self.applied.entry(*n).or_insert(0) += 1;
        }
        let file = match source.folder.as_str() {
            "" => format!("{name}.tag"),
            folder => format!("{folder}/{name}.tag"),
        };
        self.ids.extend(rule.head.id.clone());
        self.params.extend(lowered.params);
        self.files.push((file.clone(), text));
        Outcome::Imported { rule: name, file }
    }

    /// The text laid out, if the compiler takes it.
    fn checked(&self, text: &str, params: &BTreeSet<String>) -> Result<String, String> {
        let first = |diagnostics: &[crate::diagnostic::Diagnostic]| {
            let error = diagnostics.iter().find(|d| d.severity == Severity::Error);
            let message =
                |d: &crate::diagnostic::Diagnostic| format!("{}: {}", d.code, d.message);
            error.map(message).unwrap_or_default()
        };
        let text = syntax::format(text).map_err(|diagnostics| first(&diagnostics))?;
        let mut source = PackSource::single("rule.tag", text.as_str());
        if !params.is_empty() {
            let names: Vec<String> = params.iter().cloned().collect();
            source.files.push((PARAMS.to_owned(), write::params(&names)));
        }
        let checked = check(&source, self.schema);
        if has_errors(&checked.diagnostics) {
            return Err(first(&checked.diagnostics));
        }
        for pattern in &checked.program.patterns {
            if let Err(why) = table(pattern) {
                return Err(format!("`{}`: {why}", pattern.source));
            }
        }
        Ok(text)
    }

    fn finish(mut self, pack: &str, entries: Vec<Entry>) -> Imported {
        if !self.params.is_empty() {
            let names: Vec<String> = self.params.iter().cloned().collect();
            let text = write::params(&names);
            let text = syntax::format(&text).unwrap_or(text);
            self.files.push((PARAMS.to_owned(), text));
        }
        self.files.sort();
        let manifest = write::manifest(pack);
        Imported { manifest, files: self.files, report: Report { entries } }
    }
}

/// Whether a filter is meant for a rule: it names the rule or none, and its log
/// source holds the rule's.
fn applies(filter: &Filter, rule: &Rule) -> bool {
    let named = filter.rules.is_empty()
        || filter
            .rules
            .iter()
            .any(|name| rule.head.id.as_ref() == Some(name) || rule.head.title == *name);
    let LogSource { product, category, service } = &filter.head.source;
    let of = &rule.head.source;
    let holds =
        |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
    named
        && holds(product, &of.product)
        && holds(category, &of.category)
        && holds(service, &of.service)
}
