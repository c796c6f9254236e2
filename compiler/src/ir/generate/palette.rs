//! Values worth trying: few, so that two draws often agree, and with the edges of
//! each type among them.

use tagout_spec::schema::IntRepr;

use super::random::Random;
use crate::ir::{Type, Value};

/// Texts: names, paths with both separators, edges of views and of folding.
const TEXTS: &[&[u8]] = &[
    b"",
    b"a",
    b"ab",
    b"abc",
    b"aab",
    b"cmd.exe",
    b"CMD.EXE",
    b"powershell.exe",
    b"-enc",
    b"x -ENC y",
    b"C:\\Windows\\System32\\cmd.exe",
    b"c:/windows/system32/CMD.exe",
    b"C:\\Temp\\a.TXT",
    b"/usr/bin/sh",
    b"/",
    b"dir.d/file",
    b".hidden",
    b"a/.hidden",
    b"trailing.",
    b"a\\",
    b"two.dots.tar.gz",
    "\u{c4}\u{d6}\u{dc}".as_bytes(),
    "\u{e4}\u{f6}\u{fc}".as_bytes(),
    "\u{212a}elvin".as_bytes(),
    b"kelvin",
    b"\xff\xfeab",
    b"ab\xc3",
    b"line\nab\n",
    b"nul\0in",
];

const INTS: &[i64] = &[0, 1, 2, 3, 4, 5, 7, 8, 16, 63, 64, 100, 127, 128, 255, 256];
const EDGES: &[i64] = &[
    -1,
    -2,
    -128,
    32767,
    65535,
    i32::MAX as i64,
    i32::MIN as i64,
    u32::MAX as i64,
    i64::MAX,
    i64::MIN,
    i64::MAX - 1,
    1 << 53,
    (1 << 53) + 1,
];

const FLOATS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    1.5,
    2.0,
    -2.25,
    3.0,
    0.1,
    100.0,
    1e308,
    -1e308,
    f64::INFINITY,
    f64::NEG_INFINITY,
    5e-324,
];

const WORDS: &[i64] = &[0, 1, 2, 0x0100, 0x3f80, 0x4000, 0x7fc0, 0x8000, 0xfff0, 0xffff];

/// A value of a type, of the width of a field if it has one.
pub(super) fn value(random: &mut Random, ty: Type, repr: Option<IntRepr>) -> Value {
    match ty {
        Type::Bool => Value::Bool(random.chance(50)),
        Type::Int | Type::Enum(_) => Value::Int(int(random, repr)),
        Type::Time | Type::Duration => {
            let number = int(random, None);
            Value::Int(if random.chance(50) {
                number
            } else {
                number.saturating_mul(1_000_000_000)
            })
        }
        Type::Float => Value::Float(random.pick(FLOATS).copied().unwrap_or(0.0)),
        Type::Ip => Value::Ip(ip(random)),
        Type::Mac => Value::Mac(mac(random)),
        Type::Text | Type::Name | Type::Path | Type::Bytes => Value::Bytes(text(random)),
        Type::Range => {
            let first = random.below(12);
            let last = random.between(first, first.saturating_add(4));
            let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            match random.chance(5) {
                true => Value::Range(number(first), u32::MAX),
                false => Value::Range(number(first), number(last)),
            }
        }
    }
}

/// An integer that fits a width.
pub(super) fn int(random: &mut Random, repr: Option<IntRepr>) -> i64 {
    let list = if random.chance(75) { INTS } else { EDGES };
    let number = random.pick(list).copied().unwrap_or(0);
    if fits(number, repr) { number } else { 1 }
}

/// An integer from a range with room for many.
pub(super) fn spread(random: &mut Random) -> i64 {
    i64::try_from(random.below(600)).unwrap_or(0).saturating_sub(150)
}

/// A 16-bit register.
pub(super) fn word(random: &mut Random) -> i64 {
    random.pick(WORDS).copied().unwrap_or(0)
}

/// Whether a number can stand in a slot of a width.
pub(super) fn fits(number: i64, repr: Option<IntRepr>) -> bool {
    match repr {
        None | Some(IntRepr::I64) => true,
        Some(IntRepr::U8) => u8::try_from(number).is_ok(),
        Some(IntRepr::U16) => u16::try_from(number).is_ok(),
        Some(IntRepr::U32) => u32::try_from(number).is_ok(),
        Some(IntRepr::U64) => number >= 0,
        Some(IntRepr::I8) => i8::try_from(number).is_ok(),
        Some(IntRepr::I16) => i16::try_from(number).is_ok(),
        Some(IntRepr::I32) => i32::try_from(number).is_ok(),
    }
}

/// An address: two small IPv4 networks and a few of IPv6.
pub(super) fn ip(random: &mut Random) -> [u8; 16] {
    let host = u8::try_from(random.below(6)).unwrap_or(0);
    let v4 = |a, b, c, d| [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d];
    match random.below(10) {
        0..5 => v4(10, 0, 0, host),
        5..8 => v4(192, 168, 1, host),
        8 => [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host],
        _ => [if host == 0 { 0xff } else { 0 }; 16],
    }
}

fn mac(random: &mut Random) -> [u8; 6] {
    let last = u8::try_from(random.below(4)).unwrap_or(0);
    match random.chance(10) {
        true => [0xff; 6],
        false => [0x00, 0x1b, 0x1b, 0, 0, last],
    }
}

/// A text.
pub(super) fn text(random: &mut Random) -> Vec<u8> {
    let one = random.pick(TEXTS).copied().unwrap_or_default().to_vec();
    match random.below(20) {
        // Of every length, so that each way to compare by words comes up.
        2 => {
            let len = random.between(0, 40);
            (0..len).map(|_| random.pick(b"abAB.\\").copied().unwrap_or(b'a')).collect()
        }
        0 => {
            let two = random.pick(TEXTS).copied().unwrap_or_default();
            [one.as_slice(), two].concat()
        }
        1 => one.repeat(random.between(1, 12)),
        _ => one,
    }
}

/// A text that contains another, begins or ends with it, or nearly so.
pub(super) fn around(random: &mut Random, needle: &[u8]) -> Vec<u8> {
    let before = if random.chance(50) { text(random) } else { Vec::new() };
    let after = if random.chance(50) { text(random) } else { Vec::new() };
    let middle = match random.below(6) {
        0 => needle.to_ascii_uppercase(),
        1 => needle.get(1..).unwrap_or_default().to_vec(),
        _ => needle.to_vec(),
    };
    [before, middle, after].concat()
}
