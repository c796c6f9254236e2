//! Binary time (101, 7.2.6.18 to 7.2.6.20).
//!
//! ```text
//! CP56Time2a  milliseconds 2 | IV RES1 minutes 6 | SU RES2 hours 5 | weekday 3 day 5 |
//!             month 4 | year 7
//! CP24Time2a  milliseconds 2 | IV RES1 minutes 6
//! CP16Time2a  milliseconds 2
//! ```
//!
//! Milliseconds are those of the minute. The year has two digits; as elsewhere, 70 to
//! 99 are of the last century. Stations that count on beyond 99 count from 1900.

use crate::time::days;

const MS: i64 = 1_000_000;
const MINUTE: i64 = 60_000 * MS;

/// A time tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// Nanoseconds since 1970, or since the hour; none if no such time exists.
    pub(super) ns: Option<i64>,
    /// The station says that it does not know the time.
    pub(super) invalid: bool,
    /// RES1: it was put in by another station.
    pub(super) substituted: bool,
    /// Summer time; CP24Time2a does not say.
    pub(super) summer: bool,
}

/// Seven octets: a moment.
pub(super) fn cp56([a, b, c, hour, day, month, year]: [u8; 7]) -> Time {
    let time = cp24([a, b, c]);
    let moment = || {
        let hour = i64::from(hour & 0x1f);
        let year = u16::from(year & 0x7f);
        let year = year + if year < 70 { 2000 } else { 1900 };
        let days = days(year, month & 0x0f, day & 0x1f)?;
        let hours = days.checked_mul(24)?.checked_add((hour < 24).then_some(hour)?)?;
        hours.checked_mul(60)?.checked_mul(MINUTE)?.checked_add(time.ns?)
    };
    Time { ns: moment(), summer: hour & 0x80 != 0, ..time }
}

/// Three octets: a time within the hour.
pub(super) fn cp24([a, b, minute]: [u8; 3]) -> Time {
    let ms = cp16([a, b]);
    let minutes = i64::from(minute & 0x3f);
    let is_real = minutes < 60 && ms < MINUTE;
    let ns = minutes.saturating_mul(MINUTE).saturating_add(ms);
    Time {
        ns: is_real.then_some(ns),
        invalid: minute & 0x80 != 0,
        substituted: minute & 0x40 != 0,
        summer: false,
    }
}

/// Two octets: a duration.
pub(super) fn cp16(bytes: [u8; 2]) -> i64 {
    i64::from(u16::from_le_bytes(bytes)).saturating_mul(MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        let seconds = |bytes| cp56(bytes).ns.map(|ns| ns / 1_000_000_000);
        // `date -u -d ... +%s`
        let cases = [
            ([0, 0, 0, 0, 1, 1, 70], Some(0)),
            ([0, 0, 0, 0, 29, 2, 0], Some(951_782_400)),
            ([0, 0, 0, 0, 1, 3, 0], Some(951_868_800)),
            ([0x50, 0xc3, 30, 12, 28, 11, 26], Some(1_795_869_050)),
            ([0x5f, 0xea, 59, 23, 31, 12, 99], Some(946_684_799)),
            ([0, 0, 0, 0, 31, 12, 69], Some(3_155_673_600)),
            ([0, 0, 0, 0, 1, 3, 100], Some(951_868_800)),
            ([0, 0, 0, 0, 29, 2, 1], None),
            ([0, 0, 0, 0, 0, 1, 20], None),
            ([0, 0, 0, 0, 1, 13, 20], None),
            ([0, 0, 0, 24, 1, 1, 20], None),
            ([0, 0, 60, 0, 1, 1, 20], None),
            ([0x60, 0xea, 0, 0, 1, 1, 20], None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(seconds(bytes), expected, "{bytes:?}");
        }
        let time = cp56([1, 0, 0xc0, 0x80, 0xe1, 1, 70]);
        assert_eq!(time.ns, Some(MS));
        assert!(time.invalid && time.substituted && time.summer);
    }
}
