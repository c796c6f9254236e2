//! How rare a few bytes are in command lines, paths and names.
//!
//! There is no traffic to count at compile time, so the table is static: a guess
//! at the frequency of each byte in folded Windows command lines (in 1/1024),
//! and of the fragments that nearly every one of them has. Only the order of the
//! results matters, and only for speed.

/// Frequency of printable ASCII bytes from the blank on, in 1/1024; upper case
/// is for texts that are not folded.
const PRINTABLE: [u16; 95] = [
    60, 1, 18, 1, 3, 3, 2, 2, 2, 2, 2, 1, 4, 16, 34, 14, //  !"#$%&'()*+,-./
    16, 10, 9, 8, 6, 6, 7, 5, 6, 5, 16, 2, 1, 6, 1, 1, // 0123456789:;<=>?
    1, 6, 4, 8, 6, 9, 4, 4, 3, 7, 1, 2, 6, 6, 6, 6, // @A-O
    7, 1, 7, 10, 7, 4, 3, 6, 2, 2, 1, 2, 44, 2, 1, 10, // P-Z[\]^_
    1, 50, 14, 36, 30, 84, 18, 16, 16, 56, 3, 8, 36, 34, 48, 48, // `a-o
    26, 2, 50, 54, 52, 24, 12, 20, 18, 12, 3, 2, 1, 2, 1, // p-z{|}~
];

/// Fragments that say next to nothing, with how many of 1024 texts have them.
const COMMON: [(&[u8; 4], u32); 44] = [
    (b".exe", 950),
    (b"c:\\w", 700),
    (b":\\wi", 700),
    (b"\\win", 750),
    (b"wind", 760),
    (b"indo", 760),
    (b"ndow", 760),
    (b"dows", 760),
    (b"ows\\", 740),
    (b"ws\\s", 600),
    (b"s\\sy", 600),
    (b"\\sys", 620),
    (b"syst", 640),
    (b"yste", 640),
    (b"stem", 640),
    (b"tem3", 560),
    (b"em32", 560),
    (b"m32\\", 550),
    (b"32\\c", 120),
    (b"prog", 300),
    (b"rogr", 300),
    (b"ogra", 300),
    (b"gram", 300),
    (b"ram ", 200),
    (b"file", 320),
    (b"iles", 280),
    (b"les\\", 200),
    (b"user", 280),
    (b"sers", 220),
    (b"ers\\", 220),
    (b"appd", 150),
    (b"data", 200),
    (b"loca", 180),
    (b"ocal", 180),
    (b"micr", 160),
    (b"icro", 160),
    (b"soft", 180),
    (b"powe", 120),
    (b"wers", 120),
    (b"shel", 150),
    (b"hell", 150),
    (b"http", 80),
    (b"temp", 140),
    (b"    ", 60),
];

/// Bytes of a text of middling length.
const TEXT: u64 = 80;

/// Of 2^20 texts, how many have these bytes somewhere; at least one.
pub(super) fn texts_with(fragment: &[u8]) -> u32 {
    let folded = fragment.to_ascii_lowercase();
    for (common, of_1024) in COMMON {
        if folded == common.as_slice() {
            return of_1024 << 10;
        }
    }
    let mut places = 1_u64 << 40;
    for byte in &folded {
        places = (places * u64::from(frequency(*byte))) >> 10;
    }
    // Bytes follow one another by habit, so that a fragment is more frequent
    // than the product says; the factor is a guess.
    let habit = 8;
    let of_2_20 = (places * TEXT * habit) >> 20;
    u32::try_from(of_2_20.clamp(1, 1 << 20)).unwrap_or(1 << 20)
}

fn frequency(byte: u8) -> u16 {
    byte.checked_sub(b' ')
        .and_then(|i| PRINTABLE.get(usize::from(i)))
        .copied()
        .unwrap_or(1)
}
