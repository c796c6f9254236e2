//! Where a message begins and ends: the frame around a PDU.
//!
//! ```text
//! TCP, UDP  transaction 2 | protocol 2 = 0 | length 2 | unit 1 | PDU
//!                                            '------- counts these -----'
//! RTU       unit 1 | PDU | checksum 2, low byte first
//! ```
//!
//! An RTU frame has no length: on a serial line silence ends it, and within TCP
//! silence is not seen. Its length follows from the function code and the
//! direction; for a code without a known layout the segment's end is taken, and
//! in every case the checksum must hold.

use crate::cursor::Cursor;
use crate::modbus::code::function;
use crate::modbus::crc;
use crate::modbus::pdu::Role;

/// Bytes of the header in front of the unit identifier.
pub const MBAP_LEN: usize = 6;
/// Largest length field of the standard: unit and 253 bytes of PDU.
pub const MAX_LENGTH: u16 = 254;
/// Largest length field that is followed; one above [`MAX_LENGTH`] is a fault,
/// but products exist that go beyond it.
pub const MAX_FOLLOWED: u16 = 2048;
/// Largest RTU frame.
pub const MAX_RTU: usize = 256;

/// The header in front of the unit identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mbap {
    /// Copied by the server from the request into its answer.
    pub transaction: u16,
    /// 0 is Modbus.
    pub protocol: u16,
    /// Bytes that follow.
    pub length: u16,
}

impl Mbap {
    /// Reads the header; none if there are too few bytes.
    #[inline]
    pub fn read(bytes: &[u8]) -> Option<Mbap> {
        let mut cursor = Cursor::new(bytes);
        let (transaction, protocol) = (cursor.u16()?, cursor.u16()?);
        Some(Mbap { transaction, protocol, length: cursor.u16()? })
    }

    /// Whether a message may follow: unit and function code at least.
    #[inline]
    pub fn is_plausible(&self) -> bool {
        self.protocol == 0 && (2..=MAX_FOLLOWED).contains(&self.length)
    }

    /// Bytes of the whole frame.
    #[inline]
    pub fn frame_len(&self) -> usize {
        usize::from(self.length).saturating_add(MBAP_LEN)
    }
}

/// What the bytes at the start of an RTU frame say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rtu<'a> {
    /// A frame whose checksum holds, without it, and the bytes it took.
    Frame(&'a [u8], usize),
    /// More bytes may make a frame.
    More,
    /// No frame begins here.
    None,
}

/// Looks for an RTU frame at the start of `bytes`, sent by one of `roles`.
pub fn rtu<'a>(bytes: &'a [u8], roles: &[Role]) -> Rtu<'a> {
    let mut more = false;
    for &role in roles {
        match rtu_len(bytes, role) {
            Len::Known(len) => match bytes.get(..len) {
                Some(frame) => {
                    if let Some(body) = crc::checked(frame) {
                        return Rtu::Frame(body, len);
                    }
                }
                None => more |= len <= MAX_RTU,
            },
            Len::More => more = true,
            Len::Unknown => {}
        }
    }
    if let (4..=MAX_RTU, Some(body)) = (bytes.len(), crc::checked(bytes)) {
        return Rtu::Frame(body, bytes.len());
    }
    if more { Rtu::More } else { Rtu::None }
}

enum Len {
    Known(usize),
    More,
    Unknown,
}

/// Length of an RTU frame with its checksum, by the layouts of `pdu`.
fn rtu_len(bytes: &[u8], role: Role) -> Len {
    let Some(&code) = bytes.get(1) else { return Len::More };
    // Bytes between the function code and the checksum: fixed, or fixed and a
    // count of one byte at that place.
    let (fixed, count_at) = match (code, role) {
        (0x80.., _) => (1, None),
        (function::READ_COILS..=function::READ_INPUT_REGISTERS, Role::Request)
        | (function::WRITE_SINGLE_COIL | function::WRITE_SINGLE_REGISTER, _)
        | (function::DIAGNOSTICS, _)
        | (
            function::WRITE_MULTIPLE_COILS | function::WRITE_MULTIPLE_REGISTERS,
            Role::Response,
        ) => (4, None),
        (
            function::READ_COILS..=function::READ_INPUT_REGISTERS
            | function::READ_WRITE_MULTIPLE_REGISTERS
            | function::REPORT_SERVER_ID
            | function::GET_COMM_EVENT_LOG
            | function::READ_FILE_RECORD,
            Role::Response,
        )
        | (function::WRITE_FILE_RECORD, _)
        | (function::READ_FILE_RECORD, Role::Request) => (1, Some(2)),
        (
            function::READ_EXCEPTION_STATUS
            | function::GET_COMM_EVENT_COUNTER
            | function::GET_COMM_EVENT_LOG
            | function::REPORT_SERVER_ID,
            Role::Request,
        ) => (0, None),
        (function::READ_EXCEPTION_STATUS, Role::Response) => (1, None),
        (function::GET_COMM_EVENT_COUNTER, Role::Response) => (4, None),
        (
            function::WRITE_MULTIPLE_COILS | function::WRITE_MULTIPLE_REGISTERS,
            Role::Request,
        ) => (5, Some(6)),
        (function::MASK_WRITE_REGISTER, _) => (6, None),
        (function::READ_WRITE_MULTIPLE_REGISTERS, Role::Request) => (9, Some(10)),
        (function::READ_FIFO_QUEUE, Role::Request) => (2, None),
        _ => return Len::Unknown,
    };
    let counted = match count_at {
        None => 0,
        Some(at) => match bytes.get(at) {
            Some(&count) => usize::from(count),
            None => return Len::More,
        },
    };
    Len::Known(4_usize.saturating_add(fixed).saturating_add(counted))
}
