//! Variables: where they are, and their values.
//!
//! ```text
//! place   12 | length 1 | syntax 1 | by syntax; the length counts from the syntax on
//!   10    type 1 | elements 2 | DB 2 | area 1 | address 3: bits from the area's start
//!   82-84 area and unit 1 | column 2 | line 2 | module 1 | lines 1           (NCK)
//!   A2    1 | 2 | 2 | parameter 2 | index 2                               (drives)
//!   B0    areas 1 | (bytes 1 | DB 2 | address 2)*       several places at once
//!   B2    1 | root 2 | DB 2 | checksum 4 | identifiers, 4 each       (S7-1200, 1500)
//! value   return code 1 | transport 1 | length 2 | bytes
//! ```
//!
//! Between places, and between values, a byte fills what has an odd length.

use tagout_spec::record::typed::codes::{
    s7_area as area, s7_return as return_code, s7_syntax as syntax,
    s7_transport as transport, s7_type as kind,
};

use crate::cursor::Cursor;

/// What a place begins with.
const SPECIFICATION: u8 = 0x12;

/// Where a variable is. What its syntax does not have is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// How it is addressed.
    pub(super) syntax: u8,
    /// Memory area.
    pub(super) area: Option<u8>,
    /// Number of the data block.
    pub(super) db: Option<u16>,
    /// Address as sent.
    pub(super) address: Option<u32>,
    /// Type of the elements.
    pub(super) kind: Option<u8>,
    /// Number of elements.
    pub(super) length: Option<u16>,
    /// Checksum of a symbol.
    pub(super) crc: Option<u32>,
    /// NCK: area and unit, column, line, module, lines.
    pub(super) nck: Option<Nck>,
    /// Drive: parameter and index.
    pub(super) drive: Option<(u16, u16)>,
    /// The address of another syntax, or a symbol's identifiers.
    pub(super) bytes: Option<&'a [u8]>,
}

/// Where a variable of a numeric control is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nck {
    /// Upper three bits: area.
    pub(super) area: u8,
    /// Lower five bits: unit.
    pub(super) unit: u8,
    /// Column.
    pub(super) column: u16,
    /// Line.
    pub(super) line: u16,
    /// Module.
    pub(super) module: u8,
    /// Number of lines.
    pub(super) lines: u8,
}

impl Place<'_> {
    /// Whether its address counts bits, so that it has a byte and a bit.
    pub(super) fn counts_bits(&self) -> bool {
        let numbered =
            [area::COUNTERS, area::TIMERS, area::IEC_COUNTERS, area::IEC_TIMERS];
        self.area.is_some_and(|area| !numbered.contains(&area))
    }

    /// Bits of one element, where its type has a size.
    pub(super) fn element_bits(&self) -> Option<u32> {
        Some(match self.kind? {
            kind::BIT => 1,
            kind::BYTE | kind::CHAR => 8,
            kind::WORD | kind::INT | kind::DATE | kind::S5TIME => 16,
            kind::COUNTER | kind::TIMER => 1,
            kind::DWORD | kind::DINT | kind::REAL | kind::TIME_OF_DAY | kind::TIME => 32,
            kind::DATE_AND_TIME => 64,
            _ => return None,
        })
    }
}

/// The places of a message, one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Places<'a> {
    cursor: Option<Cursor<'a>>,
    left: u8,
    /// Places of a DBREAD that are still to come.
    inner: Option<(u8, Cursor<'a>)>,
}

impl<'a> Places<'a> {
    /// Begins with `count` places at the start of some bytes.
    pub(super) fn new(count: u8, bytes: &'a [u8]) -> Places<'a> {
        Places { cursor: Some(Cursor::new(bytes)), left: count, inner: None }
    }

    /// Where it stands.
    pub(super) fn at(&self) -> usize {
        self.cursor.map_or(0, |cursor| cursor.at())
    }

    /// Places that were stated and not yet given.
    pub(super) fn left(&self) -> u8 {
        self.left
    }

    /// What follows the places that were given.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.cursor.map(|cursor| cursor.rest()).unwrap_or_default()
    }
}

