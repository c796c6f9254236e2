//! S7comm from bytes to events. The messages are laid out by hand after the public
//! descriptions that the modules name; what tshark makes of the like is compared by the
//! conformance test.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::testing::{From, Talk, Wire, events, hex};

/// An exchange: a name, then messages of the client (`>`) and of the controller (`<`):
/// kind, reference, and parameter and data part.
type Case = (&'static str, &'static [(char, u8, u16, &'static str, &'static str)]);

const JOB: u8 = 1;
const ACK: u8 = 2;
const ACK_DATA: u8 = 3;
const USERDATA: u8 = 7;

const FUNCTIONS: &[Case] = &[
    (
        "setup",
        &[
            ('>', JOB, 1, "F0 00 0008 0008 03C0", ""),
            ('<', ACK_DATA, 1, "F0 00 0003 0003 00F0", ""),
        ],
    ),
    (
        "read: a real of DB 1, a word of memory that is not there",
        &[
            ('>', JOB, 2, "04 02 120A10080001000184000020 120A10040001000083000190", ""),
            ('<', ACK_DATA, 2, "04 02", "FF 07 0004 42480000 0A 00 0000"),
        ],
    ),
    (
        "write: a bit of the outputs, a byte of DB 7",
        &[
            (
                '>',
                JOB,
                3,
                "05 02 120A10010001000082000003 120A10020001000784000040",
                "00 03 0001 01 00 00 04 0008 FF",
            ),
            ('<', ACK_DATA, 3, "05 02", "FF 03"),
        ],
    ),
    (
        "NCK, drive, DBREAD and symbolic addresses",
        &[(
            '>',
            JOB,
            4,
            "04 04 120882410001000373 01 120AA2000000000005F00001 \
             1207B0010400010010 00 120EB2FF8A0E00010000ABCD20000009",
            "",
        )],
    ),
    (
        "stop",
        &[
            ('>', JOB, 5, "29 0000000000 09 505F50524F4752414D", ""),
            ('<', ACK_DATA, 5, "29", ""),
        ],
    ),
    (
        "cold start",
        &[('>', JOB, 6, "28 000000000000FD 0002 4320 09 505F50524F4752414D", "")],
    ),
    (
        "block deleted, refused",
        &[
            (
                '>',
                JOB,
                7,
                "28 000000000000FD 000A 0100 3041303030303742 05 5F44454C45",
                "",
            ),
            ('<', ACK, 7, "", ""),
        ],
    ),
    (
        "system status list",
        &[
            ('>', USERDATA, 8, "000112 04 11 44 01 00", "FF 09 0004 0011 0000"),
            (
                '<',
                USERDATA,
                8,
                "000112 08 12 84 01 01 00 00 0000",
                "FF 09 000C 0011 0000 0004 0001 41424344",
            ),
        ],
    ),
    (
        "list in two messages",
        &[
            ('>', USERDATA, 9, "000112 04 11 43 02 00", "FF 09 0002 3041"),
            (
                '<',
                USERDATA,
                9,
                "000112 08 12 83 02 02 07 01 0000",
                "FF 09 0004 0001 2205",
            ),
            (
                '<',
                USERDATA,
                9,
                "000112 08 12 83 02 02 07 00 0000",
                "FF 09 0004 0002 2205",
            ),
        ],
    ),
    (
        "clock set",
        &[
            (
                '>',
                USERDATA,
                10,
                "000112 04 11 47 02 00",
                "FF 09 000A 00191408201159439124",
            ),
            ('<', USERDATA, 10, "000112 08 12 87 02 01 00 00 0000", "0A 00 0000"),
        ],
    ),
    (
        "password, wrong",
        &[
            ('>', USERDATA, 11, "000112 04 11 45 01 00", "FF 09 0008 6465666768696A6B"),
            ('<', USERDATA, 11, "000112 08 12 85 01 01 00 00 D602", "0A 00 0000"),
        ],
    ),
    (
        "the controller stops",
        &[('<', USERDATA, 0, "000112 04 11 00 00 00", "FF 09 0000")],
    ),
    (
        "message service",
        &[(
            '>',
            USERDATA,
            12,
            "000112 04 11 44 02 00",
            "FF 09 000A 8100 486D6952746D2020",
        )],
    ),
    ("unknown function", &[('>', JOB, 13, "42 0102", "")]),
];

const BROKEN: &[Case] = &[
    (
        "two places stated, one there",
        &[('>', JOB, 1, "04 02 120A10020001000184000000", "")],
    ),
    ("place cut", &[('>', JOB, 1, "04 01 120A1002000100018400", "")]),
    ("value cut", &[('>', JOB, 1, "05 01 120A10020001000184000000", "00 04 0020 0102")]),
    (
        "no name of a block",
        &[('>', JOB, 1, "1A 00 0100 00000000 09 5F3041303030307850", "")],
    ),
    (
        "list of blocks of another length",
        &[('>', JOB, 1, "28 000000000000FD 0002 0200 05 5F494E5345", "")],
    ),
    ("stop cut in its name", &[('>', JOB, 1, "29 0000000000 09 505F", "")]),
    (
        "no time",
        &[('>', USERDATA, 1, "000112 04 11 47 02 00", "FF 09 000A 0019FF08201159439124")],
    ),
    (
        "payload shorter than stated",
        &[('>', USERDATA, 1, "000112 04 11 44 01 00", "FF 09 0010 0011 0000")],
    ),
    (
        "kind that is not known",
        &[('>', JOB, 1, "F0 00 0001 0001 01E0", ""), ('>', 9, 1, "01", "")],
    ),
];

