//! An ASDU (101, 7.2).
//!
//! ```text
//! type 1 | SQ 1 bit, number 7 | T P/N cause 6, originator 1 | common address 2 |
//!   SQ = 0: object address 3, elements; and so on
//!   SQ = 1: object address 3, elements, elements, and so on: addresses count up
//! ```
//!
//! Reading never fails: it goes as far as the bytes make sense and leaves a
//! [`Fault`] that says where and why it stopped.

use tagout_spec::record::typed::codes::{iec104_category, iec104_cause, iec104_fault};

use crate::cursor::Cursor;
use crate::iec104::apdu::{APCI, Fault};
use crate::iec104::layout::{self, Element};
use crate::iec104::object::Object;
use crate::iec104::widths::Widths;

/// An ASDU. What it does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Asdu<'a> {
    pub(super) type_id: u8,
    pub(super) sq: bool,
    pub(super) number: u8,
    pub(super) cause: Option<Cause>,
    pub(super) originator: Option<u8>,
    pub(super) common_address: Option<u16>,
    /// Whether all bits of the common address are 1.
    pub(super) broadcast: bool,
    /// The first object, if there is a whole address of it.
    pub(super) first: Option<Object<'a>>,
    /// Elements of an object; none if the type has no known layout.
    pub(super) elements: Option<&'static [Element]>,
    /// What stands behind the header.
    body: &'a [u8],
    ioa_width: usize,
    pub(super) fault: Option<Fault>,
}

/// Cause of transmission, with the bits beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) code: u8,
    pub(super) negative: bool,
    pub(super) test: bool,
}

impl Cause {
    /// Whether it says that type, cause or an address is unknown.
    pub(super) fn is_unknown(self) -> bool {
        let unknown = iec104_cause::UNKNOWN_TYPE..=iec104_cause::UNKNOWN_OBJECT_ADDRESS;
        unknown.contains(&self.code)
    }
}

/// The range that a type belongs to (101, 7.2.1); 0 has none.
pub(super) fn category(type_id: u8) -> Option<u8> {
    Some(match type_id {
        0 => return None,
        1..=44 => iec104_category::PROCESS_MONITOR,
        45..=69 => iec104_category::PROCESS_COMMAND,
        70..=80 => iec104_category::SYSTEM_MONITOR,
        81..=99 => iec104_category::SECURITY,
        100..=109 => iec104_category::SYSTEM_COMMAND,
        110..=119 => iec104_category::PARAMETER,
        120..=127 => iec104_category::FILE,
        128.. => iec104_category::PRIVATE,
    })
}

/// Reads an ASDU.
pub(super) fn parse(bytes: &[u8], widths: Widths) -> Asdu<'_> {
    let mut asdu = Asdu { ioa_width: widths.ioa(), ..Asdu::default() };
    let mut cursor = Cursor::new(bytes);
    let why = match asdu.header(&mut cursor, widths) {
        None => Some(iec104_fault::SHORT),
        Some(()) if asdu.type_id == 0 => {
            asdu.fault = Some(Fault { at: APCI, why: iec104_fault::TYPE });
            return asdu;
        }
        Some(()) => asdu.check(&mut cursor),
    };
    let at = u16::try_from(cursor.at()).unwrap_or(u16::MAX).saturating_add(APCI);
    asdu.fault = why.map(|why| Fault { at, why });
    asdu
}

impl<'a> Asdu<'a> {
    fn header(&mut self, cursor: &mut Cursor<'a>, widths: Widths) -> Option<()> {
        self.type_id = cursor.u8()?;
        self.elements = layout::elements(self.type_id);
        let vsq = cursor.u8()?;
        self.sq = vsq & 0x80 != 0;
        self.number = vsq & 0x7f;
        let cause = cursor.u8()?;
        self.cause = Some(Cause {
            code: cause & 0x3f,
            negative: cause & 0x40 != 0,
            test: cause & 0x80 != 0,
        });
        if widths.cause() == 2 {
            self.originator = Some(cursor.u8()?);
        }
        let (address, all) = match widths.common_address() {
            1 => (u16::from(cursor.u8()?), u16::from(u8::MAX)),
            _ => (u16::from_le_bytes(cursor.array()?), u16::MAX),
        };
        self.common_address = Some(address);
        self.broadcast = address == all;
        self.body = cursor.rest();
        Some(())
    }

    /// Reads all objects, and keeps the first; returns what is wrong where the cursor
    /// then stands.
    fn check(&mut self, cursor: &mut Cursor<'a>) -> Option<u8> {
        if self.elements.is_none() {
            // Where a type's layout is not known, its first address still is.
            let ioa = address(&mut cursor.clone(), self.ioa_width)?;
            self.first = Some(Object { ioa, ..Object::default() });
            return None;
        }
        let mut objects = Objects::new(self, *cursor);
        let first = objects.next();
        self.first = first.or(objects.cut);
        objects.by_ref().for_each(drop);
        *cursor = objects.cursor;
        if objects.cut.is_some() || objects.left > 0 {
            Some(iec104_fault::SHORT)
        } else if self.number == 0 {
            Some(iec104_fault::NUMBER)
        } else {
            (!cursor.rest().is_empty()).then_some(iec104_fault::LONG)
        }
    }

    /// The objects that are whole.
    pub(super) fn objects(&self) -> Objects<'a> {
        Objects::new(self, Cursor::new(self.body))
    }

    /// Octets behind the header.
    pub(super) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Address of the last object, if the addresses are known to have no gaps.
    pub(super) fn last_ioa(&self) -> Option<u32> {
        let first = self.first?.ioa;
        let behind = u32::from(self.number).saturating_sub(1);
        (self.sq || self.number == 1).then(|| first.saturating_add(behind))
    }
}

/// The objects of an ASDU.
pub(super) struct Objects<'a> {
    cursor: Cursor<'a>,
    elements: &'static [Element],
    ioa_width: usize,
    sq: bool,
    left: u8,
    /// Address of the next object, in a sequence.
    next: Option<u32>,
    /// An object that the bytes end within.
    cut: Option<Object<'a>>,
}

impl<'a> Objects<'a> {
    fn new(asdu: &Asdu<'a>, cursor: Cursor<'a>) -> Objects<'a> {
        Objects {
            cursor,
            elements: asdu.elements.unwrap_or_default(),
            ioa_width: asdu.ioa_width,
            sq: asdu.sq,
            left: if asdu.elements.is_some() { asdu.number } else { 0 },
            next: None,
            cut: None,
        }
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = Object<'a>;

    fn next(&mut self) -> Option<Object<'a>> {
        if self.left == 0 || self.cut.is_some() {
            return None;
        }
        let ioa = match self.next.filter(|_| self.sq) {
            Some(ioa) => ioa,
            None => address(&mut self.cursor, self.ioa_width)?,
        };
        self.next = Some(ioa.saturating_add(1));
        let mut object = Object { ioa, ..Object::default() };
        if !object.read(self.elements, &mut self.cursor) {
            self.cut = Some(object);
            return None;
        }
        self.left = self.left.saturating_sub(1);
        Some(object)
    }
}

/// An object address of one to three octets, the low one first.
fn address(cursor: &mut Cursor<'_>, width: usize) -> Option<u32> {
    let bytes = cursor.take(width)?;
    Some(bytes.iter().rev().fold(0, |address, byte| address << 8 | u32::from(*byte)))
}
