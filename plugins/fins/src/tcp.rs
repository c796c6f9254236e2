//! The FINS/TCP header (W421-E1, "FINS/TCP Frames").
//!
//! ```text
//! byte 0      4        8         12      16
//!      | FINS | length | command | error | frame, or node addresses
//!        4      u32      u32       u32     length counts from the command on
//! ```

use tagout_plugin::Cursor;

/// Its first bytes.
pub(crate) const MAGIC: [u8; 4] = *b"FINS";
/// Bytes of the header.
pub(crate) const HEADER: usize = 16;
/// Greatest length that is believed: a frame has at most 2,012 bytes.
pub(crate) const LENGTH_MAX: u32 = 4096;

/// Values of the command.
pub(crate) mod command {
    pub(crate) const CLIENT_ADDRESS: u32 = 0;
    pub(crate) const SERVER_ADDRESS: u32 = 1;
    pub(crate) const FRAME: u32 = 2;
    pub(crate) const CONFIRMATION: u32 = 6;
}

/// What stands before a frame in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) length: u32,
    pub(crate) command: u32,
    pub(crate) error: u32,
}

impl Header {
    /// Reads a header; none if bytes lack, or it does not begin with `FINS`.
    pub(crate) fn read(bytes: &[u8]) -> Option<Header> {
        let mut cursor = Cursor::new(bytes);
        if cursor.array() != Some(MAGIC) {
            return None;
        }
        Some(Header {
            length: cursor.u32()?,
            command: cursor.u32()?,
            error: cursor.u32()?,
        })
    }

    /// Whether a message can be so long and say this.
    pub(crate) fn is_plausible(&self) -> bool {
        (8..=LENGTH_MAX).contains(&self.length) && self.command <= command::CONFIRMATION
    }

    /// Bytes of the whole message.
    pub(crate) fn message_len(&self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX).saturating_add(8)
    }
}
