//! CIP from bytes to events. Messages are laid out by hand after Volume 1 of the CIP
//! Networks Library, or are the examples of 1756-PM020 and 1770-6.5.16.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::testing::{From, Talk, Wire, events, hex};

/// An exchange: a name, then messages of the client (`>`) and of the server (`<`).
type Case = (&'static str, &'static [(char, &'static str)]);

const SERVICES: &[Case] = &[
    (
        "get attribute single, as PM020 has it",
        &[('>', "0E 03 20 01 24 01 30 07"), ('<', "8E 00 00 00 04 41 42 43 44")],
    ),
    (
        "get attribute list",
        &[
            ('>', "03 02 20 8B 24 01 0200 0500 0600"),
            ('<', "83 00 00 00 0200 0500 0000 11223344 0600 0000"),
        ],
    ),
    (
        "set attribute list",
        &[
            ('>', "04 02 20 8B 24 01 0100 0600 1122334455667788"),
            ('<', "84 00 00 00 0100 0600 0000"),
        ],
    ),
    (
        "set attribute single, refused",
        &[('>', "10 03 20 F5 24 01 30 05 C0A8010A"), ('<', "90 00 0F 00")],
    ),
    ("reset without a type", &[('>', "05 02 20 01 24 01"), ('<', "85 00 00 00")]),
    ("reset to factory default", &[('>', "05 02 20 01 24 01 01"), ('<', "85 00 00 00")]),
    ("controller to program mode", &[('>', "07 02 20 8E 24 01"), ('<', "87 00 10 00")]),
    ("forces enabled", &[('>', "4D 02 20 69 24 00")]),
    (
        "read tag, PM020's example",
        &[
            ('>', "4C 06 91 09 4D 79 41 72 72 61 79 31 32 00 0100"),
            ('<', "CC 00 00 00 C400 F6CC6012"),
        ],
    ),
    (
        "read tag, an element of a member within a program",
        &[
            (
                '>',
                "4C 0B 91 0C 50 72 6F 67 72 61 6D 3A 4D 61 69 6E 91 04 54 61 6E 6B 28 03 0200",
            ),
            ('<', "CC 00 06 00 CA00 0000C842"),
        ],
    ),
    ("read tag by instance", &[('>', "4C 03 20 6B 25 00 82 25 0100")]),
    (
        "read tag of a program by instance",
        &[('>', "4C 06 20 68 25 00 20 24 20 6B 25 00 01 00 0100")],
    ),
    (
        "write tag",
        &[
            ('>', "4D 03 91 04 52 61 74 65 CA00 0200 0000C842 000020C1"),
            ('<', "CD 00 00 00"),
        ],
    ),
    (
        "write tag, a string",
        &[('>', "4D 03 91 04 4E 61 6D 65 A002 CE0F 0100 03000000 414243 00")],
    ),
    (
        "read tag fragmented",
        &[
            ('>', "52 03 91 04 52 61 74 65 5000 F4010000"),
            ('<', "D2 00 06 00 C300 0100 FFFF"),
        ],
    ),
    (
        "write tag fragmented",
        &[('>', "53 03 91 04 52 61 74 65 C300 5000 F4010000 0100 0200")],
    ),
    (
        "read-modify-write tag",
        &[('>', "4E 03 91 04 52 61 74 65 0400 01000000 FEFFFFFF"), ('<', "CE 00 00 00")],
    ),
    (
        "tags listed",
        &[('>', "55 03 20 6B 25 00 00 00 0200 0200 0100"), ('<', "D5 00 00 00")],
    ),
    ("template read", &[('>', "4C 03 20 6C 25 00 34 12 00000000 1000")]),
    (
        "offset beyond the end of a tag",
        &[('>', "4C 03 91 04 52 61 74 65 0100"), ('<', "CC 00 FF 01 0521")],
    ),
    (
        "multiple services, PM020's example",
        &[
            (
                '>',
                "0A 02 20 02 24 01 0200 0600 1200 4C 04 91 05 70 61 72 74 73 00 0100 \
                 4C 07 91 0B 43 6F 6E 74 72 6F 6C 57 6F 72 64 00 0100",
            ),
            (
                '<',
                "8A 00 00 00 0200 0600 1000 CC 00 00 00 C400 2A000000 CC 00 00 00 C400 DC010000",
            ),
        ],
    ),
    (
        "unconnected send",
        &[
            (
                '>',
                "52 02 20 06 24 01 07 F9 0800 4C 02 91 02 41 42 0100 04 00 01 02 12 04 31 2E 32 2E",
            ),
            ('<', "CC 00 00 00 C300 0700"),
        ],
    ),
    (
        "unconnected send that finds no way",
        &[
            ('>', "52 02 20 06 24 01 07 F9 0600 01 02 20 01 24 01 01 00 01 09"),
            ('<', "D2 00 01 01 1203 01"),
        ],
    ),
    (
        "forward open",
        &[
            (
                '>',
                "54 02 20 06 24 01 05 9B 00000000 11223344 0E00 0100 22F51300 02 000000 \
                 10270000 1A48 10270000 1A28 01 09 \
                 34 04 0100 0E00 3A00 94 02 20 04 24 06 2C 02 2C 01",
            ),
            (
                '<',
                "D4 00 00 00 55667788 11223344 0E00 0100 22F51300 10270000 10270000 00 00",
            ),
        ],
    ),
    (
        "large forward open, refused",
        &[
            (
                '>',
                "5B 02 20 06 24 01 07 FF 00000000 11223344 0E00 0100 22F51300 07 000000 \
                 80841E00 A00F0042 80841E00 A00F0042 A3 03 01 00 20 02 24 01",
            ),
            ('<', "DB 00 01 01 1301 0E00 0100 22F51300 02 00"),
        ],
    ),
    (
        "forward close",
        &[
            ('>', "4E 02 20 06 24 01 07 FF 0E00 0100 22F51300 02 00 20 02 24 01"),
            ('<', "CE 00 00 00 0E00 0100 22F51300 00 00"),
        ],
    ),
    (
        "upload of a file, in three packets",
        &[
            ('>', "4F 02 20 37 24 C8 00"),
            ('<', "CF 00 00 00 00 00 61"),
            ('>', "4F 02 20 37 24 C8 01"),
            ('<', "CF 00 00 00 01 01 62"),
            ('>', "4F 02 20 37 24 C8 02"),
            ('<', "CF 00 00 00 02 02 63 DAFE"),
        ],
    ),
    (
        "download of a file of which a packet is missing",
        &[
            ('>', "50 02 20 37 24 01 00 00 61"),
            ('>', "50 02 20 37 24 01 02 02 63 DAFE"),
            ('<', "D0 00 00 00 02"),
        ],
    ),
    (
        "PCCC protected typed logical read",
        &[
            ('>', "4B 02 20 67 24 01 07 0100 78563412 0F 00 0100 A2 04 07 89 00 00"),
            ('<', "CB 00 00 00 07 0100 78563412 4F 00 0100 0A00 FFFF"),
        ],
    ),
    (
        "PCCC protected typed logical write",
        &[
            (
                '>',
                "4B 02 20 67 24 01 07 0100 78563412 0F 00 0200 AA 04 08 8A 05 00 0000C842",
            ),
            ('<', "CB 00 00 00 07 0100 78563412 4F F0 0200 0B"),
        ],
    ),
    (
        "PCCC masked write",
        &[(
            '>',
            "4B 02 20 67 24 01 07 0100 78563412 0F 00 0200 AB 02 03 85 FF 0001 00 0100 0100",
        )],
    ),
    (
        "PCCC typed read of a PLC-5",
        &[(
            '>',
            "4B 02 20 67 24 01 07 0100 78563412 0F 00 0300 68 0000 0100 06 07 05 0100",
        )],
    ),
    (
        "PCCC change mode to program",
        &[
            ('>', "4B 02 20 67 24 01 07 0100 78563412 0F 00 0400 80 01"),
            ('<', "CB 00 00 00 07 0100 78563412 4F 00 0400"),
        ],
    ),
    (
        "PCCC set CPU mode, upload, download, clear",
        &[
            ('>', "4B 02 20 67 24 01 07 0100 78563412 0F 00 0500 3A 02"),
            ('>', "4B 02 20 67 24 01 07 0100 78563412 0F 00 0600 53"),
            ('>', "4B 02 20 67 24 01 07 0100 78563412 0F 00 0700 50 01"),
            ('>', "4B 02 20 67 24 01 07 0100 78563412 0F 00 0800 57"),
            ('>', "4B 02 20 67 24 01 07 0100 78563412 06 00 0900 03"),
        ],
    ),
    ("a reply without its request", &[('<', "CC 00 00 00 C400 F6CC6012")]),
    ("a service of a class that is not known", &[('>', "4B 03 21 00 45 03 24 01 AABB")]),
];

const BROKEN: &[Case] = &[
    ("service 0", &[('>', "00 02 20 01 24 01")]),
    ("a path longer than the message", &[('>', "01 09 20 01 24 01")]),
    ("a path that ends within a segment", &[('>', "01 02 20 01 25 00")]),
    ("a reserved segment", &[('>', "01 02 E0 01 24 01")]),
    ("additional status longer than the reply", &[('<', "81 00 08 05 0102")]),
    ("no path size", &[('>', "01")]),
    (
        "an offset outside of the packet",
        &[('>', "0A 02 20 02 24 01 0200 0600 FF00 01 02 20 01 24 01")],
    ),
    ("more services than bytes", &[('>', "0A 02 20 02 24 01 FFFF 0600")]),
    (
        "a message longer than what sends it on",
        &[('>', "52 02 20 06 24 01 07 F9 FF00 01 02 20 01 24 01")],
    ),
    ("fewer values than elements", &[('>', "4D 02 91 02 41 42 C400 0500 01000000")]),
    (
        "values that do not fit their type",
        &[('>', "4C 02 91 02 41 42 0100"), ('<', "CC 00 00 00 C400 010203")],
    ),
    ("more attributes than bytes", &[('>', "03 02 20 01 24 01 0900 0100")]),
    (
        "a value that no rule can compare",
        &[('>', "4D 02 91 02 41 42 CA00 0100 0000C07F")],
    ),
    ("a forward open that ends early", &[('>', "54 02 20 06 24 01 05 9B 00000000 1122")]),
    (
        "services within services within services",
        &[(
            '>',
            "0A 02 20 02 24 01 0100 0400 0A 02 20 02 24 01 0100 0400 0A 02 20 02 24 01 0100 \
             0400 0A 02 20 02 24 01 0100 0400 0A 02 20 02 24 01 0100 0400 01 02 20 01 24 01",
        )],
    ),
    (
        "fewer bytes written than stated",
        &[('>', "4B 02 20 67 24 01 07 0100 78563412 0F 00 0200 AA 04 07 89 05 00 0100")],
    ),
];

fn from(mark: char) -> From {
    if mark == '>' { From::Client } else { From::Server }
}

/// In a SendRRData.
fn unconnected(context: &[u8; 8], cip: &[u8]) -> Vec<u8> {
    let len = u16::try_from(cip.len()).unwrap();
    let mut out = vec![0x6f, 0];
    out.extend((len + 16).to_le_bytes());
    out.extend([7, 0, 0, 0, 0, 0, 0, 0]);
    out.extend(context);
    out.extend([0; 4 + 6]);
    out.extend([2, 0, 0, 0, 0, 0, 0xb2, 0]);
    out.extend(len.to_le_bytes());
    out.extend_from_slice(cip);
    out
}

/// In a SendUnitData.
fn connected(connection: u32, sequence: u16, cip: &[u8]) -> Vec<u8> {
    let len = u16::try_from(cip.len() + 2).unwrap();
    let mut out = vec![0x70, 0];
    out.extend((len + 20).to_le_bytes());
    out.extend([7, 0, 0, 0]);
    out.extend([0; 16 + 6]);
    out.extend([2, 0, 0xa1, 0, 4, 0]);
    out.extend(connection.to_le_bytes());
    out.extend([0xb1, 0]);
    out.extend(len.to_le_bytes());
    out.extend(sequence.to_le_bytes());
    out.extend_from_slice(cip);
    out
}

/// The `cip` events of a wire.
fn cip(wire: &Wire) -> Vec<String> {
    events(wire).into_iter().filter(|event| event.contains("\"kind\":\"cip\"")).collect()
}

/// The objects of a case's events, below its messages.
fn show(case: &Case) -> String {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 44818));
    talk.open(&mut wire);
    let mut out = format!("# {}\n", case.0);
    for (mark, message) in case.1 {
        writeln!(out, "{mark} {message}").unwrap();
        let message = unconnected(b"contexts", &hex(message));
        talk.send(&mut wire, from(*mark), &message);
    }
    for event in cip(&wire) {
        let (_, fields) = event.split_once("\"frame\":").unwrap();
        let (_, fields) = fields.split_once(',').unwrap();
        writeln!(out, "  {}", fields.trim_end_matches('}')).unwrap();
    }
    out
}

#[test]
fn every_service_is_read_to_the_last_field() {
    let shown: Vec<String> = SERVICES.iter().map(show).collect();
    insta::assert_snapshot!("services", shown.join("\n"));
}

#[test]
fn broken_messages_say_where_they_break() {
    let shown: Vec<String> = BROKEN.iter().map(show).collect();
    insta::assert_snapshot!("broken", shown.join("\n"));
}

/// Symbols of the replies, in their order; nothing for one without its request.
fn paired(messages: &[(From, Vec<u8>)]) -> Vec<String> {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 44818));
    talk.open(&mut wire);
    for (from, message) in messages {
        talk.send(&mut wire, *from, message);
    }
    let replies = cip(&wire).into_iter().filter(|e| e.contains("\"response\":true"));
    let symbol = |event: String| {
        let rest = event.split_once("\"symbol\":\"").map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    replies.map(symbol).collect()
}

