//! Alerts: a rule, an event, and what the rule says about it.
//!
//! ```text
//! row, columns, record -> Alert -> eve    one line of JSON in Suricata's EVE shape
//!                               -> text   a few lines for a person
//! ```

mod eve;
#[cfg(test)]
mod tests;
mod text;

use serde::Serialize;
use serde_json::Map;
use serde_json::Value as Json;
use sha2::Digest as _;
use sha2::Sha256;
use tagout_spec::pack::Cause;
use tagout_spec::pack::Verdict;
use tagout_spec::pack::manifest::ColumnInfo;
use tagout_spec::pack::manifest::EvidenceFrom;
use tagout_spec::pack::manifest::Plan;
use tagout_spec::pack::manifest::RuleInfo;
use tagout_spec::pack::manifest::Severity;
use tagout_spec::pack::manifest::TitlePart;
use tagout_spec::record::EventJson;
use tagout_spec::record::RecordView;
use tagout_spec::record::Slot;
use tagout_spec::record::Value;
use tagout_spec::schema::Schema;

use crate::json;
use crate::pack::Pack;
use crate::pack::Signature;
use crate::session::Column;

/// A rule matched an event, or could not be decided on it and says so.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// `PACK/RULE`.
    pub rule: String,
    /// `meta { id }` of the rule, else its full name.
    pub id: String,
    /// Digest of pack, rule, key and first event: equal in every replay.
    pub alert_id: String,
    /// Whether the rule matched or could not be decided.
    pub verdict: Outcome,
    /// How bad.
    pub severity: Severity,
    /// The rule's title with the event's values.
    pub title: String,
    /// The rule's metadata.
    pub meta: Map<String, Json>,
    /// Signature id and revision in Suricata's form.
    pub signature: (u32, u32),
    /// Name, version and digest of the pack.
    pub pack: (String, String, String),
    /// Values by which the rule deduplicates.
    pub key: Map<String, Json>,
    /// Values that the rule shows.
    pub evidence: Map<String, Json>,
    /// For what could not be decided: the fields it lacked.
    pub lacks: Vec<(String, Lacked)>,
    /// Sequence number of the event.
    pub sequence: u64,
    /// Time of the event, nanoseconds since 1970.
    pub ts: Option<i64>,
    /// Input that the event came from, and its frame or record there.
    pub place: (Option<String>, Option<u64>),
    /// The event.
    pub event: Json,
}

/// What an alert says of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It matched.
    Match,
    /// It could not be decided.
    Indeterminate,
}

/// How a field was lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in `tagout_spec::pack::Cause`")]
pub enum Lacked {
    Absent,
    Null,
    Invalid,
    Truncated,
    Domain,
}

impl Lacked {
    pub(crate) fn of(cause: Cause) -> Option<Self> {
        Some(match cause {
            Cause::None => return None,
            Cause::Absent => Self::Absent,
            Cause::Null => Self::Null,
            Cause::Invalid => Self::Invalid,
            Cause::Truncated => Self::Truncated,
            Cause::Domain => Self::Domain,
        })
    }

    /// For a sentence: "`f` is ...".
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::Absent => "missing",
            Self::Null => "null",
            Self::Invalid => "of a wrong type or out of range",
            Self::Truncated => "cut off before it decides",
            Self::Domain => "not computable",
        }
    }
}

/// All that an alert is made of.
pub(crate) struct Found<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) rule: usize,
    pub(crate) plan: &'a Plan,
    pub(crate) schema: &'a Schema,
    pub(crate) json: &'a EventJson,
    pub(crate) record: RecordView<'a>,
    pub(crate) sequence: u64,
    pub(crate) input: Option<&'a str>,
    pub(crate) number: Option<u64>,
    pub(crate) severity: Severity,
    pub(crate) columns: &'a [Column],
    pub(crate) key: &'a [u8],
    pub(crate) verdict: Verdict,
    pub(crate) lacks: Vec<(String, Cause)>,
}

