//! Simple case folding: how names, paths and `i"..."` compare.
//!
//! The folding is Unicode's *simple* one, statuses C and S of `CaseFolding.txt`,
//! of the version in [`UNICODE_VERSION`], which is part of the ABI. It maps one
//! character to one character, never looks at context or language (`I` is `i`
//! in Turkish texts too), and does not normalise. Bytes that are not UTF-8 stay
//! as they are. Folding twice changes nothing.
//!
//! ```text
//! any upper-case ASCII or non-ASCII byte? -- no --> the text is its own folding
//!        | yes
//!  ASCII only -- copy, set bit 5 of A..Z
//!  else       -- UTF-8 chunks: characters through the table, other bytes copied
//! ```

#[rustfmt::skip]
mod table;

use alloc::vec::Vec;

pub use table::UNICODE_VERSION;

/// Most bytes that the folding of `len` bytes can have. A two-byte character
/// may fold to three bytes (U+023A), and none grows by more.
#[must_use]
pub const fn max_len(len: usize) -> usize {
    len.saturating_add(len / 2)
}

/// Whether the text is its own folding.
#[must_use]
pub fn is_folded(text: &[u8]) -> bool {
    if text.is_ascii() {
        return !text.iter().any(u8::is_ascii_uppercase);
    }
    text.utf8_chunks().all(|chunk| chunk.valid().chars().all(|c| fold_char(c) == c))
}

/// Appends the folding of a text.
pub fn fold_into(text: &[u8], out: &mut Vec<u8>) {
    if text.is_ascii() {
        let start = out.len();
        out.extend_from_slice(text);
        if let Some(new) = out.get_mut(start..) {
            new.make_ascii_lowercase();
        }
        return;
    }
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut buffer = [0; 4];
            out.extend_from_slice(fold_char(c).encode_utf8(&mut buffer).as_bytes());
        }
        out.extend_from_slice(chunk.invalid());
    }
}

/// The folding of a text.
///
/// ```
/// assert_eq!(tagout_spec::fold::fold(b"S7TGTOPX.exe"), b"s7tgtopx.exe");
/// assert_eq!(tagout_spec::fold::fold(b"\xff\xc3\x84"), b"\xff\xc3\xa4");
/// ```
#[must_use]
pub fn fold(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// What [`fold_to`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folding {
    /// The text is its own folding. The buffer holds nothing of meaning.
    Same,
    /// The folding is in the buffer, and has this length.
    Written(usize),
}

/// Copies a text to a buffer, and writes its folding to another one if it differs from
/// the text; `None` if either has less room than that takes.
#[must_use]
pub fn fold_to(text: &[u8], copy: &mut [u8], out: &mut [u8]) -> Option<Folding> {
    let copy = copy.get_mut(..text.len())?;
    match fold_ascii(text, copy, out.get_mut(..text.len())?) {
        Ascii::Same => Some(Folding::Same),
        Ascii::Folded => Some(Folding::Written(text.len())),
        Ascii::Other => fold_unicode(text, out),
    }
}

/// What a text in ASCII folds to.
enum Ascii {
    Same,
    Folded,
    Other,
}

/// Copies a text, and folds it as if all bytes were ASCII, in one pass without branches;
/// says what they were. All slices have the same length.
///
/// So many bytes at a time as the text has at least, which a compiler makes one vector
/// of, and what was seen of each of them is put together at the end only.
fn fold_ascii(text: &[u8], copy: &mut [u8], out: &mut [u8]) -> Ascii {
    fold_by::<16>(text, copy, out)
        .or_else(|| fold_by::<8>(text, copy, out))
        .or_else(|| fold_by::<4>(text, copy, out))
        .or_else(|| fold_by::<1>(text, copy, out))
        .unwrap_or(Ascii::Same)
}

/// The same with vectors of so many bytes; `None` if the text has fewer. The last ones
/// overlap what was done, since folding twice changes nothing and most texts end within a
/// vector.
fn fold_by<const N: usize>(
    text: &[u8],
    copy: &mut [u8],
    out: &mut [u8],
) -> Option<Ascii> {
    let mut seen = Seen { all: [0; N], changed: [0; N] };
    seen.fold(text.last_chunk()?, copy.last_chunk_mut()?, out.last_chunk_mut()?);
    let (text, copy) = (text.as_chunks().0, copy.as_chunks_mut().0);
    for ((from, copy), to) in text.iter().zip(copy).zip(out.as_chunks_mut().0) {
        seen.fold(from, copy, to);
    }
    Some(seen.ascii())
}

/// For each place in a vector, the bits of all bytes, and those that folding has set.
struct Seen<const N: usize> {
    all: [u8; N],
    changed: [u8; N],
}

