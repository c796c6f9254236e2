//! Lines whose strings are not Unicode.
//!
//! A command line may hold bytes that are not UTF-8, or half of a surrogate pair,
//! and some sources print them into JSON as they are. Such a line is not JSON, but
//! to refuse it would let whoever chooses the bytes hide the event. So when a line
//! cannot be read, each such string in it is written as this project writes bytes:
//!
//! ```text
//! "cmd \ud800 /c"   ->   {"hex":"636d6420eda080202f63"}
//! ```
//!
//! Half a pair becomes the three bytes of its code point. A key stays a string, in
//! which what is not Unicode is replaced: no key of a schema has such bytes.

use super::format;

/// The line with such strings rewritten; `None` if it has none, or if its strings
/// have other mistakes.
pub(super) fn repair(line: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    let mut repaired = false;
    while let Some(open) = rest.iter().position(|b| *b == b'"') {
        let (before, string) = rest.split_at_checked(open)?;
        out.extend_from_slice(before);
        let (written, behind) = split_string(string)?;
        let bytes = decode(written)?;
        match std::str::from_utf8(&bytes) {
            Ok(_) => {
                out.push(b'"');
                out.extend_from_slice(written);
                out.push(b'"');
            }
            Err(_) if behind.trim_ascii_start().starts_with(b":") => {
                format::string(&mut out, &String::from_utf8_lossy(&bytes));
                repaired = true;
            }
            Err(_) => {
                out.extend_from_slice(b"{\"hex\":");
                format::hex(&mut out, &bytes);
                out.push(b'}');
                repaired = true;
            }
        }
        rest = behind;
    }
    out.extend_from_slice(rest);
    repaired.then_some(out)
}

/// What stands between the quotes of the string that opens the text, and what
/// follows it.
fn split_string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = text.get(1..)?;
    let mut escaped = false;
    let close = body.iter().position(|b| {
        let closes = *b == b'"' && !escaped;
        escaped = *b == b'\\' && !escaped;
        closes
    })?;
    let (written, behind) = body.split_at_checked(close)?;
    Some((written, behind.get(1..)?))
}

/// The bytes that a string stands for; `None` if an escape is none of JSON's.
fn decode(written: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let (escape, behind) = rest.split_first()?;
        rest = behind;
        out.push(match escape {
            b'"' | b'\\' | b'/' => *escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (unit, behind) = code_unit(rest)?;
                rest = behind;
                let low = rest
                    .strip_prefix(b"\\u")
                    .and_then(code_unit)
                    .filter(|_| (0xd800..0xdc00).contains(&unit));
                match low.filter(|(low, _)| (0xdc00..0xe000).contains(low)) {
                    Some((low, behind)) => {
                        rest = behind;
                        push_code(
                            &mut out,
                            0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00),
                        )?;
                    }
                    None => push_code(&mut out, unit)?,
                }
                continue;
            }
            _ => return None,
        });
    }
    Some(out)
}

/// Four hex digits, and what follows them.
fn code_unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, behind) = text.split_at_checked(4)?;
    let unit = digits.iter().try_fold(0, |unit, digit| {
        char::from(*digit).to_digit(16).map(|digit| unit << 4 | digit)
    })?;
    Some((unit, behind))
}

/// Appends a code point as UTF-8 does, half a surrogate pair too.
fn push_code(out: &mut Vec<u8>, code: u32) -> Option<()> {
    if let Some(c) = char::from_u32(code) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return Some(());
    }
    for (shift, mark) in [(12, 0xe0), (6, 0x80), (0, 0x80)] {
        let bits = if shift == 12 { code >> 12 } else { code >> shift & 0x3f };
        out.push(u8::try_from(bits | mark).ok()?);
    }
    Some(())
}
