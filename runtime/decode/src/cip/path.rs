//! Paths: which object, or which device, a message is for.
//!
//! ```text
//! 20 06 | 24 01                      class 6, instance 1
//! 21 00 04 03 | 25 00 01 00          class 0x0304, instance 1, in 16 bits
//! 91 04 50 75 6D 70 | 28 03          symbol "Pump", member 3
//! 01 00                              port 1 (the backplane), link 0
//! 15 0C "192.168.1.10"               port 5, link of 12 bytes
//! 34 04 | 8 bytes                    electronic key
//!
//! a segment's first byte   ttt fffff   type, and a format that depends on it
//! ```
//!
//! Source: CIP Networks Library, Volume 1, appendix C-1.4, padded form: a segment
//! takes an even number of bytes. A path that does not parse is followed as far as it
//! does; [`Path::target`] says where it stopped.

use crate::cip::fault::{Fault, FaultKind};
use crate::cip::little::Little as _;
use crate::cursor::Cursor;

/// A padded path, as it lies in a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path<'a>(pub &'a [u8]);

/// One segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// What a number names, and the number.
    Logical(Logical, u32),
    /// Which device the message is for, else it is refused.
    Key(Key),
    /// A port of the device, and the address on the link behind it.
    Port(u16, &'a [u8]),
    /// A name.
    Symbol(&'a [u8]),
    /// Data for the object.
    Data(&'a [u8]),
    /// What a network needs to know: its subtype, and its bytes.
    Network(u8, &'a [u8]),
    /// The code of a data type.
    Datatype(u8),
}

/// What the number of a logical segment names, as the schema's `cip_segment` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logical {
    /// A class.
    Class = 1,
    /// An instance of it.
    Instance = 2,
    /// A member, or an element of an array.
    Member = 3,
    /// A connection point, such as an assembly.
    ConnectionPoint = 4,
    /// An attribute.
    Attribute = 5,
    /// A service.
    Service = 7,
    /// Something of the extended kind.
    Extended = 8,
}

/// An electronic key of format 4 (appendix C-1.4.2.5); 0 is any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Vendor.
    pub vendor: u16,
    /// Device type.
    pub device_type: u16,
    /// Product code.
    pub product_code: u16,
    /// Major revision.
    pub major: u8,
    /// Whether a device that can stand in for this one will do.
    pub compatible: bool,
    /// Minor revision.
    pub minor: u8,
}

/// What a path says, at one look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The first class: the device's message router hands the request to it.
    pub class: Option<u32>,
    /// The last class: a tag within a program has two.
    pub last_class: Option<u32>,
    /// First instance.
    pub instance: Option<u32>,
    /// Last instance, likewise.
    pub last_instance: Option<u32>,
    /// First attribute.
    pub attribute: Option<u32>,
    /// First member.
    pub member: Option<u32>,
    /// First connection point.
    pub connection_point: Option<u32>,
    /// Electronic key.
    pub key: Option<Key>,
    /// Whether a name is among the segments.
    pub has_symbol: bool,
    /// Whether a port is.
    pub has_port: bool,
}

impl<'a> Path<'a> {
    /// The segments, as far as they make sense.
    pub fn segments(self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let mut cursor = Cursor::new(self.0);
        std::iter::from_fn(move || {
            if cursor.rest().is_empty() {
                return None;
            }
            segment(&mut cursor)?.ok()
        })
    }

    /// What it says, and where it stops making sense, counted from its first byte.
    pub fn target(self) -> (Target, Option<Fault>) {
        let mut target = Target::default();
        let mut cursor = Cursor::new(self.0);
        while !cursor.rest().is_empty() {
            let at = u16::try_from(cursor.at()).unwrap_or(u16::MAX);
            match segment(&mut cursor) {
                Some(Ok(segment)) => target.add(&segment),
                Some(Err(why)) => return (target, Some(Fault { at, why })),
                None => return (target, Some(Fault { at, why: FaultKind::Path })),
            }
        }
        (target, None)
    }
}

impl Target {
    fn add(&mut self, segment: &Segment<'_>) {
        match *segment {
            Segment::Logical(Logical::Class, value) => {
                self.class.get_or_insert(value);
                self.last_class = Some(value);
            }
            Segment::Logical(kind, value) => {
                let slot = match kind {
                    Logical::Instance => {
                        self.last_instance = Some(value);
                        &mut self.instance
                    }
                    Logical::Member => &mut self.member,
                    Logical::ConnectionPoint => &mut self.connection_point,
                    Logical::Attribute => &mut self.attribute,
                    Logical::Class | Logical::Service | Logical::Extended => return,
                };
                slot.get_or_insert(value);
            }
            Segment::Key(key) => {
                self.key.get_or_insert(key);
            }
            Segment::Symbol(_) => self.has_symbol = true,
            Segment::Port(..) => self.has_port = true,
            Segment::Data(_) | Segment::Network(..) | Segment::Datatype(_) => {}
        }
    }
}

