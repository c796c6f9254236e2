//! The packet that carries one TPDU in a stream of bytes (RFC 1006, section 6).
//!
//! ```text
//! version 1 = 3 | reserved 1 = 0 | length 2 | TPDU
//! '------------------- length counts all of these ---'
//! ```

use crate::cursor::Cursor;

/// Bytes in front of the TPDU.
pub const HEADER: usize = 4;
/// Shortest packet: a header and the shortest TPDU (RFC 1006, section 6).
pub const MIN: u16 = 7;

/// What stands at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tpkt {
    /// A packet of so many bytes, header included.
    Packet(usize),
    /// Fewer bytes than a header.
    More,
    /// No packet; the byte that says so.
    None(u16),
}

/// Looks for a packet at the start of `bytes`, which need not hold all of it.
#[inline]
pub fn tpkt(bytes: &[u8]) -> Tpkt {
    let mut cursor = Cursor::new(bytes);
    if cursor.u8().is_some_and(|version| version != 3) {
        return Tpkt::None(0);
    }
    if cursor.u8().is_some_and(|reserved| reserved != 0) {
        return Tpkt::None(1);
    }
    match cursor.u16() {
        None => Tpkt::More,
        Some(length) if length < MIN => Tpkt::None(2),
        Some(length) => Tpkt::Packet(length.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell() {
        assert_eq!(tpkt(&[]), Tpkt::More);
        assert_eq!(tpkt(&[3, 0, 0]), Tpkt::More);
        assert_eq!(tpkt(&[3, 0, 0, 7]), Tpkt::Packet(7));
        assert_eq!(tpkt(&[3, 0, 0xff, 0xff, 2]), Tpkt::Packet(65_535));
        assert_eq!(tpkt(&[4]), Tpkt::None(0));
        assert_eq!(tpkt(&[3, 1]), Tpkt::None(1));
        assert_eq!(tpkt(&[3, 0, 0, 6]), Tpkt::None(2));
    }
}
