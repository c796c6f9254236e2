//! Numbers and UUIDs in the byte order that a PDU states, and the header of a
//! connectionless PDU (C706, 12.5 and 14.1).
//!
//! ```text
//!  0 version 1 = 4 | type 1 | flags 1 | flags 1
//!  4 data representation 3 | serial, high 1
//!  8 object 16 | 24 interface 16 | 40 activity 16
//! 56 server boot 4 | interface version 4 | sequence 4 | operation 2 | hints 2 + 2
//! 74 length of the body 2 | fragment 2 | authentication 1 | serial, low 1
//! 80 body
//! ```

use crate::cursor::Cursor;

/// Bytes of the header.
pub const HEADER_LEN: usize = 80;

/// Types of PDUs, of both versions (C706, 12.4.1). An open set.
pub mod packet_type {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const REQUEST: u8 = 0;
    pub const PING: u8 = 1;
    pub const RESPONSE: u8 = 2;
    pub const FAULT: u8 = 3;
    pub const WORKING: u8 = 4;
    pub const NOCALL: u8 = 5;
    pub const REJECT: u8 = 6;
    pub const ACK: u8 = 7;
    pub const CL_CANCEL: u8 = 8;
    pub const FACK: u8 = 9;
    pub const CANCEL_ACK: u8 = 10;
    pub const BIND: u8 = 11;
    pub const BIND_ACK: u8 = 12;
    pub const BIND_NAK: u8 = 13;
    pub const ALTER_CONTEXT: u8 = 14;
    pub const ALTER_CONTEXT_RESPONSE: u8 = 15;
    pub const AUTH3: u8 = 16;
    pub const SHUTDOWN: u8 = 17;
    pub const CO_CANCEL: u8 = 18;
    pub const ORPHANED: u8 = 19;
}

/// First flags of a connectionless PDU.
pub mod flag {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const LAST_FRAGMENT: u8 = 0x02;
    pub const FRAGMENT: u8 = 0x04;
}

/// Whether the client sends PDUs of this type; nothing if both do, or if it is not
/// known.
pub fn is_from_client(kind: u8) -> Option<bool> {
    use packet_type::*;
    match kind {
        REQUEST | PING | ACK | CL_CANCEL | BIND | ALTER_CONTEXT | AUTH3 | CO_CANCEL
        | ORPHANED => Some(true),
        RESPONSE
        | FAULT
        | WORKING
        | NOCALL
        | REJECT
        | CANCEL_ACK
        | BIND_ACK
        | BIND_NAK
        | ALTER_CONTEXT_RESPONSE
        | SHUTDOWN => Some(false),
        _ => None,
    }
}

/// A UUID, in the order in which it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub u128);

impl Uuid {
    /// Its 36 characters, in lower case.
    pub fn text(self) -> [u8; 36] {
        let bytes = self.0.to_be_bytes();
        let (words, _) = bytes.as_chunks::<4>();
        let mut digits = [0; 32];
        let (to, _) = digits.as_chunks_mut::<8>();
        for (to, word) in to.iter_mut().zip(words) {
            *to = hexadecimal(u32::from_be_bytes(*word));
        }
        let mut out = [b'-'; 36];
        for (digits, at) in digits.as_chunks::<4>().0.iter().zip(GROUPS) {
            if let Some(place) = out.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
                *place = *digits;
            }
        }
        out
    }

    /// Whether its variant is the one that C706 lays out.
    pub fn is_dce(self) -> bool {
        self.0 >> 62 & 0b11 == 0b10
    }
}

/// Where each four digits of a UUID stand.
const GROUPS: [usize; 8] = [0, 4, 9, 14, 19, 24, 28, 32];

/// The eight digits of a number, all at once: each half byte goes to a byte of its own,
/// and those above 9 are moved on to the letters.
fn hexadecimal(number: u32) -> [u8; 8] {
    let mut halves = u64::from(number);
    halves = (halves | halves << 16) & 0x0000_ffff_0000_ffff;
    halves = (halves | halves << 8) & 0x00ff_00ff_00ff_00ff;
    halves = (halves | halves << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let is_letter = halves.wrapping_add(0x0606_0606_0606_0606) >> 4;
    let is_letter = is_letter & 0x0101_0101_0101_0101;
    let digits = halves.wrapping_add(0x3030_3030_3030_3030);
    digits.wrapping_add(is_letter.wrapping_mul(u64::from(b'a' - b'9' - 1))).to_be_bytes()
}

/// Reads numbers in a byte order.
#[derive(Clone, Copy, Debug)]
pub struct Ndr<'a> {
    /// Where it stands.
    pub cursor: Cursor<'a>,
    /// Whether numbers are little endian.
    pub little: bool,
}

