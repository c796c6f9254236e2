//! Events that a plugin has emitted, and the message that each of them is of.
//!
//! ```text
//! messages written   0      1      2   ..    a number each, or none: nothing comes of it
//! a call's batches   [ records, arena ]  [ records, arena ]      one a kind, as a rule
//! events             0: message 0, batch 0   1: message 0, batch 1   2: message 1, ..
//! ```
//!
//! `emit` copies a batch. One of `emit_of` stays where it is in the plugin's memory and is
//! read there: nobody can change it before the plugin is called again. If that comes first,
//! it is copied then. Events of several calls may wait together; a call that fails takes
//! back its own.

use std::cell::Cell;
use std::ops::Range;

use tagout_spec::record::{BATCH_HEADER, Foreign, ForeignHeader};

use super::Reason;

/// Most bytes that the batches of one call have in all.
const CALL_MAX: usize = 16 << 20;

/// Events of calls.
#[derive(Default)]
pub(crate) struct Emitted {
    /// Batches that were copied: records and arena of each, one after another.
    copied: Vec<u8>,
    batches: Vec<Taken>,
    /// In the order in which the events come.
    events: Vec<Event>,
    /// Of each message of the call at hand, its number, if events can come of it.
    told: Vec<Option<u32>>,
    limits: CallLimits,
    /// Batches and events when the call at hand began, and bytes of batches since.
    begin: (usize, usize, usize),
    /// Where the events end of the message that was asked for last.
    last_end: Cell<usize>,
}

/// A batch that was taken.
struct Taken {
    header: ForeignHeader,
    place: Place,
    budget: Cell<usize>,
}

/// Where a batch lies.
#[derive(Clone, Copy)]
enum Place {
    /// From an address of the plugin's memory on, as it was emitted.
    Guest(usize),
    /// Among the copies: its records, and behind them its arena.
    Copied(usize),
}

/// An event.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    /// Number of its message.
    pub(crate) message: u32,
    /// Its number in the call.
    order: u16,
    /// Its position in its batch.
    pub(crate) record: u16,
    /// Number of that batch.
    pub(crate) batch: u32,
}

/// What a call may emit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CallLimits {
    /// Number of the plugin's kinds.
    pub(crate) kinds: u32,
    /// Events out of one message.
    pub(crate) events: usize,
}

impl Emitted {
    /// Says that a message was written to the input: its number, if events can come of it.
    pub(crate) fn tell(&mut self, number: Option<u32>) {
        self.told.push(number);
    }

    /// Messages that were written since the last call.
    pub(crate) fn told(&self) -> usize {
        self.told.len()
    }

    /// Nobody will read what was written.
    pub(crate) fn forget_told(&mut self) {
        self.told.clear();
    }

    /// Copies what lies in the plugin's memory, which is about to change.
    pub(crate) fn save(&mut self, memory: &[u8]) {
        let Self { copied, batches, .. } = self;
        for batch in batches {
            let Place::Guest(at) = batch.place else { continue };
            let place = Place::Copied(copied.len());
            if let Some((records, arena)) = parts(memory, at, &batch.header) {
                copied.extend_from_slice(records);
                copied.extend_from_slice(arena);
                batch.place = place;
            }
        }
    }

    /// A call begins.
    pub(super) fn begin(&mut self, limits: CallLimits) {
        self.limits = limits;
        self.begin = (self.batches.len(), self.events.len(), 0);
    }

    /// A call has ended well; why it has not after all.
    pub(super) fn end(&mut self) -> Result<(), Reason> {
        self.told.clear();
        let events = self.events.get_mut(self.begin.1..).unwrap_or_default();
        if !events.is_sorted_by_key(|event| event.order) {
            events.sort_by_key(|event| event.order);
        }
        let (mut message, mut n) = (None, 0_usize);
        for event in events.iter() {
            if message.is_some_and(|last| event.message < last) {
                return Err(Reason::Emit);
            }
            n = if message == Some(event.message) { n.saturating_add(1) } else { 1 };
            message = Some(event.message);
            if n > self.limits.events {
                return Err(Reason::Events);
            }
        }
        Ok(())
    }

    /// What a call brought that failed does not count.
    pub(super) fn take_back(&mut self) {
        self.told.clear();
        self.batches.truncate(self.begin.0);
        self.events.truncate(self.begin.1);
    }

    /// Takes a batch of the one message that can bring events; why it is none.
    pub(super) fn take(&mut self, batch: &[u8]) -> Result<(), Reason> {
        let mut numbers = self.told.iter().flatten();
        let (Some(message), None) = (numbers.next().copied(), numbers.next()) else {
            return Err(Reason::Emit);
        };
        let header = self.check(batch)?;
        let (records, arena) = parts(batch, 0, &header).ok_or(Reason::Emit)?;
        let at = self.copied.len();
        self.copied.extend_from_slice(records);
        self.copied.extend_from_slice(arena);
        let batch = self.push(header, Place::Copied(at))?;
        for record in 0..u16::try_from(header.n).unwrap_or(u16::MAX) {
            let order = self.events.len().saturating_sub(self.begin.1);
            let order = u16::try_from(order).map_err(|_| Reason::Events)?;
            self.events.push(Event { message, order, record, batch });
        }
        self.check_room()
    }

