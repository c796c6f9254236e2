//! The distance of a text to the nearest of a list of names.
//!
//! Levenshtein's distance by the bit-vector algorithm (G. Myers, "A fast bit-vector
//! algorithm for approximate string matching based on dynamic programming", J. ACM 46(3),
//! 1999, in the form for whole strings of H. Hyyrö, 2003): a column of the matrix is two
//! words, so a text has at most 64 bytes, and a byte of a name costs a dozen instructions
//! whatever the text.

use alloc::vec::Vec;

/// Most bytes of a text, and of a name.
const LEN_MAX: usize = 64;
/// Most bytes of all names: with them a call costs what the manifest says.
const LIST_MAX: usize = 4096;

/// The names of a site.
#[derive(Debug, Default)]
pub(crate) struct Names {
    names: Vec<Vec<u8>>,
}

impl Names {
    /// Reads a name a line; none if there are too many bytes, or a name is too long.
    pub(crate) fn read(list: &[u8]) -> Option<Names> {
        let mut names = Vec::new();
        let mut total = 0_usize;
        for line in list.split(|byte| *byte == b'\n') {
            let name = line.split(|byte| *byte == b'#').next().unwrap_or_default();
            let name = name.trim_ascii().to_ascii_lowercase();
            if name.is_empty() {
                continue;
            }
            total = total.saturating_add(name.len());
            if name.len() > LEN_MAX || total > LIST_MAX {
                return None;
            }
            names.push(name);
        }
        Some(Names { names })
    }

    /// The least distance to any of them.
    pub(crate) fn nearest(&self, text: &[u8]) -> Option<u32> {
        if text.len() > LEN_MAX {
            return None;
        }
        let pattern = Pattern::new(text);
        self.names.iter().map(|name| pattern.distance(name)).min()
    }
}

/// A text, as a word for each byte value that says where it stands.
struct Pattern {
    places: [u64; 256],
    len: u32,
}

impl Pattern {
    fn new(text: &[u8]) -> Pattern {
        let mut places = [0; 256];
        for (at, byte) in (0_u32..64).zip(text) {
            let place: Option<&mut u64> =
                places.get_mut(usize::from(byte.to_ascii_lowercase()));
            if let Some(place) = place {
                *place |= 1 << at;
            }
        }
        Pattern { places, len: u32::try_from(text.len()).unwrap_or(0) }
    }

    fn distance(&self, name: &[u8]) -> u32 {
        let Some(last) = self.len.checked_sub(1) else {
            return u32::try_from(name.len()).unwrap_or(u32::MAX);
        };
        // Vertical differences of the column: where it rises, where it falls.
        let (mut rises, mut falls) = (u64::MAX, 0_u64);
        let mut distance = self.len;
        for byte in name {
            let here = self.places.get(usize::from(*byte)).copied().unwrap_or(0);
            let diagonal = ((here & rises).wrapping_add(rises) ^ rises) | here | falls;
            let mut right_rises = falls | !(diagonal | rises);
            let mut right_falls = rises & diagonal;
            distance = distance
                .saturating_add(u32::from(right_rises >> last & 1 == 1))
                .saturating_sub(u32::from(right_falls >> last & 1 == 1));
            // The first row of the matrix counts up: its difference is one.
            right_rises = right_rises << 1 | 1;
            right_falls <<= 1;
            rises = right_falls | !(diagonal | right_rises);
            falls = right_rises & diagonal;
        }
        distance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_levenshteins() {
        let names =
            Names::read(b"engineering-01\n# not this\nHMI-2 # panel\n\n").unwrap();
        let cases: [(&str, Option<u32>); 7] = [
            ("engineering-01", Some(0)),
            ("ENGINEERING-01", Some(0)),
            ("enginering-01", Some(1)),
            ("engineerlng-O1", Some(2)),
            ("hmi-3", Some(1)),
            ("", Some(5)),
            (&"x".repeat(65), None),
        ];
        for (text, expected) in cases {
            assert_eq!(names.nearest(text.as_bytes()), expected, "{text}");
        }
        assert!(Names::read(&[b'a'; 65]).is_none());
        assert_eq!(Names::default().nearest(b"a"), None);
    }

    /// Against the matrix, over all texts of up to four letters of two.
    #[test]
    fn the_bit_vectors_agree_with_the_matrix() {
        let texts: Vec<Vec<u8>> = (0..=4_usize)
            .flat_map(|len| (0..1_u8 << len).map(move |bits| (len, bits)))
            .map(|(len, bits)| (0..len).map(|at| b'a' + (bits >> at & 1)).collect())
            .collect();
        for a in &texts {
            for b in &texts {
                assert_eq!(Pattern::new(a).distance(b), matrix(a, b), "{a:?} {b:?}");
            }
        }
    }

    fn matrix(a: &[u8], b: &[u8]) -> u32 {
        let mut row: Vec<u32> = (0..=u32::try_from(b.len()).unwrap()).collect();
        for (i, x) in (1..).zip(a) {
            let mut diagonal = row[0];
            row[0] = i;
            for (j, y) in (1..).zip(b) {
                let change = diagonal + u32::from(x != y);
                diagonal = row[j];
                row[j] = change.min(row[j] + 1).min(row[j - 1] + 1);
            }
        }
        *row.last().unwrap()
    }
}
