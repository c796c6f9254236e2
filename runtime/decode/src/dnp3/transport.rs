//! Segments to fragments (IEEE Std 1815-2012, 8.2).
//!
//! ```text
//! FIN 80 | FIR 40 | sequence 3f, in one octet, then up to 249 octets of a fragment
//! ```
//!
//! Each pair of addresses has a fragment of its own under way. Their number and their
//! length are bounded; the one that was used least recently gives way. After a segment
//! that does not fit, those that follow it are passed until one begins a fragment: the
//! first was said, and the others say no more.

use crate::dnp3::fault::{Fault, layer, why};
use crate::dnp3::link::Header;

/// Most octets of a fragment that is put together. The standard's usual limit is 2048.
const MAX_FRAGMENT: usize = 16 * 1024;
/// Most fragments under way of one side of a flow.
const MAX_OPEN: usize = 16;

/// The transport octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentOctet(pub u8);

impl SegmentOctet {
    /// First segment of a fragment.
    pub fn fir(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// Last segment of a fragment.
    pub fn fin(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// Sequence number.
    pub fn sequence(self) -> u8 {
        self.0 & 0x3f
    }
}

/// How a fragment was carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carriage {
    /// Header of its first frame.
    pub header: Header,
    /// Transport octet of its first frame, if it has any.
    pub first: Option<SegmentOctet>,
    /// Transport octet of its last frame.
    pub last: Option<SegmentOctet>,
    /// Number of its frames.
    pub frames: u16,
}

impl Carriage {
    /// A frame by itself.
    pub fn frame(header: Header, octet: Option<SegmentOctet>) -> Carriage {
        Carriage { header, first: octet, last: octet, frames: 1 }
    }
}

/// What a segment does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// More segments are to come, or this one says nothing new.
    Wait,
    /// It completes a fragment.
    Whole(Carriage, Vec<u8>),
    /// It does not fit.
    Fault(Fault),
}

/// The fragments of one side under way.
#[derive(Default)]
pub(super) struct Assemblies {
    open: Vec<Assembly>,
    clock: u64,
    /// Room of a fragment that is done, for the next.
    spare: Vec<u8>,
}

struct Assembly {
    carriage: Carriage,
    bytes: Vec<u8>,
    used: u64,
    /// Whether it was given up, and its segments are passed.
    is_broken: bool,
}

impl Assemblies {
    /// Octets that wait.
    pub(super) fn kept(&self) -> usize {
        self.open.iter().map(|assembly| assembly.bytes.len()).sum()
    }

    /// Forgets all, and passes segments until one begins a fragment.
    pub(super) fn lose(&mut self) {
        for assembly in &mut self.open {
            assembly.give_up();
        }
    }

    /// Gives up what is under way between a frame's addresses: the frame is lost.
    pub(super) fn break_off(&mut self, header: &Header) {
        if let Some(assembly) = self.find(header) {
            assembly.give_up();
        }
    }

    /// Passes segments between a frame's addresses until one begins a fragment.
    pub(super) fn pass(&mut self, header: &Header) {
        let carriage = Carriage::frame(*header, None);
        self.begin(carriage, &[]);
        self.break_off(header);
    }

    /// Whether a fragment is under way between a frame's addresses, or was given up.
    pub(super) fn knows(&self, header: &Header) -> bool {
        self.position(header).is_some()
    }

    /// What is under way and must give way, if a segment that begins a fragment
    /// comes: because the same two speak, or because there are too many.
    pub(super) fn give_way(&mut self, header: &Header) -> Option<(Carriage, Vec<u8>)> {
        let at = match self.position(header) {
            Some(at) => at,
            None if self.open.len() >= MAX_OPEN => self.least_recent()?,
            None => return None,
        };
        let assembly = self.open.swap_remove(at);
        (!assembly.is_broken).then_some((assembly.carriage, assembly.bytes))
    }

    /// Takes a segment that begins a fragment but does not end it.
    pub(super) fn begin(&mut self, carriage: Carriage, data: &[u8]) {
        self.clock = self.clock.wrapping_add(1);
        let (mut bytes, used) = (std::mem::take(&mut self.spare), self.clock);
        bytes.clear();
        bytes.extend_from_slice(data);
        self.open.push(Assembly { carriage, bytes, used, is_broken: false });
    }

    /// Takes back the room of a fragment that is done.
    pub(super) fn reuse(&mut self, bytes: Vec<u8>) {
        self.spare = bytes;
    }

    /// Takes a segment that does not begin a fragment.
    pub(super) fn go_on(
        &mut self,
        header: &Header,
        octet: SegmentOctet,
        data: &[u8],
    ) -> Step {
        let clock = self.clock.wrapping_add(1);
        self.clock = clock;
        let Some(at) = self.position(header) else {
            self.pass(header);
            return Step::Fault(Fault::new(layer::TRANSPORT, 0, why::SEQUENCE));
        };
        let Some(assembly) = self.open.get_mut(at) else { return Step::Wait };
        assembly.used = clock;
        if assembly.is_broken || assembly.repeats(octet, data) {
            return Step::Wait;
        }
        if let Err(why) = assembly.add(octet, data) {
            assembly.give_up();
            return Step::Fault(Fault::new(layer::TRANSPORT, 0, why));
        }
        if octet.fin() {
            let assembly = self.open.swap_remove(at);
            return Step::Whole(assembly.carriage, assembly.bytes);
        }
        Step::Wait
    }

    fn find(&mut self, header: &Header) -> Option<&mut Assembly> {
        let at = self.position(header)?;
        self.open.get_mut(at)
    }

    fn position(&self, header: &Header) -> Option<usize> {
        let same = |assembly: &Assembly| {
            let other = &assembly.carriage.header;
            (other.source, other.destination) == (header.source, header.destination)
        };
        self.open.iter().position(same)
    }

    fn least_recent(&self) -> Option<usize> {
        let ages = self.open.iter().enumerate().map(|(at, open)| (open.used, at));
        ages.min().map(|(_, at)| at)
    }
}

impl Assembly {
    /// Whether a segment is the last one again, as a link that confirms may send it.
    fn repeats(&self, octet: SegmentOctet, data: &[u8]) -> bool {
        let last = self.carriage.last.map(SegmentOctet::sequence);
        last == Some(octet.sequence()) && self.bytes.ends_with(data)
    }

    fn add(&mut self, octet: SegmentOctet, data: &[u8]) -> Result<(), u8> {
        let last = self.carriage.last.map(SegmentOctet::sequence).unwrap_or_default();
        if octet.sequence() != last.wrapping_add(1) & 0x3f {
            return Err(why::SEQUENCE);
        }
        if self.bytes.len().saturating_add(data.len()) > MAX_FRAGMENT {
            return Err(why::TOO_LONG);
        }
        self.bytes.extend_from_slice(data);
        self.carriage.last = Some(octet);
        self.carriage.frames = self.carriage.frames.saturating_add(1);
        Ok(())
    }

    fn give_up(&mut self) {
        self.bytes = Vec::new();
        self.is_broken = true;
    }
}
