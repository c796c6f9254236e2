//! A decoder: messages to the plugin, records from it, as `spec/plugin.md` draws them.
//!
//! ```text
//! Pipeline --probe-->  PluginDecoder  --tagout_probe-->  yes: PluginSession, a number
//!          --on_data-> PluginSession  --closed? open? data, in one call--> tagout_decode
//!                                     <--batches-- Emitted --Importer--> the sink
//! ```
//!
//! A call has at most one message that can bring events, so what comes out is always of
//! that message. A session that ends is told with the next call, since nothing comes of
//! it. After a fault the sessions of before are over: the pipeline looks at their flows
//! again.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use tagout_decode::{
    Context, Decoder, EventSink, FrameContext, FrameSession, Probe, Session, Transport,
    Verdict,
};
use tagout_spec::plugin::manifest::Decoder as Traffic;
use tagout_spec::plugin::{message, probe, verdict};
use tagout_spec::record::{Envelope, FlowEnvelope, Importer};

use super::live::{Live, Shared, lock};
use super::loaded::Loaded;
use super::stats::PluginStats;
use crate::engine::{Guest, GuestFault, Reason};

/// Most messages about sessions that have ended in one call.
const CLOSED_MAX: usize = 64;

/// A decoder at work: one instance for all flows of a session.
pub(super) struct Decoding {
    loaded: Arc<Loaded>,
    guest: Option<Guest>,
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
    events: u64,
    refused: u64,
    oversized: u64,
    invalid: u64,
    lost: u64,
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
    pub(super) fn new(loaded: &Arc<Loaded>) -> Self {
        Self {
            loaded: Arc::clone(loaded),
            guest: None,
            importers: loaded.kinds.iter().map(|_| None).collect(),
            numbers: Numbers::default(),
            counts: Counts::default(),
        }
    }

    pub(super) fn replace(&mut self, loaded: &Arc<Loaded>) {
        self.loaded = Arc::clone(loaded);
        self.importers = loaded.kinds.iter().map(|_| None).collect();
        self.forget();
    }

    pub(super) fn count(&self, stats: &mut PluginStats) {
        let Counts { probes, decodes, events, refused, oversized, invalid, lost } =
            self.counts;
        for (name, n) in [("probe", probes), ("decode", decodes)] {
            if n > 0 {
                stats.calls.insert(name, n);
            }
        }
        stats.events = events;
        stats.sessions = u64::try_from(self.numbers.open()).unwrap_or(u64::MAX);
        (stats.refused, stats.oversized) = (refused, oversized);
        (stats.invalid, stats.lost) = (invalid, lost);
    }

    /// The instance is gone, and with it all that it knew of flows.
    fn forget(&mut self) {
        self.guest = None;
        self.numbers = Numbers::default();
    }

    fn guest(&mut self) -> Result<&mut Guest, GuestFault> {
        match &mut self.guest {
            Some(guest) => Ok(guest),
            empty => Ok(empty.insert(self.loaded.instance()?)),
        }
    }

    /// Counts a fault, and begins anew.
    #[cold]
    fn fail(&mut self, shared: &Shared, fault: &GuestFault) {
        self.forget();
        shared.charge(fault);
    }

    /// Asks about the first bytes of a flow.
    fn probe(&mut self, probe: &Probe<'_>) -> Result<i32, GuestFault> {
        self.tell_closed()?;
        self.counts.probes = self.counts.probes.saturating_add(1);
        let guest = self.guest()?;
        let Some(len) = write_probe(guest.input(), probe) else {
            return Ok(verdict::NO);
        };
        let found = guest.probe(len)?;
        if (verdict::NO..=verdict::YES).contains(&found) {
            return Ok(found);
        }
        let problem = format!("`tagout_probe` returned {found}");
        Err(GuestFault { reason: Reason::Result, problem })
    }

    /// Tells of the sessions that have ended.
    fn tell_closed(&mut self) -> Result<(), GuestFault> {
        while !self.numbers.closing.is_empty() {
            let len = self.write_closed()?;
            self.call(len)?;
        }
        Ok(())
    }

