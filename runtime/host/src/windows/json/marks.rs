//! Which bytes of a block of text matter to JSON's strings: one bit a byte.
//!
//! The variants give the same. That for x86 takes what every such processor has: with the
//! portable one, reading a line took a twentieth longer.

#[cfg(any(not(target_arch = "x86_64"), test))]
mod portable;
#[cfg(target_arch = "x86_64")]
mod sse2;

#[cfg(not(target_arch = "x86_64"))]
pub(super) use self::portable::marks;
#[cfg(target_arch = "x86_64")]
pub(super) use self::sse2::marks;

/// Bytes that are looked at at once.
pub(super) const BLOCK: usize = 64;

/// What was found; the first byte's is the lowest bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// Quotes.
    pub(super) quotes: u64,
    /// Backslashes and control characters.
    pub(super) others: u64,
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::{BLOCK, portable, sse2};

    #[test]
    fn variants_find_the_same() {
        for byte in 0..=u8::MAX {
            for at in 0..BLOCK {
                let mut block = [b'x'; BLOCK];
                block[at] = byte;
                block[(at + 7) % BLOCK] = b'"';
                let found = portable::marks(&block);
                assert_eq!(found, sse2::marks(&block));
                let is_other = byte < b' ' || byte == b'\\';
                assert_eq!(found.others, u64::from(is_other) << at);
                assert_eq!(found.quotes >> at & 1 == 1, byte == b'"');
            }
        }
    }
}
