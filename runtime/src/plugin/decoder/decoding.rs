//! A decoder at work: what is written for it, when it is called, what it brought.
//!
//! ```text
//! put -> input | message | message | ..       a *round*: until somebody takes the events
//!          envelopes: what the host knows of each, by its number
//! call --tagout_decode--> Emitted             when the input is full, and at the end
//! hand_on(number) --Importer--> the sink      each message's events, with its envelope
//! ```
//!
//! A call costs as much as a decoder spends on a message, so messages are held back where
//! the sink keeps their places. They are written where the plugin reads them, so that
//! nothing is copied for it. A plugin that does not say of its events which message they
//! are of is called for each.

use std::sync::Arc;

use tagout_decode::{Context, EventSink, FrameContext, Probe, Transport};
use tagout_spec::plugin::{message, verdict};
use tagout_spec::record::{Envelope, FlowEnvelope, Importer};
use tagout_spec::schema::KindIdx;

use super::super::live::Shared;
use super::super::loaded::Loaded;
use super::super::stats::PluginStats;
use super::write::{Message, write_probe};
use crate::engine::{CallLimits, Emitted, Guest, GuestFault, Reason};

/// Most messages of a call: the events of more do not stay in the cache until they are
/// taken, and all of them are lost with a fault.
pub(crate) const MESSAGES_MAX: usize = 32;

