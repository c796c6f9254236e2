//! Values of a template to text, as Windows renders them (MS-EVEN6 2.2.12).

use crate::windows::event::Texts;

/// No value.
pub(super) const NULL: u8 = 0x00;
/// An array of texts.
pub(super) const TEXTS: u8 = 0x81;
/// A stream of its own.
pub(super) const BINXML: u8 = 0x21;

/// Days from 1601 to 1970, which count FILETIME's 100 ns.
const DAYS_TO_1970: u64 = 134_774;
const TICKS_OF_SECOND: u64 = 10_000_000;
const SECONDS_OF_DAY: u64 = 86_400;
/// The last second of the year 9999, in seconds since 1601.
const LAST_SECOND: u64 = 265_046_774_399;

/// Pushes a value; `None` for what is left to the slower reader: types that are rare, and
/// values of another size than their type has.
pub(super) fn push(ty: u8, bytes: &[u8], texts: &mut Texts) -> Option<()> {
    match ty {
        NULL => {}
        0x01 => utf16(bytes, texts)?,
        0x02 if bytes.is_ascii() => {
            let text = bytes.split(|byte| *byte == 0).next()?;
            push_utf8(text, texts)?;
        }
        0x03 => texts.push_number(i8::from_le_bytes(bytes.try_into().ok()?)),
        0x04 => texts.push_number(u8::from_le_bytes(bytes.try_into().ok()?)),
        0x05 => texts.push_number(i16::from_le_bytes(bytes.try_into().ok()?)),
        0x06 => texts.push_number(u16::from_le_bytes(bytes.try_into().ok()?)),
        0x07 => texts.push_number(i32::from_le_bytes(bytes.try_into().ok()?)),
        0x08 => texts.push_number(u32::from_le_bytes(bytes.try_into().ok()?)),
        0x09 => texts.push_number(i64::from_le_bytes(bytes.try_into().ok()?)),
        0x0A => texts.push_number(u64::from_le_bytes(bytes.try_into().ok()?)),
        0x0D => match i32::from_le_bytes(bytes.try_into().ok()?) {
            0 => texts.push("false"),
            1 => texts.push("true"),
            other => texts.push_number(other),
        },
        0x0E => bytes.iter().for_each(|byte| digits(*byte, UPPER, texts)),
        0x0F => guid(bytes, texts)?,
        0x11 => file_time(u64::from_le_bytes(bytes.try_into().ok()?), texts)?,
        0x13 => sid(bytes, texts)?,
        0x10 | 0x14 if bytes.len() == 4 => {
            hex(u32::from_le_bytes(bytes.try_into().ok()?).into(), texts);
        }
        0x10 | 0x15 => hex(u64::from_le_bytes(bytes.try_into().ok()?), texts),
        _ => return None,
    }
    Some(())
}

/// Text up to its zero. What XML cannot say is said by `_`, as Windows does.
pub(super) fn utf16(bytes: &[u8], texts: &mut Texts) -> Option<()> {
    let units = bytes.as_chunks::<2>().0;
    // Nearly all is ASCII: pieces of it are pushed as they are.
    let mut buffer = [0_u8; 64];
    let mut rest = units;
    loop {
        let n = rest.iter().take(buffer.len()).zip(&mut buffer);
        let mut len = 0;
        for ([low, high], to) in n {
            if *high != 0 || !is_plain(*low) {
                break;
            }
            *to = *low;
            len += 1;
        }
        push_utf8(buffer.get(..len)?, texts)?;
        rest = rest.get(len..)?;
        match rest.first() {
            None | Some([0, 0]) => return Some(()),
            Some(_) if len == buffer.len() => {}
            Some(_) => rest = other(rest, texts)?,
        }
    }
}

/// The texts of an array, each up to its zero.
pub(super) fn texts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let units = rest.as_chunks::<2>().0;
        let n = units.iter().position(|unit| *unit == [0, 0]);
        let n = n.unwrap_or(units.len()).saturating_mul(2);
        let text = rest.get(..n)?;
        rest = rest.get(n.saturating_add(2)..).unwrap_or_default();
        Some(text)
    })
}

/// Pushes the one character that text begins with, which is not plain.
fn other<'u>(units: &'u [[u8; 2]], texts: &mut Texts) -> Option<&'u [[u8; 2]]> {
    let words = units.iter().map(|unit| u16::from_le_bytes(*unit));
    let found = char::decode_utf16(words).next()?.ok()?;
    match found {
        '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}'
            if !matches!(found, '\t' | '\n' | '\r') =>
        {
            texts.push("_");
        }
        found => texts.push(found.encode_utf8(&mut [0; 4])),
    }
    units.get(found.len_utf16()..)
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..0x80 | b'\t' | b'\n' | b'\r')
}

fn push_utf8(bytes: &[u8], texts: &mut Texts) -> Option<()> {
    texts.push(str::from_utf8(bytes).ok()?);
    Some(())
}

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

fn digits(byte: u8, of: &[u8; 16], texts: &mut Texts) {
    for half in [byte >> 4, byte & 15] {
        let digit = of.get(usize::from(half)).copied().unwrap_or(b'0');
        texts.push(char::from(digit).encode_utf8(&mut [0; 1]));
    }
}

fn hex(number: u64, texts: &mut Texts) {
    let mut buffer = [0_u8; 16];
    let mut at = buffer.len();
    let mut rest = number;
    while at == buffer.len() || rest > 0 {
        at = at.saturating_sub(1);
        let digit = usize::try_from(rest & 15).ok().and_then(|at| LOWER.get(at));
        if let Some((to, digit)) = buffer.get_mut(at).zip(digit) {
            *to = *digit;
        }
        rest >>= 4;
    }
    texts.push("0x");
    let text = buffer.get(at..).and_then(|text| str::from_utf8(text).ok());
    texts.push(text.unwrap_or_default());
}

