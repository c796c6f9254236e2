//! What literals mean: from the text of one token to its value.
//!
//! The lexer decides by shape alone which kind a token is; whether `10.0.0.256`
//! is an address is decided here, when the parser builds the node, so that one
//! mistake is reported once and by whoever knows the rule.

use std::net::IpAddr;
use std::num::IntErrorKind;
use std::ops::Range;

use super::ast::{StrLit, StrStyle};
use crate::diagnostic::Code;

/// Why a literal has no value: the code, a message and perhaps advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invalid {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
    /// Bytes of the token that are wrong.
    pub(super) at: Range<usize>,
}

/// Units of a duration, longest first, with their nanoseconds.
const UNITS: [(&str, i64); 5] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

impl Invalid {
    fn whole(
        code: Code,
        text: &str,
        message: String,
        help: Option<&'static str>,
    ) -> Invalid {
        Invalid { code, message, help, at: 0..text.len() }
    }
}

/// `10`, `1_000`, `0xff`, `0b1010`
pub(super) fn int(text: &str) -> Result<i128, Invalid> {
    let invalid =
        |message: String, help| Err(Invalid::whole(Code::E0108, text, message, help));
    let (digits, radix) = match text.get(..2) {
        Some("0x" | "0X") => (text.get(2..).unwrap_or(""), 16),
        Some("0b" | "0B") => (text.get(2..).unwrap_or(""), 2),
        _ => (text, 10),
    };
    let plain = digits.replace('_', "");
    if radix == 10 && plain.len() > 1 && plain.starts_with('0') {
        let help = "write it without the leading zeros, or with `0x` in hexadecimal";
        return invalid(format!("number `{}` has leading zeros", clip(text)), Some(help));
    }
    match i128::from_str_radix(&plain, radix) {
        Ok(value) if !plain.starts_with(['+', '-']) => Ok(value),
        Err(e) if *e.kind() == IntErrorKind::PosOverflow => {
            invalid(format!("number `{}` is too large", clip(text)), None)
        }
        _ => invalid(format!("`{}` is not a number", clip(text)), None),
    }
}

/// `1.5`, `2e6`, `1_000.25`
pub(super) fn float(text: &str) -> Result<f64, Invalid> {
    match text.replace('_', "").parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => {
            let message = format!("number `{}` is too large", clip(text));
            Err(Invalid::whole(Code::E0108, text, message, None))
        }
        Err(_) => {
            let message = format!("`{}` is not a number", clip(text));
            Err(Invalid::whole(Code::E0108, text, message, None))
        }
    }
}

/// `500ms`, `10s`, `1h30m`: nanoseconds
pub(super) fn duration(text: &str) -> Result<i64, Invalid> {
    let invalid = |message: String, help| {
        Err(Invalid::whole(Code::E0109, text, message, Some(help)))
    };
    let mut rest = text;
    let mut total = 0i64;
    let mut units = UNITS.as_slice();
    while !rest.is_empty() {
        let n_digits =
            rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'_').count();
        let (digits, tail) = rest.split_at_checked(n_digits).unwrap_or((rest, ""));
        let n_letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at_checked(n_letters).unwrap_or((tail, ""));
        let Some(nth) = UNITS.iter().position(|(name, _)| *name == unit) else {
            let message = format!("`{}` is neither a number nor a duration", clip(text));
            return invalid(
                message,
                "units are `ms`, `s`, `m`, `h` and `d`, as in `1h30m`",
            );
        };
        let left = UNITS.get(nth..).unwrap_or(&[]);
        let (Some((_, nanos)), true) = (left.first(), left.len() <= units.len()) else {
            let message = format!("units of duration `{}` are out of order", clip(text));
            return invalid(message, "write each unit once, the largest first");
        };
        units = left.get(1..).unwrap_or(&[]);
        let part = digits.replace('_', "").parse::<i64>().ok();
        let Some(sum) = part
            .and_then(|n| n.checked_mul(*nanos))
            .and_then(|part| total.checked_add(part))
        else {
            let message = format!("duration `{}` is too long", clip(text));
            return invalid(message, "the longest is about 292 years");
        };
        total = sum;
        rest = tail;
    }
    Ok(total)
}

/// `10.0.0.1`, `fe80::1`
pub(super) fn ip(text: &str) -> Result<IpAddr, Invalid> {
    text.parse().map_err(|_| {
        let message = format!("`{}` is not an address", clip(text));
        let help = "an IPv4 address has four parts from 0 to 255; behind a `:` that \
                    is not part of an address stands a blank";
        Invalid::whole(Code::E0110, text, message, Some(help))
    })
}

/// `10.20.0.0/24`, `2001:db8::/32`
pub(super) fn net(text: &str) -> Result<(IpAddr, u8), Invalid> {
    let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
    let address = ip(address)?;
    let max = if address.is_ipv4() { 32 } else { 128 };
    match prefix.parse::<u8>() {
        Ok(len) if len <= max => Ok((address, len)),
        _ => {
            let message =
                format!("prefix length `{}` is larger than {max}", clip(prefix));
            Err(Invalid::whole(Code::E0110, text, message, None))
        }
    }
}

/// `00:1b:1b:00:00:01`
pub(super) fn mac(text: &str) -> Result<[u8; 6], Invalid> {
    let mut out = [0; 6];
    let mut parts = text.split(':');
    for byte in &mut out {
        let part = parts.next().and_then(|part| u8::from_str_radix(part, 16).ok());
        *byte = part.ok_or_else(|| {
            let message = format!("`{}` is not a hardware address", clip(text));
            Invalid::whole(Code::E0110, text, message, None)
        })?;
    }
    Ok(out)
}

