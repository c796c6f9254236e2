//! What the host knows of an event and nobody else says: the fields common to all kinds.

use crate::decoder::{Context, Mac};
use crate::schema::{FieldIdx, Kind};

use crate::record::writer::RecordWriter;

/// Where the envelope goes, and whether that is where it goes for all kinds of the network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common {
    places: Places,
    is_usual: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Places {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    bit: u16,
    offset: usize,
}

/// Of the kinds of the network, whose common slots never move. A store at a place that is
/// known when this is compiled is one instruction.
const USUAL: Places = {
    const fn at(bit: u16, offset: usize) -> Place {
        Place { bit, offset }
    }
    Places::new(
        [at(0, 24), at(30, 496), at(1, 32), at(7, 38), at(16, 208), at(8, 33)],
        [at(17, 216), at(18, 224)],
        [at(3, 40), at(4, 56)],
        [at(5, 34), at(6, 36)],
        at(29, 472),
    )
};

impl Common {
    pub(super) fn of(kind: &Kind) -> Self {
        let place = |path: &str| match kind.lookup(path) {
            Some((_, field)) => Place { bit: field.bit, offset: field.offset.into() },
            None => Place { bit: u16::MAX, offset: usize::MAX },
        };
        let both =
            |name: &str| [place(&format!("src.{name}")), place(&format!("dst.{name}"))];
        let single = ["ts", "frame", "late", "vlan", "flow", "transport"].map(place);
        let (macs, ips, ports) = (both("mac"), both("ip"), both("port"));
        let places = Places::new(single, macs, ips, ports, place("community_id"));
        Self { places, is_usual: places == USUAL }
    }

    /// Writes what the host knows; `turned` if sender and receiver change places.
    #[inline]
    pub(super) fn stamp(&self, cx: Context<'_>, turned: bool, to: &mut RecordWriter<'_>) {
        if self.is_usual && !turned {
            USUAL.stamp(cx, false, to);
        } else {
            self.stamp_elsewhere(cx, turned, to);
        }
    }

    #[cfg(test)]
    pub(super) fn is_usual(&self) -> bool {
        self.is_usual
    }

    #[cold]
    fn stamp_elsewhere(&self, cx: Context<'_>, turned: bool, to: &mut RecordWriter<'_>) {
        self.places.stamp(cx, turned, to);
    }

    /// Whether a record says that it goes the other way.
    #[inline]
    pub(super) fn is_turned(&self, record: &[u8], cx: Context<'_>) -> bool {
        let places = if self.is_usual { &USUAL } else { &self.places };
        places.is_turned(record, cx)
    }
}

impl Places {
    const fn new(
        single: [Place; 6],
        macs: [Place; 2],
        ips: [Place; 2],
        ports: [Place; 2],
        community: Place,
    ) -> Self {
        let [ts, frame, late, vlan, flow, transport] = single;
        let ([src, dst], [from, to]) = (ips, ports);
        Self {
            ts,
            frame,
            late,
            vlan,
            flow,
            transport,
            macs,
            ips,
            ports,
            community,
            always: marks([ts, frame]),
            of_flow: marks([flow, transport, src, dst, from, to]),
        }
    }

    #[inline(always)]
    fn stamp(&self, cx: Context<'_>, turned: bool, to: &mut RecordWriter<'_>) {
        store(to, self.ts, cx.ts_ns().to_le_bytes());
        store(to, self.frame, cx.frame().to_le_bytes());
        mark(to, &self.always);
        if cx.late() {
            put(to, self.late, [1]);
        }
        if let Some(vlan) = cx.vlan() {
            put(to, self.vlan, vlan.to_le_bytes());
        }
        for (place, mac) in turn(self.macs, turned).into_iter().zip(macs(cx)) {
            if let Some([a, b, c, d, e, f]) = mac {
                put(to, place, [a, b, c, d, e, f, 0, 0]);
            }
        }
        if !cx.is_of_flow() {
            return;
        }
        store(to, self.flow, cx.flow().to_le_bytes());
        store(to, self.transport, [cx.transport().number()]);
        let ([src, dst], [from, sent_to]) =
            (turn(self.ips, turned), turn(self.ports, turned));
        store(to, src, cx.src_ip());
        store(to, dst, cx.dst_ip());
        store(to, from, cx.src_port().to_le_bytes());
        store(to, sent_to, cx.dst_port().to_le_bytes());
        mark(to, &self.of_flow);
        self.community(cx, to);
    }

    #[inline(always)]
    fn community(&self, cx: Context<'_>, to: &mut RecordWriter<'_>) {
        let idx = FieldIdx(self.community.bit);
        let slot = to.record.get_mut(self.community.offset..);
        let slot = slot.and_then(|slot| slot.first_chunk_mut());
        if let Some(slot) = slot.filter(|_| to.tail.wants(idx)) {
            let fold = to.tail.folds(idx);
            to.tail.text_again(cx.community(), fold, slot);
            mark_one(to, self.community);
        }
    }

    #[inline(always)]
    fn is_turned(&self, record: &[u8], cx: Context<'_>) -> bool {
        if !cx.is_of_flow() {
            let [src_at, dst_at] = self.macs;
            return match macs(cx) {
                [Some(src), Some(dst)] => {
                    src != dst && src_at.says(record, &dst) && dst_at.says(record, &src)
                }
                _ => false,
            };
        }
        let (src, dst) = (cx.src_port().to_le_bytes(), cx.dst_port().to_le_bytes());
        let [src_at, dst_at] = self.ports;
        // Of most records the first comparison is the last.
        if !src_at.says(record, &dst) || !dst_at.says(record, &src) {
            return false;
        }
        let (src_ip, dst_ip) = (cx.src_ip(), cx.dst_ip());
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

/// Both hardware addresses, where they are known.
fn macs(cx: Context<'_>) -> [Option<[u8; 6]>; 2] {
    [cx.src_mac(), cx.dst_mac()].map(|mac| mac.map(Mac::octets))
}

/// Presence words with the bits of places.
const fn marks<const N: usize>(places: [Place; N]) -> [u64; 3] {
    let [mut a, mut b, mut c] = [0_u64; 3];
    let mut rest: &[Place] = &places;
    while let [place, more @ ..] = rest {
        let mask = 1 << (place.bit % 64);
        match place.bit / 64 {
            0 => a |= mask,
            1 => b |= mask,
            2 => c |= mask,
            _ => {}
        }
        rest = more;
    }
    [a, b, c]
}

/// Marks fields as present.
#[inline(always)]
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
