//! 104 from bytes to events. The ASDUs are made by hand from the tables of 101, 7.3.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::iec104::{Config, Iec104, Widths};
use crate::protocol::{Decoder, Probe, Transport, Verdict};
use crate::testing::{From, Talk, Wire, events, hex};

/// An exchange: a name, then APDUs of the controlling station (`>`) and of the
/// controlled one (`<`). What begins with a type is an ASDU, put into an I frame.
type Case = (&'static str, &'static [(char, &'static str)]);

const STARTDT: (char, &str) = ('>', "68 04 07 00 00 00");

/// One object of each type in monitor direction, then sequences.
const MONITOR: &[Case] = &[
    ("1 single point, blocked", &[('<', "01 01 0300 0100 0A0000 11")]),
    (
        "2 single point, 5.5 s past minute 7",
        &[('<', "02 01 0300 0100 0A0000 01 7C15 07")],
    ),
    ("3 double point, invalid", &[('<', "03 01 0300 0100 0A0000 82")]),
    ("4 double point, minute is invalid", &[('<', "04 01 0300 0100 0A0000 02 0000 8A")]),
    ("5 step -3, moving", &[('<', "05 01 0300 0100 0A0000 FD 00")]),
    ("6 step 63", &[('<', "06 01 0300 0100 0A0000 3F 01 0000 00")]),
    ("7 bitstring", &[('<', "07 01 0300 0100 0A0000 04030201 40")]),
    ("8 bitstring", &[('<', "08 01 0300 0100 0A0000 FFFFFFFF 00 0000 00")]),
    ("9 normalised -1", &[('<', "09 01 0300 0100 0A0000 0080 00")]),
    ("10 normalised 0.5", &[('<', "0A 01 0300 0100 0A0000 0040 00 0000 00")]),
    ("11 scaled -2", &[('<', "0B 01 0300 0100 0A0000 FEFF 20")]),
    ("12 scaled 300", &[('<', "0C 01 0300 0100 0A0000 2C01 00 0000 00")]),
    ("13 float 1.5, overflow", &[('<', "0D 01 0300 0100 0A0000 0000C03F 01")]),
    ("14 float, not a number", &[('<', "0E 01 0300 0100 0A0000 0000C07F 00 0000 00")]),
    ("15 counter -1, adjusted", &[('<', "0F 01 0300 0100 0A0000 FFFFFFFF 45")]),
    ("16 counter, carry", &[('<', "10 01 0300 0100 0A0000 01000000 A0 0000 00")]),
    ("17 protection event", &[('<', "11 01 0300 0100 0A0000 0A F401 0000 00")]),
    ("18 start events", &[('<', "12 01 0300 0100 0A0000 3F 08 F401 0000 00")]),
    ("19 output circuits", &[('<', "13 01 0300 0100 0A0000 0F 00 F401 0000 00")]),
    ("20 packed points", &[('<', "14 01 0300 0100 0A0000 03000100 00")]),
    ("21 normalised without quality", &[('<', "15 01 0300 0100 0A0000 FF7F")]),
    (
        "30 single point, 2026-11-28 12:30:50",
        &[('<', "1E 01 0300 0100 0A0000 01 50C31E0CDC0B1A")],
    ),
    (
        "31 double point, no such day",
        &[('<', "1F 01 0300 0100 0A0000 01 00000000000C1A")],
    ),
    ("32 step, summer", &[('<', "20 01 0300 0100 0A0000 01 00 00000080010100")]),
    ("33 bitstring", &[('<', "21 01 0300 0100 0A0000 01000000 00 00000000010100")]),
    ("34 normalised", &[('<', "22 01 0300 0100 0A0000 0040 00 00000000010100")]),
    ("35 scaled", &[('<', "23 01 0300 0100 0A0000 0100 00 00000000010100")]),
    ("36 float", &[('<', "24 01 0300 0100 0A0000 0000C03F 00 00000000010100")]),
    ("37 counter", &[('<', "25 01 0300 0100 0A0000 01000000 00 00000000010100")]),
    ("38 protection event", &[('<', "26 01 0300 0100 0A0000 02 0000 00000000010100")]),
    ("39 start events", &[('<', "27 01 0300 0100 0A0000 01 00 0000 00000000010100")]),
    ("40 output circuits", &[('<', "28 01 0300 0100 0A0000 01 00 0000 00000000010100")]),
    ("70 end of initialisation", &[('<', "46 01 0400 0100 000000 82")]),
    ("a sequence of three", &[('<', "01 83 1400 0100 0A0000 01 00 01")]),
    ("three with addresses", &[('<', "01 03 1400 0100 0A0000 01 140000 00 050000 01")]),
    ("a private type", &[('<', "80 01 0300 0100 0A0000 DEADBEEF")]),
    ("41 security statistics", &[('<', "29 01 0300 0100 0A0000 DEADBEEF")]),
];

/// Commands with their confirmations.
const CONTROL: &[Case] = &[
    (
        "45 select, execute, done",
        &[
            ('>', "2D 01 0600 0100 0B0000 81"),
            ('<', "2D 01 0700 0100 0B0000 81"),
            ('>', "2D 01 0600 0100 0B0000 05"),
            ('<', "2D 01 0700 0100 0B0000 05"),
            ('<', "2D 01 0A00 0100 0B0000 05"),
        ],
    ),
    (
        "46 direct, refused",
        &[('>', "2E 01 0603 0100 0B0000 02"), ('<', "2E 01 4703 0100 0B0000 02")],
    ),
    (
        "47 select, refused; execute all the same",
        &[
            ('>', "2F 01 0600 0100 0B0000 82"),
            ('<', "2F 01 4700 0100 0B0000 82"),
            ('>', "2F 01 0600 0100 0B0000 02"),
        ],
    ),
    ("48 normalised", &[('>', "30 01 0600 0100 0B0000 0040 01")]),
    ("49 scaled, select", &[('>', "31 01 0600 0100 0B0000 6400 80")]),
    ("50 float", &[('>', "32 01 0600 0100 0B0000 0000C842 00")]),
    ("51 bitstring", &[('>', "33 01 0600 0100 0B0000 01000080")]),
    (
        "58 selected without a time tag, executed with one",
        &[
            ('>', "2D 01 0600 0100 0B0000 81"),
            ('>', "3A 01 0600 0100 0B0000 01 00000000010100"),
        ],
    ),
    ("59", &[('>', "3B 01 0600 0100 0B0000 01 00000000010100")]),
    ("60", &[('>', "3C 01 0600 0100 0B0000 01 00000000010100")]),
    ("61", &[('>', "3D 01 0600 0100 0B0000 0040 00 00000000010100")]),
    ("62", &[('>', "3E 01 0600 0100 0B0000 0100 00 00000000010100")]),
    ("63", &[('>', "3F 01 0600 0100 0B0000 0000C03F 00 00000000010100")]),
    ("64", &[('>', "40 01 0600 0100 0B0000 01000000 00000000010100")]),
    (
        "45 cancelled",
        &[
            ('>', "2D 01 0600 0100 0B0000 81"),
            ('>', "2D 01 0800 0100 0B0000 81"),
            ('<', "2D 01 0900 0100 0B0000 81"),
            ('>', "2D 01 0600 0100 0B0000 01"),
        ],
    ),
    (
        "45 to a station that does not exist",
        &[('>', "2D 01 0600 0900 0B0000 01"), ('<', "2D 01 6E00 0900 0B0000 01")],
    ),
    ("45 as a test", &[('>', "2D 01 8600 0100 0B0000 01")]),
    (
        "100 interrogation of all stations",
        &[
            ('>', "64 01 0600 FFFF 000000 14"),
            ('<', "64 01 0700 0100 000000 14"),
            ('<', "01 01 1400 0100 0A0000 01"),
            ('<', "64 01 0A00 0100 000000 14"),
            ('<', "64 01 0700 0200 000000 14"),
        ],
    ),
    ("101 counters, freeze and reset", &[('>', "65 01 0600 0100 000000 85")]),
    (
        "102 read",
        &[('>', "66 01 0500 0100 0A0000"), ('<', "0D 01 0500 0100 0A0000 0000C03F 00")],
    ),
    (
        "102 read of nothing",
        &[('>', "66 01 0500 0100 630000"), ('<', "66 01 6F00 0100 630000")],
    ),
    ("103 clock", &[('>', "67 01 0600 0100 000000 50C31E0CDC0B1A")]),
    ("104 test", &[('>', "68 01 0600 0100 000000 AA55")]),
    ("105 reset", &[('>', "69 01 0600 0100 000000 01")]),
    ("106 delay", &[('>', "6A 01 0600 0100 000000 0A00")]),
    ("107 test with time", &[('>', "6B 01 0600 0100 000000 0100 00000000010100")]),
    ("110 high limit", &[('>', "6E 01 0600 0100 0A0000 0040 04")]),
    ("111 out of operation", &[('>', "6F 01 0600 0100 0A0000 0A00 C1")]),
    ("112 threshold", &[('>', "70 01 0600 0100 0A0000 0000C03F 01")]),
    ("113 activation", &[('>', "71 01 0600 0100 0A0000 03")]),
];

const FILES: &[Case] = &[
    (
        "a file of two sections out of the station",
        &[
            ('>', "7A 01 0500 0100 000000 0000 00 00"),
            (
                '<',
                "7E 02 0500 0100 640000 0100 060000 20 00000000010100 \
               650000 0200 000100 40 00000000010100",
            ),
            ('>', "7A 01 0D00 0100 640000 0100 00 01"),
            ('<', "78 01 0D00 0100 640000 0100 060000 00"),
            ('>', "7A 01 0D00 0100 640000 0100 00 02"),
            ('<', "79 01 0D00 0100 640000 0100 01 030000 00"),
            ('>', "7A 01 0D00 0100 640000 0100 01 06"),
            ('<', "7D 01 0D00 0100 640000 0100 01 03 616263"),
            ('<', "7B 01 0D00 0100 640000 0100 01 03 26"),
            ('>', "7C 01 0D00 0100 640000 0100 01 03"),
            ('<', "7D 01 0D00 0100 640000 0100 02 02 6465"),
            ('<', "7D 01 0D00 0100 640000 0100 02 01 66"),
            ('<', "7B 01 0D00 0100 640000 0100 02 03 00"),
            ('<', "7B 01 0D00 0100 640000 0100 02 01 55"),
            ('>', "7C 01 0D00 0100 640000 0100 02 01"),
        ],
    ),
    (
        "a file into the station, shorter than announced",
        &[
            ('>', "78 01 0D00 0100 640000 0500 040000 00"),
            ('<', "7A 01 0D00 0100 640000 0500 00 02"),
            ('>', "79 01 0D00 0100 640000 0500 01 030000 00"),
            ('>', "7D 01 0D00 0100 640000 0500 01 03 616263"),
            ('>', "7B 01 0D00 0100 640000 0500 01 01 26"),
            ('<', "7C 01 0D00 0100 640000 0500 01 22"),
        ],
    ),
    ("a file is deleted", &[('>', "7A 01 0D00 0100 640000 0100 00 04")]),
    ("a file that is not ready", &[('<', "78 01 0D00 0100 640000 0100 000000 80")]),
    ("a log", &[('>', "7F 01 0500 0100 640000 0100 00000000010100 00000000020100")]),
];

const FRAMES: &[Case] = &[
    (
        "STOPDT, TESTFR",
        &[
            ('<', "68 04 0B 00 00 00"),
            ('>', "68 04 43 00 00 00"),
            ('<', "68 04 83 00 00 00"),
            ('>', "68 04 13 00 00 00"),
            ('<', "68 04 23 00 00 00"),
        ],
    ),
    ("S", &[('>', "68 04 01 00 0E 00")]),
];

const BROKEN: &[Case] = &[
    ("no start", &[('<', "69 04 01 00 00 00"), ('<', "68 04 83 00 00 00")]),
    ("a length of 3", &[('<', "68 03 01 00 00")]),
    ("a length of 254", &[('<', "68 FE 01 00 00")]),
    ("two functions at once", &[('<', "68 04 0F 00 00 00")]),
    ("a U frame with an ASDU", &[('<', "68 06 83 00 00 00 01 02")]),
    ("an S frame with bits", &[('<', "68 04 05 00 00 00")]),
    ("an I frame without ASDU", &[('<', "68 04 00 00 00 00")]),
    ("cut in its header", &[('<', "01 01 0300 01")]),
    ("cut in its address", &[('<', "01 01 0300 0100 0A00")]),
    ("cut in its value", &[('<', "0D 01 0300 0100 0A0000 0000")]),
    ("a second object cut", &[('<', "0B 02 0300 0100 0A0000 0100 00 0B0000 01")]),
    ("bytes behind", &[('<', "01 01 0300 0100 0A0000 01 FF")]),
    ("no object", &[('<', "01 00 0300 0100")]),
    ("type 0", &[('<', "00 01 0300 0100 0A0000 01")]),
    ("a segment that is not whole", &[('<', "7D 01 0D00 0100 640000 0100 01 09 6162")]),
];

/// The `iec104` objects of a case's events, below its APDUs.
fn show(case: &Case) -> String {
    let mut out = format!("# {}\n", case.0);
    for (from, apdu) in case.1 {
        writeln!(out, "{from} {apdu}").unwrap();
    }
    for event in events(&talk(case)).iter().skip(1) {
        let fields = event.split_once("\"malformed\":").unwrap().1;
        let (malformed, fields) = fields.split_once(',').unwrap();
        let fields = fields.split_once("\"iec104\":{").unwrap().1;
        let mark = if malformed == "true" { "! " } else { "  " };
        writeln!(out, "{mark}{}", fields.trim_end_matches('}')).unwrap();
    }
    out
}

/// A connection that starts data transfer and goes on with a case's APDUs.
fn talk(case: &Case) -> Wire {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 2404));
    talk.open(&mut wire);
    for (mark, bytes) in std::iter::once(&STARTDT).chain(case.1) {
        let from = if *mark == '>' { From::Client } else { From::Server };
        talk.send(&mut wire, from, &apdu(bytes));
    }
    wire
}

/// A frame as it is written, or an ASDU in an I frame.
fn apdu(text: &str) -> Vec<u8> {
    let bytes = hex(text);
    let is_frame = matches!(bytes[..], [0x68 | 0x69, n, ..] if n != 1);
    if is_frame { bytes } else { i_frame(&bytes) }
}

fn i_frame(asdu: &[u8]) -> Vec<u8> {
    let length = u8::try_from(asdu.len() + 4).unwrap();
    [&[0x68, length, 2, 0, 4, 0], asdu].concat()
}

fn snapshot(name: &str, cases: &[Case]) {
    let shown: Vec<String> = cases.iter().map(show).collect();
    insta::assert_snapshot!(name, shown.join("\n"));
}

#[test]
fn values_of_every_type() {
    snapshot("monitor", MONITOR);
}

#[test]
fn commands_and_what_answers_them() {
    snapshot("control", CONTROL);
}

#[test]
fn files() {
    snapshot("files", FILES);
}

#[test]
fn control_frames() {
    snapshot("frames", FRAMES);
}

#[test]
fn broken_apdus_say_where_they_break() {
    snapshot("broken", BROKEN);
}

/// The values that were computed by hand, apart from the snapshots.
#[test]
fn values_by_hand() {
    let expected = [
        (0, r#""value":1.0,"iv":false,"nt":false,"sb":false,"bl":true"#),
        (1, r#""time_in_hour":425500000000"#),
        (4, r#""value":-3.0"#),
        (5, r#""value":63.0"#),
        (6, r#""value":16909060.0"#),
        (8, r#""value":-1.0,"#),
        (9, r#""value":0.5"#),
        (10, r#""value":-2.0"#),
        (12, r#""value":1.5,"iv":false,"nt":false,"sb":false,"bl":false,"ov":true"#),
        (14, r#""adjusted":true,"sequence":5"#),
        (16, r#""elapsed":500000000"#),
        (20, r#""value":0.999969482421875"#),
        (21, "2026-11-28T12:30:50"),
    ];
    for (at, text) in expected {
        let shown = show(&MONITOR[at]);
        assert!(shown.contains(text), "{text} in {shown}");
    }
}

#[test]
fn apdus_are_found_wherever_segments_end() {
    let stream = [
        apdu(STARTDT.1),
        apdu("2D 01 0600 0100 0B0000 81"),
        apdu("68 04 01 00 0E 00"),
        apdu("64 01 0600 FFFF 000000 14"),
    ]
    .concat();
    let run = |chunks: &[&[u8]]| {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 2404));
        talk.open(&mut wire);
        for chunk in chunks {
            talk.send(&mut wire, From::Client, chunk);
        }
        let fields =
            |event: String| event.split_once("\"iec104\":").unwrap().1.to_owned();
        events(&wire).into_iter().map(fields).collect::<Vec<_>>()
    };
    let whole = run(&[&stream]);
    assert_eq!(whole.len(), 4, "{whole:?}");
    for first in 0..stream.len() {
        for second in first..stream.len() {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(run(&chunks), whole, "cut at {first} and {second}");
        }
    }
}

#[test]
fn a_gap_is_passed_and_the_next_apdu_found() {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 2404));
    talk.open(&mut wire);
    talk.send(&mut wire, From::Client, &apdu(STARTDT.1));
    let command = apdu("2D 01 0600 0100 0B0000 81");
    talk.send(&mut wire, From::Client, &command[..9]);
    talk.lose(From::Client, 7);
    let second = [&command[5..], &apdu("2E 01 0600 0100 0C0000 01")[..]].concat();
    talk.send(&mut wire, From::Client, &second);
    let events = events(&wire);
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[1].contains("\"ioa\":12"), "{events:?}");
}

#[test]
fn other_protocols_are_not_claimed() {
    let probe = |side: &str| {
        let bytes = hex(side);
        let verdict = Iec104::STANDARD.probe(&Probe {
            transport: Transport::Tcp,
            ports: [50_000, 2404],
            sides: [&bytes, &[]],
            datagrams: &[],
            is_start: true,
        });
        match verdict {
            Verdict::No => 'n',
            Verdict::More => 'm',
            Verdict::Yes(_) => 'y',
        }
    };
    let cases = [
        ("68", 'm'),
        ("6804070000", 'm'),
        ("680407000000", 'y'),
        ("680401000e00", 'y'),
        ("680401000f00", 'y'),
        ("680401010e00", 'n'),
        ("680407000001", 'n'),
        ("68040f000000", 'n'),
        // An M-Bus telegram: the start stands behind the second length again.
        ("680b0b68 08 01 72 78563412 2d2c 01", 'n'),
        // A type of known length, fitting and not.
        ("680e 0200 0400 2d01 0600 0100 0b0000 01", 'y'),
        ("680f 0200 0400 2d01 0600 0100 0b0000 01ff", 'n'),
        // A cause that does not exist.
        ("680e 0200 0400 2d01 0000 0100 0b0000 01", 'n'),
        // A private type proves nothing.
        ("680e 0200 0400 8001 0600 0100 0b0000 01", 'm'),
        ("474554202f20485454502f312e31", 'n'),
    ];
    for (side, expected) in cases {
        assert_eq!(probe(side), expected, "{side}");
    }
}

/// A site with narrower fields: recognised, or told.
#[test]
fn other_widths() {
    // Cause 1, common address 1, object address 2.
    let asdus = ["2D01 06 01 0B00 81", "0D02 14 01 0A00 0000C03F 00 0B00 0000C03F 00"];
    let run = || {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 2404));
        talk.open(&mut wire);
        talk.send(&mut wire, From::Client, &apdu(STARTDT.1));
        talk.send(&mut wire, From::Client, &i_frame(&hex(asdus[0])));
        talk.send(&mut wire, From::Server, &i_frame(&hex(asdus[1])));
        events(&wire)
    };
    let events = run();
    assert!(events[1].contains("\"malformed\":true"), "{events:?}");
    assert!(events[2].contains("\"malformed\":false"), "{events:?}");
    assert!(events[2].contains("\"ioa\":11,\"value\":1.5"), "{events:?}");

    let widths = Widths::new(1, 1, 2).unwrap();
    let told = Iec104::new(Config { widths });
    let bytes = i_frame(&hex(asdus[0]));
    let verdict = told.probe(&Probe {
        transport: Transport::Tcp,
        ports: [50_000, 2404],
        sides: [&bytes, &[]],
        datagrams: &[],
        is_start: true,
    });
    assert!(matches!(verdict, Verdict::Yes(_)));
}

proptest! {
    /// ASDUs of any bytes give one event each, whatever is in them, and any bytes
    /// between them do no harm.
    #[test]
    fn hostile_bytes_do_no_harm(
        asdus in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8),
        types in prop::collection::vec(0_u8..=130, 8),
        noise in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 2404));
        talk.open(&mut wire);
        talk.send(&mut wire, From::Client, &apdu(STARTDT.1));
        for (at, (asdu, type_id)) in asdus.iter().zip(&types).enumerate() {
            let from = if at % 2 == 0 { From::Client } else { From::Server };
            let mut asdu = asdu.clone();
            if let Some(first) = asdu.first_mut() {
                *first = *type_id;
            }
            talk.send(&mut wire, from, &i_frame(&asdu));
        }
        prop_assert_eq!(events(&wire).len(), asdus.len() + 1);
        talk.send(&mut wire, From::Client, &noise);
        events(&wire);
    }
}
