//! An information object: its elements, read in the order of its type's layout.

use tagout_spec::record::typed::codes::iec104_value as value_type;

use crate::cursor::Cursor;
use crate::iec104::layout::Element;
use crate::iec104::time::{self, Time};

/// Select or execute: the top bit of a command's qualifier.
const SE: u8 = 0x80;

/// What an object says. What its type does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Object<'a> {
    pub(super) ioa: u32,
    pub(super) value: Option<f64>,
    pub(super) quality: Option<Quality>,
    /// T of a step position.
    pub(super) transient: Option<bool>,
    /// Sequence number, carry and adjusted of a counter.
    pub(super) counter: Option<u8>,
    /// Select or execute.
    pub(super) se: Option<u8>,
    pub(super) qu: Option<u8>,
    pub(super) ql: Option<u8>,
    pub(super) qualifier: Option<Qualifier>,
    pub(super) moment: Option<Time>,
    /// The second moment of a query log.
    pub(super) until: Option<Time>,
    pub(super) in_hour: Option<Time>,
    pub(super) elapsed: Option<i64>,
    pub(super) test_pattern: Option<u16>,
    pub(super) file: Option<File<'a>>,
}

/// Quality bits, at their places in QDS, and which of the last two there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quality {
    bits: u8,
    has: Extra,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extra {
    None,
    Overflow,
    Elapsed,
    /// A counter has IV only.
    Counter,
}

impl Quality {
    /// IV: invalid.
    pub(super) fn iv(self) -> bool {
        self.bits & 0x80 != 0
    }

    /// NT, SB and BL: not topical, substituted, blocked.
    pub(super) fn nt_sb_bl(self) -> Option<[bool; 3]> {
        let bit = |mask| self.bits & mask != 0;
        (self.has != Extra::Counter).then(|| [bit(0x40), bit(0x20), bit(0x10)])
    }

    /// OV: overflow.
    pub(super) fn ov(self) -> Option<bool> {
        (self.has == Extra::Overflow).then_some(self.bits & 0x01 != 0)
    }

    /// EI: elapsed time invalid.
    pub(super) fn ei(self) -> Option<bool> {
        (self.has == Extra::Elapsed).then_some(self.bits & 0x08 != 0)
    }
}

/// The qualifier of an object that has no value or parameter beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Qualifier {
    Coi(u8),
    Interrogation(u8),
    Counter(u8),
    Parameter(u8),
    Activation(u8),
    Reset(u8),
}

/// What an object of the file types says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct File<'a> {
    pub(super) name: u16,
    pub(super) section: Option<u8>,
    pub(super) length: Option<u32>,
    /// FRQ or SRQ.
    pub(super) ready: Option<u8>,
    pub(super) call: Option<u8>,
    pub(super) last: Option<u8>,
    pub(super) acknowledge: Option<u8>,
    pub(super) checksum: Option<u8>,
    pub(super) status: Option<u8>,
    pub(super) segment: Option<&'a [u8]>,
}

impl<'a> Object<'a> {
    /// Reads the elements; false if the bytes end before the last of them, with the
    /// cursor at the element that is cut.
    pub(super) fn read(&mut self, elements: &[Element], cursor: &mut Cursor<'a>) -> bool {
        elements.iter().all(|&element| {
            let before = *cursor;
            let read = self.element(element, cursor).is_some();
            if !read {
                *cursor = before;
            }
            read
        })
    }

