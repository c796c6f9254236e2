//! Maintenance windows: once, from one time to another, or weekly, UTC.

use jiff::Timestamp;

use super::raw::RawMaintenance;
use super::raw::RawWeekly;

const NS_PER_MINUTE: i64 = 60_000_000_000;
const MINUTES_PER_DAY: i64 = 24 * 60;
const MINUTES_PER_WEEK: i64 = 7 * MINUTES_PER_DAY;
/// Monday, 1970-01-05, 00:00 UTC, in minutes: weeks start on Monday.
const FIRST_MONDAY: i64 = 4 * MINUTES_PER_DAY;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A time in which changes are expected; the end is outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// Nanoseconds since 1970.
    Once { from: i64, to: i64 },
    /// Minutes since Monday, 00:00.
    Weekly { from: i64, to: i64 },
}

impl Window {
    /// Whether a time, in nanoseconds since 1970, lies inside.
    pub(crate) fn contains(self, ts: i64) -> bool {
        match self {
            Self::Once { from, to } => from <= ts && ts < to,
            Self::Weekly { from, to } => {
                let minutes = ts.div_euclid(NS_PER_MINUTE);
                let minute =
                    minutes.saturating_sub(FIRST_MONDAY).rem_euclid(MINUTES_PER_WEEK);
                from <= minute && minute < to
            }
        }
    }
}

/// The windows that an entry describes.
pub(super) fn read(raw: &RawMaintenance) -> Result<Vec<Window>, String> {
    match (&raw.from, &raw.to, &raw.weekly) {
        (Some(from), Some(to), None) => {
            let (from, to) = (time(&from.to_string())?, time(&to.to_string())?);
            if to <= from {
                return Err("the window ends before it starts".to_owned());
            }
            Ok(vec![Window::Once { from, to }])
        }
        (None, None, Some(weekly)) => read_weekly(weekly),
        _ => Err("give either `from` and `to`, or `weekly`".to_owned()),
    }
}

/// Nanoseconds since 1970 of a time in RFC 3339.
pub(super) fn time(text: &str) -> Result<i64, String> {
    let time: Timestamp = text.parse().map_err(|_| {
        format!("`{text}` is not a time with a zone, such as `2026-11-22T10:00:00Z`")
    })?;
    i64::try_from(time.as_nanosecond()).map_err(|_| format!("`{text}` is too far away"))
}

fn read_weekly(weekly: &RawWeekly) -> Result<Vec<Window>, String> {
    let (from, to) = (minute(&weekly.from)?, minute(&weekly.to)?);
    if to <= from {
        return Err("the window ends before it starts".to_owned());
    }
    if weekly.days.is_empty() {
        return Err("the window has no days".to_owned());
    }
    weekly
        .days
        .iter()
        .map(|day| {
            let number = (0_i64..)
                .zip(DAYS)
                .find(|(_, name)| *name == day.as_str())
                .map(|(n, _)| n.saturating_mul(MINUTES_PER_DAY))
                .ok_or_else(|| {
                    format!("`{day}` is no day; days are {}", DAYS.join(", "))
                })?;
            let (from, to) = (number.saturating_add(from), number.saturating_add(to));
            Ok(Window::Weekly { from, to })
        })
        .collect()
}

/// Minutes since midnight of `HH:MM`; `24:00` ends a day.
fn minute(text: &str) -> Result<i64, String> {
    let parts = text.split_once(':').and_then(|(hours, minutes)| {
        let two = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<i64>().ok()).flatten()
        };
        Some((two(hours)?, two(minutes)?))
    });
    match parts {
        Some((hours, minutes))
            if minutes < 60 && hours * 60 + minutes <= MINUTES_PER_DAY =>
        {
            Ok(hours * 60 + minutes)
        }
        _ => Err(format!("`{text}` is not a time of day, such as `02:30`")),
    }
}
