//! Disorder: see the essay in `main.rs`.
//!
//! The first data of each flow stays as it is and where it is: where a flow begins that
//! was begun before the capture, only its first segment can tell. Segments that
//! open or close a connection keep their places too.

use std::collections::BTreeSet;

use crate::packet::{Ends, Packet, TCP, UDP, packet};
use crate::run::Captured;

/// A generator of numbers that a failing seed repeats.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % n.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A frame that may be moved, with its packet, or one that may not.
type Placed = (Captured, Option<Packet>);

/// All frames, in disorder.
pub(crate) fn shuffled(frames: &[Captured], random: &mut Random) -> Vec<Captured> {
    let mut flows = BTreeSet::new();
    let mut runs: Vec<Placed> = Vec::new();
    for frame in frames {
        let packet = packet(frame).filter(|packet| {
            let has_data = !packet.payload.is_empty();
            let is_first = has_data && flows.insert(packet.flow());
            has_data && !is_first && !packet.is_control
        });
        runs.push((frame.clone(), packet));
    }
    swap_neighbours(&mut runs, random);
    let mut out: Vec<Captured> = Vec::new();
    let mut sent: Vec<(Ends, Captured)> = Vec::new();
    let mut identifier = 0_u16;
    for (frame, packet) in runs {
        let Some(packet) = packet else {
            out.push(frame);
            continue;
        };
        if packet.protocol == UDP {
            identifier = identifier.wrapping_add(1);
            out.extend(fragments(&frame, &packet, identifier, random));
            continue;
        }
        out.extend(segments(&frame, &packet, random));
        // A segment of before, as one that was thought lost.
        if random.one_in(8) {
            let before = sent.iter().rev().find(|(ends, _)| *ends == packet.ends());
            if let Some((_, before)) = before {
                out.push(Captured { ts_ns: frame.ts_ns, ..before.clone() });
            }
        }
        if sent.len() > 64 {
            sent.clear();
        }
        sent.push((packet.ends(), frame));
    }
    out
}

/// Segments of one direction that follow each other change places, and times with them:
/// not if they acknowledge differently, since a capture that lacks frames may hold the
/// acknowledged bytes later than that.
fn swap_neighbours(runs: &mut [Placed], random: &mut Random) {
    for at in 1..runs.len() {
        let (a, b) = (&runs[at - 1].1, &runs[at].1);
        let (Some(a), Some(b)) = (a, b) else { continue };
        let is_one_direction =
            a.protocol == TCP && b.protocol == TCP && a.ends() == b.ends();
        let may = is_one_direction && a.acknowledged == b.acknowledged;
        if may && random.one_in(2) {
            let (before, after) = (runs[at - 1].0.ts_ns, runs[at].0.ts_ns);
            runs.swap(at - 1, at);
            (runs[at - 1].0.ts_ns, runs[at].0.ts_ns) = (before, after);
        }
    }
}

/// A segment as several, in disorder.
fn segments(frame: &Captured, packet: &Packet, random: &mut Random) -> Vec<Captured> {
    let (head, data) = frame.data.split_at(packet.payload.start);
    let data = &data[..packet.payload.len()];
    let mut cuts = vec![0, data.len()];
    for _ in 0..random.below(3) {
        cuts.push(random.below(data.len()));
    }
    cuts.sort_unstable();
    let mut parts = Vec::new();
    for pair in cuts.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if from == to {
            continue;
        }
        parts.push((from, to));
        if random.one_in(4) {
            // Some bytes of before with it, or the whole part again.
            parts.push((random.below(from + 1), to));
        }
    }
    shuffle(&mut parts, random);
    let sequence_at = packet.transport + 4..packet.transport + 8;
    let part = |(from, to): (usize, usize)| {
        let mut bytes = [head, &data[from..to]].concat();
        let shift = u32::try_from(from).unwrap();
        let sequence = bytes[sequence_at.clone()].try_into().unwrap();
        let sequence = u32::from_be_bytes(sequence).wrapping_add(shift);
        bytes[sequence_at.clone()].copy_from_slice(&sequence.to_be_bytes());
        sized(frame, packet, bytes)
    };
    parts.into_iter().map(part).collect()
}

/// A datagram as fragments, in disorder; sometimes as it is.
fn fragments(
    frame: &Captured,
    packet: &Packet,
    identifier: u16,
    random: &mut Random,
) -> Vec<Captured> {
    let (head, data) = frame.data.split_at(packet.transport);
    let data = &data[..packet.payload.end - packet.transport];
    // Offsets are counted in units of eight bytes.
    let units = data.len().div_ceil(8);
    if units < 2 || random.one_in(3) {
        return vec![frame.clone()];
    }
    let mut cuts = vec![0, units];
    for _ in 0..=random.below(2) {
        cuts.push(random.below(units));
    }
    cuts.sort_unstable();
    cuts.dedup();
    let mut parts: Vec<(usize, usize)> =
        cuts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    if parts.len() > 1 && random.one_in(4) {
        parts.push(parts[0]);
    }
    shuffle(&mut parts, random);
    let part = |(from, to): (usize, usize)| {
        let end = (to * 8).min(data.len());
        let mut bytes = [head, &data[from * 8..end]].concat();
        let more = if end < data.len() { 0x2000 } else { 0 };
        let offset = u16::try_from(from).unwrap() | more;
        let at = packet.ip + 4;
        bytes[at..at + 2].copy_from_slice(&identifier.to_be_bytes());
        bytes[at + 2..at + 4].copy_from_slice(&offset.to_be_bytes());
        sized(frame, packet, bytes)
    };
    parts.into_iter().map(part).collect()
}

/// A frame of these bytes, with the length that the IP header then has.
fn sized(frame: &Captured, packet: &Packet, mut bytes: Vec<u8>) -> Captured {
    let total = u16::try_from(bytes.len() - packet.ip).unwrap();
    bytes[packet.ip + 2..packet.ip + 4].copy_from_slice(&total.to_be_bytes());
    Captured { orig_len: bytes.len(), data: bytes, ..*frame }
}

fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for i in (1..items.len()).rev() {
        items.swap(i, random.below(i + 1));
    }
}
