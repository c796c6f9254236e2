//! Modbus from bytes to events. The PDUs are the standard's own examples
//! (MODBUS Application Protocol Specification V1.1b3, section 6) where it has one.

use std::fmt::Write as _;

use crate::modbus::crc::crc16;
use crate::testing::{self, From, Talk, Wire, hex};

/// An exchange: a name, then PDUs of the client (`>`) and of the server (`<`).
type Case = (&'static str, &'static [(char, &'static str)]);

const FUNCTIONS: &[Case] = &[
    ("6.1 read coils", &[('>', "01 0013 0013"), ('<', "01 03 CD6B05")]),
    ("6.2 read discrete inputs", &[('>', "02 00C4 0016"), ('<', "02 03 ACDB35")]),
    (
        "6.3 read holding registers",
        &[('>', "03 006B 0003"), ('<', "03 06 022B 0000 0064")],
    ),
    ("6.4 read input registers", &[('>', "04 0008 0001"), ('<', "04 02 000A")]),
    ("6.5 write single coil", &[('>', "05 00AC FF00"), ('<', "05 00AC FF00")]),
    ("6.6 write single register", &[('>', "06 0001 0003"), ('<', "06 0001 0003")]),
    ("6.7 read exception status", &[('>', "07"), ('<', "07 6D")]),
    ("6.8 return query data", &[('>', "08 0000 A537"), ('<', "08 0000 A537")]),
    ("6.8 restart communications", &[('>', "08 0001 0000"), ('<', "08 0001 0000")]),
    ("6.8 force listen only", &[('>', "08 0004 0000")]),
    ("6.9 get comm event counter", &[('>', "0B"), ('<', "0B FFFF 0108")]),
    ("6.10 get comm event log", &[('>', "0C"), ('<', "0C 08 0000 0108 0121 2000")]),
    (
        "6.11 write multiple coils",
        &[('>', "0F 0013 000A 02 CD01"), ('<', "0F 0013 000A")],
    ),
    (
        "6.12 write multiple registers",
        &[('>', "10 0001 0002 04 000A 0102"), ('<', "10 0001 0002")],
    ),
    ("6.13 report server id", &[('>', "11"), ('<', "11 02 2A FF")]),
    (
        "6.14 read file record",
        &[
            ('>', "14 0E 06 0004 0001 0002 06 0003 0009 0002"),
            ('<', "14 0C 05 06 0DFE 0020 05 06 33CD 0040"),
        ],
    ),
    (
        "6.15 write file record",
        &[
            ('>', "15 0D 06 0004 0007 0003 06AF 04BE 100D"),
            ('<', "15 0D 06 0004 0007 0003 06AF 04BE 100D"),
        ],
    ),
    (
        "6.16 mask write register",
        &[('>', "16 0004 00F2 0025"), ('<', "16 0004 00F2 0025")],
    ),
    (
        "6.17 read/write multiple registers",
        &[
            ('>', "17 0003 0006 000E 0003 06 00FF 00FF 00FF"),
            ('<', "17 0C 00FE 0ACD 0001 0003 000D 00FF"),
        ],
    ),
    ("6.18 read FIFO queue", &[('>', "18 04DE"), ('<', "18 0006 0002 01B8 1284")]),
    (
        "6.21 read device identification",
        &[('>', "2B 0E 01 00"), ('<', "2B 0E 01 01 FF 05 02 00 04 41434D45 01 02 5831")],
    ),
    ("7 exception", &[('>', "01 04A1 0001"), ('<', "81 02")]),
    ("5.1 user-defined code", &[('>', "41 0102"), ('<', "41 03")]),
    ("annex A reserved code, UMAS stop", &[('>', "5A 00 41 FF00"), ('<', "5A 00 FE")]),
    ("UMAS read id, refused", &[('>', "5A 00 02"), ('<', "5A 00 FD 80")]),
];

const BROKEN: &[Case] = &[
    ("request cut in its quantity", &[('>', "03 006B 00")]),
    ("bytes behind a request", &[('>', "03 006B 0003 FF")]),
    ("count is not twice the quantity", &[('>', "10 0001 0002 03 000A01")]),
    ("fewer registers than counted", &[('>', "10 0001 0002 04 000A")]),
    ("answer with fewer bits than asked", &[('>', "01 0000 0013"), ('<', "01 01 FF")]),
    ("answer with an odd count", &[('>', "03 0000 0001"), ('<', "03 03 000102")]),
    ("file record cut", &[('>', "14 07 06 0004 0001")]),
    (
        "object cut",
        &[('>', "2B 0E 01 00"), ('<', "2B 0E 01 01 00 00 02 00 02 4141 01 09 41")],
    ),
    ("function 0", &[('>', "00 0102")]),
    ("exception without its code", &[('>', "03 0000 0001"), ('<', "83")]),
];

/// The Modbus events of a capture, without those of what function 90 carries.
fn events(wire: &Wire) -> Vec<String> {
    let mut events = testing::events(wire);
    events.retain(|event| event.contains("\"kind\":\"modbus\""));
    events
}

/// The `modbus` objects of a case's events, below its PDUs.
fn show(case: &Case, wire: &Wire) -> String {
    let mut out = format!("# {}\n", case.0);
    for (from, pdu) in case.1 {
        writeln!(out, "{from} {pdu}").unwrap();
    }
    for event in events(wire) {
        let fields = event.split_once("\"frame\":").map_or(&*event, |(_, rest)| rest);
        let fields = fields.split_once(',').map_or(fields, |(_, rest)| rest);
        writeln!(out, "  {}", fields.trim_end_matches('}')).unwrap();
    }
    out
}

fn from(mark: char) -> From {
    if mark == '>' { From::Client } else { From::Server }
}

fn mbap(transaction: u16, pdu: &[u8]) -> Vec<u8> {
    let mut out = transaction.to_be_bytes().to_vec();
    out.extend([0, 0]);
    out.extend(u16::try_from(pdu.len() + 1).unwrap().to_be_bytes());
    out.push(17);
    out.extend_from_slice(pdu);
    out
}

fn over_tcp(case: &Case) -> Wire {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
    talk.open(&mut wire);
    for (mark, pdu) in case.1 {
        talk.send(&mut wire, from(*mark), &mbap(7, &hex(pdu)));
    }
    wire
}

#[test]
fn every_function_is_read_to_the_last_field() {
    let shown: Vec<String> =
        FUNCTIONS.iter().map(|case| show(case, &over_tcp(case))).collect();
    insta::assert_snapshot!("functions", shown.join("\n"));
}

#[test]
fn broken_messages_say_where_they_break() {
    let shown: Vec<String> =
        BROKEN.iter().map(|case| show(case, &over_tcp(case))).collect();
    insta::assert_snapshot!("broken", shown.join("\n"));
}

/// What is decoded does not depend on the framing, but for the frame's fields.
#[test]
fn framings_agree() {
    let strip = |events: Vec<String>| -> Vec<String> {
        let pdu = |event: String| {
            let (_, fields) = event.split_once("\"modbus\":").unwrap();
            let drop = ["transaction", "protocol", "length", "framing", "framing_name"];
            let keep = |field: &&str| {
                !drop.iter().any(|name| field.contains(&format!("\"{name}\":")))
            };
            fields.split(',').filter(keep).collect::<Vec<_>>().join(",")
        };
        events.into_iter().map(pdu).collect()
    };
    for case in FUNCTIONS.iter().filter(|case| case.1.len() == 2) {
        let expected = strip(events(&over_tcp(case)));
        assert_eq!(expected.len(), 2, "{}", case.0);
        let (mut udp, mut rtu) = (Wire::default(), Wire::default());
        let mut talk = Talk::new(50_000, 502);
        talk.open(&mut rtu);
        for (mark, pdu) in case.1 {
            talk.datagram(&mut udp, from(*mark), &mbap(7, &hex(pdu)));
            let mut frame = [vec![17], hex(pdu)].concat();
            frame.extend(crc16(&frame).to_le_bytes());
            talk.send(&mut rtu, from(*mark), &frame);
        }
        // Two frames more, so that codes of users are not the first to be seen.
        assert_eq!(strip(events(&udp)), expected, "{} over UDP", case.0);
        let standard = !case.0.contains("code") && !case.0.contains("UMAS");
        if standard {
            assert_eq!(strip(events(&rtu)), expected, "{} as RTU", case.0);
        }
    }
}

#[test]
fn other_ports_need_proof() {
    let ask = mbap(1, &hex("03 0000 0002"));
    let answer = mbap(1, &hex("03 04 0001 0002"));
    let count = |sent: &[(From, &[u8])]| {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 2404));
        talk.open(&mut wire);
        for (from, data) in sent {
            talk.send(&mut wire, *from, data);
        }
        events(&wire).len()
    };
    assert_eq!(count(&[(From::Client, &ask)]), 0);
    assert_eq!(count(&[(From::Client, &ask), (From::Server, &answer)]), 2);
    assert_eq!(count(&[(From::Client, &ask[..7]), (From::Client, &ask[7..])]), 0);
    assert_eq!(count(&[(From::Client, &hex("680407000000"))]), 0);
    // A flow that began inside of something else is looked at again.
    let sent = [
        (From::Server, &hex("ffffffffffff")[..]),
        (From::Client, &ask),
        (From::Server, &answer),
    ];
    assert_eq!(count(&sent), 2);
}

#[test]
fn messages_are_found_wherever_segments_end() {
    let stream: Vec<u8> = [
        mbap(1, &hex("03 0000 0002")),
        mbap(2, &hex("10 0001 0002 04 000A 0102")),
        mbap(3, &hex("2B 0E 01 00")),
    ]
    .concat();
    let run = |chunks: &[&[u8]]| {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
        talk.open(&mut wire);
        for chunk in chunks {
            talk.send(&mut wire, From::Client, chunk);
        }
        let fields =
            |event: String| event.split_once("\"modbus\":").unwrap().1.to_owned();
        events(&wire).into_iter().map(fields).collect::<Vec<_>>()
    };
    let whole = run(&[&stream]);
    assert_eq!(whole.len(), 3);
    for first in 0..stream.len() {
        for second in first..stream.len() {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(run(&chunks), whole, "cut at {first} and {second}");
        }
    }
}

#[test]
fn a_gap_is_passed_and_the_next_message_found() {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
    talk.open(&mut wire);
    let ask = mbap(1, &hex("03 0000 0002"));
    talk.send(&mut wire, From::Client, &ask[..9]);
    talk.lose(From::Client, 15);
    let second = [&ask[5..], &mbap(2, &hex("03 0009 0001"))[..]].concat();
    talk.send(&mut wire, From::Client, &second);
    let events = events(&wire);
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].contains("\"address\":9"), "{events:?}");
}