    /// Writes messages about sessions that have ended, and frees their numbers.
    fn write_closed(&mut self) -> Result<usize, GuestFault> {
        let mut used = 0;
        if self.numbers.closing.is_empty() {
            return Ok(used);
        }
        let many = self.numbers.closing.len().min(CLOSED_MAX);
        let closed: Vec<u32> = self.numbers.closing.drain(..many).collect();
        let room = self.guest()?.input();
        for number in &closed {
            let mut out = Message::new(room, used, message::CLOSE);
            out.put(message::SESSION, number.to_le_bytes());
            used = out.end(0);
        }
        self.numbers.free.extend(closed);
        Ok(used)
    }

    /// Has so many bytes of messages decoded.
    fn call(&mut self, len: usize) -> Result<(), GuestFault> {
        self.counts.decodes = self.counts.decodes.saturating_add(1);
        let events = usize::try_from(self.loaded.limits.events).unwrap_or(usize::MAX);
        self.guest()?.decode(len, events).map(drop)
    }

    /// The same, and takes the events that come of it; how many.
    fn decode(
        &mut self,
        len: usize,
        envelope: &Envelope<'_>,
        sink: &mut dyn EventSink,
    ) -> Result<u64, GuestFault> {
        let Self { loaded, guest, importers, counts, .. } = self;
        let Some(guest) = guest else { return Ok(0) };
        counts.decodes = counts.decodes.saturating_add(1);
        let events = usize::try_from(loaded.limits.events).unwrap_or(usize::MAX);
        let emitted = guest.decode(len, events)?;
        if emitted.len() == 0 {
            return Ok(0);
        }
        let number = |kind: u32| usize::try_from(kind).unwrap_or(usize::MAX);
        // All of a call or nothing.
        let known = |kind: u32| loaded.kinds.get(number(kind)).is_some();
        if !emitted.batches().all(|batch| known(batch.header().kind)) {
            let problem = "an event of a kind that is not its own".to_owned();
            return Err(GuestFault { reason: Reason::Emit, problem });
        }
        let mut taken = 0_u64;
        for batch in emitted.batches() {
            let at = number(batch.header().kind);
            let (Some(kind), Some(importer)) =
                (loaded.kinds.get(at), importers.get_mut(at))
            else {
                continue;
            };
            for record in 0..batch.header().n {
                let to = sink.batch(*kind);
                let importer = importer.get_or_insert_with(|| Importer::new(to.kind()));
                match importer.record(to, &batch, record, envelope) {
                    Some(invalid) => {
                        taken = taken.saturating_add(1);
                        counts.invalid = counts.invalid.saturating_add(invalid.into());
                    }
                    None => counts.lost = counts.lost.saturating_add(1),
                }
            }
        }
        counts.events = counts.events.saturating_add(taken);
        Ok(taken)
    }

    /// Hands on what was logged.
    fn speak(&mut self, shared: &Shared) {
        if let Some(guest) = &mut self.guest {
            let lines = guest.take_lines();
            if !lines.is_empty() {
                shared.say(lines);
            }
        }
    }
}

/// A decoder that is a plugin.
struct PluginDecoder {
    live: Arc<Live>,
    name: &'static str,
}

/// The decoder of a plugin, if it has one.
pub(super) fn of(live: &Arc<Live>) -> Option<Box<dyn Decoder + Send>> {
    let loaded = live.loaded();
    loaded.plugin.manifest.decoder.as_ref()?;
    let name = interned(loaded.name());
    Some(Box::new(PluginDecoder { live: Arc::clone(live), name }))
}

/// The name of a decoder lasts as long as the process. There are few, and each is kept
/// once.
fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = lock(&NAMES);
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(name);
    name
}

impl Decoder for PluginDecoder {
    fn name(&self) -> &'static str {
        self.name
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        let shared = &self.live.shared;
        if shared.is_off() {
            return Verdict::No;
        }
        let mut decoding = lock(&self.live.decoding);
        let traffic = decoding.loaded.plugin.manifest.decoder.as_ref();
        if !traffic.is_some_and(|traffic| is_asked(traffic, probe)) {
            return Verdict::No;
        }
        let sessions = decoding.loaded.limits.sessions;
        if decoding.numbers.open() >= usize::try_from(sessions).unwrap_or(usize::MAX) {
            decoding.counts.refused = decoding.counts.refused.saturating_add(1);
            return Verdict::No;
        }
        match decoding.probe(probe) {
            Ok(verdict::YES) => Verdict::Yes(Box::new(PluginSession {
                live: Arc::clone(&self.live),
                generation: shared.generation.load(Ordering::Relaxed),
                number: decoding.numbers.take(),
                is_open: false,
            })),
            Ok(verdict::MORE) => Verdict::More,
            Ok(_) => Verdict::No,
            Err(fault) => {
                decoding.fail(shared, &fault);
                Verdict::No
            }
        }
    }

    fn open_frames(&self) -> Option<Box<dyn FrameSession>> {
        let loaded = self.live.loaded();
        let ethertypes = loaded.plugin.manifest.decoder.as_ref()?.ethertypes.clone();
        let live = Arc::clone(&self.live);
        (!ethertypes.is_empty())
            .then(|| Box::new(PluginFrames { live, ethertypes }) as Box<dyn FrameSession>)
    }
}

