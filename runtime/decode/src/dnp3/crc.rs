//! The checksum of a header and of every block (IEEE Std 1815-2012, 9.2.4 and
//! Annex E): polynomial 0x3d65, bits reversed, begun at 0, complemented, sent low
//! octet first.

use crate::crc::Crc16;

/// The polynomial with its bits reversed.
static CRC: Crc16 = Crc16::new(0xa6bc);

/// The checksum of `bytes`.
pub fn crc(bytes: &[u8]) -> u16 {
    !CRC.update(0, bytes)
}

/// Bytes without the checksum at their end, if that holds.
pub fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (body, sent) = bytes.split_last_chunk::<2>()?;
    (crc(body) == u16::from_le_bytes(*sent)).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of this checksum, and a frame of RESET_LINK_STATES.
    #[test]
    fn agrees_with_known_values() {
        assert_eq!(crc(b"123456789"), 0xea82);
        let frame = [0x05, 0x64, 0x05, 0xc0, 0x01, 0x00, 0x00, 0x04, 0xe9, 0x21];
        assert_eq!(checked(&frame), Some(&frame[..8]));
        assert_eq!(checked(&frame[1..]), None);
        assert_eq!(checked(&[0]), None);
    }
}