#[test]
fn answers_are_paired_out_of_order_and_with_one_transaction_for_all() {
    let paired = |sent: &[(From, u16, &str)]| {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
        talk.open(&mut wire);
        for (from, transaction, pdu) in sent {
            talk.send(&mut wire, *from, &mbap(*transaction, &hex(pdu)));
        }
        let address = |event: &String| {
            let rest = event.split_once("\"address\":")?.1;
            rest.split(',').next().map(str::to_owned)
        };
        let answers =
            events(&wire).into_iter().filter(|e| e.contains("\"request\":false"));
        answers.map(|event| address(&event).unwrap_or_default()).collect::<Vec<_>>()
    };
    let (client, server) = (From::Client, From::Server);
    let crossed = [
        (client, 1, "03 0001 0001"),
        (client, 2, "03 0002 0001"),
        (server, 2, "03 02 0000"),
        (server, 1, "03 02 0000"),
        (server, 1, "03 02 0000"),
    ];
    assert_eq!(paired(&crossed), ["2", "1", ""]);
    // The first request is never answered; its answer would be larger.
    let same = [
        (client, 0, "03 0001 0005"),
        (client, 0, "03 0002 0001"),
        (server, 0, "03 02 0000"),
        (client, 0, "03 0003 0001"),
        (server, 0, "03 02 0000"),
    ];
    assert_eq!(paired(&same), ["2", "3"]);
}
