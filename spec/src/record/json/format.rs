//! Values as text: addresses, times, hex digits; writing and reading.

use std::io::Write;
use std::net::{IpAddr, Ipv6Addr};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::record::ip_octets;

/// Greatest integer that every JSON reader keeps exactly.
const SAFE: u64 = 1 << 53;

/// Appends an integer: a number, or beyond 2^53 a string.
pub(super) fn int(out: &mut Vec<u8>, value: i64) {
    let quote = if value.unsigned_abs() > SAFE { "\"" } else { "" };
    // Writing to a Vec cannot fail, here and below.
    let _ = write!(out, "{quote}{value}{quote}");
}

/// Appends an identifier as 16 hex digits.
pub(super) fn hex_id(out: &mut Vec<u8>, value: u64) {
    let _ = write!(out, "\"{value:016x}\"");
}

/// Appends a float.
pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"null");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"\"inf\"" } else { b"\"-inf\"" });
    } else {
        let _ = serde_json::to_writer(out, &value);
    }
}

/// Appends a time: six digits of a second, or nine if six do not say it.
pub(super) fn time(out: &mut Vec<u8>, nanoseconds: i64) {
    let Ok(at) = Timestamp::from_nanosecond(nanoseconds.into()) else {
        out.extend_from_slice(b"null");
        return;
    };
    let at = at.to_zoned(TimeZone::UTC).datetime();
    let _ = write!(
        out,
        "\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    let fraction = at.subsec_nanosecond();
    let _ = match fraction % 1_000 {
        0 => write!(out, "{:06}Z\"", fraction / 1_000),
        _ => write!(out, "{fraction:09}Z\""),
    };
}

/// Appends an address, IPv4 as IPv4.
pub(super) fn ip(out: &mut Vec<u8>, octets: [u8; 16]) {
    let _ = write!(out, "\"{}\"", Ipv6Addr::from(octets).to_canonical());
}

/// Appends an Ethernet address.
pub(super) fn mac(out: &mut Vec<u8>, [a, b, c, d, e, f]: [u8; 6]) {
    let _ = write!(out, "\"{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}\"");
}

/// Appends a string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    let _ = serde_json::to_writer(out, text);
}

/// Appends hex digits, quoted.
pub(super) fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push(b'"');
}

/// Reads a time with its offset from UTC.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    let at: Timestamp = text.parse().ok()?;
    i64::try_from(at.as_nanosecond()).ok()
}

/// Reads an address.
pub(super) fn parse_ip(text: &str) -> Option<[u8; 16]> {
    text.parse::<IpAddr>().ok().map(ip_octets)
}

/// Reads an Ethernet address with `:` or `-`.
pub(super) fn parse_mac(text: &str) -> Option<[u8; 6]> {
    let mut octets = [0; 6];
    let mut parts = text.split([':', '-']);
    for octet in &mut octets {
        let part = parts.next().filter(|part| part.len() == 2)?;
        let [byte] = parse_hex(part)?.try_into().ok()?;
        *octet = byte;
    }
    parts.next().is_none().then_some(octets)
}

/// Reads an identifier of at most 16 hex digits.
pub(super) fn parse_hex_id(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    u64::from_str_radix(digits, 16).ok().filter(|_| plain)
}

/// Reads pairs of hex digits.
pub(super) fn parse_hex(text: &str) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}
