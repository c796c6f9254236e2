//! Durations on the command line: `500ms`, `5s`, `2m`, `1h`, in nanoseconds.

/// Reads a duration; nanoseconds, never negative.
pub(crate) fn parse(text: &str) -> Result<i64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let scale = match unit {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return Err(format!("`{text}` has no unit: write 500ms, 5s, 2m or 1h")),
    };
    let number: i64 =
        number.parse().map_err(|_| format!("`{text}` is not a duration such as 5s"))?;
    number.checked_mul(scale).ok_or_else(|| format!("`{text}` is too long"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_numbers_with_units_only() {
        for (text, ns) in [
            ("5s", Some(5_000_000_000)),
            ("500ms", Some(500_000_000)),
            ("2m", Some(120_000_000_000)),
            ("0s", Some(0)),
            ("5", None),
            ("s", None),
            ("-1s", None),
            ("99999999999999h", None),
            ("", None),
        ] {
            assert_eq!(parse(text).ok(), ns, "{text}");
        }
    }
}