    fn element(&mut self, element: Element, cursor: &mut Cursor<'a>) -> Option<()> {
        match element {
            Element::Siq => {
                let bits = cursor.u8()?;
                self.set(bits & 1);
                self.quality(bits, Extra::None);
            }
            Element::Diq => {
                let bits = cursor.u8()?;
                self.set(bits & 3);
                self.quality(bits, Extra::None);
            }
            Element::Qds => {
                let bits = cursor.u8()?;
                self.quality(bits, Extra::Overflow);
            }
            Element::Qdp => {
                let bits = cursor.u8()?;
                self.quality(bits, Extra::Elapsed);
            }
            Element::Sep => {
                let bits = cursor.u8()?;
                self.set(bits & 3);
                self.quality(bits, Extra::Elapsed);
            }
            Element::Vti => {
                let bits = cursor.u8()?;
                // Seven bits with a sign.
                self.value = Some(f64::from((bits << 1).cast_signed() >> 1));
                self.transient = Some(bits & 0x80 != 0);
            }
            Element::Nva => {
                let value = i16::from_le_bytes(cursor.array()?);
                self.value = Some(f64::from(value) / 32_768.0);
            }
            Element::Sva => self.set(i16::from_le_bytes(cursor.array()?)),
            Element::R32 => self.set(f32::from_le_bytes(cursor.array()?)),
            Element::Bsi | Element::Scd => {
                self.set(u32::from_le_bytes(cursor.array()?));
            }
            Element::Bcr => {
                let value = i32::from_le_bytes(cursor.array()?);
                let bits = cursor.u8()?;
                self.set(value);
                self.counter = Some(bits);
                self.quality(bits, Extra::Counter);
            }
            Element::Spe => {
                let bits = cursor.u8()?;
                self.set(bits & 0x3f);
            }
            Element::Oci => {
                let bits = cursor.u8()?;
                self.set(bits & 0x0f);
            }
            Element::Sco => self.command(cursor.u8()?, 1),
            Element::Dco | Element::Rco => self.command(cursor.u8()?, 3),
            Element::Qos => {
                let bits = cursor.u8()?;
                self.se = Some(u8::from(bits & SE != 0));
                self.ql = Some(bits & !SE);
            }
            Element::Cp56 if self.moment.is_some() => {
                self.until = Some(time::cp56(cursor.array()?));
            }
            Element::Cp56 => self.moment = Some(time::cp56(cursor.array()?)),
            Element::Cp24 => self.in_hour = Some(time::cp24(cursor.array()?)),
            Element::Cp16 => self.elapsed = Some(time::cp16(cursor.array()?)),
            Element::Fbp => self.test_pattern = Some(u16::from_le_bytes(cursor.array()?)),
            Element::Coi => self.qualifier = Some(Qualifier::Coi(cursor.u8()?)),
            Element::Qoi => self.qualifier = Some(Qualifier::Interrogation(cursor.u8()?)),
            Element::Qcc => self.qualifier = Some(Qualifier::Counter(cursor.u8()?)),
            Element::Qpm => self.qualifier = Some(Qualifier::Parameter(cursor.u8()?)),
            Element::Qpa => self.qualifier = Some(Qualifier::Activation(cursor.u8()?)),
            Element::Qrp => self.qualifier = Some(Qualifier::Reset(cursor.u8()?)),
            _ => return self.file_element(element, cursor),
        }
        Some(())
    }

    fn file_element(&mut self, element: Element, cursor: &mut Cursor<'a>) -> Option<()> {
        let file = self.file.get_or_insert_default();
        match element {
            Element::Nof => file.name = u16::from_le_bytes(cursor.array()?),
            Element::Nos => file.section = Some(cursor.u8()?),
            Element::Lof => {
                let [a, b, c] = cursor.array()?;
                file.length = Some(u32::from_le_bytes([a, b, c, 0]));
            }
            Element::Frq | Element::Srq => file.ready = Some(cursor.u8()?),
            Element::Scq => file.call = Some(cursor.u8()?),
            Element::Lsq => file.last = Some(cursor.u8()?),
            Element::Afq => file.acknowledge = Some(cursor.u8()?),
            Element::Chs => file.checksum = Some(cursor.u8()?),
            Element::Sof => file.status = Some(cursor.u8()?),
            Element::Segment => {
                let length = cursor.u8()?;
                file.segment = Some(cursor.take(length.into())?);
            }
            _ => {}
        }
        Some(())
    }

    fn set(&mut self, value: impl Into<f64>) {
        self.value = Some(value.into());
    }

    fn quality(&mut self, bits: u8, has: Extra) {
        self.quality = Some(Quality { bits, has });
    }

    /// SCO, DCO and RCO: `SE | QU 5 | state`.
    fn command(&mut self, bits: u8, state: u8) {
        self.set(bits & state);
        self.qu = Some(bits >> 2 & 0x1f);
        self.se = Some(u8::from(bits & SE != 0));
    }
}

/// What the value of an object with these elements is.
pub(super) fn value_type(elements: &[Element]) -> Option<u8> {
    Some(match elements.first()? {
        Element::Siq | Element::Sco => value_type::SINGLE,
        Element::Diq | Element::Dco => value_type::DOUBLE,
        Element::Vti => value_type::STEP,
        Element::Bsi => value_type::BITSTRING,
        Element::Nva => value_type::NORMALISED,
        Element::Sva => value_type::SCALED,
        Element::R32 => value_type::FLOAT,
        Element::Bcr => value_type::COUNTER,
        Element::Rco => value_type::REGULATING_STEP,
        Element::Sep => value_type::PROTECTION_EVENT,
        Element::Spe => value_type::START_EVENTS,
        Element::Oci => value_type::OUTPUT_CIRCUITS,
        Element::Scd => value_type::PACKED_POINTS,
        _ => return None,
    })
}
