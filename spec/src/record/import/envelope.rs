//! What the host knows of an event and nobody else says: the fields common to all kinds.

use crate::decoder::COMMUNITY_LEN;
use crate::plugin::message;
use crate::schema::{FieldIdx, Kind};

use crate::record::value::Text;
use crate::record::writer::RecordWriter;

/// What the host knows of an event, and nobody else says: the head of the message that the
/// event is of, as the host wrote it for the plugin (`spec/plugin.md`, *Messages*).
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a>(&'a [u8; message::PAYLOAD]);

impl<'a> Envelope<'a> {
    /// Of a head that is the host's own.
    #[must_use]
    pub fn of(head: &'a [u8; message::PAYLOAD]) -> Self {
        Self(head)
    }

    /// Bytes of the head; the offsets are constants within it.
    #[inline(always)]
    fn array<const N: usize>(self, at: usize) -> [u8; N] {
        self.0.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }

    #[inline(always)]
    fn has(self, at: usize, flag: u8) -> bool {
        let [flags] = self.array(at);
        flags & flag != 0
    }

    /// Where it lies: a copy would be read back before it has left the core.
    #[inline(always)]
    fn community(self) -> &'a [u8] {
        let from = self.0.get(message::COMMUNITY..);
        from.and_then(|from| from.get(..COMMUNITY_LEN)).unwrap_or_default()
    }

    /// Whether it is of a flow, and not of a frame without IP.
    fn is_of_flow(self) -> bool {
        self.array(message::TYPE) != [message::FRAME]
    }

    fn macs(self) -> [Option<[u8; 6]>; 2] {
        let mac = |flag, at| self.has(message::MACS, flag).then(|| self.array(at));
        [
            mac(message::HAS_SRC_MAC, message::SRC_MAC),
            mac(message::HAS_DST_MAC, message::DST_MAC),
        ]
    }
}

/// Where the envelope goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common {
    ts: Place,
    frame: Place,
    late: Place,
    vlan: Place,
    flow: Place,
    transport: Place,
    macs: [Place; 2],
    ips: [Place; 2],
    ports: [Place; 2],
    community: Place,
    /// Presence of what every event has, and of what every event of a flow has.
    always: [u64; 3],
    of_flow: [u64; 3],
}

/// Bit and offset of a field; outside of any record if the kind has none.
#[derive(Clone, Copy, Debug)]
struct Place {
    bit: u16,
    offset: usize,
}

impl Common {
    pub(super) fn of(kind: &Kind) -> Self {
        let place = |path: &str| match kind.lookup(path) {
            Some((_, field)) => Place { bit: field.bit, offset: field.offset.into() },
            None => Place { bit: u16::MAX, offset: usize::MAX },
        };
        let both =
            |name: &str| [place(&format!("src.{name}")), place(&format!("dst.{name}"))];
        let (ts, frame) = (place("ts"), place("frame"));
        let (flow, transport) = (place("flow"), place("transport"));
        let (ips, ports) = (both("ip"), both("port"));
        let [src, dst] = ips;
        let [from, to] = ports;
        Self {
            ts,
            frame,
            late: place("late"),
            vlan: place("vlan"),
            flow,
            transport,
            macs: both("mac"),
            ips,
            ports,
            community: place("community_id"),
            always: marks(&[ts, frame]),
            of_flow: marks(&[flow, transport, src, dst, from, to]),
        }
    }

    /// Writes what the host knows; `turned` if sender and receiver change places.
    #[inline]
    pub(super) fn stamp(
        &self,
        envelope: Envelope<'_>,
        turned: bool,
        to: &mut RecordWriter<'_>,
    ) {
        store(to, self.ts, envelope.array::<8>(message::TS));
        store(to, self.frame, envelope.array::<8>(message::FRAME_NUMBER));
        mark(to, &self.always);
        if envelope.has(message::FLAGS, message::LATE) {
            put(to, self.late, [1]);
        }
        if envelope.has(message::FLAGS, message::HAS_VLAN) {
            put(to, self.vlan, envelope.array::<2>(message::VLAN));
        }
        for (place, mac) in turn(self.macs, turned).into_iter().zip(envelope.macs()) {
            if let Some([a, b, c, d, e, f]) = mac {
                put(to, place, [a, b, c, d, e, f, 0, 0]);
            }
        }
        if !envelope.is_of_flow() {
            return;
        }
        store(to, self.flow, envelope.array::<8>(message::FLOW));
        store(to, self.transport, envelope.array::<1>(message::TRANSPORT));
        let ([src, dst], [from, sent_to]) =
            (turn(self.ips, turned), turn(self.ports, turned));
        store(to, src, envelope.array::<16>(message::SRC_IP));
        store(to, dst, envelope.array::<16>(message::DST_IP));
        store(to, from, envelope.array::<2>(message::SRC_PORT));
        store(to, sent_to, envelope.array::<2>(message::DST_PORT));
        mark(to, &self.of_flow);
        self.community(envelope, to);
    }

