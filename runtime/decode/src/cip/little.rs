//! Numbers of CIP lie in the message with their low byte first.

use crate::cursor::Cursor;

/// Little-endian reads.
pub(crate) trait Little {
    /// The next two bytes as a number.
    fn u16_le(&mut self) -> Option<u16>;
    /// The next four bytes as a number.
    fn u32_le(&mut self) -> Option<u32>;
}

impl Little for Cursor<'_> {
    #[inline]
    fn u16_le(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    #[inline]
    fn u32_le(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
}