impl<'a> Iterator for Places<'a> {
    type Item = Place<'a>;

    fn next(&mut self) -> Option<Place<'a>> {
        if let Some((areas @ 1.., cursor)) = &mut self.inner {
            *areas = areas.saturating_sub(1);
            return inner(cursor);
        }
        if self.left == 0 {
            return None;
        }
        let cursor = self.cursor.as_mut()?;
        let before = *cursor;
        let mut read = || {
            let mark = cursor.u8()?;
            let length = cursor.u8()?;
            let bytes = cursor.take(length.into())?;
            (mark == SPECIFICATION).then_some((length, bytes))
        };
        let Some((length, bytes)) = read() else {
            *cursor = before;
            return None;
        };
        self.left = self.left.saturating_sub(1);
        if length % 2 == 1 && self.left > 0 {
            cursor.u8();
        }
        let (&id, rest) = bytes.split_first()?;
        if id == syntax::DB_READ {
            let mut cursor = Cursor::new(rest);
            let areas = cursor.u8()?;
            self.inner = Some((areas, cursor));
            return self.next();
        }
        let known = by_syntax(id, &mut Cursor::new(rest));
        Some(known.unwrap_or(Place { syntax: id, bytes: Some(rest), ..Place::default() }))
    }
}

/// bytes 1 | DB 2 | address 2
fn inner<'a>(cursor: &mut Cursor<'a>) -> Option<Place<'a>> {
    let length = cursor.u8()?;
    let db = cursor.u16()?;
    let address = cursor.u16()?;
    Some(Place {
        syntax: syntax::DB_READ,
        area: Some(area::DATA_BLOCK),
        db: Some(db),
        address: Some(u32::from(address).wrapping_mul(8)),
        kind: Some(kind::BYTE),
        length: Some(length.into()),
        ..Place::default()
    })
}

/// None: not a syntax that is known, or shorter than it should be.
fn by_syntax<'a>(id: u8, cursor: &mut Cursor<'a>) -> Option<Place<'a>> {
    let mut place = Place { syntax: id, ..Place::default() };
    match id {
        syntax::S7_ANY => {
            place.kind = Some(cursor.u8()?);
            place.length = Some(cursor.u16()?);
            place.db = Some(cursor.u16()?);
            place.area = Some(cursor.u8()?);
            let [high, middle, low] = cursor.array()?;
            place.address = Some(u32::from_be_bytes([0, high, middle, low]));
        }
        syntax::NCK | syntax::NCK_METRIC | syntax::NCK_INCH => {
            let first = cursor.u8()?;
            place.nck = Some(Nck {
                area: first >> 5,
                unit: first & 0x1f,
                column: cursor.u16()?,
                line: cursor.u16()?,
                module: cursor.u8()?,
                lines: cursor.u8()?,
            });
        }
        syntax::DRIVE_ANY => {
            cursor.array::<5>()?;
            place.drive = Some((cursor.u16()?, cursor.u16()?));
        }
        syntax::SYMBOLIC => {
            cursor.u8()?;
            let (root, number) = (cursor.u16()?, cursor.u16()?);
            if root == SYMBOLIC_DB {
                place.area = Some(area::DATA_BLOCK);
                place.db = Some(number);
            } else if root == 0 {
                // 50 hex and on: inputs, outputs, memory, counters, timers.
                place.area = u8::try_from(number).ok().and_then(|low| match low {
                    0x50 => Some(area::INPUTS),
                    0x51 => Some(area::OUTPUTS),
                    0x52 => Some(area::MEMORY),
                    0x53 => Some(area::COUNTERS),
                    0x54 => Some(area::TIMERS),
                    _ => None,
                });
            }
            place.crc = Some(cursor.u32()?);
            place.bytes = Some(cursor.rest());
        }
        _ => return None,
    }
    Some(place)
}

/// Root of a symbol in a data block.
const SYMBOLIC_DB: u16 = 0x8a0e;

/// A value that is read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Datum<'a> {
    /// What came of it, in answers; in requests without meaning.
    pub(super) return_code: u8,
    /// How it is carried; none where only the return code is.
    pub(super) transport: Option<u8>,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
}

