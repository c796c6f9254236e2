//! Events as the caller has them: lines of JSON, and records of decoders.

use std::borrow::Cow;

use serde::Deserialize;
use tagout_spec::fold::fold;
#[cfg(feature = "decode")]
use tagout_spec::record::BatchBuilder;
use tagout_spec::record::JsonError;
use tagout_spec::record::ReadReport;
use tagout_spec::schema::Family;
use tagout_spec::schema::KindIdx;

use super::Explanation;
use super::Session;
use super::WhyError;

impl Session {
    /// Takes an event as a line of JSON; returns its sequence number and what was
    /// passed over.
    ///
    /// # Errors
    ///
    /// The line is no event. The session goes on.
    pub fn line(&mut self, line: &[u8]) -> Result<(u64, ReadReport), JsonError> {
        self.settle();
        let events = self.runtime.events.clone();
        let kind = events.kind(line)?;
        let host = self.host_of(kind, line);
        let (sequence, is_late) = (self.sequence, self.place.late);
        let mut report = ReadReport::default();
        if let Some(pending) = self.pending(kind)
            && let Some(mut record) = pending.builder.begin()
        {
            report = events.read(line, &mut record)?;
            if is_late && let Some((late, _)) = record.kind().lookup("late") {
                record.set(late, true.into());
            }
            record.commit();
        }
        self.take(kind, host.as_deref());
        Ok((sequence, report))
    }

    /// Explains a rule on an event given as a line of JSON. The event is not
    /// counted and gives no alert.
    ///
    /// # Errors
    ///
    /// The line is no event, or there is no such rule, or it cannot be decided
    /// here.
    pub fn explain_line(
        &mut self,
        rule: &str,
        line: &[u8],
    ) -> Result<Explanation, WhyError> {
        let events = self.runtime.events.clone();
        let kind = events.kind(line).map_err(WhyError::Event)?;
        let host = self.host_of(kind, line);
        self.explain_from(rule, kind, host.as_deref(), |record| {
            events.read(line, record).map(drop)
        })
    }

    /// The folded name of the computer that reports an event, if the site lists
    /// any: a text cannot be read back from a record that is being written.
    fn host_of(&self, kind: KindIdx, line: &[u8]) -> Option<Vec<u8>> {
        #[derive(Deserialize)]
        struct Event<'a> {
            #[serde(borrow)]
            host: Host<'a>,
        }
        #[derive(Deserialize)]
        struct Host<'a> {
            #[serde(borrow)]
            name: Cow<'a, str>,
        }
        let wanted = self.join.as_ref().is_some_and(super::Join::wants_host_names)
            && self.runtime.schema.kind(kind)?.family == Family::Host;
        let event: Event<'_> = serde_json::from_slice(line).ok().filter(|_| wanted)?;
        Some(fold(event.host.name.as_bytes()))
    }
}

#[cfg(feature = "decode")]
impl tagout_decode::EventSink for Session {
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        // The first look settles what was lent; the second one cannot fail.
        if Session::batch(self, kind).is_none() {
            self.scratch.clear();
            return &mut self.scratch;
        }
        match self.kinds.get_mut(usize::from(kind.0)).and_then(Option::as_mut) {
            Some(pending) => &mut pending.builder,
            None => &mut self.scratch,
        }
    }

    fn defer(&mut self, decoder: u64) -> bool {
        self.keep_place(decoder)
    }
}

/// A batch that nobody reads.
#[cfg(feature = "decode")]
pub(super) fn scratch() -> Result<BatchBuilder, crate::BuildError> {
    let schema = tagout_spec::schema::Schema::builtin();
    BatchBuilder::new(&schema, KindIdx(0), tagout_spec::record::Needs::NONE).ok_or_else(
        || crate::BuildError {
            label: "schema".to_owned(),
            error: crate::LoadError::File { problem: "no kinds are built in".to_owned() },
        },
    )
}
