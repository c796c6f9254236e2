//! A link frame (IEEE Std 1815-2012, 9.2.4).
//!
//! ```text
//! 05 64 | length 1 | control 1 | destination 2 | source 2 | checksum 2   header
//! up to 16 octets of user data | checksum 2                              blocks
//!
//! control   DIR 80 | PRM 40 | FCB 20 | FCV or DFC 10 | function 0f
//! length    control, addresses and user data, without checksums: 5 to 255
//! ```
//!
//! Numbers are little endian. A function is kept with its PRM bit, since the bit
//! decides what the code means.

use crate::cursor::Cursor;
use crate::dnp3::crc;
use crate::dnp3::fault::{Fault, layer, why};
use tagout_spec::record::typed::codes::dnp3_link_function as function;

/// What a frame begins with.
pub const START: [u8; 2] = [0x05, 0x64];
/// Octets of a header.
pub const HEADER_LEN: usize = 10;
/// Least length: no user data.
pub const MIN_LENGTH: u8 = 5;
/// Lowest of the addresses that all outstations listen to.
pub const BROADCAST: u16 = 0xfffd;

/// Octets of user data in a block, and with its checksum.
const BLOCK_DATA: usize = 16;
const BLOCK_LEN: usize = 18;

const DIR: u8 = 0x80;
const PRM: u8 = 0x40;
const FCB: u8 = 0x20;
const FCV_OR_DFC: u8 = 0x10;
const FUNCTION: u8 = 0x0f;

/// The header of a frame, start octets and checksum left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Octets that follow it, checksums not counted.
    pub length: u8,
    /// Direction, flags and function.
    pub control: u8,
    /// Address of the receiver.
    pub destination: u16,
    /// Address of the sender.
    pub source: u16,
}

impl Header {
    /// Reads a header; none where too few octets or no start octets are.
    #[inline]
    pub fn read(bytes: &[u8]) -> Option<Header> {
        let mut cursor = Cursor::new(bytes);
        if cursor.array()? != START {
            return None;
        }
        let [length, control] = cursor.array()?;
        let destination = u16::from_le_bytes(cursor.array()?);
        let source = u16::from_le_bytes(cursor.array()?);
        Some(Header { length, control, destination, source })
    }

    /// Whether a sound header begins here: with its checksum, and a length that
    /// can be true.
    pub fn is_sound(bytes: &[u8]) -> bool {
        let header = bytes.get(..HEADER_LEN).and_then(crc::checked);
        header.and_then(Header::read).is_some_and(|header| header.length >= MIN_LENGTH)
    }

    /// Octets of user data.
    pub fn user_len(&self) -> usize {
        usize::from(self.length.saturating_sub(MIN_LENGTH))
    }

    /// Octets of the whole frame.
    pub fn frame_len(&self) -> usize {
        let user = self.user_len();
        let checksums = user.div_ceil(BLOCK_DATA).saturating_mul(2);
        HEADER_LEN.saturating_add(user).saturating_add(checksums)
    }

    /// Function code with the PRM bit.
    pub fn function(&self) -> u8 {
        self.control & (PRM | FUNCTION)
    }

    /// Whether the frame carries a transport segment.
    pub fn has_user_data(&self) -> bool {
        matches!(
            self.function(),
            function::CONFIRMED_USER_DATA | function::UNCONFIRMED_USER_DATA
        )
    }

    /// Whether the function is one of those that carry no user data.
    pub fn is_bare(&self) -> bool {
        matches!(
            self.function(),
            function::ACK
                | function::NACK
                | function::LINK_STATUS
                | function::NOT_FUNCTIONING
                | function::NOT_SUPPORTED
                | function::RESET_LINK_STATES
                | function::RESET_USER_PROCESS
                | function::TEST_LINK_STATES
                | function::REQUEST_LINK_STATUS
        )
    }

    /// Set by masters.
    pub fn dir(&self) -> bool {
        self.control & DIR != 0
    }

    /// Whether the frame is a primary one.
    pub fn prm(&self) -> bool {
        self.control & PRM != 0
    }

    /// Frame count bit of a primary frame.
    pub fn fcb(&self) -> Option<bool> {
        self.prm().then_some(self.control & FCB != 0)
    }

    /// Whether the frame count bit of a primary frame is valid.
    pub fn fcv(&self) -> Option<bool> {
        self.prm().then_some(self.control & FCV_OR_DFC != 0)
    }

    /// Data flow control bit of a secondary frame.
    pub fn dfc(&self) -> Option<bool> {
        (!self.prm()).then_some(self.control & FCV_OR_DFC != 0)
    }

    /// Whether all outstations are addressed.
    pub fn is_broadcast(&self) -> bool {
        self.destination >= BROADCAST
    }
}

/// Copies the user data of a whole frame to `out`, as far as checksums hold; says
/// where one does not.
pub fn user_data(frame: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    out.clear();
    let blocks = frame.get(HEADER_LEN..).unwrap_or_default();
    for (n, block) in blocks.chunks(BLOCK_LEN).enumerate() {
        let Some(data) = crc::checked(block) else {
            let at = n.saturating_mul(BLOCK_LEN).saturating_add(HEADER_LEN);
            return Err(Fault::new(layer::LINK, at, why::DATA_CHECKSUM));
        };
        out.extend_from_slice(data);
    }
    Ok(())
}
