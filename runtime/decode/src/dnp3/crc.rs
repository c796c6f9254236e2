//! The checksum of a header and of every block (IEEE Std 1815-2012, 9.2.4 and
//! Annex E): polynomial 0x3d65, bits reversed, begun at 0, complemented, sent low
//! octet first.

/// The polynomial with its bits reversed.
const POLYNOMIAL: u16 = 0xa6bc;

/// The checksum's next state for each octet.
const TABLE: [u16; 256] = table();

/// The checksum of `bytes`.
pub fn crc(bytes: &[u8]) -> u16 {
    let step = |crc: u16, byte: &u8| {
        let [low, _] = crc.to_le_bytes();
        let next = TABLE.get(usize::from(low ^ byte)).copied().unwrap_or_default();
        (crc >> 8) ^ next
    };
    !bytes.iter().fold(0, step)
}

/// Bytes without the checksum at their end, if that holds.
pub fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (body, sent) = bytes.split_last_chunk::<2>()?;
    (crc(body) == u16::from_le_bytes(*sent)).then_some(body)
}

#[expect(clippy::indexing_slicing, reason = "a constant: an error would not compile")]
#[expect(clippy::cast_possible_truncation, reason = "the octet is below 256")]
const fn table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut crc = octet as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ POLYNOMIAL };
            bit += 1;
        }
        table[octet] = crc;
        octet += 1;
    }
    table
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