#[test]
fn replies_find_their_requests() {
    let (client, server) = (From::Client, From::Server);
    let read = |name: &str| hex(&format!("4C 02 91 02 {name} 0100"));
    let (ab, cd, reply) = (read("41 42"), read("43 44"), hex("CC 00 00 00 C300 0700"));
    let crossed = [
        (client, unconnected(b"context1", &ab)),
        (client, unconnected(b"context2", &cd)),
        (server, unconnected(b"context2", &reply)),
        (server, unconnected(b"context1", &reply)),
        (server, unconnected(b"context1", &reply)),
    ];
    assert_eq!(paired(&crossed), ["CD", "AB", ""]);
    let connected = [
        (client, connected(1, 10, &ab)),
        (client, connected(1, 11, &cd)),
        (server, connected(2, 11, &reply)),
        (server, connected(2, 10, &reply)),
    ];
    assert_eq!(paired(&connected), ["CD", "AB"]);
    // Another service is no answer.
    let other = [
        (client, unconnected(b"context1", &ab)),
        (server, unconnected(b"context1", &hex("8E 00 08 00"))),
    ];
    assert_eq!(paired(&other), [""]);
}

/// Two connections of one flow count alike: what Forward Open said of their
/// identifiers tells whose reply it is.
#[test]
fn connections_are_told_apart() {
    let (client, server) = (From::Client, From::Server);
    let open = |to: u8| {
        let text = format!(
            "54 02 20 06 24 01 05 9B 00000000 {to:02X}000000 0E00 0100 22F51300 02 000000 \
             10270000 1A48 10270000 1A28 A3 02 20 02 24 01"
        );
        unconnected(b"contexts", &hex(&text))
    };
    let opened = |ot: u8, to: u8| {
        let text = format!(
            "D4 00 00 00 {ot:02X}000000 {to:02X}000000 0E00 0100 22F51300 10270000 10270000 \
             00 00"
        );
        unconnected(b"contexts", &hex(&text))
    };
    let read = |name: &str| hex(&format!("4C 02 91 02 {name} 0100"));
    let reply = hex("CC 00 00 00 C300 0700");
    let messages = [
        (client, open(0xa1)),
        (server, opened(1, 0xa1)),
        (client, open(0xa2)),
        (server, opened(2, 0xa2)),
        (client, connected(1, 10, &read("41 42"))),
        (client, connected(2, 10, &read("43 44"))),
        (server, connected(0xa2, 10, &reply)),
        (server, connected(0xa1, 10, &reply)),
    ];
    assert_eq!(paired(&messages), ["", "", "CD", "AB"]);
}

