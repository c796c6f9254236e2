//! What a pack says of itself: the contents of its custom sections.
//!
//! The manifest and the plans are read at every load, so they are small: plans
//! are `postcard`, and all that only an alert needs (title, metadata, labels of
//! evidence) stands apart as one JSON document a rule, compressed among its like and
//! read when the rule first alerts. Loading 10,000 rules parses no JSON but the
//! manifest.
//!
//! Nothing here is trusted: a loader checks every index and offset against what
//! it holds, and the fingerprints of fields against its own schema.

use serde::{Deserialize, Serialize};

use super::documents::Place;
use crate::function::Function;
use crate::version::Version;

/// Names of the custom sections.
pub mod section {
    /// [`super::Manifest`] as JSON.
    pub const MANIFEST: &str = "tagout.manifest";
    /// `Vec<`[`super::Plan`]`>` as postcard.
    pub const PLANS: &str = "tagout.plans";
    /// [`super::RuleInfo`] documents as JSON, in [`crate::pack::documents`].
    pub const RULES: &str = "tagout.rules";
    /// `Vec<`[`super::PackTest`]`>` as JSON.
    pub const TESTS: &str = "tagout.tests";
    /// [`super::SourceMap`] as postcard.
    pub const SOURCE_MAP: &str = "tagout.sourcemap";
}

/// What a pack is and what it needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name, as the first half of a rule's full name.
    pub name: String,
    /// Version, as the pack's author writes it.
    pub version: String,
    /// Edition of the language.
    pub edition: String,
    /// SPDX expression; empty if the author states none.
    pub license: String,
    /// Name and version of the compiler.
    pub compiler: String,
    /// Version of the Unicode data that folding follows.
    pub unicode: String,
    /// Kinds by pack-local number.
    pub kinds: Vec<NeededKind>,
    /// Names of maps that rules read, in the order of `bind`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Parameters in the order of `bind`.
    pub params: Vec<ParamInfo>,
    /// Functions of plugins that the module imports, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<NeededFunction>,
    /// Plugins whose kinds and fields its rules read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<NeededPlugin>,
    /// Number of predicates in the module.
    pub predicates: u32,
    /// Greatest number of rows that one event can give, over all kinds.
    pub max_rows: u32,
    /// Tables of the pack that a site may replace: names.
    pub replaceable: Vec<String>,
}

/// A plugin that declares what a pack reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeededPlugin {
    /// Its name.
    pub name: String,
    /// Its version when the pack was compiled.
    pub version: Version,
    /// Its kinds: pack-local numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<u16>,
    /// Its fields of kinds of others: number of the kind, and position in
    /// [`NeededKind::fields`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<(u16, u16)>,
}

/// A function of a plugin that a pack calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeededFunction {
    /// As it was declared when the pack was compiled, without documentation.
    pub function: Function,
    /// Rules whose conditions call it: without it they are blind. Positions among the
    /// plans.
    pub rules: Vec<u32>,
}

/// A kind that a pack reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeededKind {
    /// Its name.
    pub name: String,
    /// Bytes of a record as compiled.
    pub stride: u16,
    /// Fields read by some rule.
    pub fields: Vec<NeededField>,
}

/// A field that a pack reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeededField {
    /// Its path.
    pub path: String,
    /// Fingerprint of kind, path, type, unit and place; see
    /// [`crate::schema`]. 16 hexadecimal digits.
    pub fingerprint: String,
    /// Where it lies in the pack's records, of a field that a plugin has added to the
    /// kind: presence bit, offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<(u16, u16)>,
    /// Labels used, with the numbers they were compiled to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<(String, u64)>,
    /// Whether its folded copy is read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub folded: bool,
}

/// A parameter of a pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParamInfo {
    /// Its name.
    pub name: String,
    /// Type of the value or of the set's elements, as written: `ip`.
    #[serde(rename = "type")]
    pub ty: ParamType,
    /// The enumeration whose labels stand for numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enumeration: Option<String>,
    /// For a set: most elements.
    pub max: Option<u32>,
    /// Value if the site binds none; JSON in the form that `site.toml` uses.
    pub default: Option<serde_json::Value>,
}

/// Types that a parameter can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the language")]
pub enum ParamType {
    Bool,
    Int,
    Float,
    Time,
    Duration,
    Ip,
    Mac,
    Text,
    Name,
    Path,
    Bytes,
}

