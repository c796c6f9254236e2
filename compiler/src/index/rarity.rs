//! How rare a few bytes are in command lines, paths and names.
//!
//! There is no traffic to count at compile time, so the table is static: a guess
//! at the frequency of each byte in folded Windows command lines (in 1/1024),
//! and counts of the fragments that many of them have. Only the order of the
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

/// Fragments that say little, four bytes each, by how many of 1024 texts have them at
/// least: counted over paths, command lines, keys, accounts and names in logs of usual
/// computers and of attacks on some, each text twenty times at most. Without
/// them `authori` and `microsoft` pass for rare, and rules hang on what half of all
/// events have.
#[rustfmt::skip]
const COMMON: [(u32, &[&[u8]]); 4] = [
    (
        512,
        &[
            br#".exe:\wi\cur\sys\winc:\wcroscurrdowsem32hklmicroindoklm\lm\sm32\"#,
            br#"micrndowosofows\rentrosorrens\sysoftstemsysttem3urrewindws\syste"#,
        ],
    ),
    (
        256,
        &[
            br#""c:\-win00\s0\so\exp\mic\run\s-1\sofare\e\mientver\rers\ersiexe "#,
            br#"exe"explfileft-wft\wftwagramhku\ilesion\ku\sloren\exnmruntveoft-"#,
            br#"oft\oftwograon\eorerows-plorprogr\rure\mrer\rogrrsiorunms-1-s\cu"#,
            br#"siont-wit.ext\witvertwaru\s-unmruserverswarews\cxe" xplo"#,
        ],
    ),
    (
        128,
        &[
            br#" aut fil2\cm32\c32\s:\pr:\us\acc\cmd\dom\ieu\nam\pro\sam\ser\tem"#,
            br#"\useaccoainsam fam\dam\samesappdatioaultauthc:\pc:\uccouces\cmd."#,
            br#"contcound.exdatadatedomaefauem\cemp\entcer.eervies\set\seusefaul"#,
            br#"hellhorihosticesieusins\ity\les\localsetm fim\cum\dom\sam\symain"#,
            br#"md.emes\namens\ant ant\untcontroocalolseomaiontroritost.ountpdat"#,
            br#"portr.exram ratirityrolsrs\nrvics\acs\nasam\sersservset\shelst.e"#,
            br#"t aut\set\ustcontem\tempthortiontrolunt\updauthovicewin1xe -xe /"#,
        ],
    ),
    (
        64,
        &[
            br#" -k  /c  c:\ net ser(def-k n-rem-sys.bat/ope16-i1f4\2\sv32\d6-ir"#,
            br#"66s-6s-w\(de\app\loc\ope\sta\sup\svca\loadmiageral\tanagata\ator"#,
            br#"aunccal\ces-chosder\dgewdmine -ke /ce" -e.exedgeemoter\dera\erat"#,
            br#"ernees-res\metsvewinf4\fgewihttpin10in16inisionaistrk nel\telaun"#,
            br#"m\somanaminimotemru\msedn10\n16-nagendernetsnistonaloperow64ows "#,
            br#"perapoweppdapporr\deratoremorivers\0rs\is-res-sys-wis.exs\00s\ie"#,
            br#"s\mss\sus\tesedgser\ses\smonstrasuppsvchsvcsswowsysmsyswta\ltrat"#,
            br#"tsvcult)unchuppovchow64\werswin7wow6ws-dws-sws\tysmoyswo"#,
        ],
    ),
];

/// Bytes of a text of middling length.
const TEXT: u64 = 80;

/// Of 2^20 texts, how many have these bytes somewhere; at least one.
pub(super) fn texts_with(fragment: &[u8]) -> u32 {
    let folded = fragment.to_ascii_lowercase();
    for (of_1024, common) in COMMON {
        if common.iter().any(|row| row.as_chunks::<4>().0.iter().any(|f| folded == f)) {
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

/// Of 2^20 texts, how many have a byte somewhere, if those are few.
pub(super) fn texts_with_byte(byte: u8) -> Option<u32> {
    // One in a thousand bytes is one in twelve texts, so that only the rarest few are
    // worth looking for.
    const RARE: &[u8] = b"^`{}|~$<>!#@";
    (!byte.is_ascii() || RARE.contains(&byte)).then_some(1 << 14)
}

fn frequency(byte: u8) -> u16 {
    byte.checked_sub(b' ')
        .and_then(|i| PRINTABLE.get(usize::from(i)))
        .copied()
        .unwrap_or(1)
}
