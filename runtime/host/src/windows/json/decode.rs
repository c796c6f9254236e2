//! A line of JSON with its strings decoded, and where each of them lies: the first of two
//! passes.
//!
//! ```text
//! line     {"Image":"C:\\a \"b\"","Id":4}
//! decoded  {"Image":"C:\a "b"","Id":4}
//! quotes    ^     ^ ^        ^ ^  ^         those that begin and end a string, in pairs
//! ```
//!
//! Blocks are searched for quotes, backslashes and control characters ([`marks`]). Nearly all
//! have quotes alone and are copied as they are. In the others, what lies between two marks is
//! copied in pieces of a fixed length, whatever its own is, and a quote is told from a
//! backslash by arithmetic: where texts end and where in them escapes stand is what no
//! processor foresees, so hardly anything here branches on it. Other escapes than those of
//! the three characters that stand for themselves, as in paths of Windows, are rare, and
//! have a branch.
//!
//! What stands outside of strings is copied as it is, and the second pass ([`parse`]) judges
//! it. An escape never becomes longer than it was, which bounds what is written.
//!
//! [`parse`]: super::parse

use super::marks::{BLOCK, Marks, marks};

/// Bytes that are copied at once.
const PIECE: usize = 32;

/// The places of quotes; their memory is used again.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    places: Vec<usize>,
    n: usize,
}

impl Quotes {
    /// The places in the decoded text, in pairs.
    pub(super) fn places(&self) -> &[usize] {
        self.places.get(..self.n).unwrap_or_default()
    }
}

/// Decodes a line into an empty buffer; `None` if its strings are not those of JSON.
pub(super) fn decode(line: &str, to: &mut Vec<u8>, quotes: &mut Quotes) -> Option<()> {
    let line = line.as_bytes();
    // A piece may write beyond the end of what it copies.
    to.resize(line.len().checked_add(BLOCK)?, 0);
    quotes.n = 0;
    let mut decoder =
        Decoder { line, from: 0, to, end: 0, quotes, next: 0, is_broken: false };
    let (blocks, rest) = line.as_chunks::<BLOCK>();
    let mut last = [b' '; BLOCK];
    last.get_mut(..rest.len())?.copy_from_slice(rest);
    for (n, block) in blocks.iter().chain([&last]).enumerate() {
        decoder.block(n.wrapping_mul(BLOCK), block)?;
    }
    // The last block was filled up.
    let Decoder { end, from, is_broken, .. } = decoder;
    let end = end.checked_sub(from.saturating_sub(line.len()))?;
    to.truncate(end);
    (!is_broken && quotes.n.is_multiple_of(2)).then_some(())
}

struct Decoder<'d> {
    line: &'d [u8],
    /// What is copied next.
    from: usize,
    to: &'d mut Vec<u8>,
    /// Where the decoded text ends.
    end: usize,
    quotes: &'d mut Quotes,
    /// What lies before is no mark: it belongs to an escape.
    next: usize,
    /// Whether an escape stands outside of a string.
    is_broken: bool,
}