/// A decoder at work: one instance for all flows of a session.
pub(crate) struct Decoding {
    loaded: Arc<Loaded>,
    guest: Option<Guest>,
    /// Bytes of the input that are written and wait for a call.
    written: usize,
    envelopes: Vec<Envelope>,
    emitted: Emitted,
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
    events: u64,
    refused: u64,
    oversized: u64,
    invalid: u64,
    lost: u64,
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
            written: 0,
            envelopes: Vec::new(),
            emitted: Emitted::default(),
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
        (stats.messages, stats.events) = (counts.messages, counts.events);
        (stats.refused, stats.oversized) = (counts.refused, counts.oversized);
        (stats.invalid, stats.lost) = (counts.invalid, counts.lost);
    }

    pub(super) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The instance is gone, and with it all that it knew of flows.
    fn forget(&mut self) {
        if let Some(guest) = self.guest.take() {
            self.emitted.save(guest.memory());
        }
        self.written = 0;
        self.emitted.forget_told();
        self.numbers = Numbers::default();
    }

    /// Counts a fault, and begins anew.
    #[cold]
    pub(in super::super) fn fail(&mut self, shared: &Shared, fault: &GuestFault) {
        self.forget();
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
    pub(super) fn probe(&mut self, probe: &Probe<'_>) -> Result<i32, GuestFault> {
        self.write_closed()?;
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

    /// Begins a message of the round that can bring events: its number. There is one for
    /// each place that a sink keeps, whatever becomes of it.
    pub(super) fn number(&mut self, envelope: Envelope) -> u32 {
        let number = u32::try_from(self.envelopes.len()).unwrap_or(u32::MAX);
        self.envelopes.push(envelope);
        number
    }

    /// Writes what a session is told, as much of it as a call takes; the rest stays.
    pub(super) fn put(
        &mut self,
        number: u32,
        session: &mut Told,
        cx: &Context<'_>,
        what: &mut What<'_>,
    ) -> Result<(), GuestFault> {
        self.write_closed()?;
        let head = if session.is_open { message::PAYLOAD } else { 2 * message::PAYLOAD };
        let payload = match what {
            What::Data(bytes) => bytes.len(),
            What::Gap(_) => 0,
        };
        self.make_room(head.saturating_add(payload))?;
        if !session.is_open {
            self.write(None, message::OPEN, |mut out| {
                out.context(session.number, cx);
                out.end(0)
            })?;
            session.is_open = true;
        }
        match what {
            What::Gap(missing) => self.write(Some(number), message::GAP, |mut out| {
                out.context(session.number, cx);
                out.put(message::LENGTH, missing.to_le_bytes());
                out.end(0)
            }),
            What::Data(bytes) => {
                let start = self.written.saturating_add(message::PAYLOAD);
                let free = self.guest()?.room().saturating_sub(start) & !7;
                if bytes.len() > free && cx.transport == Transport::Udp {
                    self.counts.oversized = self.counts.oversized.saturating_add(1);
                    *bytes = &[];
                    return Ok(());
                }
                let (now, later) = bytes.split_at_checked(free).unwrap_or((bytes, &[]));
                *bytes = later;
                self.write(Some(number), message::DATA, |mut out| {
                    out.context(session.number, cx);
                    out.payload(now)
                })
            }
        }
    }

    /// Writes a frame.
    pub(super) fn put_frame(
        &mut self,
        number: u32,
        cx: &FrameContext,
        payload: &[u8],
    ) -> Result<(), GuestFault> {
        self.write_closed()?;
        self.make_room(message::PAYLOAD.saturating_add(payload.len()))?;
        let start = self.written.saturating_add(message::PAYLOAD);
        if payload.len() > self.guest()?.room().saturating_sub(start) {
            self.counts.oversized = self.counts.oversized.saturating_add(1);
            return Ok(());
        }
        self.write(Some(number), message::FRAME, |mut out| {
            out.frame(cx);
            out.payload(payload)
        })
    }

    /// Writes messages about sessions that have ended, and frees their numbers.
    fn write_closed(&mut self) -> Result<(), GuestFault> {
        while let Some(number) = self.numbers.closing.last().copied() {
            self.make_room(message::PAYLOAD)?;
            self.write(None, message::CLOSE, |mut out| {
                out.put(message::SESSION, number.to_le_bytes());
                out.end(0)
            })?;
            self.numbers.closing.pop();
            self.numbers.free.push(number);
        }
        Ok(())
    }

    fn write(
        &mut self,
        number: Option<u32>,
        ty: u8,
        fill: impl FnOnce(Message<'_>) -> usize,
    ) -> Result<(), GuestFault> {
        let written = self.written;
        let room = self.guest()?.input();
        self.written = fill(Message::new(room, written, ty));
        self.emitted.tell(number);
        Ok(())
    }

    /// Has what waits decoded if so many bytes more do not fit.
    fn make_room(&mut self, bytes: usize) -> Result<(), GuestFault> {
        if self.written == 0 {
            return Ok(());
        }
        let end = self.written.saturating_add(bytes);
        if self.emitted.told() >= MESSAGES_MAX || end > self.guest()?.room() {
            self.call()?;
        }
        Ok(())
    }

    /// Whether the call may wait for more messages.
    pub(super) fn may_wait(&self) -> bool {
        self.loaded.batches
    }

    /// Has what was written decoded.
    pub(in super::super) fn call(&mut self) -> Result<(), GuestFault> {
        if self.written == 0 {
            return Ok(());
        }
        let Self { loaded, guest, written, emitted, counts, .. } = self;
        let Some(guest) = guest else { return Ok(()) };
        counts.decodes = counts.decodes.saturating_add(1);
        let told = u64::try_from(emitted.told()).unwrap_or(u64::MAX);
        counts.messages = counts.messages.saturating_add(told);
        let len = std::mem::take(written);
        let limits = CallLimits {
            kinds: u32::try_from(loaded.kinds.len()).unwrap_or(u32::MAX),
            events: usize::try_from(loaded.limits.events).unwrap_or(usize::MAX),
        };
        guest.decode(len, emitted, limits)
    }

    /// Events of a message of the round, which has been decoded.
    pub(crate) fn events_of(&self, number: u32) -> usize {
        self.emitted.events_of(number).len()
    }

    /// Bytes of events that wait to be taken.
    pub(super) fn waiting(&self) -> usize {
        self.emitted.len()
    }

    /// Hands on the events of a message.
    pub(crate) fn hand_on(&mut self, number: u32, sink: &mut dyn EventSink) {
        let Self { loaded, guest, importers, envelopes, emitted, counts, .. } = self;
        let memory = guest.as_ref().map(Guest::memory).unwrap_or_default();
        let envelope = usize::try_from(number).ok().and_then(|at| envelopes.get(at));
        let Some(envelope) = envelope else { return };
        for event in emitted.events_of(number) {
            let Some((batch, record)) = emitted.record(event, memory) else { break };
            let kind = usize::try_from(batch.header().kind).unwrap_or(usize::MAX);
            let (Some(idx), Some(importer)) =
                (loaded.kinds.get(kind), importers.get_mut(kind))
            else {
                continue;
            };
            let idx: KindIdx = *idx;
            let to = sink.batch(idx);
            let importer = importer.get_or_insert_with(|| Importer::new(to.kind()));
            match importer.record(to, &batch, record, envelope) {
                Some(invalid) => {
                    counts.events = counts.events.saturating_add(1);
                    counts.invalid = counts.invalid.saturating_add(invalid.into());
                }
                None => counts.lost = counts.lost.saturating_add(1),
            }
        }
    }

    /// Hands on the events of all messages.
    pub(in super::super) fn hand_on_all(&mut self, sink: &mut dyn EventSink) {
        let numbers = u32::try_from(self.envelopes.len()).unwrap_or(u32::MAX);
        for number in 0..numbers {
            self.hand_on(number, sink);
        }
        self.end_round();
    }

    /// All events have been taken: the next message begins another round.
    pub(crate) fn end_round(&mut self) {
        self.envelopes.clear();
        self.emitted.clear();
    }

    /// The same if the message was the only one: others may have places with somebody.
    pub(super) fn end_round_of(&mut self, number: u32) {
        if number == 0 && self.envelopes.len() == 1 {
            self.end_round();
        }
    }

    /// Hands on what was logged.
    pub(in super::super) fn speak(&mut self, shared: &Shared) {
        if let Some(guest) = &mut self.guest
            && guest.has_lines()
        {
            shared.say(guest.take_lines());
        }
    }
}

/// What the host knows of the events of a message.
pub(super) fn envelope(cx: &Context<'_>) -> Envelope {
    Envelope {
        ts: cx.ts_ns,
        frame: cx.frame,
        late: cx.late,
        vlan: cx.vlan,
        macs: [cx.src.mac.map(|mac| mac.octets()), cx.dst.mac.map(|mac| mac.octets())],
        flow: Some(FlowEnvelope {
            id: cx.flow,
            transport: cx.transport.number(),
            ips: [cx.src.ip.octets(), cx.dst.ip.octets()],
            ports: [cx.src.port, cx.dst.port],
            community: *cx.community,
        }),
    }
}

/// The same of a frame without IP.
pub(super) fn frame_envelope(cx: &FrameContext) -> Envelope {
    Envelope {
        ts: cx.ts_ns,
        frame: cx.frame,
        late: cx.late,
        vlan: cx.vlan,
        macs: [cx.src.map(|mac| mac.octets()), cx.dst.map(|mac| mac.octets())],
        flow: None,
    }
}