/// How many events of kind `cip` the messages of a wire give, whatever they hold.
fn survives(messages: &[Vec<u8>]) -> usize {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 44818));
    talk.open(&mut wire);
    talk.send(&mut wire, From::Client, &unconnected(b"contexts", &hex("0102 2001 2401")));
    for message in messages {
        let is_reply = message.first().is_some_and(|first| first & 0x80 != 0);
        let from = if is_reply { From::Server } else { From::Client };
        talk.send(&mut wire, from, &unconnected(b"contexts", message));
    }
    cip(&wire).len()
}

/// Every message of the cases, cut at every byte, is an event and does no harm.
#[test]
fn a_message_may_end_anywhere() {
    for (name, messages) in SERVICES.iter().chain(BROKEN) {
        let whole: Vec<Vec<u8>> = messages.iter().map(|(_, text)| hex(text)).collect();
        for at in 0..whole.len() {
            for end in 1..whole[at].len() {
                let mut cut = whole.clone();
                cut[at].truncate(end);
                assert!(survives(&cut) > whole.len(), "{name}: {at} cut at {end}");
            }
        }
    }
}

proptest! {
    /// And with any bytes changed.
    #[test]
    fn hostile_messages_do_no_harm(
        case in 0..SERVICES.len(),
        changes in prop::collection::vec((0usize..3, 0usize..80, any::<u8>()), 1..8),
    ) {
        let mut messages: Vec<Vec<u8>> =
            SERVICES[case].1.iter().map(|(_, text)| hex(text)).collect();
        for (which, at, byte) in changes {
            let which = which % messages.len();
            let message = &mut messages[which];
            let at = at % message.len();
            message[at] = byte;
        }
        prop_assert!(survives(&messages) > messages.len());
    }
}
