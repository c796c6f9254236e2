//! Places of events that plugins bring later: many messages are decoded by one call, and
//! nobody sees it in the order of events.
//!
//! ```text
//! events       0    1    2              3           numbered as they come
//! places                 ^ p, q         ^ r         each before the event with that number
//! at the flush: p brings 2 events, q none, r one
//!              0    1    4    2 3       6    5      numbered again
//! ```
//!
//! A batch that is full before all events are in is put aside and evaluated with the rest
//! of the flush; what a call may bring bounds how many.

use std::sync::MutexGuard;

use tagout_decode::EventSink;
use tagout_spec::record::{BATCH_MAX, BatchBuilder};
use tagout_spec::schema::KindIdx;

use super::{Place, Session};
use crate::plugin::{Brought, Decoding, MESSAGES_MAX};

/// The place of a message's events.
pub(super) struct Deferred {
    /// Position of the plugin in the session.
    plugin: usize,
    /// Number of the event that it lies before.
    at: u64,
    place: Place,
}

/// The same when it is known what comes.
struct Known {
    plugin: usize,
    /// Number of the message in the plugin's round.
    message: u32,
    at: u64,
    place: Place,
    events: u64,
}

/// A plugin whose events are taken.
struct Round<'d> {
    brought: Brought<'d>,
    messages: u32,
}

impl Session {
    /// Keeps a place for what a plugin of this session brings later.
    pub(super) fn keep_place(&mut self, decoder: u64) -> bool {
        self.settle();
        let mut lives = self.plugins.lives().iter();
        let Some(plugin) = lives.position(|live| live.id == decoder) else {
            return false;
        };
        let is_heavy =
            self.plugins.lives().get(plugin).is_some_and(|live| live.is_heavy());
        if self.deferred.len() >= MESSAGES_MAX || is_heavy {
            // They are taken from the plugin's memory while the cache still has it.
            self.take_deferred();
            let pending = self.kinds.iter().flatten();
            self.waiting = pending.map(|pending| pending.events.len()).sum();
        }
        if self.waiting >= BATCH_MAX || !self.aside.is_empty() {
            self.run_flush();
        }
        let (at, place) = (self.sequence, self.place);
        self.deferred.push(Deferred { plugin, at, place });
        self.waiting = self.waiting.saturating_add(1);
        true
    }

    /// Takes what belongs to the places, and numbers all events anew.
    pub(super) fn take_deferred(&mut self) {
        if self.deferred.is_empty() {
            return;
        }
        let deferred = std::mem::take(&mut self.deferred);
        let plugins = self.plugins();
        let is_in = |plugin| deferred.iter().any(|deferred| deferred.plugin == plugin);
        let lives = plugins.lives().iter().enumerate();
        let mut decodings: Vec<Option<MutexGuard<'_, Decoding>>> =
            lives.map(|(at, live)| is_in(at).then(|| live.decoded())).collect();
        let mut rounds: Vec<Option<Round<'_>>> = decodings
            .iter_mut()
            .map(|decoding| decoding.as_mut().map(|decoding| decoding.brought()))
            .map(|brought| brought.map(|brought| Round { brought, messages: 0 }))
            .collect();
        let brought: Vec<Known> =
            deferred.iter().filter_map(|one| one.known(&mut rounds)).collect();
        self.renumber(&brought);
        let mut inserted = 0_u64;
        for one in &brought {
            let Some(Some(round)) = rounds.get_mut(one.plugin) else { continue };
            let next = one.at.saturating_add(inserted);
            let mut insert = Insert { session: self, next, place: one.place, lent: None };
            round.brought.hand_on(one.message, &mut insert);
            insert.settle();
            inserted = inserted.saturating_add(one.events);
        }
        self.sequence = self.sequence.saturating_add(inserted);
        drop(rounds);
        for mut decoding in decodings.into_iter().flatten() {
            decoding.end_round();
        }
        self.deferred = deferred;
        self.deferred.clear();
    }

    /// Makes room in the numbers of events for what is brought before them.
    fn renumber(&mut self, brought: &[Known]) {
        for pending in self.kinds.iter_mut().flatten() {
            let mut before = brought.iter().peekable();
            let mut shift = 0_u64;
            for event in &mut pending.events {
                while let Some(one) = before.next_if(|one| one.at <= event.sequence) {
                    shift = shift.saturating_add(one.events);
                }
                event.sequence = event.sequence.saturating_add(shift);
            }
        }
    }
}

impl Deferred {
    fn known(&self, rounds: &mut [Option<Round<'_>>]) -> Option<Known> {
        let round = rounds.get_mut(self.plugin)?.as_mut()?;
        let message = round.messages;
        round.messages = message.saturating_add(1);
        let events = u64::try_from(round.brought.events_of(message)).ok()?;
        let Self { plugin, at, place } = *self;
        Some(Known { plugin, message, at, place, events })
    }
}

/// Where the events of one message go.
struct Insert<'s> {
    session: &'s mut Session,
    /// Number of the next.
    next: u64,
    place: Place,
    lent: Option<KindIdx>,
}

impl Insert<'_> {
    /// Looks at the batch that was lent.
    fn settle(&mut self) {
        let Some(kind) = self.lent.take() else { return };
        if self.session.admit(kind, None, self.next, self.place).is_some() {
            self.next = self.next.saturating_add(1);
        }
    }
}

impl EventSink for Insert<'_> {
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        self.settle();
        self.lent = Some(kind);
        let Self { session, .. } = self;
        let slot = session.kinds.get_mut(usize::from(kind.0));
        if let Some(full) = slot.and_then(|s| s.take_if(|p| p.builder.is_full())) {
            session.aside.push((kind, full));
        }
        if session.pending(kind).is_none() {
            session.scratch.clear();
            return &mut session.scratch;
        }
        match session.kinds.get_mut(usize::from(kind.0)).and_then(Option::as_mut) {
            Some(pending) => &mut pending.builder,
            None => &mut session.scratch,
        }
    }
}