/// Whether the manifest lists a transport and one of its ports.
fn is_asked(traffic: &Traffic, probe: &Probe<'_>) -> bool {
    let ports = match probe.transport {
        Transport::Tcp => traffic.tcp.as_ref(),
        Transport::Udp => traffic.udp.as_ref(),
    };
    ports.is_some_and(|ports| {
        ports.is_empty() || probe.ports.iter().any(|port| ports.contains(port))
    })
}

/// A flow that the plugin decodes.
struct PluginSession {
    live: Arc<Live>,
    /// When it was opened: see [`Shared::generation`].
    generation: u32,
    number: u32,
    /// Whether the plugin has been told of it.
    is_open: bool,
}

impl PluginSession {
    fn tell(&mut self, cx: &Context<'_>, what: What<'_>, sink: &mut dyn EventSink) {
        if self.is_over() {
            return;
        }
        let live = Arc::clone(&self.live);
        let mut decoding = lock(&live.decoding);
        let mut rest = what;
        loop {
            let told = self.tell_part(&mut decoding, cx, &mut rest, sink);
            match told {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => return decoding.fail(&live.shared, &fault),
            }
        }
        decoding.speak(&live.shared);
    }

    /// One call; whether there is more to tell.
    fn tell_part(
        &mut self,
        decoding: &mut Decoding,
        cx: &Context<'_>,
        what: &mut What<'_>,
        sink: &mut dyn EventSink,
    ) -> Result<bool, GuestFault> {
        let mut used = if decoding.numbers.closing.is_empty() {
            0
        } else {
            decoding.write_closed()?
        };
        let room = decoding.guest()?.input();
        if !self.is_open {
            let mut out = Message::new(room, used, message::OPEN);
            out.context(self.number, cx);
            used = out.end(0);
            self.is_open = true;
        }
        let more = match what {
            What::Gap(missing) => {
                let mut out = Message::new(room, used, message::GAP);
                out.context(self.number, cx);
                out.put(message::LENGTH, missing.to_le_bytes());
                used = out.end(0);
                false
            }
            What::Data(bytes) => {
                let start = used.saturating_add(message::PAYLOAD);
                let free = room.len().saturating_sub(start) & !7;
                if bytes.len() > free && cx.transport == Transport::Udp {
                    decoding.counts.oversized =
                        decoding.counts.oversized.saturating_add(1);
                    return Ok(false);
                }
                let (now, later) = bytes.split_at_checked(free).unwrap_or((bytes, &[]));
                let mut out = Message::new(room, used, message::DATA);
                out.context(self.number, cx);
                used = out.payload(now);
                *bytes = later;
                !later.is_empty()
            }
        };
        decoding.decode(used, &envelope(cx), sink)?;
        Ok(more)
    }
}

/// What a session is told.
enum What<'a> {
    Data(&'a [u8]),
    Gap(u32),
}

impl Session for PluginSession {
    fn on_data(&mut self, cx: &Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        self.tell(cx, What::Data(bytes), sink);
    }

    fn kept(&self) -> usize {
        // It lies in the plugin's own memory, which has a bound of its own.
        0
    }

    fn on_gap(&mut self, cx: &Context<'_>, missing: u32, sink: &mut dyn EventSink) {
        self.tell(cx, What::Gap(missing), sink);
    }

    fn is_over(&self) -> bool {
        self.live.shared.generation.load(Ordering::Relaxed) != self.generation
            || self.live.is_off()
    }
}

impl Drop for PluginSession {
    fn drop(&mut self) {
        if self.is_over() {
            return;
        }
        let mut decoding = lock(&self.live.decoding);
        if self.is_open {
            decoding.numbers.closing.push(self.number);
        } else {
            decoding.numbers.free.push(self.number);
        }
    }
}