/// `{00112233-4455-6677-8899-aabbccddeeff}`; the first three parts are numbers.
fn guid(bytes: &[u8], texts: &mut Texts) -> Option<()> {
    let [d, c, b, a, f, e, h, g, rest @ ..] = <[u8; 16]>::try_from(bytes).ok()?;
    let [i, j, tail @ ..] = rest;
    let parts: [&[u8]; 5] = [&[a, b, c, d], &[e, f], &[g, h], &[i, j], &tail];
    for (part, before) in parts.iter().zip(["{", "-", "-", "-", "-"]) {
        texts.push(before);
        part.iter().for_each(|byte| digits(*byte, LOWER, texts));
    }
    texts.push("}");
    Some(())
}

/// `S-1-5-21-...`
fn sid(bytes: &[u8], texts: &mut Texts) -> Option<()> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    let [revision, n, a, b, c, d, e, f] = *head;
    let parts = rest.as_chunks::<4>().0;
    if parts.len() != usize::from(n) {
        return None;
    }
    texts.push("S-");
    texts.push_number(revision);
    texts.push("-");
    texts.push_number(u64::from_be_bytes([0, 0, a, b, c, d, e, f]));
    for part in parts {
        texts.push("-");
        texts.push_number(u32::from_le_bytes(*part));
    }
    Some(())
}

/// `2026-04-17T05:24:53.0920510Z`
fn file_time(ticks: u64, texts: &mut Texts) -> Option<()> {
    let (seconds, ticks) = (ticks / TICKS_OF_SECOND, ticks % TICKS_OF_SECOND);
    if seconds > LAST_SECOND {
        return None;
    }
    let (days, second) = (seconds / SECONDS_OF_DAY, seconds % SECONDS_OF_DAY);
    let (year, month, day) = date(days)?;
    let mut text = *b"0000-00-00T00:00:00.0000000Z";
    for (start, len, number) in [
        (0, 4, year),
        (5, 2, month),
        (8, 2, day),
        (11, 2, second / 3600),
        (14, 2, second / 60 % 60),
        (17, 2, second % 60),
        (20, 7, ticks),
    ] {
        let mut rest = number;
        for place in text.iter_mut().skip(start).take(len).rev() {
            *place = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
            rest /= 10;
        }
    }
    push_utf8(&text, texts)
}

/// Year, month and day of a number of days since 1601, by the calendar's period of 400
/// years, counted from March so that the leap day is the last of its year.
fn date(days_since_1601: u64) -> Option<(u64, u64, u64)> {
    // Days from March of the year 0 to 1970.
    const TO_1970: u64 = 719_468;
    let days = (days_since_1601.checked_add(TO_1970)?).checked_sub(DAYS_TO_1970)?;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let leap_days = day_of_era / 1460 + day_of_era / 146_096;
    let year_of_era =
        (day_of_era.checked_add(day_of_era / 36_524)?).checked_sub(leap_days)? / 365;
    let before = year_of_era * 365 + year_of_era / 4 - year_of_era / 100;
    let day_of_year = day_of_era.checked_sub(before)?;
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year.checked_sub((153 * march_month + 2) / 5)? + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    Some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ty: u8, bytes: &[u8], expected: Option<&str>) {
        let mut texts = Texts::default();
        let start = texts.begin();
        let done = push(ty, bytes, &mut texts);
        let text = texts.end(start);
        assert_eq!(done.map(|()| texts.get(text)), expected);
    }

    #[test]
    fn values_are_written_as_windows_writes_them() {
        check(
            0x01,
            b"a\0\xE4\0\x01\0\x3D\xD8\x00\xDEz\0\0\0x\0",
            Some("a\u{e4}_\u{1f600}z"),
        );
        check(0x01, b"\x00\xD8a\0", None);
        check(0x08, &7_u32.to_le_bytes(), Some("7"));
        check(0x08, &[7], None);
        check(0x0D, &[1, 0, 0, 0], Some("true"));
        check(0x0E, &[0, 0xAB], Some("00AB"));
        let guid: Vec<u8> = (0..16).collect();
        check(0x0F, &guid, Some("{03020100-0504-0706-0809-0a0b0c0d0e0f}"));
        check(
            0x13,
            &[1, 2, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0, 1, 0, 0, 0],
            Some("S-1-5-18-1"),
        );
        check(0x13, &[1, 2, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0], None);
        check(0x14, &0x1F_FFFF_u32.to_le_bytes(), Some("0x1fffff"));
        check(0x15, &0_u64.to_le_bytes(), Some("0x0"));
        check(0x81, b"a\0\0\0", None);
    }

    #[test]
    fn times_are_of_the_gregorian_calendar() {
        for (seconds, expected) in [
            (0, "1601-01-01T00:00:00.0000000Z"),
            // 1970, and the day before March of leap years and of others.
            (11_644_473_600, "1970-01-01T00:00:00.0000000Z"),
            (11_644_473_600 + 951_782_400, "2000-02-29T00:00:00.0000000Z"),
            (11_644_473_600 + 4_107_542_399, "2100-02-28T23:59:59.0000000Z"),
            (LAST_SECOND, "9999-12-31T23:59:59.0000000Z"),
        ] {
            let ticks = seconds * TICKS_OF_SECOND;
            check(0x11, &ticks.to_le_bytes(), Some(expected));
        }
        check(0x11, &1_234_567_u64.to_le_bytes(), Some("1601-01-01T00:00:00.1234567Z"));
        check(0x11, &u64::MAX.to_le_bytes(), None);
    }
}
