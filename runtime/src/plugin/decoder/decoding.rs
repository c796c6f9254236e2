//! A decoder at work: what is written for it, and when it is called.
//!
//! ```text
//! put -> Outbox  | message | message | ..     a *round*: until somebody takes the events
//! call --copied, tagout_decode--> Emitted     when the input would be full, and at the end
//! brought() --> Brought --> the sink          each message's events, in the order of all
//! ```
//!
//! A call costs as much as a decoder spends on a message, so messages are held back where
//! the sink keeps their places. A plugin that does not say of its events which message they
//! are of is called for each.

use std::sync::Arc;

use tagout_decode::{Context, FrameContext, Head, Probe, Transport};
use tagout_spec::plugin::{message, verdict};
use tagout_spec::record::Importer;

use super::super::live::Shared;
use super::super::loaded::Loaded;
use super::super::stats::PluginStats;
use super::brought::{Brought, Imported};
use super::outbox::Outbox;
use super::probe::write_probe;
use crate::engine::{CallLimits, Emitted, Guest, GuestFault, Reason};

/// Most messages of a call: the events of more do not stay in the cache until they are
/// taken, and all of them are lost with a fault.
pub(crate) const MESSAGES_MAX: usize = 64;

/// Most bytes of a call that has several messages. What the plugin makes of them has to
/// find room in its memory, and long messages do not need company to be worth a call.
const CALL_BYTES: usize = 16 * 1024;

/// Most bytes of a stream in one message, so that the limit of events a message is not
/// reached by a segment full of short ones.
const STREAM_BYTES: usize = 2 * 1024;

/// A decoder at work: one instance for all flows of a session.
pub(crate) struct Decoding {
    loaded: Arc<Loaded>,
    guest: Option<Guest>,
    outbox: Outbox,
    /// In a box, since each call lends it to the instance.
    emitted: Box<Emitted>,
    importers: Vec<Option<Importer>>,
    numbers: Numbers,
    counts: Counts,
}

/// Numbers of sessions.
#[derive(Default)]
struct Numbers {
    next: u32,
    free: Vec<u32>,
    /// Sessions that have ended and whose end the plugin has not been told.
    closing: Vec<u32>,
}

#[derive(Default)]
struct Counts {
    probes: u64,
    decodes: u64,
    messages: u64,
    imported: Imported,
    refused: u64,
    oversized: u64,
}

/// A session of the plugin.
pub(super) struct Told {
    pub(super) number: u32,
    /// Whether the plugin has been told of it.
    pub(super) is_open: bool,
}

/// What a session is told.
pub(super) enum What<'a> {
    Data(&'a [u8]),
    Gap(u32),
}

impl Numbers {
    /// How many are in use.
    fn open(&self) -> usize {
        let next = usize::try_from(self.next).unwrap_or(usize::MAX);
        next.saturating_sub(self.free.len())
    }

    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            let number = self.next;
            self.next = number.saturating_add(1);
            number
        })
    }
}

impl Decoding {
    pub(in super::super) fn new(loaded: &Arc<Loaded>) -> Self {
        Self {
            loaded: Arc::clone(loaded),
            guest: None,
            outbox: Outbox::default(),
            emitted: Box::default(),
            importers: loaded.kinds.iter().map(|_| None).collect(),
            numbers: Numbers::default(),
            counts: Counts::default(),
        }
    }

    pub(in super::super) fn replace(&mut self, loaded: &Arc<Loaded>) {
        self.loaded = Arc::clone(loaded);
        self.importers = loaded.kinds.iter().map(|_| None).collect();
        self.forget();
    }

    pub(in super::super) fn count(&self, stats: &mut PluginStats) {
        let counts = &self.counts;
        for (name, n) in [("probe", counts.probes), ("decode", counts.decodes)] {
            if n > 0 {
                stats.calls.insert(name, n);
            }
        }
        stats.sessions = u64::try_from(self.numbers.open()).unwrap_or(u64::MAX);
        let Imported { events, invalid, lost } = counts.imported;
        (stats.messages, stats.events) = (counts.messages, events);
        (stats.refused, stats.oversized) = (counts.refused, counts.oversized);
        (stats.invalid, stats.lost) = (invalid, lost);
    }

    pub(super) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The instance is gone, and with it all that it knew of flows.
    fn forget(&mut self) {
        if let Some(guest) = self.guest.take() {
            self.emitted.save(guest.memory());
        }
        self.outbox.set_sent();
        self.emitted.forget_told();
        self.numbers = Numbers::default();
    }