/// The next segment: none if the bytes end within it, an error if the standard
/// reserves what it begins with.
fn segment<'a>(cursor: &mut Cursor<'a>) -> Option<Result<Segment<'a>, FaultKind>> {
    let first = cursor.u8()?;
    let segment = match first >> 5 {
        0 => port(first, cursor)?,
        1 => return logical(first, cursor),
        2 => network(first, cursor)?,
        3 => symbol(first, cursor)?,
        4 if first == 0x80 => {
            let words = usize::from(cursor.u8()?);
            Segment::Data(cursor.take(words.saturating_mul(2))?)
        }
        4 if first == 0x91 => {
            let len = usize::from(cursor.u8()?);
            let name = cursor.take(len)?;
            pad(cursor)?;
            Segment::Symbol(name)
        }
        5 | 6 => Segment::Datatype(first),
        _ => return Some(Err(FaultKind::Segment)),
    };
    Some(Ok(segment))
}

/// 000 e pppp | link size, if e | port 2, if p is 15 | link | pad
fn port<'a>(first: u8, cursor: &mut Cursor<'a>) -> Option<Segment<'a>> {
    let size = if first & 0x10 != 0 { cursor.u8()? } else { 1 };
    let port = match first & 0x0f {
        15 => cursor.u16_le()?,
        port => u16::from(port),
    };
    let link = cursor.take(usize::from(size))?;
    pad(cursor)?;
    Some(Segment::Port(port, link))
}

/// 001 ttt ff | number of 1 byte, or pad and 2 or 4 bytes
fn logical<'a>(
    first: u8,
    cursor: &mut Cursor<'a>,
) -> Option<Result<Segment<'a>, FaultKind>> {
    let kind = match first >> 2 & 7 {
        0 => Logical::Class,
        1 => Logical::Instance,
        2 => Logical::Member,
        3 => Logical::ConnectionPoint,
        4 => Logical::Attribute,
        5 => return key(first, cursor),
        6 => Logical::Service,
        _ => Logical::Extended,
    };
    // The extended kind has a byte for what it is where others have the pad.
    let is_extended = kind == Logical::Extended;
    let value = match first & 3 {
        0 if is_extended => {
            let [_, value, _] = cursor.array()?;
            u32::from(value)
        }
        0 => u32::from(cursor.u8()?),
        1 => {
            cursor.u8()?;
            u32::from(cursor.u16_le()?)
        }
        2 => {
            cursor.u8()?;
            cursor.u32_le()?
        }
        _ => return Some(Err(FaultKind::Segment)),
    };
    Some(Ok(Segment::Logical(kind, value)))
}

/// 34 | format 4 | vendor 2 | type 2 | product 2 | compatible and major 1 | minor 1
fn key<'a>(first: u8, cursor: &mut Cursor<'a>) -> Option<Result<Segment<'a>, FaultKind>> {
    if first != 0x34 || cursor.u8()? != 4 {
        return Some(Err(FaultKind::Segment));
    }
    let vendor = cursor.u16_le()?;
    let device_type = cursor.u16_le()?;
    let product_code = cursor.u16_le()?;
    let [major, minor] = cursor.array()?;
    Some(Ok(Segment::Key(Key {
        vendor,
        device_type,
        product_code,
        major: major & 0x7f,
        compatible: major & 0x80 != 0,
        minor,
    })))
}

/// 010 xxxxx | 1 byte, or a count of words and so many
fn network<'a>(first: u8, cursor: &mut Cursor<'a>) -> Option<Segment<'a>> {
    let subtype = first & 0x1f;
    let len = if subtype & 0x10 != 0 { usize::from(cursor.u8()?) * 2 } else { 1 };
    Some(Segment::Network(subtype, cursor.take(len)?))
}

/// 011 nnnnn | n characters | pad; or, if n is 0, format 1 | as the format says | pad
fn symbol<'a>(first: u8, cursor: &mut Cursor<'a>) -> Option<Segment<'a>> {
    let len = match first & 0x1f {
        0 => {
            let format = cursor.u8()?;
            let n = usize::from(format & 0x1f);
            match format >> 5 {
                1 => n.saturating_mul(2),
                2 => n.saturating_mul(3),
                // A number, in as many bytes as its type has.
                6 => match n {
                    6 => 1,
                    7 => 2,
                    _ => 4,
                },
                _ => n,
            }
        }
        n => usize::from(n),
    };
    let name = cursor.take(len)?;
    pad(cursor)?;
    Some(Segment::Symbol(name))
}

/// A byte, if the segment would end at an odd one.
fn pad(cursor: &mut Cursor<'_>) -> Option<()> {
    if !cursor.at().is_multiple_of(2) {
        cursor.u8()?;
    }
    Some(())
}

/// Bytes kept of the name that a path spells.
const NAME_MAX: usize = 512;

/// A path by name: symbols joined by dots, members in brackets behind them.
pub(crate) struct Name {
    bytes: [u8; NAME_MAX],
    len: usize,
}