    /// Takes a batch that lies at an address, with the position of each record's message in
    /// the call and the number of the event, u16 each.
    pub(super) fn take_of(
        &mut self,
        batch: &[u8],
        address: usize,
        of: &[u8],
    ) -> Result<(), Reason> {
        let header = self.check(batch)?;
        let batch = self.push(header, Place::Guest(address))?;
        for (record, of) in (0..).zip(of.as_chunks::<4>().0) {
            let [a, b, c, d] = *of;
            let position = usize::from(u16::from_le_bytes([a, b]));
            let message = self.told.get(position).copied().flatten();
            let message = message.ok_or(Reason::Emit)?;
            let order = u16::from_le_bytes([c, d]);
            self.events.push(Event { message, order, record, batch });
        }
        self.check_room()
    }

    /// The header of a batch, if it is one.
    fn check(&self, batch: &[u8]) -> Result<ForeignHeader, Reason> {
        let header = batch.first_chunk::<BATCH_HEADER>().and_then(ForeignHeader::read);
        let header = header.filter(|header| header.kind < self.limits.kinds);
        let header = header.filter(|header| parts(batch, 0, header).is_some());
        header.ok_or(Reason::Emit)
    }

    fn push(&mut self, header: ForeignHeader, place: Place) -> Result<u32, Reason> {
        let bytes = header.records_len().saturating_add(header.arena_len());
        self.begin.2 = self.begin.2.saturating_add(bytes);
        if self.begin.2 > CALL_MAX {
            return Err(Reason::Events);
        }
        let number = u32::try_from(self.batches.len()).map_err(|_| Reason::Events)?;
        self.batches.push(Taken { header, place, budget: Cell::new(header.budget()) });
        Ok(number)
    }

    /// Whether the call has not emitted too much already: what is of which message is looked
    /// at when it ends.
    fn check_room(&self) -> Result<(), Reason> {
        let messages = self.told.iter().flatten().count().max(1);
        let most = self.limits.events.saturating_mul(messages);
        let events = self.events.len().saturating_sub(self.begin.1);
        let batches = self.batches.len().saturating_sub(self.begin.0);
        if events > most || batches > most { Err(Reason::Events) } else { Ok(()) }
    }

    /// Where the events of a message are. Messages are asked for one after another, so they begin
    /// where those of the last one ended.
    pub(crate) fn events_of(&self, message: u32) -> Range<usize> {
        let is_before = |event: &Event| event.message < message;
        let last = self.last_end.get();
        let (before, rest) = self.events.split_at_checked(last).unwrap_or_default();
        let follows = before.last().is_none_or(is_before)
            && rest.first().is_none_or(|event| !is_before(event));
        let start = if follows { last } else { self.events.partition_point(is_before) };
        let rest = self.events.get(start..).unwrap_or_default();
        let n = rest.iter().take_while(|event| event.message == message).count();
        let end = start.saturating_add(n);
        self.last_end.set(end);
        start..end
    }

    /// All events, message by message.
    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// A batch. `memory` is the plugin's.
    pub(crate) fn batch<'a>(
        &'a self,
        number: u32,
        memory: &'a [u8],
    ) -> Option<Foreign<'a>> {
        let batch = self.batches.get(usize::try_from(number).ok()?)?;
        let (records, arena) = match batch.place {
            Place::Guest(at) => parts(memory, at, &batch.header)?,
            Place::Copied(at) => {
                let bytes = self.copied.get(at..)?;
                let (records, rest) =
                    bytes.split_at_checked(batch.header.records_len())?;
                (records, rest.get(..batch.header.arena_len())?)
            }
        };
        Some(Foreign::new(batch.header, records, arena, &batch.budget))
    }

    /// Bytes that are copied and wait.
    pub(crate) fn len(&self) -> usize {
        self.copied.len()
    }

    /// Lets go of all that waits.
    pub(crate) fn clear(&mut self) {
        self.copied.clear();
        self.batches.clear();
        self.events.clear();
        self.last_end.set(0);
    }
}

/// Records and arena of a batch that lies as it was emitted.
fn parts<'m>(
    memory: &'m [u8],
    at: usize,
    header: &ForeignHeader,
) -> Option<(&'m [u8], &'m [u8])> {
    let batch = memory.get(at..)?;
    let records = batch.get(BATCH_HEADER..)?.get(..header.records_len())?;
    Some((records, batch.get(header.arena..header.bytes)?))
}
