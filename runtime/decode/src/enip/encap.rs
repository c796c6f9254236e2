//! The header of the encapsulation.
//!
//! ```text
//! command 2 | length 2 | session 4 | status 4 | sender context 8 | options 4 | data
//!               '---------------------------------------- counts this ---------'
//! ```
//!
//! Source: CIP Networks Library, Volume 2, 2-3. Low bytes come first.

use crate::cip::little::Little as _;
use crate::cursor::Cursor;

/// Bytes of the header.
pub const HEADER_LEN: usize = 24;

/// Commands (2-3.2).
pub mod command {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const NOP: u16 = 0x00;
    pub const LIST_TARGETS: u16 = 0x01;
    pub const LIST_SERVICES: u16 = 0x04;
    pub const LIST_IDENTITY: u16 = 0x63;
    pub const LIST_INTERFACES: u16 = 0x64;
    pub const REGISTER_SESSION: u16 = 0x65;
    pub const UNREGISTER_SESSION: u16 = 0x66;
    pub const SEND_RR_DATA: u16 = 0x6f;
    pub const SEND_UNIT_DATA: u16 = 0x70;
    pub const INDICATE_STATUS: u16 = 0x72;
    pub const CANCEL: u16 = 0x73;
    pub const START_DTLS: u16 = 0xc8;
}

/// The header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What is asked for.
    pub command: u16,
    /// Bytes that follow the header.
    pub length: u16,
    /// Session handle.
    pub session: u32,
    /// 0 in requests.
    pub status: u32,
    /// Chosen by the sender of a request, repeated in its reply.
    pub context: [u8; 8],
    /// Must be 0.
    pub options: u32,
}

impl Header {
    /// Reads the header; none if there are too few bytes.
    #[inline]
    pub fn read(bytes: &[u8]) -> Option<Header> {
        let mut cursor = Cursor::new(bytes);
        Some(Header {
            command: cursor.u16_le()?,
            length: cursor.u16_le()?,
            session: cursor.u32_le()?,
            status: cursor.u32_le()?,
            context: cursor.array()?,
            options: cursor.u32_le()?,
        })
    }

    /// Bytes of the whole message.
    #[inline]
    pub fn frame_len(&self) -> usize {
        usize::from(self.length).saturating_add(HEADER_LEN)
    }

    /// Whether it may begin a message of a stream that is known to be EtherNet/IP: an
    /// unknown command is kept, but only where all else is in order.
    pub fn is_plausible(&self) -> bool {
        is_known(self.command) || (self.options == 0 && self.status <= 0xff)
    }

    /// Whether it keeps to the standard.
    pub fn is_strict(&self) -> bool {
        is_known(self.command)
            && self.options == 0
            && matches!(self.status, 0..=3 | 0x64 | 0x65 | 0x69 | 0x6a)
    }
}

/// Whether the standard has the command, or had it.
pub fn is_known(code: u16) -> bool {
    matches!(
        code,
        command::NOP
            | command::LIST_TARGETS
            | command::LIST_SERVICES
            | command::LIST_IDENTITY
            | command::LIST_INTERFACES
            | command::REGISTER_SESSION
            | command::UNREGISTER_SESSION
            | command::SEND_RR_DATA
            | command::SEND_UNIT_DATA
            | command::INDICATE_STATUS
            | command::CANCEL
            | command::START_DTLS
    )
}