/// The values of a message, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Data<'a> {
    cursor: Cursor<'a>,
    left: u8,
    codes_only: bool,
}

impl<'a> Data<'a> {
    /// Begins with `count` values at the start of some bytes.
    pub(super) fn new(count: u8, bytes: &'a [u8]) -> Data<'a> {
        Data { cursor: Cursor::new(bytes), left: count, codes_only: false }
    }

    /// Begins with return codes alone, as they answer a write.
    pub(super) fn codes(count: u8, bytes: &'a [u8]) -> Data<'a> {
        Data { cursor: Cursor::new(bytes), left: count, codes_only: true }
    }

    /// Where it stands.
    pub(super) fn at(&self) -> usize {
        self.cursor.at()
    }

    /// Values that were stated and not yet given.
    pub(super) fn left(&self) -> u8 {
        self.left
    }

    /// What follows the values that were given.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.cursor.rest()
    }
}

impl<'a> Iterator for Data<'a> {
    type Item = Datum<'a>;

    fn next(&mut self) -> Option<Datum<'a>> {
        if self.left == 0 {
            return None;
        }
        let before = self.cursor;
        let datum = if self.codes_only {
            let code = self.cursor.u8();
            code.map(|return_code| Datum { return_code, transport: None, bytes: &[] })
        } else {
            datum(&mut self.cursor)
        };
        let Some(datum) = datum else {
            self.cursor = before;
            return None;
        };
        self.left = self.left.saturating_sub(1);
        if datum.bytes.len() % 2 == 1 && self.left > 0 {
            self.cursor.u8();
        }
        Some(datum)
    }
}

fn datum<'a>(cursor: &mut Cursor<'a>) -> Option<Datum<'a>> {
    let return_code = cursor.u8()?;
    let transport = cursor.u8()?;
    let length = usize::from(cursor.u16()?);
    // A value that could not be read has a length and no bytes.
    let has_value = matches!(
        return_code,
        return_code::SUCCESS | return_code::RESERVED | return_code::HARDWARE_FAULT
    );
    let bytes = match transport {
        _ if !has_value => &[][..],
        transport::BIT | transport::BYTE | transport::INTEGER => {
            cursor.take(length.div_ceil(8))?
        }
        _ => cursor.take(length)?,
    };
    Some(Datum { return_code, transport: Some(transport), bytes })
}

/// The first element of a value as a number: by the type that its place states, else by
/// how it is carried.
pub(super) fn number(kind: Option<u8>, datum: &Datum<'_>) -> Option<f64> {
    let mut cursor = Cursor::new(datum.bytes);
    match kind {
        Some(kind::BIT | kind::BYTE | kind::CHAR) => cursor.u8().map(f64::from),
        Some(kind::WORD | kind::COUNTER | kind::TIMER | kind::S5TIME) => {
            cursor.u16().map(f64::from)
        }
        Some(kind::INT) => cursor.array().map(i16::from_be_bytes).map(f64::from),
        Some(kind::DWORD) => cursor.u32().map(f64::from),
        Some(kind::DINT | kind::TIME) => {
            cursor.array().map(i32::from_be_bytes).map(f64::from)
        }
        Some(kind::REAL) => cursor.array().map(f32::from_be_bytes).map(f64::from),
        Some(_) => None,
        None => match (datum.transport?, datum.bytes.len()) {
            (transport::BIT, _) | (transport::BYTE, 1) => cursor.u8().map(f64::from),
            (transport::BYTE, 2) => cursor.u16().map(f64::from),
            (transport::BYTE, 4) => cursor.u32().map(f64::from),
            (transport::INTEGER, 2) => {
                cursor.array().map(i16::from_be_bytes).map(f64::from)
            }
            (transport::DINTEGER, 4) => {
                cursor.array().map(i32::from_be_bytes).map(f64::from)
            }
            (transport::REAL, 4) => cursor.array().map(f32::from_be_bytes).map(f64::from),
            _ => None,
        },
    }
}