impl Name {
    /// The name that a path spells; what exceeds the room for it is cut.
    pub(crate) fn of(path: Path<'_>) -> Name {
        let mut name = Name { bytes: [0; NAME_MAX], len: 0 };
        let mut in_brackets = false;
        for segment in path.segments() {
            match segment {
                Segment::Symbol(text) => {
                    if in_brackets {
                        name.push(b"]");
                        in_brackets = false;
                    }
                    if name.len > 0 {
                        name.push(b".");
                    }
                    name.push(text);
                }
                Segment::Logical(Logical::Member, value) if name.len > 0 => {
                    name.push(if in_brackets { b"," } else { b"[" });
                    in_brackets = true;
                    name.push_number(value);
                }
                _ => {}
            }
        }
        if in_brackets {
            name.push(b"]");
        }
        name
    }

    /// An empty name, to be spelled by other means.
    pub(crate) fn empty() -> Name {
        Name { bytes: [0; NAME_MAX], len: 0 }
    }

    /// What was spelled.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// Adds text.
    pub(crate) fn push(&mut self, text: &[u8]) {
        for (to, from) in self.bytes.iter_mut().skip(self.len).zip(text) {
            *to = *from;
            self.len = self.len.saturating_add(1);
        }
    }

    /// Adds a number in decimal digits.
    pub(crate) fn push_number(&mut self, value: u32) {
        let mut digits = [0; 10];
        let (mut rest, mut n) = (value, 0_usize);
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            n = n.saturating_add(1);
            if rest == 0 {
                break;
            }
        }
        self.push(digits.get(digits.len().saturating_sub(n)..).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hex;

    #[test]
    fn every_kind_of_segment_is_read() {
        use Logical::*;
        let cases: &[(&str, &[Segment<'_>])] = &[
            ("20 06 24 01", &[Segment::Logical(Class, 6), Segment::Logical(Instance, 1)]),
            ("21 00 04 03", &[Segment::Logical(Class, 0x0304)]),
            ("26 00 78 56 34 12", &[Segment::Logical(Instance, 0x1234_5678)]),
            (
                "30 07 28 02",
                &[Segment::Logical(Attribute, 7), Segment::Logical(Member, 2)],
            ),
            ("2C 64", &[Segment::Logical(ConnectionPoint, 100)]),
            ("38 4B", &[Segment::Logical(Service, 0x4b)]),
            ("01 00", &[Segment::Port(1, &[0])]),
            ("15 03 31 2E 32 00", &[Segment::Port(5, b"1.2")]),
            ("0F 10 00 09", &[Segment::Port(16, &[9])]),
            ("91 03 41 42 43 00", &[Segment::Symbol(b"ABC")]),
            ("63 41 42 43", &[Segment::Symbol(b"ABC")]),
            ("60 C7 34 12", &[Segment::Symbol(&[0x34, 0x12])]),
            ("80 01 AA BB", &[Segment::Data(&[0xaa, 0xbb])]),
            ("43 05", &[Segment::Network(3, &[5])]),
            ("50 01 AA BB", &[Segment::Network(0x10, &[0xaa, 0xbb])]),
            ("C4", &[Segment::Datatype(0xc4)]),
        ];
        for (bytes, expected) in cases {
            let bytes = hex(bytes);
            let path = Path(&bytes);
            assert_eq!(path.segments().collect::<Vec<_>>(), *expected, "{bytes:02x?}");
            assert_eq!(path.target().1, None, "{bytes:02x?}");
        }
        let bytes = hex("34 04 0100 0E00 3A00 94 02");
        let key = Path(&bytes).target().0.key.unwrap();
        assert_eq!((key.vendor, key.device_type, key.product_code), (1, 14, 58));
        assert_eq!((key.major, key.minor, key.compatible), (20, 2, true));
    }

    #[test]
    fn a_broken_path_says_where() {
        let fault = |text: &str| Path(&hex(text)).target().1.map(|f| (f.at, f.why));
        assert_eq!(fault("20 06 24"), Some((2, FaultKind::Path)));
        assert_eq!(fault("20 06 23 00"), Some((2, FaultKind::Segment)));
        assert_eq!(fault("20 06 E0 00"), Some((2, FaultKind::Segment)));
        assert_eq!(fault("91 20 41 42"), Some((0, FaultKind::Path)));
    }

    #[test]
    fn a_name_is_spelled_as_engineers_write_it() {
        let name = |text: &str| {
            let bytes = hex(text);
            String::from_utf8(Name::of(Path(&bytes)).as_bytes().to_vec()).unwrap()
        };
        assert_eq!(name("91 01 41 00 28 03 29 00 00 01 91 01 42 00"), "A[3,256].B");
        assert_eq!(name("91 02 41 42 2A 00 FF FF FF FF"), "AB[4294967295]");
        assert_eq!(name("20 6B 24 01"), "");
    }
}