/// The frames without IP that the plugin decodes.
struct PluginFrames {
    live: Arc<Live>,
    ethertypes: Vec<u16>,
}

impl FrameSession for PluginFrames {
    fn ethertypes(&self) -> &[u16] {
        &self.ethertypes
    }

    fn on_frame(
        &mut self,
        cx: &FrameContext,
        payload: &[u8],
        sink: &mut dyn EventSink,
    ) -> bool {
        let shared = &self.live.shared;
        if shared.is_off() {
            return false;
        }
        let mut decoding = lock(&self.live.decoding);
        match frame(&mut decoding, cx, payload, sink) {
            Ok(events) => {
                decoding.speak(shared);
                events > 0
            }
            Err(fault) => {
                decoding.fail(shared, &fault);
                false
            }
        }
    }
}

fn frame(
    decoding: &mut Decoding,
    cx: &FrameContext,
    payload: &[u8],
    sink: &mut dyn EventSink,
) -> Result<u64, GuestFault> {
    let used = decoding.write_closed()?;
    let room = decoding.guest()?.input();
    let start = used.saturating_add(message::PAYLOAD);
    if payload.len() > room.len().saturating_sub(start) {
        decoding.counts.oversized = decoding.counts.oversized.saturating_add(1);
        return Ok(0);
    }
    let mut out = Message::new(room, used, message::FRAME);
    out.frame(cx);
    let used = out.payload(payload);
    let envelope = Envelope {
        ts: cx.ts_ns,
        frame: cx.frame,
        late: cx.late,
        vlan: cx.vlan,
        macs: [cx.src.map(|mac| mac.octets()), cx.dst.map(|mac| mac.octets())],
        flow: None,
    };
    decoding.decode(used, &envelope, sink)
}

fn envelope<'a>(cx: &'a Context<'_>) -> Envelope<'a> {
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
            community: cx.community,
        }),
    }
}

/// Writes one message to the input.
struct Message<'a> {
    bytes: &'a mut [u8],
    /// Where it begins in the input.
    at: usize,
}

impl<'a> Message<'a> {
    fn new(room: &'a mut [u8], at: usize, ty: u8) -> Self {
        let bytes = room.get_mut(at..).unwrap_or_default();
        if let Some(head) = bytes.get_mut(..message::PAYLOAD) {
            head.fill(0);
        }
        let mut new = Self { bytes, at };
        new.put(message::TYPE, [ty]);
        new
    }

    fn put<const N: usize>(&mut self, at: usize, bytes: [u8; N]) {
        if let Some(to) = self.bytes.get_mut(at..).and_then(|to| to.first_chunk_mut()) {
            *to = bytes;
        }
    }

    fn context(&mut self, session: u32, cx: &Context<'_>) {
        let side = |side| match side {
            tagout_decode::net::flow::Side::A => 0,
            tagout_decode::net::flow::Side::B => 1,
        };
        self.put(message::SIDE, [side(cx.side)]);
        self.put(message::CLIENT, [cx.client.map_or(message::NO_SIDE, side)]);
        self.put(message::SESSION, session.to_le_bytes());
        self.put(message::FLOW, cx.flow.to_le_bytes());
        self.put(message::SRC_IP, cx.src.ip.octets());
        self.put(message::DST_IP, cx.dst.ip.octets());
        self.put(message::SRC_PORT, cx.src.port.to_le_bytes());
        self.put(message::DST_PORT, cx.dst.port.to_le_bytes());
        self.put(message::TRANSPORT, [cx.transport.number()]);
        self.put(message::COMMUNITY, *cx.community);
        self.common(&Common {
            ts_ns: cx.ts_ns,
            frame: cx.frame,
            input: cx.input,
            nanos: cx.nanos,
            late: cx.late,
            vlan: cx.vlan,
            macs: [cx.src.mac, cx.dst.mac],
        });
    }

    fn frame(&mut self, cx: &FrameContext) {
        let missing = u32::try_from(cx.missing).unwrap_or(u32::MAX);
        self.put(message::SIDE, [message::NO_SIDE]);
        self.put(message::CLIENT, [message::NO_SIDE]);
        self.put(message::SESSION, missing.to_le_bytes());
        self.put(message::ETHERTYPE, cx.ethertype.to_le_bytes());
        self.common(&Common {
            ts_ns: cx.ts_ns,
            frame: cx.frame,
            input: cx.input,
            nanos: cx.nanos,
            late: cx.late,
            vlan: cx.vlan,
            macs: [cx.src, cx.dst],
        });
    }