/// `"..."` with escapes, `r"..."` without, `i"..."` with escapes.
///
/// Every invalid escape is reported; the text is decoded around them.
pub(super) fn text(token: &str) -> (StrLit, Vec<Invalid>) {
    let (style, open) = match token.as_bytes().first() {
        Some(b'r') => (StrStyle::Raw, 2),
        Some(b'i') => (StrStyle::Fold, 2),
        _ => (StrStyle::Plain, 1),
    };
    let body = token.get(open..token.len().saturating_sub(1)).unwrap_or("");
    if style == StrStyle::Raw || !body.contains('\\') {
        return (StrLit { value: body.to_owned(), style }, Vec::new());
    }
    let mut value = String::with_capacity(body.len());
    let mut invalid = Vec::new();
    let mut at = 0;
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        value.push_str(rest.get(..plain).unwrap_or(""));
        at += plain;
        let Some(escape) = rest.get(plain..).filter(|escape| !escape.is_empty()) else {
            break;
        };
        let (len, result) = decode_escape(escape);
        match result {
            Ok(c) => value.push(c),
            Err(help) => {
                let written = escape.get(..len).unwrap_or(escape);
                invalid.push(Invalid {
                    code: Code::E0107,
                    message: format!("invalid escape `{}`", clip(written)),
                    help: Some(help),
                    at: open + at..open + at + len,
                });
            }
        }
        at += len;
    }
    (StrLit { value, style }, invalid)
}

/// One escape at the start of `text`: its length and its character.
fn decode_escape(text: &str) -> (usize, Result<char, &'static str>) {
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok();
    match text.chars().nth(1) {
        Some('n') => (2, Ok('\n')),
        Some('r') => (2, Ok('\r')),
        Some('t') => (2, Ok('\t')),
        Some('0') => (2, Ok('\0')),
        Some(c @ ('\\' | '"')) => (2, Ok(c)),
        Some('x') => match text.get(2..4).and_then(hex) {
            Some(code @ 0..0x80) => {
                (4, char::from_u32(code).ok_or("write two hexadecimal digits"))
            }
            Some(_) => (4, Err("`\\x` goes up to `\\x7f`; write `\\u{..}` above")),
            None => (2, Err("write two hexadecimal digits")),
        },
        Some('u') => {
            let end =
                text.get(2..).and_then(|t| t.strip_prefix('{')).and_then(|t| t.find('}'));
            // Digits beyond six are no code point; do not look for the end afar.
            match end.filter(|len| (1..=6).contains(len)) {
                Some(len) => {
                    let digits = text.get(3..3 + len).unwrap_or("");
                    let c = hex(digits).and_then(char::from_u32);
                    (len + 4, c.ok_or("write the hexadecimal number of a character"))
                }
                None => (2, Err("write `\\u{` hexadecimal digits `}`")),
            }
        }
        Some(c) => {
            let help = "escapes are \\n \\r \\t \\\\ \\\" \\0 \\xNN \\u{..}; \
                        in `r\"...\"` a backslash is a backslash";
            (1 + c.len_utf8(), Err(help))
        }
        None => (1, Err("write `\\\\` for a backslash")),
    }
}

/// The start of a text, for messages.
pub(super) fn clip(text: &str) -> String {
    const MAX: usize = 40;
    match text.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        #[track_caller]
        fn check(text: &str, expected: Option<i128>) {
            assert_eq!(int(text).ok(), expected, "{text}");
        }
        check("0", Some(0));
        check("1_000", Some(1000));
        check("0xff_FF", Some(0xffff));
        check("0b101", Some(5));
        check("340282366920938463463374607431768211456", None);
        check("007", None);
        check("0x", None);
        check("0b2", None);
    }

    #[test]
    fn durations() {
        #[track_caller]
        fn check(text: &str, expected: Option<i64>) {
            assert_eq!(duration(text).ok(), expected, "{text}");
        }
        check("500ms", Some(500_000_000));
        check("1h30m", Some(5_400_000_000_000));
        check("7d", Some(604_800_000_000_000));
        check("0s", Some(0));
        check("1m1s1ms", Some(61_001_000_000));
        check("30m1h", None);
        check("1h1h", None);
        check("12abc", None);
        check("1.5s", None);
        check("999999999999d", None);
    }

    #[test]
    fn addresses() {
        assert!(ip("10.0.0.1").is_ok());
        assert!(ip("10.0.0.256").is_err());
        assert!(ip("fe80:::1").is_err());
        assert_eq!(net("10.20.0.0/24").unwrap().1, 24);
        assert!(net("10.20.0.0/33").is_err());
        assert!(net("2001:db8::/128").is_ok());
        assert!(net("2001:db8::/999").is_err());
        assert_eq!(mac("00:1b:1B:00:00:01").unwrap(), [0, 0x1b, 0x1b, 0, 0, 1]);
    }

    #[test]
    fn texts() {
        #[track_caller]
        fn check(token: &str, value: &str, invalid: &[(usize, usize)]) {
            let (lit, found) = text(token);
            let at: Vec<_> = found.into_iter().map(|i| (i.at.start, i.at.end)).collect();
            assert_eq!((lit.value.as_str(), at.as_slice()), (value, invalid), "{token}");
        }
        check(r#""a\n\\\"b""#, "a\n\\\"b", &[]);
        check(r#"r"a\n""#, "a\\n", &[]);
        check(r#"i"\x41\u{e7}""#, "A\u{e7}", &[]);
        check(r#""a\qb\xff""#, "ab", &[(2, 4), (5, 9)]);
        check(r#""\u{110000}""#, "", &[(1, 11)]);
        check(r#""\u{""#, "{", &[(1, 3)]);
        check(r#""\xg""#, "g", &[(1, 3)]);
    }
}