    /// Counts a fault, and begins anew.
    #[cold]
    pub(in super::super) fn fail(&mut self, shared: &Shared, fault: &GuestFault) {
        self.speak(shared);
        self.forget();
        shared.end_sessions();
        shared.charge(fault);
    }

    fn guest(&mut self) -> Result<&mut Guest, GuestFault> {
        match &mut self.guest {
            Some(guest) => Ok(guest),
            empty => Ok(empty.insert(self.loaded.instance()?)),
        }
    }

    /// A number for another session; `None` if there are as many as there may be.
    pub(super) fn has_room(&mut self) -> bool {
        let most = usize::try_from(self.loaded.limits.sessions).unwrap_or(usize::MAX);
        let has = self.numbers.open() < most;
        if !has {
            self.counts.refused = self.counts.refused.saturating_add(1);
        }
        has
    }

    /// A session that the plugin is told of with its first bytes.
    pub(super) fn begin(&mut self) -> Told {
        Told { number: self.numbers.take(), is_open: false }
    }

    /// Ends a session: the plugin is told of it before anything else.
    pub(super) fn end(&mut self, session: &Told) {
        let Told { number, is_open } = *session;
        if is_open {
            self.numbers.closing.push(number);
        } else {
            self.numbers.free.push(number);
        }
    }

    /// Asks about the first bytes of a flow, after all that was written before.
    pub(super) fn probe(
        &mut self,
        probe: &Probe<'_>,
        shared: &Shared,
    ) -> Result<i32, GuestFault> {
        self.write_closed(shared)?;
        self.call()?;
        self.counts.probes = self.counts.probes.saturating_add(1);
        let Some(len) = write_probe(self.guest()?.input(), probe) else {
            return Ok(verdict::NO);
        };
        let Self { guest: Some(guest), emitted, .. } = self else {
            return Ok(verdict::NO);
        };
        let found = guest.probe(len, emitted)?;
        if (verdict::NO..=verdict::YES).contains(&found) {
            return Ok(found);
        }
        let problem = format!("`tagout_probe` returned {found}");
        Err(GuestFault { reason: Reason::Result, problem })
    }

    /// A number for a message of the round that can bring events. There is one for each
    /// place that a sink keeps, whatever becomes of it.
    pub(super) fn number(&mut self) -> u32 {
        self.outbox.number()
    }

    /// Writes what a session is told, as much of it as a message takes; the rest stays.
    #[inline]
    pub(super) fn put(
        &mut self,
        number: u32,
        session: &mut Told,
        cx: Context<'_>,
        what: &mut What<'_>,
        shared: &Shared,
    ) -> Result<(), GuestFault> {
        if let What::Data(bytes) = what
            && session.is_open
            && bytes.len() <= STREAM_BYTES
            && self.numbers.closing.is_empty()
            && self.has_room_for(Outbox::size(bytes.len()))
        {
            self.data(number, session.number, cx, std::mem::take(bytes));
            return Ok(());
        }
        self.put_slowly(number, session, cx, what, shared)
    }

    /// The same when sessions begin or end, and when the call at hand has no room left.
    #[inline(never)]
    fn put_slowly(
        &mut self,
        number: u32,
        session: &mut Told,
        cx: Context<'_>,
        what: &mut What<'_>,
        shared: &Shared,
    ) -> Result<(), GuestFault> {
        self.write_closed(shared)?;
        let opens = if session.is_open { 0 } else { Outbox::size(0) };
        let now = match what {
            What::Gap(_) => &[],
            What::Data(bytes) => {
                let most = match cx.transport() {
                    Transport::Tcp => STREAM_BYTES,
                    Transport::Udp => bytes.len(),
                };
                let (now, later) = bytes.split_at_checked(most).unwrap_or((bytes, &[]));
                *bytes = later;
                now
            }
        };
        let size = opens.saturating_add(Outbox::size(now.len()));
        if !self.has_room_for(size) {
            self.make_room(shared)?;
        }
        let fits = size <= self.free();
        if !session.is_open {
            self.outbox.push(false, cx.bytes(), &[], |head| {
                head.told(message::OPEN, session.number);
            });
            self.emitted.tell(None);
            session.is_open = true;
        }
        match what {
            What::Gap(missing) => {
                self.outbox.push(true, cx.bytes(), &[], |head| {
                    head.told(message::GAP, session.number);
                    head.missing(*missing);
                });
                self.emitted.tell(Some(number));
            }
            What::Data(_) if fits => self.data(number, session.number, cx, now),
            What::Data(_) => {
                self.counts.oversized = self.counts.oversized.saturating_add(1);
            }
        }
        Ok(())
    }

