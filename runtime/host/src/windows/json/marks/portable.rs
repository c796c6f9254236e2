//! For any processor: bytes that are 0 or 1, brought together by multiplication.

use super::{BLOCK, Marks};

/// Looks at a block.
pub(in super::super) fn marks(block: &[u8; BLOCK]) -> Marks {
    let quotes = block.map(|byte| u8::from(byte == b'"'));
    let others = block.map(|byte| u8::from((byte == b'\\') | (byte < b' ')));
    Marks { quotes: gather(&quotes), others: gather(&others) }
}

fn gather(bytes: &[u8; BLOCK]) -> u64 {
    // Moves the lowest bits of eight bytes to one.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut bits = 0;
    for eight in bytes.as_chunks::<8>().0.iter().rev() {
        bits = bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56;
    }
    bits
}
