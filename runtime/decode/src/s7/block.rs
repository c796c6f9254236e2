//! Blocks of a controller's program, as messages name them.
//!
//! ```text
//! file name    '_' 1 | type 2 | number 5 | file system 1     "_0A00001P": DB 1, passive
//! PI service         | type 2 | number 5 | file system 1
//! block info         | type 2 | number 5 | file system 1
//! type: '0' and a hexadecimal digit; number: decimal digits
//! ```

use crate::cursor::Cursor;

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Type, as the schema numbers it.
    pub(super) kind: u8,
    /// Number.
    pub(super) number: u32,
    /// Which copy: `A`, `B` or `P`.
    pub(super) file_system: u8,
}

/// What stands in front of a block's name where files are named: a whole block, or
/// the header of one.
const PREFIXES: [u8; 2] = [b'_', b'$'];

impl Block {
    /// Reads eight bytes: type, number, file system.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Option<Block> {
        let kind = kind(cursor.array()?)?;
        let number = cursor.array::<5>()?.iter().try_fold(0_u32, |number, digit| {
            let digit = char::from(*digit).to_digit(10)?;
            number.checked_mul(10)?.checked_add(digit)
        })?;
        Some(Block { kind, number, file_system: cursor.u8()? })
    }

    /// Reads the name of a file; none if it is not a block's.
    pub(super) fn of_file(name: &[u8]) -> Option<Block> {
        let (prefix, rest) = name.split_first()?;
        let mut cursor = Cursor::new(rest);
        let block = Block::read(&mut cursor)?;
        (PREFIXES.contains(prefix) && cursor.rest().is_empty()).then_some(block)
    }

    /// Its name as engineers write it, such as `OB35`.
    pub(super) fn name(&self) -> Name {
        let mut name = Name::default();
        let letters: &[u8] = match self.kind {
            0x8 => b"OB",
            0xa => b"DB",
            0xb => b"SDB",
            0xc => b"FC",
            0xd => b"SFC",
            0xe => b"FB",
            0xf => b"SFB",
            _ => return name,
        };
        letters.iter().for_each(|letter| name.push(*letter));
        let digits = [10_000, 1000, 100, 10, 1].map(|unit| self.number / unit % 10);
        let leading = digits.iter().take(4).take_while(|digit| **digit == 0).count();
        for digit in digits.into_iter().skip(leading) {
            name.push(b'0'.saturating_add(u8::try_from(digit).unwrap_or_default()));
        }
        name
    }
}

/// A block's type from its two digits.
pub(super) fn kind([zero, digit]: [u8; 2]) -> Option<u8> {
    let digit = char::from(digit).to_digit(16)?;
    (zero == b'0').then(|| u8::try_from(digit).ok()).flatten()
}

/// A short text without allocation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Name {
    bytes: [u8; 8],
    len: u8,
}

impl Name {
    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(usize::from(self.len)) {
            *slot = byte;
            self.len = self.len.saturating_add(1);
        }
    }

    /// The text; none if there is no name.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.bytes.get(..self.len.into()).filter(|bytes| !bytes.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        let name = |file: &[u8]| {
            let block = Block::of_file(file)?;
            let name = block.name();
            let text =
                name.bytes().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
            Some((text, block.file_system))
        };
        assert_eq!(name(b"_0A00001P"), Some((Some("DB1".to_owned()), b'P')));
        assert_eq!(name(b"_0800035A"), Some((Some("OB35".to_owned()), b'A')));
        assert_eq!(name(b"_0F65535A"), Some((Some("SFB65535".to_owned()), b'A')));
        assert_eq!(name(b"_0B00000A"), Some((Some("SDB0".to_owned()), b'A')));
        // A type without a name is kept as a number.
        assert_eq!(name(b"_0300007A"), Some((None, b'A')));
        for other in [&b"_0A0001P"[..], b"0A00001P", b"_0A0000xP", b"_1A00001P", b""] {
            assert_eq!(name(other), None);
        }
    }
}
