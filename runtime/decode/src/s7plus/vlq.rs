//! Numbers of variable length.
//!
//! ```text
//! 32 bits    1 sssssss | 1 sssssss | ... | 0 sssssss        most significant first
//! 64 bits    the same; a ninth byte has eight bits of the number
//! signed     the second bit of the first byte is the sign
//! ```

use crate::cursor::Cursor;

const MORE: u8 = 0x80;
const SIGN: u8 = 0x40;
/// Most bytes of a number of 32 bits.
const MAX_32: u8 = 5;
/// Bytes of a number of 64 bits in front of the one with eight bits.
const MAX_64: u8 = 8;

/// A number of 32 bits.
pub(super) fn u32(cursor: &mut Cursor<'_>) -> Option<u32> {
    let mut number = 0_u32;
    for _ in 0..MAX_32 {
        let byte = cursor.u8()?;
        number = number << 7 | u32::from(byte & !MORE);
        if byte & MORE == 0 {
            return Some(number);
        }
    }
    None
}

/// A signed number of 32 bits.
pub(super) fn i32(cursor: &mut Cursor<'_>) -> Option<i32> {
    let first = cursor.u8()?;
    let mut number = i32::from(first & !(MORE | SIGN));
    if first & SIGN != 0 {
        number = number.wrapping_sub(i32::from(SIGN));
    }
    let mut byte = first;
    for _ in 1..MAX_32 {
        if byte & MORE == 0 {
            return Some(number);
        }
        byte = cursor.u8()?;
        number = number << 7 | i32::from(byte & !MORE);
    }
    (byte & MORE == 0).then_some(number)
}

/// A number of 64 bits.
pub(super) fn u64(cursor: &mut Cursor<'_>) -> Option<u64> {
    let mut number = 0_u64;
    for _ in 0..MAX_64 {
        let byte = cursor.u8()?;
        number = number << 7 | u64::from(byte & !MORE);
        if byte & MORE == 0 {
            return Some(number);
        }
    }
    Some(number << 8 | u64::from(cursor.u8()?))
}

/// A signed number of 64 bits.
pub(super) fn i64(cursor: &mut Cursor<'_>) -> Option<i64> {
    let first = cursor.u8()?;
    let mut number = i64::from(first & !(MORE | SIGN));
    if first & SIGN != 0 {
        number = number.wrapping_sub(i64::from(SIGN));
    }
    let mut byte = first;
    for _ in 1..MAX_64 {
        if byte & MORE == 0 {
            return Some(number);
        }
        byte = cursor.u8()?;
        number = number << 7 | i64::from(byte & !MORE);
    }
    if byte & MORE == 0 {
        return Some(number);
    }
    Some(number << 8 | i64::from(cursor.u8()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_hand() {
        let of = |bytes: &[u8]| u32(&mut Cursor::new(bytes));
        assert_eq!(of(&[0x00]), Some(0));
        assert_eq!(of(&[0x7f]), Some(127));
        assert_eq!(of(&[0x81, 0x00]), Some(128));
        // The relation of data block 6, and the class of a session.
        assert_eq!(of(&[0x88, 0xd0, 0xb8, 0x80, 0x06]), Some(0x8a0e_0006));
        assert_eq!(of(&[0x82, 0x1f]), Some(287));
        assert_eq!(of(&[0x81]), None);
        assert_eq!(of(&[0x81, 0x81, 0x81, 0x81, 0x81, 0x01]), None);
        let of = |bytes: &[u8]| i32(&mut Cursor::new(bytes));
        assert_eq!(of(&[0x3f]), Some(63));
        assert_eq!(of(&[0x7f]), Some(-1));
        assert_eq!(of(&[0x40]), Some(-64));
        assert_eq!(of(&[0x80, 0x40]), Some(64));
        assert_eq!(of(&[0xff, 0x00]), Some(-128));
        let of = |bytes: &[u8]| u64(&mut Cursor::new(bytes));
        assert_eq!(of(&[0xff; 9]), Some(u64::MAX));
        assert_eq!(of(&[0x81, 0x00]), Some(128));
        let of = |bytes: &[u8]| i64(&mut Cursor::new(bytes));
        assert_eq!(of(&[0xff; 9]), Some(-1));
        assert_eq!(of(&[0x7f]), Some(-1));
    }
}