    fn common(&mut self, cx: &Common) {
        self.put(message::TS, cx.ts_ns.to_le_bytes());
        self.put(message::FRAME_NUMBER, cx.frame.to_le_bytes());
        self.put(message::INPUT, cx.input.to_le_bytes());
        let mut flags = 0;
        for (is, flag) in [(cx.nanos, message::NANOS), (cx.late, message::LATE)] {
            flags |= if is { flag } else { 0 };
        }
        if let Some(vlan) = cx.vlan {
            flags |= message::HAS_VLAN;
            self.put(message::VLAN, vlan.to_le_bytes());
        }
        self.put(message::FLAGS, [flags]);
        let mut macs = 0;
        let places = [
            (message::HAS_SRC_MAC, message::SRC_MAC),
            (message::HAS_DST_MAC, message::DST_MAC),
        ];
        for (mac, (flag, at)) in cx.macs.into_iter().zip(places) {
            if let Some(mac) = mac {
                macs |= flag;
                self.put(at, mac.octets());
            }
        }
        self.put(message::MACS, [macs]);
    }

    /// Ends it with a payload; where the next one begins.
    fn payload(mut self, payload: &[u8]) -> usize {
        let len = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        self.put(message::LENGTH, len.to_le_bytes());
        let end = message::PAYLOAD.saturating_add(payload.len());
        if let Some(to) = self.bytes.get_mut(message::PAYLOAD..end) {
            to.copy_from_slice(payload);
        }
        if let Some(padding) = self.bytes.get_mut(end..end.next_multiple_of(8)) {
            padding.fill(0);
        }
        self.end(payload.len())
    }

    /// Ends it with so many bytes of payload; where the next one begins.
    fn end(mut self, payload: usize) -> usize {
        let bytes = message::PAYLOAD.saturating_add(payload).next_multiple_of(8);
        let word = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.put(message::BYTES, word.to_le_bytes());
        self.at.saturating_add(bytes)
    }
}

/// What flows and frames have in common.
struct Common {
    ts_ns: i64,
    frame: u64,
    input: u16,
    nanos: bool,
    late: bool,
    vlan: Option<u16>,
    macs: [Option<tagout_decode::net::addr::Mac>; 2],
}

/// Writes a probe to the input; its bytes, `None` if it does not fit.
fn write_probe(room: &mut [u8], from: &Probe<'_>) -> Option<usize> {
    let sides: [(u8, &[u8]); 2] = [(0, from.sides[0]), (1, from.sides[1])];
    let datagrams =
        from.datagrams.iter().map(|bytes| (message::NO_SIDE, bytes.as_slice()));
    let pieces: Vec<(u8, &[u8])> = match from.transport {
        Transport::Tcp => sides.to_vec(),
        Transport::Udp => datagrams.collect(),
    };
    let list = pieces.len().checked_mul(probe::ENTRY)?;
    let mut at = probe::LIST.checked_add(list)?;
    room.get_mut(..at)?.fill(0);
    let mut put = |at: usize, bytes: &[u8]| {
        let to = room.get_mut(at..)?.get_mut(..bytes.len())?;
        to.copy_from_slice(bytes);
        Some(())
    };
    put(probe::TRANSPORT, &[from.transport.number()])?;
    put(probe::FLAGS, &[if from.is_start { probe::IS_START } else { 0 }])?;
    put(probe::PORT_A, &from.ports[0].to_le_bytes())?;
    put(probe::PORT_B, &from.ports[1].to_le_bytes())?;
    put(probe::PIECES, &u16::try_from(pieces.len()).ok()?.to_le_bytes())?;
    for (number, (side, bytes)) in pieces.iter().enumerate() {
        let entry = number.checked_mul(probe::ENTRY)?.checked_add(probe::LIST)?;
        put(entry, &[*side])?;
        put(entry.checked_add(4)?, &u32::try_from(bytes.len()).ok()?.to_le_bytes())?;
        put(at, bytes)?;
        let end = at.checked_add(bytes.len())?;
        at = end.next_multiple_of(8);
        put(end, [0; 8].get(..at.checked_sub(end)?)?)?;
    }
    Some(at)
}
