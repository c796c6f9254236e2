//! Calendar dates as days, for times that protocols write in parts.

/// Days since 1970-01-01 in the Gregorian calendar; none if there is no such day.
pub(crate) fn days(year: u16, month: u8, day: u8) -> Option<i64> {
    const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    const LENGTH: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let is_leap =
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let at = usize::from(month).checked_sub(1)?;
    let (before, length) = (BEFORE.get(at)?, LENGTH.get(at)?);
    let length = if month == 2 && !is_leap { 28 } else { *length };
    if day == 0 || day > length {
        return None;
    }
    let leap_day = i64::from(is_leap && month > 2);
    Some(to_year(year) - to_year(1970) + before + leap_day + i64::from(day) - 1)
}

/// Days from the beginning of year 0 to that of another.
fn to_year(year: u16) -> i64 {
    let year = i64::from(year);
    let past = (year - 1).max(0);
    let leap = if year == 0 { 0 } else { past / 4 - past / 100 + past / 400 + 1 };
    year * 365 + leap
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar() {
        // `date -u -d ... +%s`, divided by 86,400.
        let cases = [
            ((1970, 1, 1), Some(0)),
            ((1969, 12, 31), Some(-1)),
            ((2000, 2, 29), Some(11_016)),
            ((2000, 3, 1), Some(11_017)),
            ((1900, 3, 1), Some(-25_508)),
            ((2026, 11, 28), Some(20_785)),
            ((2069, 12, 31), Some(36_524)),
            ((1900, 2, 29), None),
            ((2001, 2, 29), None),
            ((2020, 1, 0), None),
            ((2020, 13, 1), None),
            ((2020, 0, 1), None),
        ];
        for ((year, month, day), expected) in cases {
            assert_eq!(days(year, month, day), expected, "{year}-{month}-{day}");
        }
    }
}