    /// Inlined: it is all that most messages need.
    #[inline(always)]
    fn data(&mut self, number: u32, session: u32, cx: Context<'_>, bytes: &[u8]) {
        self.outbox.push(true, cx.bytes(), bytes, |head| {
            head.told(message::DATA, session);
        });
        self.emitted.tell(Some(number));
    }

    /// Writes a frame.
    pub(super) fn put_frame(
        &mut self,
        number: u32,
        cx: &FrameContext,
        payload: &[u8],
        shared: &Shared,
    ) -> Result<(), GuestFault> {
        self.write_closed(shared)?;
        let bytes = Outbox::size(payload.len());
        if !self.has_room_for(bytes) {
            self.make_room(shared)?;
        }
        if bytes > self.free() {
            self.counts.oversized = self.counts.oversized.saturating_add(1);
            return Ok(());
        }
        self.outbox.push(true, Head::of_frame(cx).bytes(), payload, |_| {});
        self.emitted.tell(Some(number));
        Ok(())
    }

    /// Writes messages about sessions that have ended, and frees their numbers.
    #[cold]
    fn write_closed(&mut self, shared: &Shared) -> Result<(), GuestFault> {
        while let Some(number) = self.numbers.closing.last().copied() {
            if !self.has_room_for(Outbox::size(0)) {
                self.make_room(shared)?;
            }
            self.outbox.push(false, Head::of_close(number).bytes(), &[], |_| {});
            self.emitted.tell(None);
            self.numbers.closing.pop();
            self.numbers.free.push(number);
        }
        Ok(())
    }

    /// Bytes that the input has left for the call at hand; none before there is one.
    fn free(&self) -> usize {
        let room = self.guest.as_ref().map_or(0, Guest::room);
        room.saturating_sub(self.outbox.unsent().len())
    }

    /// Whether the call at hand can take another message, as one of several.
    fn has_room_for(&self, bytes: usize) -> bool {
        let room = self.guest.as_ref().map_or(0, Guest::room).min(CALL_BYTES);
        self.outbox.unsent().len().saturating_add(bytes) <= room
            && self.emitted.told() < MESSAGES_MAX
    }

    /// Has what waits decoded, by an instance that is made if there is none.
    #[cold]
    fn make_room(&mut self, shared: &Shared) -> Result<(), GuestFault> {
        self.guest()?;
        let done = self.call();
        self.speak(shared);
        self.note_waiting(shared);
        done
    }

    /// Remembers whether many bytes of messages and events wait to be taken.
    pub(super) fn note_waiting(&self, shared: &Shared) {
        shared.note_waiting(self.outbox.len().saturating_add(self.emitted.len()));
    }

    /// Whether the call may wait for more messages.
    pub(super) fn may_wait(&self) -> bool {
        self.loaded.batches
    }

    /// Has what was written decoded.
    pub(in super::super) fn call(&mut self) -> Result<(), GuestFault> {
        let Self { loaded, guest, outbox, emitted, counts, .. } = self;
        let (messages, Some(guest)) = (outbox.unsent(), guest) else { return Ok(()) };
        if messages.is_empty() {
            return Ok(());
        }
        counts.decodes = counts.decodes.saturating_add(1);
        let told = u64::try_from(emitted.told()).unwrap_or(u64::MAX);
        counts.messages = counts.messages.saturating_add(told);
        let limits = CallLimits {
            kinds: u32::try_from(loaded.kinds.len()).unwrap_or(u32::MAX),
            events: usize::try_from(loaded.limits.events).unwrap_or(usize::MAX),
        };
        let done = guest.decode(messages, emitted, limits);
        outbox.set_sent();
        done
    }

    /// What all calls of the round have brought.
    pub(crate) fn brought(&mut self) -> Brought<'_> {
        let Self { loaded, guest, outbox, importers, emitted, counts, .. } = self;
        Brought {
            memory: guest.as_ref().map(Guest::memory).unwrap_or_default(),
            kinds: &loaded.kinds,
            importers,
            outbox,
            emitted,
            counts: &mut counts.imported,
            open: None,
        }
    }

    /// All events have been taken: the next message begins another round.
    pub(crate) fn end_round(&mut self) {
        self.outbox.clear();
        self.emitted.clear();
    }

    /// The same if the message was the only one: others may have places with somebody.
    pub(super) fn end_round_of(&mut self, number: u32) {
        if number == 0 && self.outbox.numbers() == 1 {
            self.end_round();
        }
    }

    /// Hands on what was logged.
    pub(in super::super) fn speak(&mut self, shared: &Shared) {
        if let Some(guest) = &mut self.guest {
            shared.hear(guest);
        }
    }
}
