//! The checksum of an RTU frame (MODBUS over Serial Line V1.02, 6.2.2):
//! polynomial 0xa001, begun at 0xffff, sent low byte first.

use crate::crc::Crc16;

/// The polynomial with its bits reversed.
static CRC: Crc16 = Crc16::new(0xa001);

/// The checksum of `bytes`.
pub fn crc16(bytes: &[u8]) -> u16 {
    CRC.update(0xffff, bytes)
}

/// The frame without its checksum, if that holds.
pub fn checked(frame: &[u8]) -> Option<&[u8]> {
    let (body, crc) = frame.split_last_chunk::<2>()?;
    (crc16(body) == u16::from_le_bytes(*crc)).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's appendix B, and one well known.
    #[test]
    fn agrees_with_the_standard() {
        assert_eq!(crc16(&[0x02, 0x07]), 0x1241);
        assert_eq!(
            checked(&[1, 3, 0, 0, 0, 10, 0xc5, 0xcd]),
            Some(&[1, 3, 0, 0, 0, 10][..])
        );
        assert_eq!(checked(&[1, 3, 0, 0, 0, 11, 0xc5, 0xcd]), None);
    }
}
