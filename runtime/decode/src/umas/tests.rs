//! UMAS from bytes to events. Where the bytes are others', the source stands beside them,
//! by its letter in `spec/schema/umas.toml`; the rest follows their layouts by hand.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::testing::{From, Talk, Wire, events, hex};

/// An exchange: a name, then PDUs of the client (`>`) and of the controller (`<`),
/// behind the function code 90.
type Case = (&'static str, &'static [(char, &'static str)]);

const FUNCTIONS: &[Case] = &[
    (
        "M, P: beginning of communication",
        &[('>', "00 01 00"), ('<', "00 FE FD00 0104 00000000 78563412 04 4D333430")],
    ),
    (
        "M, P: who are you",
        &[
            ('>', "00 02"),
            (
                '<',
                "00 FE 10FF 5A010100 0000 7002 0000 2700 0900 08000000 0000 \
             07 42 4D 58 20 50 33 34 01 01010000 00001100",
            ),
        ],
    ),
    (
        "M, L: project",
        &[
            ('>', "00 03 00"),
            (
                '<',
                "00 FE 020500009888010000 020500009888010000 02 0C3B0C0E01DE07 \
             02 0C3B0C0E01DE07 08010200 05 426F696C00",
            ),
        ],
    ),
    ("project, laid out otherwise", &[('>', "00 03 04"), ('<', "00 FE 0102030405")]),
    ("P: state", &[('>', "01 04"), ('<', "01 FE 028280 02 B0D56F1B 37583D11 0000")]),
    (
        "A: reservation, and its end",
        &[
            ('>', "00 10 434C0000 0F 555345522D37313445373446323142 00"),
            ('<', "00 FE 78"),
            ('>', "78 12"),
            ('<', "78 FE"),
            ('>', "78 11"),
            ('<', "78 FE"),
        ],
    ),
    ("a reservation of another layout", &[('>', "00 10 01020304 20 41")]),
    (
        "L, M: memory block",
        &[('>', "00 20 00 1300 6400 0000 0400"), ('<', "00 FE 00 0400 01020304")],
    ),
    (
        "P: variables are read",
        &[
            ('>', "00 22 37583D11 02 02 2C00 01 1000 04 13 2D00 01 0000 00 0300"),
            ('<', "00 FE 0102"),
        ],
    ),
    (
        "P: variables are written",
        &[
            ('>', "00 23 37583D11 02 01 2C00 1000 0400 01 03 2C00 2000 0000 01020304"),
            ('<', "00 FE"),
        ],
    ),
    ("P: data dictionary", &[('>', "00 26 02DD 00 78563412 FFFF 0000 0000")]),
    (
        "M: start and stop",
        &[('>', "01 40 FF00"), ('<', "01 FE"), ('>', "01 41 FF00"), ('<', "01 FE")],
    ),
    (
        "M, P: monitoring",
        &[('>', "01 50 15 00 02 0B 05 01 2C00 1000 02"), ('<', "01 FE 0B00")],
    ),
    ("monitoring that nobody has described", &[('>', "01 50 15 00 02 07 EE 01")]),
    ("L: refused", &[('>', "00 53 06 00 00 00 00 00 00"), ('<', "00 FD 00")]),
    (
        "B: signed",
        &[
            (
                '>',
                "00 38 01 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F \
             5A 01 41 FF00",
            ),
            (
                '<',
                "00 FE 01 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F \
             5A 01 FE",
            ),
        ],
    ),
    ("an unknown function", &[('>', "00 99 0102"), ('<', "00 FE 03")]),
];

const TRANSFERS: &[Case] = &[
    (
        "M: into the controller; block 2 comes twice",
        &[
            ('>', "01 30 00 01"),
            ('<', "01 FE"),
            ('>', "01 31 00 01 0100 0300 616263"),
            ('<', "01 FE 01"),
            ('>', "01 31 00 01 0200 0200 6465"),
            ('>', "01 31 00 01 0200 0200 6465"),
            ('>', "01 31 00 01 0300 0100 66"),
            ('>', "01 32 00 01 0300"),
            ('<', "01 FE"),
        ],
    ),
    (
        "into the controller, with a block left out",
        &[
            ('>', "01 30 00 10"),
            ('>', "01 31 00 10 0100 0300 616263"),
            ('>', "01 31 00 10 0300 0100 66"),
            ('>', "01 32 00 10 0300"),
        ],
    ),
    (
        "M: out of the controller",
        &[
            ('>', "01 33 00 01 FB00"),
            ('<', "01 FE 00 01 06000000"),
            ('>', "01 34 00 01 0100"),
            ('<', "01 FE 00 00 0300 616263"),
            ('>', "01 34 00 01 0200"),
            ('<', "01 FE 01 00 0300 646566"),
            ('>', "01 35 00 01 0200"),
            ('<', "01 FE"),
        ],
    ),
];

const BROKEN: &[Case] = &[
    ("nothing behind the session", &[('>', "01")]),
    ("a memory block without its length", &[('>', "00 20 00 1300 6400 0000")]),
    ("a block shorter than it says", &[('>', "01 31 00 01 0100 0900 616263")]),
    ("a variable cut", &[('>', "00 22 37583D11 02 02 2C00 01 1000 04 02 2C00")]),
    ("more checksums than bytes", &[('>', "01 04"), ('<', "01 FE 028280 05 B0D56F1B")]),
    (
        "a name longer than the answer",
        &[
            ('>', "00 02"),
            ('<', "00 FE 10FF 5A010100 0000 7002 0000 2700 0900 08000000 0000 20 42"),
        ],
    ),
    ("neither ok nor error", &[('>', "00 02"), ('<', "00 42 01")]),
];

/// The `umas` objects of a case's events, below its messages. Function 90 is in the
/// Modbus events alone.
fn show(case: &Case) -> String {
    let mut out = format!("# {}\n", case.0);
    for (from, pdu) in case.1 {
        writeln!(out, "{from} {pdu}").unwrap();
    }
    let events = events(&talk(case));
    let (modbus, umas): (Vec<_>, Vec<_>) =
        events.iter().partition(|event| event.contains("\"kind\":\"modbus\""));
    assert_eq!(modbus.len(), umas.len());
    for (modbus, umas) in modbus.iter().zip(umas) {
        assert!(modbus.contains("\"function\":90"), "{modbus}");
        assert!(!modbus.contains("\"op\"") && !modbus.contains("\"phase\""), "{modbus}");
        let fields = umas.split_once("\"malformed\":").unwrap().1;
        let (malformed, fields) = fields.split_once(',').unwrap();
        let fields = fields.split_once("\"umas\":{").unwrap().1;
        let mark = if malformed == "true" { "! " } else { "  " };
        writeln!(out, "{mark}{}", fields.trim_end_matches('}')).unwrap();
    }
    out
}

fn talk(case: &Case) -> Wire {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
    talk.open(&mut wire);
    for (at, (mark, message)) in case.1.iter().enumerate() {
        let from = if *mark == '>' { From::Client } else { From::Server };
        let asks = case.1[..=at].iter().filter(|(mark, _)| *mark == '>').count();
        talk.send(&mut wire, from, &frame(asks, 0x5a, &hex(message)));
    }
    wire
}

fn frame(transaction: usize, function: u8, message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len() + 2).unwrap();
    let mut out = u16::try_from(transaction).unwrap().to_be_bytes().to_vec();
    out.extend([0, 0]);
    out.extend(length.to_be_bytes());
    out.extend([0, function]);
    out.extend(message);
    out
}

fn snapshot(name: &str, cases: &[Case]) {
    let shown: Vec<String> = cases.iter().map(show).collect();
    insta::assert_snapshot!(name, shown.join("\n"));
}

#[test]
fn messages_are_read_as_far_as_they_are_known() {
    snapshot("functions", FUNCTIONS);
}

#[test]
fn programs_are_hashed() {
    snapshot("transfers", TRANSFERS);
    // `printf abcdef | sha256sum`
    let hash = "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721";
    let hashes = |case: &Case| show(case).matches(hash).count();
    assert_eq!(hashes(&TRANSFERS[0]), 1, "at the end");
    assert_eq!(hashes(&TRANSFERS[1]), 0);
    assert_eq!(hashes(&TRANSFERS[2]), 2, "with the last block and at the end");
}

#[test]
fn broken_messages_say_where_they_break() {
    snapshot("broken", BROKEN);
}

/// Newer controllers agree on more than the 253 bytes of a Modbus PDU (L, part III).
#[test]
fn long_messages_are_read_and_paired() {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
    talk.open(&mut wire);
    talk.send(&mut wire, From::Client, &frame(1, 0x5a, &hex("01 34 00 01 0100")));
    let block = [&hex("01 FE 01 00 F403")[..], &[b'a'; 1012]].concat();
    talk.send(&mut wire, From::Server, &frame(1, 0x5a, &block));
    let events = events(&wire);
    assert_eq!(events.len(), 4, "{events:?}");
    for event in &events {
        assert!(event.contains("\"malformed\":false"), "{event}");
    }
    // `head -c 1012 /dev/zero | tr '\\0' a | sha256sum`
    let hash = "0a465bcceeee4164fb6bc4e00867b4a47532265911d09bf088343e24f0883a36";
    assert!(events[3].contains(hash), "{}", events[3]);
}

#[test]
fn an_exception_answers_the_request() {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
    talk.open(&mut wire);
    talk.send(&mut wire, From::Client, &frame(1, 0x5a, &hex("00 41 FF00")));
    talk.send(&mut wire, From::Server, &frame(1, 0xda, &hex("01")));
    let events = events(&wire);
    assert_eq!(events.len(), 4, "{events:?}");
    let answer = &events[3];
    for text in ["\"stop_plc\"", "\"rejected\"", "\"exception\":1", "\"paired\":true"] {
        assert!(answer.contains(text), "{text} in {answer}");
    }
}

proptest! {
    /// Messages of any bytes give an event each, besides the Modbus one.
    #[test]
    fn hostile_bytes_do_no_harm(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..8),
        functions in prop::collection::vec(0_u8..=0x75, 8),
    ) {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
        talk.open(&mut wire);
        for (at, (message, function)) in messages.iter().zip(&functions).enumerate() {
            let mut message = message.clone();
            let (from, second) = match at % 2 {
                0 => (From::Client, *function),
                _ => (From::Server, 0xfe),
            };
            if let Some(byte) = message.get_mut(1) {
                *byte = second;
            }
            talk.send(&mut wire, from, &frame(at / 2, 0x5a, &message));
        }
        prop_assert_eq!(events(&wire).len(), 2 * messages.len());
    }
}