impl<const N: usize> Seen<N> {
    #[inline(always)]
    fn fold(&mut self, text: &[u8; N], copy: &mut [u8; N], out: &mut [u8; N]) {
        *copy = *text;
        let seen = self.all.iter_mut().zip(&mut self.changed);
        for ((to, from), (all, changed)) in out.iter_mut().zip(text).zip(seen) {
            let bit = u8::from(from.is_ascii_uppercase()) << 5;
            *to = from | bit;
            *all |= from;
            *changed |= bit;
        }
    }

    fn ascii(&self) -> Ascii {
        let or = |of: &[u8; N]| of.iter().fold(0, |all, one| all | one);
        match (or(&self.all), or(&self.changed)) {
            (0x80.., _) => Ascii::Other,
            (_, 0) => Ascii::Same,
            _ => Ascii::Folded,
        }
    }
}

fn fold_unicode(text: &[u8], out: &mut [u8]) -> Option<Folding> {
    let (mut len, mut same) = (0_usize, true);
    let mut push = |bytes: &[u8]| {
        let end = len.checked_add(bytes.len())?;
        out.get_mut(len..end)?.copy_from_slice(bytes);
        len = end;
        Some(())
    };
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            let folded = fold_char(c);
            same &= folded == c;
            push(folded.encode_utf8(&mut [0; 4]).as_bytes())?;
        }
        push(chunk.invalid())?;
    }
    Some(if same { Folding::Same } else { Folding::Written(len) })
}

/// The simple folding of one character.
#[must_use]
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let code = u32::from(c);
    let at = table::RANGES.partition_point(|range| range.last < code);
    match table::RANGES.get(at) {
        Some(range) if range.holds(code) => {
            code.checked_add_signed(range.delta).and_then(char::from_u32).unwrap_or(c)
        }
        _ => c,
    }
}

/// Characters that fold by the same distance: `first`, `first + step`, ... `last`.
struct Range {
    first: u32,
    last: u32,
    step: u32,
    delta: i32,
}

impl Range {
    fn holds(&self, code: u32) -> bool {
        code.checked_sub(self.first).is_some_and(|n| n % self.step == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the folding of a text by all of the functions.
    fn check(text: &[u8], folded: &[u8]) {
        assert_eq!(fold(text), folded, "{text:x?}");
        let mut buffer = vec![0; max_len(text.len())];
        let mut copy = vec![0; text.len()];
        match fold_to(text, &mut copy, &mut buffer).unwrap() {
            Folding::Same => assert_eq!(text, folded),
            Folding::Written(len) => assert_eq!(&buffer[..len], folded),
        }
        assert_eq!(copy, text);
        assert_eq!(is_folded(text), text == folded);
        assert!(is_folded(folded));
        if let Some(short) = folded.len().checked_sub(1) {
            let short = &mut buffer[..short.min(text.len() - 1)];
            assert_eq!(fold_to(text, &mut copy, short), None);
            let less = &mut copy[..text.len() - 1];
            assert_eq!(fold_to(text, less, &mut buffer), None);
        }
    }

    #[test]
    fn folds_by_table_and_keeps_other_bytes() {
        let cases: &[(&str, &str)] = &[
            ("", ""),
            ("AZaz@[`{09", "azaz@[`{09"),
            ("STRASSE \u{1e9e} ß", "strasse ß ß"),
            ("Ä\u{212a}\u{212b}", "äk\u{e5}"),
            ("\u{17f}", "s"),
            ("ΣΊΣΥΦΟΣ ς", "σίσυφοσ σ"),
            ("\u{130}", "\u{130}"),
            ("\u{23a}", "\u{2c65}"),
            ("\u{13a0}\u{ab70}", "\u{13a0}\u{13a0}"),
            ("\u{10400}", "\u{10428}"),
            ("日本", "日本"),
        ];
        for (text, folded) in cases {
            check(text.as_bytes(), folded.as_bytes());
        }
        check(b"\xffA\xc3", b"\xffa\xc3");
        check(b"\xc3\x84\xed\xa0\x80Z", b"\xc3\xa4\xed\xa0\x80z");
    }

    /// Vectors of each width, and ends of each length behind them.
    #[test]
    fn texts_of_every_length_fold() {
        for len in 0..70 {
            let text: Vec<u8> = (b'?'..=b'\x7e').cycle().take(len).collect();
            check(&text, &text.to_ascii_lowercase());
            let umlauts = "Ä".repeat(len) + "z";
            check(umlauts.as_bytes(), umlauts.to_lowercase().as_bytes());
        }
    }

    #[test]
    fn folding_is_idempotent_and_bounded_for_every_character() {
        for c in '\0'..=char::MAX {
            let folded = fold_char(c);
            assert_eq!(fold_char(folded), folded, "{c:?}");
            assert!(folded.len_utf8() <= max_len(c.len_utf8()), "{c:?}");
        }
    }
}