impl Alert {
    pub(crate) fn new(found: Found<'_>) -> Self {
        let Found { pack, rule, schema, record, .. } = found;
        let info = pack.info(rule);
        let event = json::event(found.json, &record);
        let signature = Signature::of(info);
        let manifest = &pack.manifest;
        let verdict = match found.verdict {
            Verdict::True => Outcome::Match,
            Verdict::Unknown | Verdict::False => Outcome::Indeterminate,
        };
        Self {
            rule: pack.full_name(rule),
            id: info.id.clone(),
            alert_id: alert_id(found.key, found.sequence),
            verdict,
            severity: found.severity,
            title: title(info, found.columns, schema),
            meta: info.meta.clone(),
            signature: (signature.sid, signature.rev),
            pack: (
                manifest.name.clone(),
                manifest.version.clone(),
                crate::hex(&pack.digest),
            ),
            key: key(&found, info),
            evidence: evidence(&found, info, &event),
            lacks: found
                .lacks
                .iter()
                .filter_map(|(field, cause)| Some((field.clone(), Lacked::of(*cause)?)))
                .collect(),
            sequence: found.sequence,
            ts: record.kind().lookup("ts").and_then(|(ts, _)| match record.get(ts) {
                Slot::Value(Value::Int(ts)) => Some(ts),
                _ => None,
            }),
            place: (found.input.map(str::to_owned), found.number),
            event,
        }
    }

    /// Severity as rules write it.
    #[must_use]
    pub fn level(&self) -> &'static str {
        match self.severity {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// A value of the event, by its place in event JSON.
    pub(crate) fn get(&self, path: &[&str]) -> Option<&Json> {
        path.iter().try_fold(&self.event, |value, part| value.get(part))
    }
}

fn alert_id(key: &[u8], sequence: u64) -> String {
    let hash = Sha256::new().chain_update(key).chain_update(sequence.to_le_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    crate::hex(hash.first_chunk::<16>().map_or(&[], |half| half))
}

fn title(info: &RuleInfo, columns: &[Column], schema: &Schema) -> String {
    let column = |column: &u16| {
        let at = usize::from(*column);
        columns.get(at).zip(info.columns.get(at))
    };
    let text = |found: Option<(&Column, &ColumnInfo)>| {
        let unknown = || "(unknown)".to_owned();
        found.map_or_else(unknown, |(column, info)| column.text(info, schema))
    };
    let part = |part: &TitlePart| match part {
        TitlePart::Text(text) => text.clone(),
        TitlePart::Column(one) => text(column(one)),
        TitlePart::FirstOf(several) => {
            text(several.iter().filter_map(column).find(|(c, _)| **c != Column::None))
        }
    };
    let title: String = info.title.iter().map(part).collect();
    if title.is_empty() { info.name.clone() } else { title }
}

fn key(found: &Found<'_>, info: &RuleInfo) -> Map<String, Json> {
    let mut key = Map::new();
    for column in found.plan.dedup.iter().flat_map(|dedup| &dedup.by) {
        let at = usize::from(*column);
        if let Some((column, info)) = found.columns.get(at).zip(info.columns.get(at)) {
            add(&mut key, &info.source, column, info, found.schema);
        }
    }
    key
}

fn evidence(found: &Found<'_>, info: &RuleInfo, event: &Json) -> Map<String, Json> {
    let mut evidence = Map::new();
    for piece in &info.evidence {
        match &piece.from {
            EvidenceFrom::Column(column) => {
                let at = usize::from(*column);
                let column = found.columns.get(at).zip(info.columns.get(at));
                if let Some((column, info)) = column {
                    add(&mut evidence, &piece.label, column, info, found.schema);
                }
            }
            EvidenceFrom::Field(path) => {
                let value = json::field(event, found.record.kind(), path);
                evidence.insert(piece.label.clone(), value.cloned().unwrap_or_default());
            }
        }
    }
    evidence
}

/// A number of an enumeration stands under its name, its label under `NAME_name`.
fn add(
    object: &mut Map<String, Json>,
    name: &str,
    column: &Column,
    info: &ColumnInfo,
    schema: &Schema,
) {
    let (value, label) = column.json(info, schema);
    object.insert(name.to_owned(), value);
    if let Some(label) = label {
        object.insert(format!("{name}_name"), label.into());
    }
}
