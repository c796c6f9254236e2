//! For x86-64, with instructions that are part of it.

use std::arch::x86_64::{
    _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
    _mm_set1_epi8,
};

use super::{BLOCK, Marks};

const QUOTE: i8 = 0x22;
const BACKSLASH: i8 = 0x5C;
const LAST_CONTROL: i8 = 0x1F;

/// Looks at a block.
#[inline]
pub(in super::super) fn marks(block: &[u8; BLOCK]) -> Marks {
    #[expect(unsafe_code, reason = "measured: a twentieth of reading a line")]
    // SAFETY: SSE2 is part of x86-64, for which alone this file is compiled.
    unsafe {
        marks_sse2(block)
    }
}

#[inline]
#[target_feature(enable = "sse2")]
fn marks_sse2(block: &[u8; BLOCK]) -> Marks {
    let (mut quotes, mut others) = (0, 0);
    for sixteen in block.as_chunks::<16>().0.iter().rev() {
        let [low, high] = halves(sixteen);
        let bytes = _mm_set_epi64x(high, low);
        let is = |byte| _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte));
        let is_control =
            _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(LAST_CONTROL)), bytes);
        let bits = |mask| u64::from(_mm_movemask_epi8(mask).cast_unsigned());
        quotes = quotes << 16 | bits(is(QUOTE));
        others = others << 16 | bits(_mm_or_si128(is(BACKSLASH), is_control));
    }
    Marks { quotes, others }
}

fn halves(sixteen: &[u8; 16]) -> [i64; 2] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *sixteen;
    [[a, b, c, d, e, f, g, h], [i, j, k, l, m, n, o, p]].map(i64::from_le_bytes)
}
