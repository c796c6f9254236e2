//! Transformations of values: other dashes, UTF-16, Base64.
//!
//! Sigma modifiers 2.1, sections "String Modifiers" and "Encoding".

/// What Windows programs take for the dash of an option.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];
/// Most texts that one value may become: three dashes.
const MAX_VARIANTS: usize = 125;

/// All ways to write the options of a text: a dash that starts a word is every dash.
pub(super) fn windash(text: &str) -> Result<Vec<String>, String> {
    let mut variants = vec![String::new()];
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let starts_word = !is_word(before) && chars.peek().copied().is_some_and(is_word);
        before = c;
        if !(DASHES.contains(&c) && starts_word) {
            variants.iter_mut().for_each(|variant| variant.push(c));
            continue;
        }
        if variants.len() * DASHES.len() > MAX_VARIANTS {
            return Err(format!("`windash` makes more than {MAX_VARIANTS} texts of one"));
        }
        // The one that is written comes first.
        let dashes =
            std::iter::once(c).chain(DASHES.into_iter().filter(|dash| *dash != c));
        let with =
            |dash: char| variants.iter().map(move |before| format!("{before}{dash}"));
        variants = dashes.flat_map(with).collect();
    }
    Ok(variants)
}

/// The bytes of a text in UTF-16.
pub(super) fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes_of).collect()
}

/// The Base64 of bytes, padded.
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut out = encoded(bytes, 0);
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

/// What is common to the Base64 of all texts that hold these bytes, for each of the
/// three places at which they may start.
///
/// ```text
/// bytes       |  x  |  x  | v0 v1 ...       the value behind 0, 1 or 2 others
/// characters  | a | b | c | d | ...         those that a bit of the value's
///                                           neighbours reaches are left out
/// ```
pub(super) fn base64_offsets(bytes: &[u8]) -> Vec<String> {
    let piece = |before: usize| {
        let text = encoded(bytes, before);
        let first = (before * 8).div_ceil(6);
        let last = (before + bytes.len()) * 8 / 6;
        text.get(first..last).unwrap_or_default().to_owned()
    };
    (0..3).map(piece).filter(|piece| !piece.is_empty()).collect()
}

/// Base64 without padding of some zeros and the bytes.
fn encoded(bytes: &[u8], zeros: usize) -> String {
    let all: Vec<u8> =
        std::iter::repeat_n(0, zeros).chain(bytes.iter().copied()).collect();
    let mut out = String::with_capacity(all.len() * 4 / 3 + 4);
    for chunk in all.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let characters = [18, 12, 6, 0].map(|shift| character(bits >> shift & 63));
        out.extend(characters.iter().take(chunk.len() + 1));
    }
    out
}

fn character(six_bits: u32) -> char {
    let from = |first: char, n: u32| char::from_u32(u32::from(first) + n).unwrap_or('=');
    match six_bits {
        n @ 0..=25 => from('A', n),
        n @ 26..=51 => from('a', n - 26),
        n @ 52..=61 => from('0', n - 52),
        62 => '+',
        _ => '/',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        // RFC 4648, section 10.
        for (text, wanted) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), wanted);
        }
    }

    #[test]
    fn offsets_hold_nothing_of_the_neighbours() {
        for text in ["http://", "ab", "abc", "WriteProcessMemory"] {
            let pieces = base64_offsets(text.as_bytes());
            for (n, around) in [("", ""), ("x", "y"), ("xy", "zz"), ("\u{ff}", "~~~")]
                .into_iter()
                .enumerate()
            {
                let whole = base64(format!("{}{text}{}", around.0, around.1).as_bytes());
                assert!(
                    pieces.iter().any(|piece| whole.contains(piece)),
                    "{n} {text} {pieces:?} {whole}"
                );
            }
        }
        // "foo" behind 0, 1 and 2 bytes: all of `Zm9v`; `Zvb` of `AGZvbw`; `mb2` of `AABmb28`.
        assert_eq!(base64_offsets(b"foo"), ["Zm9v", "Zvb", "mb2"]);
    }

    #[test]
    fn dashes() {
        let found = windash(" -f").unwrap();
        assert_eq!(found, [" -f", " /f", " \u{2013}f", " \u{2014}f", " \u{2015}f"]);
        assert_eq!(windash("/f -g").unwrap().len(), 25);
        assert_eq!(windash("/f").unwrap().first().map(String::as_str), Some("/f"));
        assert_eq!(windash("a-b - c-").unwrap(), ["a-b - c-"]);
        assert!(windash("-a -b -c -d").is_err());
    }
}
