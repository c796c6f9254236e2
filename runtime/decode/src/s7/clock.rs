//! Date and time in ten bytes of binary-coded decimals.
//!
//! ```text
//! reserved 1 | century 1 | year 1 | month 1 | day 1 | hour 1 | minute 1 | second 1
//! milliseconds: three digits | weekday: one digit, 1 is Sunday
//! ```
//!
//! The century says 19 on controllers that mean 20: years below 89 are of the 2000s,
//! as the data type DATE_AND_TIME defines (A5E00709327, appendix). Times have no zone
//! and are read as if they were UTC.

/// Bytes of a date and time.
pub(super) const LEN: usize = 10;

const NS_OF_S: i64 = 1_000_000_000;

/// Nanoseconds since 1970; none if a digit or a date is not one.
pub(super) fn nanoseconds(bytes: &[u8; LEN]) -> Option<i64> {
    let [_, _, year, month, day, hour, minute, second, milli, last] = *bytes;
    let year = decimal(year)?;
    let year = if year < 89 { year.checked_add(2000) } else { year.checked_add(1900) }?;
    let (month, day) = (decimal(month)?, decimal(day)?);
    let (hour, minute, second) = (decimal(hour)?, decimal(minute)?, decimal(second)?);
    let last = i64::from(last >> 4);
    let sound = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && last < 10;
    if !sound {
        return None;
    }
    let milli = decimal(milli)?.checked_mul(10)?.checked_add(last)?;
    let minutes = days(year, month, day)?.checked_mul(24)?.checked_add(hour)?;
    let minutes = minutes.checked_mul(60)?.checked_add(minute)?;
    let seconds = minutes.checked_mul(60)?.checked_add(second)?;
    seconds.checked_mul(NS_OF_S)?.checked_add(milli.checked_mul(1_000_000)?)
}

fn decimal(byte: u8) -> Option<i64> {
    let (tens, ones) = (byte >> 4, byte & 0x0f);
    (tens < 10 && ones < 10)
        .then(|| i64::from(tens).saturating_mul(10).saturating_add(ones.into()))
}

/// Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so
/// that the day that some lack is their last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let month = month.checked_add(9)?.checked_rem(12)?;
    let leap_days = year / 4 - year / 100 + year / 400;
    let of_year = month.checked_mul(153)?.checked_add(2)? / 5;
    let since_0 = year.checked_mul(365)?.checked_add(leap_days)?;
    since_0.checked_add(of_year)?.checked_add(day)?.checked_sub(719_469)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_a_time() {
        // 2014-08-20 11:59:43.912, a Wednesday: seconds by `date -u +%s`.
        let at = [0x00, 0x19, 0x14, 0x08, 0x20, 0x11, 0x59, 0x43, 0x91, 0x24];
        assert_eq!(nanoseconds(&at), Some(1_408_535_983_912_000_000));
        let at = [0x00, 0x20, 0x00, 0x02, 0x29, 0x00, 0x00, 0x00, 0x00, 0x03];
        assert_eq!(nanoseconds(&at), Some(951_782_400_000_000_000));
        let at = [0x00, 0x19, 0x89, 0x12, 0x31, 0x23, 0x59, 0x59, 0x99, 0x91];
        assert_eq!(nanoseconds(&at), Some(631_151_999_999_000_000));
        let at = [0x00, 0x19, 0x14, 0x13, 0x20, 0x11, 0x59, 0x43, 0x91, 0x24];
        assert_eq!(nanoseconds(&at), None);
        let at = [0x00, 0x19, 0x1a, 0x08, 0x20, 0x11, 0x59, 0x43, 0x91, 0x24];
        assert_eq!(nanoseconds(&at), None);
    }
}
