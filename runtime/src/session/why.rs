//! Why a rule did or did not match an event.

use serde::Serialize;
use tagout_spec::pack::Cause;
use tagout_spec::pack::Verdict;
use tagout_spec::record::BatchBuilder;
use tagout_spec::record::JsonError;
use tagout_spec::record::Needs;
use tagout_spec::record::RecordWriter;
use tagout_spec::schema::KindIdx;

use super::Session;
use super::join;
use crate::alert::Lacked;

/// What a rule made of an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// `PACK/RULE`.
    pub rule: String,
    /// `match`, `none` or `indeterminate`.
    pub verdict: &'static str,
    /// The rule's conditions, outer before inner, in source order.
    pub conditions: Vec<Condition>,
    /// Fields that the rule needed and lacked.
    pub lacks: Vec<(String, Lacked)>,
}

/// A condition of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// How deep it stands.
    pub depth: u16,
    /// As written.
    pub source: String,
    /// File and line.
    pub place: (String, u32),
    /// Whether it has no conditions in it.
    pub leaf: bool,
    /// `true`, `false` or `unknown`.
    pub verdict: &'static str,
}

/// Why there is no explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyError {
    /// No pack has the rule.
    NoRule(String),
    /// The rule does not apply to events of this kind.
    OtherKind,
    /// The rule is blind, or its pack is off.
    Blind,
    /// The event is malformed.
    Event(JsonError),
    /// The pack failed.
    Fault(String),
}

impl std::fmt::Display for WhyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoRule(rule) => write!(f, "there is no rule `{rule}`"),
            Self::OtherKind => f.write_str("the rule is about another kind of event"),
            Self::Blind => f.write_str("the rule is blind here, or its pack is off"),
            Self::Event(error) => error.fmt(f),
            Self::Fault(problem) => write!(f, "the pack failed: {problem}"),
        }
    }
}

impl std::error::Error for WhyError {}

impl Session {
    /// Explains a rule on an event that a function writes. The event is not
    /// counted and gives no alert.
    ///
    /// # Errors
    ///
    /// There is no such rule, or it cannot be decided here.
    pub fn explain(
        &mut self,
        rule: &str,
        kind: KindIdx,
        write: impl FnOnce(&mut RecordWriter<'_>),
    ) -> Result<Explanation, WhyError> {
        self.explain_from(rule, kind, None, |record| {
            write(record);
            Ok(())
        })
    }

    pub(crate) fn explain_from(
        &mut self,
        rule: &str,
        kind: KindIdx,
        host: Option<&[u8]>,
        write: impl FnOnce(&mut RecordWriter<'_>) -> Result<(), JsonError>,
    ) -> Result<Explanation, WhyError> {
        let (pack, number) = self
            .packs
            .iter()
            .enumerate()
            .find_map(|(i, running)| Some((i, running.loaded.pack.rule(rule)?)))
            .ok_or_else(|| WhyError::NoRule(rule.to_owned()))?;
        let schema = &self.runtime.schema;
        let mut builder = BatchBuilder::new(schema, kind, Needs::ALL_FOLDED)
            .ok_or(WhyError::OtherKind)?;
        let ends = join::ends(builder.kind());
        if let Some(mut record) = builder.begin() {
            write(&mut record).map_err(WhyError::Event)?;
            if let Some(join) = &self.join {
                join.complete(&ends, &mut record, host);
            }
            record.commit();
        }
        for live in self.plugins.lives().iter().filter(|_| self.enriches) {
            live.enrich(kind, &mut builder, self.sequence);
        }
        let batch = builder.finish(self.sequence);
        let Some(running) = self.packs.get_mut(pack) else { return Err(WhyError::Blind) };
        let loaded = running.loaded.clone();
        let plan = loaded.pack.plans.get(number).ok_or(WhyError::Blind)?;
        let local = loaded.pack.local_kind(kind).ok_or(WhyError::OtherKind)?;
        if !plan.kinds.contains(&local) {
            return Err(WhyError::OtherKind);
        }
        if running.off || !running.decides(plan.predicate, local) {
            return Err(WhyError::Blind);
        }
        running.forget();
        let result = running.explain(kind, &batch, 0, plan.predicate);
        running.forget();
        let (verdicts, causes) =
            result.map_err(|fault| WhyError::Fault(fault.to_string()))?;
        let info = loaded.pack.info(number);
        let conditions = info.conditions.iter().zip(&verdicts);
        let lacks = info.fields.iter().zip(causes);
        Ok(Explanation {
            rule: loaded.pack.full_name(number),
            verdict: match verdicts.first() {
                Some(Verdict::True) => "match",
                Some(Verdict::Unknown) => "indeterminate",
                Some(Verdict::False) | None => "none",
            },
            conditions: conditions
                .map(|(condition, verdict)| Condition {
                    depth: condition.depth,
                    source: condition.source.clone(),
                    place: condition.place.clone(),
                    leaf: condition.leaf,
                    verdict: match verdict {
                        Verdict::False => "false",
                        Verdict::Unknown => "unknown",
                        Verdict::True => "true",
                    },
                })
                .collect(),
            lacks: lacks
                .filter(|(_, cause)| *cause != Cause::None)
                .filter_map(|(field, cause)| Some((field.clone(), Lacked::of(cause)?)))
                .collect(),
        })
    }
}
