//! Times as sources write them.
//!
//! ```text
//! 2026-04-17T05:24:53.092051Z     XML, evtx_dump, Winlogbeat
//! 2026-04-17 05:24:53.079         Sysmon's own fields (UTC), NXLog
//! 1615114232.375                  Linux audit
//! ```

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::Layout;

/// Keys under which layouts of JSON have it.
const JSON: &[&str] = &[
    "SystemTime\"",
    "\"@timestamp\"",
    "\"EventTime\"",
    "\"systemTime\"",
    "\"TimeCreated\"",
    "\"TimeGenerated\"",
];

/// The time of an event as a text, for putting texts of several inputs in order,
/// without reading all of it; none if there is none where it is expected.
#[must_use]
pub fn time_of(layout: Layout, text: &str) -> Option<i64> {
    match layout {
        Layout::Evtx if !text.starts_with('<') => {
            crate::windows::event::text::time_of(text).and_then(parse)
        }
        Layout::Evtx | Layout::Xml => {
            text.split("SystemTime=").nth(1).and_then(quoted).and_then(parse)
        }
        Layout::Json => {
            let rest = JSON
                .iter()
                .find_map(|key| text.split(key).nth(1)?.trim_start().strip_prefix(':'));
            rest.and_then(|rest| parse(quoted(rest.trim_start())?))
        }
        Layout::Audit => {
            let (_, rest) = text.split_once("msg=audit(")?;
            audit(rest.split_once(':')?.0)
        }
    }
}

/// A time in nanoseconds since 1970 UTC. Without a zone it is UTC.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let timestamp = text.parse::<Timestamp>().or_else(|_| {
        let civil: DateTime = text.parse()?;
        civil.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
    });
    i64::try_from(timestamp.ok()?.as_nanosecond()).ok()
}

/// `1615114232.375`, in nanoseconds.
pub(crate) fn audit(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = seconds.parse().ok()?;
    let digits = fraction.len();
    let fraction: i64 = if digits == 0 { 0 } else { fraction.parse().ok()? };
    let scale = 10_i64.checked_pow(9_u32.checked_sub(u32::try_from(digits).ok()?)?)?;
    seconds.checked_mul(1_000_000_000)?.checked_add(fraction.checked_mul(scale)?)
}

/// What stands between the quotes that open a text.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, _) = text.strip_prefix(quote)?.split_once(quote)?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(layout: Layout, text: &str, expected: Option<i64>) {
        assert_eq!(time_of(layout, text), expected);
    }

    #[test]
    fn times_are_found_without_reading_the_event() {
        let second = 1_000_000_000;
        check(
            Layout::Xml,
            r#"<TimeCreated SystemTime="1970-01-01T00:00:01Z"/>"#,
            Some(second),
        );
        check(
            Layout::Xml,
            "<TimeCreated SystemTime='1970-01-01T00:00:01.5Z'/>",
            Some(second * 3 / 2),
        );
        check(
            Layout::Json,
            r#"{"@timestamp": "1970-01-01T00:00:01.000Z"}"#,
            Some(second),
        );
        check(Layout::Json, r#"{"EventTime":"1970-01-01 00:00:02"}"#, Some(second * 2));
        check(
            Layout::Json,
            r#"{"TimeCreated":"1970-01-01T00:00:03Z"}"#,
            Some(second * 3),
        );
        check(
            Layout::Audit,
            "type=CWD msg=audit(1.375:7): cwd=\"/\"",
            Some(1_375_000_000),
        );
        check(Layout::Audit, "type=CWD msg=audit(x:7):", None);
        check(Layout::Xml, "<Event/>", None);
    }
}
