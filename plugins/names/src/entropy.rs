//! Shannon's entropy of a text's bytes.

/// Bits of information in a byte: 0 if all are the same, 8 if all 256 are as frequent.
/// None of an empty text, which has no bytes.
pub(crate) fn entropy(text: &[u8]) -> Option<f64> {
    let mut counts = [0_u32; 256];
    for byte in text {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count = count.saturating_add(1);
        }
    }
    let all = u32::try_from(text.len()).ok().filter(|all| *all > 0).map(f64::from)?;
    // -sum p log2 p = log2 n - (sum c log2 c) / n
    let parts = counts.iter().filter(|count| **count > 1).map(|count| {
        let count = f64::from(*count);
        count * libm::log2(count)
    });
    Some(libm::log2(all) - parts.sum::<f64>() / all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_shannons() {
        // By hand: 1/2, 1/4, 1/4 is 1.5 bits.
        let cases: [(&[u8], Option<f64>); 5] = [
            (b"", None),
            (b"aaaa", Some(0.0)),
            (b"abab", Some(1.0)),
            (b"aabc", Some(1.5)),
            (b"abcdefgh", Some(3.0)),
        ];
        for (text, expected) in cases {
            let near = match (entropy(text), expected) {
                (Some(is), Some(should)) => (is - should).abs() < 1e-12,
                (is, should) => is == should,
            };
            assert!(near, "{text:?}");
        }
        let all: alloc::vec::Vec<u8> = (0..=255).collect();
        assert_eq!(entropy(&all), Some(8.0));
    }
}