impl Decoder<'_> {
    /// Takes a block that begins at a place of the line.
    fn block(&mut self, start: usize, block: &[u8; BLOCK]) -> Option<()> {
        let Marks { quotes, others } = marks(block);
        let room = self.quotes.n.wrapping_add(BLOCK);
        if self.quotes.places.len() < room {
            self.quotes.places.resize(room, 0);
        }
        if others != 0 || self.next > start {
            return self.escapes(start, quotes | others);
        }
        *self.to.get_mut(self.end..)?.first_chunk_mut()? = *block;
        self.quotes(quotes, self.end)?;
        self.end = self.end.wrapping_add(BLOCK);
        self.from = start.wrapping_add(BLOCK);
        Some(())
    }

    /// Takes the quotes of a block that was copied to a place.
    fn quotes(&mut self, quotes: u64, start: usize) -> Option<()> {
        let mut n = self.quotes.n;
        let mut left = quotes;
        // Eight at a time, of which those count that are there.
        while left != 0 {
            for place in self.quotes.places.get_mut(n..)?.first_chunk_mut::<8>()? {
                let bit = usize::try_from(left.trailing_zeros()).ok()?;
                *place = start.wrapping_add(bit);
                left &= left.wrapping_sub(1);
            }
            n = n.wrapping_add(8);
        }
        let count = usize::try_from(quotes.count_ones()).ok()?;
        self.quotes.n = self.quotes.n.wrapping_add(count);
        Some(())
    }

    /// Takes a block with other marks than quotes.
    fn escapes(&mut self, start: usize, marks: u64) -> Option<()> {
        let mut marks = behind(marks, self.next.saturating_sub(start));
        while marks != 0 {
            let bit = marks.trailing_zeros();
            marks &= marks.wrapping_sub(1);
            let at = start.wrapping_add(usize::try_from(bit).ok()?);
            let byte = *self.line.get(at)?;
            let is_escape = byte == b'\\';
            let escaped = self.line.get(at.wrapping_add(1)).copied().unwrap_or(0);
            let is_plain = (escaped == b'\\') | (escaped == b'"') | (escaped == b'/');
            if (byte < b' ') | (is_escape & !is_plain) {
                self.rare(at, byte, escaped)?;
                marks = behind(marks, self.next.saturating_sub(start));
                continue;
            }
            self.copy(at)?;
            let n = self.quotes.n;
            *self.quotes.places.get_mut(n)? = self.end;
            self.quotes.n = n.wrapping_add(usize::from(!is_escape));
            // A quote is copied, a backslash is not, and what it escapes is no mark.
            self.from = at.wrapping_add(usize::from(is_escape));
            marks &= !(u64::from(is_escape) << bit << 1);
            self.next = if is_escape { at.wrapping_add(2) } else { self.next };
            self.is_broken |= is_escape & (n & 1 == 0);
        }
        let behind = start.wrapping_add(BLOCK).min(self.line.len());
        if self.from < behind { self.copy(behind) } else { Some(()) }
    }

    /// Copies what lies before a place.
    fn copy(&mut self, at: usize) -> Option<()> {
        let len = at.checked_sub(self.from)?;
        let (mut from, mut to, mut left) = (self.from, self.end, len);
        loop {
            let piece = self.line.get(from..from.wrapping_add(PIECE));
            let room = self.to.get_mut(to..to.wrapping_add(PIECE))?;
            match piece {
                Some(piece) => room.copy_from_slice(piece),
                None => {
                    let rest = self.line.get(from..at)?;
                    self.to.get_mut(to..)?.get_mut(..rest.len())?.copy_from_slice(rest);
                    break;
                }
            }
            if left <= PIECE {
                break;
            }
            left = left.wrapping_sub(PIECE);
            from = from.wrapping_add(PIECE);
            to = to.wrapping_add(PIECE);
        }
        self.end = self.end.wrapping_add(len);
        self.from = at;
        Some(())
    }

    /// Takes a control character, which is for the second pass to judge outside of strings, or
    /// an escape that stands for another character.
    #[cold]
    fn rare(&mut self, at: usize, byte: u8, escaped: u8) -> Option<()> {
        let is_within = self.quotes.n & 1 == 1;
        if byte != b'\\' {
            return (!is_within).then_some(());
        }
        let (decoded, len) = match escaped {
            b'b' => ('\u{8}', 2),
            b'f' => ('\u{c}', 2),
            b'n' => ('\n', 2),
            b'r' => ('\r', 2),
            b't' => ('\t', 2),
            b'u' => unicode(self.line.get(at..)?)?,
            _ => return None,
        };
        self.copy(at)?;
        let mut buffer = [0; 4];
        let decoded = decoded.encode_utf8(&mut buffer).as_bytes();
        let end = self.end.checked_add(decoded.len())?;
        self.to.get_mut(self.end..end)?.copy_from_slice(decoded);
        self.end = end;
        self.from = at.checked_add(len)?;
        self.next = self.from;
        is_within.then_some(())
    }
}

/// Marks without the first so many.
fn behind(marks: u64, n: usize) -> u64 {
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    marks & u64::MAX.checked_shl(n).unwrap_or(0)
}

/// The character that `\uXXXX` or a pair of those stands for, and the escape's length.
fn unicode(escape: &[u8]) -> Option<(char, usize)> {
    let unit = |at: usize| -> Option<u16> {
        let (b"\\u", digits) = escape.get(at..)?.split_first_chunk::<2>()? else {
            return None;
        };
        let digits = digits.first_chunk::<4>()?;
        digits.iter().try_fold(0, |unit, digit| {
            let digit = char::from(*digit).to_digit(16)?;
            Some(unit << 4 | u16::try_from(digit).ok()?)
        })
    };
    let first = unit(0)?;
    if let Some(Ok(c)) = char::decode_utf16([first]).next() {
        return Some((c, 6));
    }
    let c = char::decode_utf16([first, unit(6)?]).next()?.ok()?;
    Some((c, 12))
}
