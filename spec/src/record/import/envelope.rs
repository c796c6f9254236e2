//! What the host knows of an event and nobody else says: the fields common to all kinds.

use crate::decoder::COMMUNITY_LEN;
use crate::schema::layout::TEXT_SLOT;
use crate::schema::{FieldIdx, Kind};

use crate::record::value::Text;
use crate::record::writer::RecordWriter;

/// What the host knows of an event, and nobody else says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Nanoseconds since 1970.
    pub ts: i64,
    /// Number of the frame.
    pub frame: u64,
    /// Whether the frame was late.
    pub late: bool,
    /// Outermost VLAN.
    pub vlan: Option<u16>,
    /// Hardware addresses of sender and receiver.
    pub macs: [Option<[u8; 6]>; 2],
    /// What only a flow has.
    pub flow: Option<FlowEnvelope>,
}

/// What is known of an event of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowEnvelope {
    /// Identifier of the flow.
    pub id: u64,
    /// Number of the transport above IP.
    pub transport: u8,
    /// Addresses of sender and receiver.
    pub ips: [[u8; 16]; 2],
    /// Their ports.
    pub ports: [u16; 2],
    /// Community identifier of the flow.
    pub community: [u8; COMMUNITY_LEN],
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
    pub(super) fn stamp(
        &self,
        envelope: &Envelope,
        turned: bool,
        to: &mut RecordWriter<'_>,
    ) {
        store(to, self.ts, envelope.ts.to_le_bytes());
        store(to, self.frame, envelope.frame.to_le_bytes());
        mark(to, &self.always);
        if envelope.late {
            put(to, self.late, [1]);
        }
        if let Some(vlan) = envelope.vlan {
            put(to, self.vlan, vlan.to_le_bytes());
        }
        for (place, mac) in turn(&self.macs, turned).into_iter().zip(&envelope.macs) {
            if let Some([a, b, c, d, e, f]) = *mac {
                put(to, *place, [a, b, c, d, e, f, 0, 0]);
            }
        }
        let Some(flow) = &envelope.flow else { return };
        store(to, self.flow, flow.id.to_le_bytes());
        store(to, self.transport, [flow.transport]);
        let ([src, dst], [from, sent_to]) = (&flow.ips, flow.ports);
        let ([src_at, dst_at], [from_at, to_at]) =
            (turn(&self.ips, turned), turn(&self.ports, turned));
        store(to, *src_at, *src);
        store(to, *dst_at, *dst);
        store(to, *from_at, from.to_le_bytes());
        store(to, *to_at, sent_to.to_le_bytes());
        mark(to, &self.of_flow);
        let idx = FieldIdx(self.community.bit);
        if to.tail.wants(idx) {
            let fold = to.tail.folds(idx);
            let mut slot = [0; TEXT_SLOT as usize];
            to.tail.text(Text::whole(&flow.community), fold, &mut slot);
            put(to, self.community, slot);
        }
    }

    /// Whether a record says that it goes the other way.
    pub(super) fn is_turned(&self, record: &[u8], envelope: &Envelope) -> bool {
        match &envelope.flow {
            Some(flow) => {
                let ([src, dst], [src_port, dst_port]) = (&flow.ips, flow.ports);
                let ([src_at, dst_at], [src_port_at, dst_port_at]) =
                    (self.ips, self.ports);
                src_port_at.says(record, &dst_port.to_le_bytes())
                    && dst_port_at.says(record, &src_port.to_le_bytes())
                    && src_at.says(record, dst)
                    && dst_at.says(record, src)
                    && (src, src_port) != (dst, dst_port)
            }
            None => match (&envelope.macs, self.macs) {
                ([Some(src), Some(dst)], [src_at, dst_at]) => {
                    src != dst && src_at.says(record, dst) && dst_at.says(record, src)
                }
                _ => false,
            },
        }
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

fn turn<T>([src, dst]: &[T; 2], turned: bool) -> [&T; 2] {
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
fn store<const N: usize>(to: &mut RecordWriter<'_>, place: Place, bytes: [u8; N]) {
    let room = to.record.get_mut(place.offset..).and_then(|room| room.first_chunk_mut());
    if let Some(room) = room {
        *room = bytes;
    }
}

/// Stores bytes at a place and marks the field as present.
fn put<const N: usize>(to: &mut RecordWriter<'_>, place: Place, bytes: [u8; N]) {
    store(to, place, bytes);
    if let Some(word) = to.presence.get_mut(usize::from(place.bit / 64)) {
        *word |= 1 << (place.bit % 64);
    }
}