/// What the host does with the verdicts of a predicate. A rule over one event
/// has one predicate; the position in the section is the number of the rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Its predicate.
    pub predicate: u32,
    /// Pack-local kinds it applies to.
    pub kinds: Vec<u16>,
    /// Fields it reads, for the report of blind rules: number of the kind, and
    /// position in its [`NeededKind::fields`].
    pub reads: Vec<(u16, u16)>,
    /// Parameters it reads.
    pub params: Vec<u16>,
    /// Severity if the module gives none.
    pub severity: Severity,
    /// What an indeterminate verdict does.
    pub on_unknown: OnUnknown,
    /// Deduplication.
    pub dedup: Option<Dedup>,
    /// Where its [`RuleInfo`] is in its section.
    pub info: Place,
}

/// Hold back equal keys for a while.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dedup {
    /// Columns that make the key: positions in [`RuleInfo::columns`].
    pub by: Vec<u16>,
    /// Nanoseconds of event time.
    pub window: i64,
}

/// How bad; ordered.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize
)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// What an indeterminate verdict does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// It is counted.
    Count,
    /// It is counted and reported, aggregated by rule, field and key.
    Alert,
}

/// All that an alert, a listing or a report needs of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleInfo {
    /// Name in the pack.
    pub name: String,
    /// `meta { id }`, else `PACK/NAME`.
    pub id: String,
    /// Metadata as written, in order.
    pub meta: serde_json::Map<String, serde_json::Value>,
    /// Computed columns of its predicate.
    pub columns: Vec<ColumnInfo>,
    /// Title: literal parts and columns.
    pub title: Vec<TitlePart>,
    /// Evidence in order.
    pub evidence: Vec<EvidenceInfo>,
    /// Distinct field references in source order: what `explain` gives causes
    /// for. Paths; a field of an element reads `objects[].index`.
    pub fields: Vec<String>,
    /// Sub-conditions in preorder: what `explain` gives verdicts for.
    pub conditions: Vec<ConditionInfo>,
    /// Static cost, as `spec/language.md` counts it.
    pub cost: Cost,
}

/// A computed column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnInfo {
    /// Source text of the expression.
    pub source: String,
    /// Its enumeration, if it is a label of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enumeration: Option<String>,
    /// Its type, if the encoding does not say enough to print it: `time`,
    /// `duration`, `bytes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub print: Option<String>,
}

/// A part of a title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TitlePart {
    /// Text as it is.
    Text(String),
    /// Position in [`RuleInfo::columns`].
    Column(u16),
    /// The first of these columns that has a value.
    FirstOf(Vec<u16>),
}

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceInfo {
    /// Its name in the alert.
    pub label: String,
    /// Where it comes from.
    pub from: EvidenceFrom,
}

/// Where a piece of evidence comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceFrom {
    /// Position in [`RuleInfo::columns`].
    Column(u16),
    /// A repeated field, by path, printed whole from the record.
    Field(String),
}

/// A sub-condition of a rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionInfo {
    /// Depth in the tree; the first is 0.
    pub depth: u16,
    /// Source text, shortened to a line.
    pub source: String,
    /// File and 1-based line.
    pub place: (String, u32),
    /// Whether it has no sub-conditions.
    pub leaf: bool,
}

/// Worst cost of a predicate: `base + byte * bytes of text + element * elements`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Steps that do not depend on the event.
    pub base: u64,
    /// Steps a byte of the texts it reads.
    pub byte: u64,
    /// Steps an element of the groups it reads.
    pub element: u64,
}

/// A test that travels with the pack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackTest {
    /// Name of the rule it belongs to.
    pub rule: String,
    /// What it shows.
    pub name: String,
    /// File and 1-based line.
    pub place: (String, u32),
    /// Parameters bound for it; values in the form that `site.toml` uses.
    pub with: serde_json::Map<String, serde_json::Value>,
    /// Events as event JSON, in order.
    pub events: Vec<serde_json::Value>,
    /// What must come out.
    pub expect: Vec<Expectation>,
}

/// What a test expects of its rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// At least one match.
    Match,
    /// Neither a match nor an indeterminate verdict.
    None,
    /// An indeterminate verdict; its reason contains these fields.
    Indeterminate(Vec<String>),
}

/// Where the predicates stand in the source, for `inspect` and for profilers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceMap {
    /// Files by number.
    pub files: Vec<String>,
    /// For each predicate: file, first line, last line (1-based).
    pub predicates: Vec<(u16, u32, u32)>,
    /// For each function of the code section: the predicates it evaluates.
    pub functions: Vec<Vec<u32>>,
}
