//! What the calls of a round have brought, as it goes to a sink: message by message, each
//! event stamped with what the host knows of its message.

use tagout_decode::EventSink;
use tagout_spec::record::{Foreign, Importer};
use tagout_spec::schema::KindIdx;

use super::outbox::Outbox;
use crate::engine::{Emitted, Event};

/// Events that wait to be taken.
pub(crate) struct Brought<'d> {
    /// The plugin's, where batches of its last call lie.
    pub(super) memory: &'d [u8],
    pub(super) kinds: &'d [KindIdx],
    pub(super) importers: &'d mut [Option<Importer>],
    pub(super) outbox: &'d Outbox,
    pub(super) emitted: &'d Emitted,
    pub(super) counts: &'d mut Imported,
    /// The batch that was looked at last: the next event is in it as a rule.
    pub(super) open: Option<Open<'d>>,
}

/// A batch that is at hand.
pub(super) struct Open<'d> {
    number: u32,
    batch: Foreign<'d>,
    /// The kind of its events, as the plugin numbers it and as the schema does.
    own: usize,
    kind: KindIdx,
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
        let emitted = self.emitted;
        for event in emitted.events().get(emitted.events_of(number)).unwrap_or_default() {
            self.take(event, sink);
        }
    }

    /// Hands on the events of all messages.
    pub(in super::super) fn hand_on_all(&mut self, sink: &mut dyn EventSink) {
        for event in self.emitted.events() {
            self.take(event, sink);
        }
    }

    #[inline]
    fn take(&mut self, event: &Event, sink: &mut dyn EventSink) {
        if self.open.as_ref().is_none_or(|open| open.number != event.batch) {
            self.open = self.open(event.batch);
        }
        let Self { open: Some(open), outbox, importers, counts, .. } = self else {
            return;
        };
        let Some(cx) = outbox.context(event.message) else { return };
        let to = sink.batch(open.kind);
        let Some(importer) = importers.get_mut(open.own) else { return };
        let importer = importer.get_or_insert_with(|| Importer::new(to.kind()));
        match importer.record(to, &open.batch, event.record.into(), cx) {
            Some(invalid) => {
                counts.events = counts.events.saturating_add(1);
                counts.invalid = counts.invalid.saturating_add(invalid.into());
            }
            None => counts.lost = counts.lost.saturating_add(1),
        }
    }

    #[cold]
    fn open(&self, number: u32) -> Option<Open<'d>> {
        let batch = self.emitted.batch(number, self.memory)?;
        let own = usize::try_from(batch.header().kind).ok()?;
        Some(Open { number, batch, own, kind: *self.kinds.get(own)? })
    }
}