fn message(kind: u8, reference: u16, parameter: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x32, kind, 0, 0];
    out.extend(reference.to_be_bytes());
    out.extend(u16::try_from(parameter.len()).unwrap().to_be_bytes());
    out.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    if matches!(kind, ACK | ACK_DATA) {
        out.extend(if kind == ACK { [0x85, 0x00] } else { [0, 0] });
    }
    out.extend_from_slice(parameter);
    out.extend_from_slice(data);
    out
}

fn packet(message: &[u8]) -> Vec<u8> {
    let mut out = vec![3, 0];
    out.extend(u16::try_from(message.len() + 7).unwrap().to_be_bytes());
    out.extend([2, 0xf0, 0x80]);
    out.extend_from_slice(message);
    out
}

fn run(sent: &[(From, Vec<u8>)]) -> Vec<String> {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 102));
    talk.open(&mut wire);
    for (from, message) in sent {
        talk.send(&mut wire, *from, &packet(message));
    }
    let own = |event: String| {
        let (_, own) = event.split_once("\"s7\":").unwrap_or(("", &event));
        own.trim_end_matches('}').to_owned()
    };
    events(&wire).into_iter().map(own).collect()
}

fn from(mark: char) -> From {
    if mark == '>' { From::Client } else { From::Server }
}

/// The `s7` objects of a case's events, below its messages.
fn show(case: &Case) -> String {
    let mut out = format!("# {}\n", case.0);
    let mut sent = Vec::new();
    for (mark, kind, reference, parameter, data) in case.1 {
        writeln!(out, "{mark} {kind} {parameter} | {data}").unwrap();
        sent.push((from(*mark), message(*kind, *reference, &hex(parameter), &hex(data))));
    }
    for event in run(&sent) {
        writeln!(out, "  {event}").unwrap();
    }
    out
}

#[test]
fn every_function_is_read_to_the_last_field() {
    let shown: Vec<String> = FUNCTIONS.iter().map(show).collect();
    insta::assert_snapshot!("functions", shown.join("\n"));
}

#[test]
fn broken_messages_say_where_they_break() {
    let shown: Vec<String> = BROKEN.iter().map(show).collect();
    insta::assert_snapshot!("broken", shown.join("\n"));
}

/// A download of OB 35 in two pieces: the controller asks for each.
fn download(second_is_missing: bool) -> Vec<String> {
    let name = "00 0000 00000000 09 5F30383030303335 50";
    let (client, server) = (From::Client, From::Server);
    let say = |kind, reference, parameter: &str, data: &str| {
        message(kind, reference, &hex(parameter), &hex(data))
    };
    let mut sent = vec![
        (client, say(JOB, 1, &format!("1A {name} 0D 31 303030303036 303030303034"), "")),
        (server, say(ACK_DATA, 1, "1A", "")),
        (server, say(JOB, 100, &format!("1B {name}"), "")),
        (client, say(ACK_DATA, 100, "1B 01", "0004 00FB 70700101")),
        (server, say(JOB, 101, &format!("1B {name}"), "")),
        (client, say(ACK_DATA, 101, "1B 00", "0002 00FB ABCD")),
        (server, say(JOB, 102, &format!("1C {name}"), "")),
        (client, say(ACK_DATA, 102, "1C", "")),
    ];
    if second_is_missing {
        sent.remove(5);
    }
    run(&sent)
}

#[test]
fn a_block_that_is_whole_has_a_size_and_a_hash() {
    let events = download(false);
    let mut digest = String::new();
    for byte in Sha256::digest(hex("70700101 ABCD")) {
        write!(digest, "{byte:02x}").unwrap();
    }
    let end = &events[6];
    assert!(end.contains(&format!("\"sha256\":\"{digest}\"")), "{end}");
    assert!(end.contains("\"size\":6"), "{end}");
    assert!(end.contains("\"name\":\"OB35\""), "{end}");
    assert!(events[0].contains("\"load_length\":6,\"mc7_length\":4"), "{}", events[0]);
    assert!(events[3].contains("\"phase_name\":\"chunk\""), "{}", events[3]);
    let begins = |event: &&String| event.contains("sha256");
    assert_eq!(events.iter().filter(begins).count(), 1);
    assert!(!download(true).iter().any(|event| event.contains("sha256")));
}

#[test]
fn an_upload_is_known_by_the_identifier_that_the_controller_gives() {
    let (client, server) = (From::Client, From::Server);
    let say = |kind, reference, parameter: &str, data: &str| {
        message(kind, reference, &hex(parameter), &hex(data))
    };
    let events = run(&[
        (client, say(JOB, 1, "1D 00 0000 00000000 09 5F3041303030303141", "")),
        (server, say(ACK_DATA, 1, "1D 00 0100 00000007 07 30303030303034", "")),
        (client, say(JOB, 2, "1E 00 0000 00000007", "")),
        (server, say(ACK_DATA, 2, "1E 00", "0004 00FB 01020304")),
        (client, say(JOB, 3, "1F 00 0000 00000007", "")),
        (server, say(ACK_DATA, 3, "1F", "")),
    ]);
    for event in &events {
        assert!(event.contains("\"block_type_name\":\"db\""), "{event}");
        assert!(event.contains("\"block_number\":1"), "{event}");
    }
    assert!(events[4].contains("\"size\":4"), "{}", events[4]);
}

#[test]
fn the_password_is_not_kept() {
    let ask = message(
        USERDATA,
        1,
        &hex("000112 04 11 45 01 00"),
        &hex("FF 09 0008 6465666768696A6B"),
    );
    let events = run(&[(From::Client, ask)]);
    assert!(events[0].contains("\"op_name\":\"login\""), "{events:?}");
    assert!(!events[0].contains("6465"), "{events:?}");
    assert!(!events[0].contains("\"data\":"), "{events:?}");
}