impl<'a> Ndr<'a> {
    /// Begins at the first byte.
    pub fn new(bytes: &'a [u8], little: bool) -> Ndr<'a> {
        Ndr { cursor: Cursor::new(bytes), little }
    }

    /// The next byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.cursor.u8()
    }

    /// The next two bytes as a number.
    pub fn u16(&mut self) -> Option<u16> {
        let value = self.cursor.u16()?;
        Some(if self.little { value.swap_bytes() } else { value })
    }

    /// The next four bytes as a number.
    pub fn u32(&mut self) -> Option<u32> {
        let value = self.cursor.u32()?;
        Some(if self.little { value.swap_bytes() } else { value })
    }

    /// The next 16 bytes as a UUID, whose first three parts are numbers.
    pub fn uuid(&mut self) -> Option<Uuid> {
        let low = self.u32()?;
        let (mid, high) = (self.u16()?, self.u16()?);
        let rest = self.cursor.array().map(u64::from_be_bytes)?;
        let first = u64::from(low) << 32 | u64::from(mid) << 16 | u64::from(high);
        Some(Uuid(u128::from(first) << 64 | u128::from(rest)))
    }
}

/// The data representation: whether integers are little endian; nothing if it is none.
pub fn byte_order(representation: [u8; 3]) -> Option<bool> {
    match representation {
        [integers @ (0x00 | 0x01 | 0x10 | 0x11), 0..=3, 0] => Some(integers & 0x10 != 0),
        _ => None,
    }
}

/// Where and why a PDU stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte of the PDU.
    pub at: u16,
    /// What is wrong there.
    pub why: FaultKind,
}

/// What can be wrong, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// The length in the header cannot be true.
    Length = 2,
    /// A fragment contradicts those before, or is too much.
    Fragment = 3,
    /// It is of no version that is known.
    Version = 4,
}

/// A connectionless PDU.
#[derive(Clone, Copy, Debug, Default)]
pub struct Datagram<'a> {
    /// Type of the PDU.
    pub kind: u8,
    /// First octet of flags.
    pub flags: u8,
    /// Whether numbers are little endian.
    pub little: bool,
    /// Object.
    pub object: Uuid,
    /// Interface.
    pub interface: Uuid,
    /// Activity.
    pub activity: Uuid,
    /// When the server started.
    pub server_boot: u32,
    /// Version of the interface.
    pub interface_version: u32,
    /// Number of the call within the activity.
    pub sequence: u32,
    /// Operation.
    pub opnum: u16,
    /// Length of the body.
    pub length: u16,
    /// Number of the fragment.
    pub fragment: u16,
    /// Authentication protocol.
    pub authentication: u8,
    /// The body, as far as there are bytes of it.
    pub body: &'a [u8],
    /// Whether the body is shorter than the header says.
    pub is_short: bool,
}

impl<'a> Datagram<'a> {
    /// Reads a PDU; nothing if the header is not of this version, or not whole.
    pub fn read(bytes: &'a [u8]) -> Option<Datagram<'a>> {
        let [4, kind, flags, _, a, b, c, _] = *bytes.first_chunk()? else { return None };
        let little = byte_order([a, b, c])?;
        let mut ndr = Ndr::new(bytes.get(8..)?, little);
        let mut pdu = Datagram { kind, flags, little, ..Datagram::default() };
        pdu.object = ndr.uuid()?;
        pdu.interface = ndr.uuid()?;
        pdu.activity = ndr.uuid()?;
        pdu.server_boot = ndr.u32()?;
        pdu.interface_version = ndr.u32()?;
        pdu.sequence = ndr.u32()?;
        pdu.opnum = ndr.u16()?;
        let _hints = ndr.u32()?;
        pdu.length = ndr.u16()?;
        pdu.fragment = ndr.u16()?;
        let [authentication, _serial] = ndr.cursor.array()?;
        pdu.authentication = authentication;
        let rest = ndr.cursor.rest();
        pdu.is_short = usize::from(pdu.length) > rest.len();
        pdu.body = rest.get(..usize::from(pdu.length)).unwrap_or(rest);
        Some(pdu)
    }

    /// Whether it is one of the fragments of a call.
    pub fn is_fragment(&self) -> bool {
        self.flags & flag::FRAGMENT != 0
    }

    /// Whether it is a call's last fragment, or whole.
    pub fn is_last(&self) -> bool {
        !self.is_fragment() || self.flags & flag::LAST_FRAGMENT != 0
    }
}
