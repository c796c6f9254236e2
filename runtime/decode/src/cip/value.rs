//! Values of elementary data types.
//!
//! Source: CIP Networks Library, Volume 1, appendix C-6.1: codes of types and how
//! their values lie in a message, low byte first.

/// Codes of types that more than a table needs to know.
pub mod datatype {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const STRUCTURE: u16 = 0xa0;
    pub const BOOL: u16 = 0xc1;
    pub const SINT: u16 = 0xc2;
    pub const INT: u16 = 0xc3;
    pub const DINT: u16 = 0xc4;
    pub const LINT: u16 = 0xc5;
    pub const USINT: u16 = 0xc6;
    pub const UINT: u16 = 0xc7;
    pub const UDINT: u16 = 0xc8;
    pub const ULINT: u16 = 0xc9;
    pub const REAL: u16 = 0xca;
    pub const LREAL: u16 = 0xcb;
    pub const DATE: u16 = 0xcd;
    pub const TIME_OF_DAY: u16 = 0xce;
    pub const STRING: u16 = 0xd0;
    pub const BYTE: u16 = 0xd1;
    pub const WORD: u16 = 0xd2;
    pub const DWORD: u16 = 0xd3;
    pub const LWORD: u16 = 0xd4;
    pub const FTIME: u16 = 0xd6;
    pub const LTIME: u16 = 0xd7;
    pub const ITIME: u16 = 0xd8;
    pub const SHORT_STRING: u16 = 0xda;
    pub const TIME: u16 = 0xdb;
}

/// Handle of the structure in which Logix controllers keep strings (1756-PM020,
/// chapter 1): a length of 4 bytes, and 82 characters.
const LOGIX_STRING: u16 = 0x0fce;

/// Bytes of a value; none if the type is no number, or is not known.
pub(crate) fn size(datatype: u16) -> Option<usize> {
    match datatype {
        datatype::BOOL | datatype::SINT | datatype::USINT | datatype::BYTE => Some(1),
        datatype::INT
        | datatype::UINT
        | datatype::WORD
        | datatype::DATE
        | datatype::ITIME => Some(2),
        datatype::DINT
        | datatype::UDINT
        | datatype::REAL
        | datatype::DWORD
        | datatype::TIME_OF_DAY
        | datatype::FTIME
        | datatype::TIME => Some(4),
        datatype::LINT
        | datatype::ULINT
        | datatype::LREAL
        | datatype::LWORD
        | datatype::LTIME => Some(8),
        _ => None,
    }
}

/// The numbers that so typed bytes hold; none if the type is no number.
pub(crate) fn numbers(
    datatype: u16,
    bytes: &[u8],
) -> impl Iterator<Item = f64> + Clone + use<'_> {
    let size = size(datatype).unwrap_or(usize::MAX);
    bytes.chunks_exact(size).map(move |value| number(datatype, value))
}

/// One number. The nearest to it, where a float does not have it.
fn number(datatype: u16, value: &[u8]) -> f64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(value) {
        *to = *from;
    }
    let [a, b, c, d, ..] = bytes;
    match datatype {
        datatype::REAL => f64::from(f32::from_le_bytes([a, b, c, d])),
        datatype::LREAL => f64::from_le_bytes(bytes),
        datatype::SINT => f64::from(i8::from_le_bytes([a])),
        datatype::INT | datatype::ITIME => f64::from(i16::from_le_bytes([a, b])),
        datatype::DINT | datatype::TIME | datatype::FTIME => {
            f64::from(i32::from_le_bytes([a, b, c, d]))
        }
        datatype::LINT | datatype::LTIME => {
            let (high, low) = (i64::from_le_bytes(bytes) >> 32, [a, b, c, d]);
            let high = i32::try_from(high).unwrap_or_default();
            f64::from(high) * 4_294_967_296.0 + f64::from(u32::from_le_bytes(low))
        }
        // 0xff is true as well.
        datatype::BOOL => f64::from(u8::from(a != 0)),
        _ => {
            let [.., e, f, g, h] = bytes;
            let high = u32::from_le_bytes([e, f, g, h]);
            let low = u32::from_le_bytes([a, b, c, d]);
            f64::from(high) * 4_294_967_296.0 + f64::from(low)
        }
    }
}

/// The text that so typed bytes hold; none if they hold something else.
pub(crate) fn text(datatype: u16, structure: Option<u16>, bytes: &[u8]) -> Option<&[u8]> {
    match (datatype, structure) {
        (datatype::STRUCTURE, Some(LOGIX_STRING)) => {
            let (len, rest) = bytes.split_first_chunk()?;
            let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
            rest.get(..len)
        }
        (datatype::STRING, _) => {
            let (len, rest) = bytes.split_first_chunk()?;
            rest.get(..usize::from(u16::from_le_bytes(*len)))
        }
        (datatype::SHORT_STRING, _) => {
            let (len, rest) = bytes.split_first()?;
            rest.get(..usize::from(*len))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hex;

    #[test]
    fn numbers_of_every_width_and_sign() {
        let check = |datatype, bytes: &str, expected: &[f64]| {
            let bytes = hex(bytes);
            assert_eq!(numbers(datatype, &bytes).collect::<Vec<_>>(), expected);
        };
        check(datatype::BOOL, "FF 00 01", &[1.0, 0.0, 1.0]);
        check(datatype::SINT, "FF 7F", &[-1.0, 127.0]);
        check(datatype::USINT, "FF", &[255.0]);
        check(datatype::INT, "FEFF 0100", &[-2.0, 1.0]);
        check(datatype::UINT, "FEFF", &[65_534.0]);
        check(datatype::DINT, "FFFFFFFF 39300000", &[-1.0, 12_345.0]);
        check(datatype::DWORD, "FFFFFFFF", &[4_294_967_295.0]);
        check(datatype::LINT, "FFFFFFFFFFFFFFFF", &[-1.0]);
        check(datatype::LINT, "0000000001000000", &[4_294_967_296.0]);
        check(datatype::ULINT, "0000000001000000", &[4_294_967_296.0]);
        check(datatype::REAL, "0000C842", &[100.0]);
        check(datatype::LREAL, "0000000000005940", &[100.0]);
        check(datatype::STRUCTURE, "0000", &[]);
        // What is left over is no value.
        check(datatype::INT, "0100 02", &[1.0]);
    }

    #[test]
    fn texts_end_where_their_length_says() {
        let logix = hex("02000000 41424344");
        let text = |datatype, structure, bytes| text(datatype, structure, bytes);
        assert_eq!(text(datatype::STRUCTURE, Some(0x0fce), &logix), Some(&b"AB"[..]));
        assert_eq!(text(datatype::STRUCTURE, Some(0x1234), &logix), None);
        assert_eq!(text(datatype::SHORT_STRING, None, b"\x02ABC"), Some(&b"AB"[..]));
        assert_eq!(text(datatype::STRING, None, b"\x02\x00ABC"), Some(&b"AB"[..]));
        assert_eq!(text(datatype::STRING, None, b"\x09\x00ABC"), None);
    }
}