    fn community(&self, envelope: Envelope<'_>, to: &mut RecordWriter<'_>) {
        let idx = FieldIdx(self.community.bit);
        let slot = to.record.get_mut(self.community.offset..);
        let slot = slot.and_then(|slot| slot.first_chunk_mut());
        if let Some(slot) = slot.filter(|_| to.tail.wants(idx)) {
            let fold = to.tail.folds(idx);
            to.tail.text(Text::whole(envelope.community()), fold, slot);
            mark_one(to, self.community);
        }
    }

    /// Whether a record says that it goes the other way.
    #[inline]
    pub(super) fn is_turned(&self, record: &[u8], envelope: Envelope<'_>) -> bool {
        if !envelope.is_of_flow() {
            let [src_at, dst_at] = self.macs;
            return match envelope.macs() {
                [Some(src), Some(dst)] => {
                    src != dst && src_at.says(record, &dst) && dst_at.says(record, &src)
                }
                _ => false,
            };
        }
        let port = |at| envelope.array::<2>(at);
        let (src, dst) = (port(message::SRC_PORT), port(message::DST_PORT));
        let [src_at, dst_at] = self.ports;
        // Of most records the first comparison is the last.
        if !src_at.says(record, &dst) || !dst_at.says(record, &src) {
            return false;
        }
        let ip = |at| envelope.array::<16>(at);
        let (src_ip, dst_ip) = (ip(message::SRC_IP), ip(message::DST_IP));
        let [src_at, dst_at] = self.ips;
        src_at.says(record, &dst_ip)
            && dst_at.says(record, &src_ip)
            && (src_ip, src) != (dst_ip, dst)
    }
}

impl Place {
    /// Whether a record has these bytes here.
    fn says<const N: usize>(self, record: &[u8], bytes: &[u8; N]) -> bool {
        let presence = record.get(usize::from(self.bit / 8));
        let slot = record.get(self.offset..).and_then(|slot| slot.first_chunk::<N>());
        presence.is_some_and(|byte| byte >> (self.bit % 8) & 1 == 1)
            && slot == Some(bytes)
    }
}

fn turn<T>([src, dst]: [T; 2], turned: bool) -> [T; 2] {
    if turned { [dst, src] } else { [src, dst] }
}

/// Presence words with the bits of places.
fn marks(places: &[Place]) -> [u64; 3] {
    let mut marks = [0_u64; 3];
    for place in places {
        if let Some(word) = marks.get_mut(usize::from(place.bit / 64)) {
            *word |= 1 << (place.bit % 64);
        }
    }
    marks
}

/// Marks fields as present.
fn mark(to: &mut RecordWriter<'_>, marks: &[u64; 3]) {
    for (word, marks) in to.presence.iter_mut().zip(marks) {
        *word |= marks;
    }
}

/// Stores bytes at a place.
#[inline(always)]
fn store<const N: usize>(to: &mut RecordWriter<'_>, place: Place, bytes: [u8; N]) {
    let room = to.record.get_mut(place.offset..).and_then(|room| room.first_chunk_mut());
    if let Some(room) = room {
        *room = bytes;
    }
}

/// Stores bytes at a place and marks the field as present.
fn put<const N: usize>(to: &mut RecordWriter<'_>, place: Place, bytes: [u8; N]) {
    store(to, place, bytes);
    mark_one(to, place);
}

/// Marks a field as present.
fn mark_one(to: &mut RecordWriter<'_>, place: Place) {
    if let Some(word) = to.presence.get_mut(usize::from(place.bit / 64)) {
        *word |= 1 << (place.bit % 64);
    }
}
