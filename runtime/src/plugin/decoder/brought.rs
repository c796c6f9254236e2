//! What the calls of a round have brought, as it goes to a sink: message by message, each
//! event stamped with what the host knows of its message.

use tagout_decode::EventSink;
use tagout_spec::record::{Foreign, Importer};
use tagout_spec::schema::KindIdx;

use super::outbox::Outbox;
use crate::engine::Emitted;

/// Events that wait to be taken.
pub(crate) struct Brought<'d> {
    /// The plugin's, where batches of its last call lie.
    pub(super) memory: &'d [u8],
    pub(super) kinds: &'d [KindIdx],
    pub(super) importers: &'d mut [Option<Importer>],
    pub(super) outbox: &'d Outbox,
    pub(super) emitted: &'d Emitted,
    pub(super) counts: &'d mut Imported,
    /// The batch that was looked at last, by its number: the next event is in it as a rule.
    pub(super) open: Option<(u32, Foreign<'d>)>,
}

/// Events that were taken, and what was wrong with them.
#[derive(Clone, Copy, Default)]
pub(super) struct Imported {
    pub(super) events: u64,
    /// Fields that made no sense.
    pub(super) invalid: u64,
    /// Events for which there was no room.
    pub(super) lost: u64,
}

impl<'d> Brought<'d> {
    /// How many events a message has brought.
    pub(crate) fn events_of(&self, number: u32) -> usize {
        self.emitted.events_of(number).len()
    }

    /// Hands on the events of a message.
    pub(crate) fn hand_on(&mut self, number: u32, sink: &mut dyn EventSink) {
        let Some(envelope) = self.outbox.envelope(number) else { return };
        for event in self.emitted.events_of(number) {
            let Some((batch, record)) = self.emitted.place(event) else { break };
            let Some(batch) = self.batch(batch) else { break };
            let kind = usize::try_from(batch.header().kind).unwrap_or(usize::MAX);
            let (Some(idx), Some(importer)) =
                (self.kinds.get(kind), self.importers.get_mut(kind))
            else {
                continue;
            };
            let to = sink.batch(*idx);
            let importer = importer.get_or_insert_with(|| Importer::new(to.kind()));
            match importer.record(to, &batch, record, envelope) {
                Some(invalid) => {
                    self.counts.events = self.counts.events.saturating_add(1);
                    let invalid = u64::from(invalid);
                    self.counts.invalid = self.counts.invalid.saturating_add(invalid);
                }
                None => self.counts.lost = self.counts.lost.saturating_add(1),
            }
        }
    }

    #[inline]
    fn batch(&mut self, number: u32) -> Option<Foreign<'d>> {
        match self.open {
            Some((open, batch)) if open == number => Some(batch),
            _ => {
                let batch = self.emitted.batch(number, self.memory)?;
                self.open = Some((number, batch));
                Some(batch)
            }
        }
    }

    /// Hands on the events of all messages.
    pub(in super::super) fn hand_on_all(&mut self, sink: &mut dyn EventSink) {
        for number in 0..self.outbox.numbers() {
            self.hand_on(number, sink);
        }
    }
}
