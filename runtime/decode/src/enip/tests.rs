//! The encapsulation from bytes to events. Messages are laid out by hand after Volume
//! 2 of the CIP Networks Library; the identity is that of a public capture's device.

use std::fmt::Write as _;

use crate::testing::{From, Talk, Wire, events, hex};

/// An exchange: a name, then messages of the client (`>`) and of the server (`<`), each
/// a command, a session and the bytes that follow the header.
type Case = (&'static str, &'static [(char, u16, u32, &'static str)]);

const IDENTITY: &str = "0100 0C00 2D00 0100 0002 AF12 0A0101A4 0000000000000000 \
     0100 0C00 3A00 04 03 3000 8E4D5200 0B 313735362D454E42542F41 03";

const COMMANDS: &[Case] = &[
    ("2-4.1 nop", &[('>', 0x65, 0, "0100 0000"), ('>', 0x00, 0, "AABB")]),
    ("2-4.2 list identity", &[('>', 0x63, 0, ""), ('<', 0x63, 0, IDENTITY)]),
    (
        "2-4.2, and what the device says of CIP Security",
        &[(
            '<',
            0x63,
            0,
            "0200 0C00 2700 0100 0002 AF12 0A0101A4 0000000000000000 0100 0E00 3A00 20 0B \
             3000 8E4D5200 05 4C37382D31 03 8600 0500 0700 02 04 1F",
        )],
    ),
    ("2-4.3 list interfaces", &[('>', 0x64, 0, ""), ('<', 0x64, 0, "0000")]),
    (
        "2-4.4 register and unregister",
        &[
            ('>', 0x65, 0, "0100 0000"),
            ('<', 0x65, 0x0102_0304, "0100 0000"),
            ('>', 0x66, 0x0102_0304, ""),
        ],
    ),
    (
        "2-4.6 list services",
        &[
            ('>', 0x04, 0, ""),
            ('<', 0x04, 0, "0100 0001 1400 0100 2001 436F6D6D756E69636174696F6E730000"),
        ],
    ),
    (
        "2-4.7 unconnected",
        &[
            ('>', 0x6f, 7, "00000000 0A00 0200 0000 0000 B200 0800 0E 03 2001 2401 3007"),
            ('<', 0x6f, 7, "00000000 0000 0200 0000 0000 B200 0600 8E 00 00 00 0141"),
        ],
    ),
    (
        "2-4.8 connected",
        &[
            (
                '>',
                0x70,
                7,
                "00000000 0000 0200 A100 0400 11000000 B100 0800 0500 01 02 2001 2401",
            ),
            (
                '<',
                0x70,
                7,
                "00000000 0000 0200 A100 0400 22000000 B100 0600 0500 81 00 08 00",
            ),
        ],
    ),
    (
        "an unknown command is kept",
        &[('>', 0x65, 0, "0100 0000"), ('>', 0x99, 0, "01020304")],
    ),
];

const BROKEN: &[Case] = &[
    (
        "an item longer than the message",
        &[
            ('>', 0x65, 0, "0100 0000"),
            ('>', 0x6f, 7, "00000000 0A00 0200 0000 0000 B200 0900 0E 03 2001 2401 3007"),
        ],
    ),
    (
        "fewer items than counted",
        &[
            ('>', 0x65, 0, "0100 0000"),
            ('>', 0x6f, 7, "00000000 0A00 0300 0000 0000 B200 0800 0E 03 2001 2401 3007"),
        ],
    ),
    (
        "bytes behind the items",
        &[
            ('>', 0x65, 0, "0100 0000"),
            (
                '>',
                0x6f,
                7,
                "00000000 0A00 0200 0000 0000 B200 0800 0E 03 2001 2401 3007 FF",
            ),
        ],
    ),
    (
        "no data item",
        &[('>', 0x65, 0, "0100 0000"), ('>', 0x6f, 7, "00000000 0A00 0100 0000 0000")],
    ),
    (
        "a session without its flags",
        &[('>', 0x65, 0, "0100 0000"), ('>', 0x65, 0, "0100")],
    ),
    (
        "an identity that ends within its name",
        &[
            ('>', 0x65, 0, "0100 0000"),
            (
                '<',
                0x63,
                0,
                "0100 0C00 2300 0100 0002 AF12 0A0101A4 0000000000000000 \
                 0100 0C00 3A00 04 03 3000 8E4D5200 0B 3137",
            ),
        ],
    ),
];

fn message(command: u16, session: u32, data: &str) -> Vec<u8> {
    let data = hex(data);
    let mut out = command.to_le_bytes().to_vec();
    out.extend(u16::try_from(data.len()).unwrap().to_le_bytes());
    out.extend(session.to_le_bytes());
    out.extend([0; 4]);
    out.extend(b"contexts");
    out.extend([0; 4]);
    out.extend(data);
    out
}

fn from(mark: char) -> From {
    if mark == '>' { From::Client } else { From::Server }
}

/// The objects of a case's events, below its messages.
fn show(case: &Case) -> String {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 44818));
    talk.open(&mut wire);
    let mut out = format!("# {}\n", case.0);
    for (mark, command, session, data) in case.1 {
        writeln!(out, "{mark} {command:02x} {session} {data}").unwrap();
        talk.send(&mut wire, from(*mark), &message(*command, *session, data));
    }
    for event in events(&wire) {
        writeln!(out, "  {}", fields(&event)).unwrap();
    }
    out
}

/// What an event says behind its envelope.
fn fields(event: &str) -> &str {
    let fields = event.split_once("\"frame\":").map_or(event, |(_, rest)| rest);
    fields.split_once(',').map_or(fields, |(_, rest)| rest).trim_end_matches('}')
}

#[test]
fn every_command_is_read_to_the_last_field() {
    let shown: Vec<String> = COMMANDS.iter().map(show).collect();
    insta::assert_snapshot!("commands", shown.join("\n"));
}

#[test]
fn broken_messages_say_where_they_break() {
    let shown: Vec<String> = BROKEN.iter().map(show).collect();
    insta::assert_snapshot!("broken", shown.join("\n"));
}

const REGISTER: &str = "0100 0000";
const READ: &str = "00000000 0A00 0200 0000 0000 B200 0800 0E 03 2001 2401 3007";

#[test]
fn other_ports_need_proof() {
    let count = |port: u16, sent: &[(From, &[u8])]| {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, port));
        talk.open(&mut wire);
        for (from, data) in sent {
            talk.send(&mut wire, *from, data);
        }
        events(&wire).len()
    };
    let (client, server) = (From::Client, From::Server);
    let (ask, answer) = (message(0x63, 0, ""), message(0x63, 0, IDENTITY));
    assert_eq!(count(44818, &[(client, &ask)]), 1);
    assert_eq!(count(9999, &[(client, &ask)]), 0);
    assert_eq!(count(9999, &[(client, &ask), (server, &answer)]), 2);
    assert_eq!(count(9999, &[(client, &message(0x65, 0, REGISTER))]), 1);
    assert_eq!(count(9999, &[(client, &message(0x6f, 1, READ))]), 2);
    // A header of zeros is a NOP, and proves nothing anywhere.
    assert_eq!(count(44818, &[(client, &[0; 24])]), 0);
    // The length of the data item must fit that of the message.
    let longer = message(0x6f, 1, &format!("{READ} 00"));
    assert_eq!(count(44818, &[(client, &longer)]), 0);
    // A flow that began inside of something else is looked at again.
    assert_eq!(count(9999, &[(client, &[9; 40]), (client, &message(0x6f, 1, READ))]), 2);
}

#[test]
fn implicit_data_is_told_by_its_form() {
    let show = |data: &str| {
        let (mut wire, talk) = (Wire::default(), Talk::new(2222, 2222));
        talk.datagram(&mut wire, From::Client, &hex(data));
        let events = events(&wire);
        events.iter().map(|event| fields(event).to_owned()).collect::<Vec<_>>()
    };
    let good = "0200 0280 0800 03064B00 DB943F00 B100 0600 A587E80F0300";
    assert_eq!(
        show(good),
        ["\"enip\":{\"connection_id\":4916739,\"io\":{\"sequence\":4166875,\
             \"data\":{\"hex\":\"a587e80f0300\"},\"size\":6},\"items\":[\
             {\"type\":32770,\"type_name\":\"sequenced_address\",\"length\":8},\
             {\"type\":177,\"type_name\":\"connected_data\",\"length\":6}]"]
    );
    assert!(show(&good.replace("0600", "0700")).is_empty());
    assert!(show(&good.replace("0280", "0180")).is_empty());
    assert!(show(&format!("{good} 00")).is_empty());
}

#[test]
fn datagrams_hold_one_message_each() {
    let (mut wire, talk) = (Wire::default(), Talk::new(50_000, 44818));
    talk.datagram(&mut wire, From::Client, &message(0x63, 0, ""));
    talk.datagram(&mut wire, From::Server, &message(0x63, 0, IDENTITY));
    // In a flow that is known, a wrong length is a fault.
    let mut cut = message(0x63, 0, IDENTITY);
    cut.pop();
    talk.datagram(&mut wire, From::Server, &cut);
    let events = events(&wire);
    assert_eq!(events.len(), 3, "{events:?}");
    assert!(events[1].contains("\"paired\":true"), "{}", events[1]);
    assert!(events[2].contains("\"malformed_why_name\":\"length\""), "{}", events[2]);
}

#[test]
fn messages_are_found_wherever_segments_end() {
    let stream =
        [message(0x65, 0, REGISTER), message(0x6f, 7, READ), message(0x66, 7, "")]
            .concat();
    let run = |chunks: &[&[u8]]| {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 44818));
        talk.open(&mut wire);
        for chunk in chunks {
            talk.send(&mut wire, From::Client, chunk);
        }
        let events = events(&wire);
        events.iter().map(|event| fields(event).to_owned()).collect::<Vec<_>>()
    };
    let whole = run(&[&stream]);
    assert_eq!(whole.len(), 4);
    for first in 0..stream.len() {
        for second in (first..stream.len()).step_by(5) {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(run(&chunks), whole, "cut at {first} and {second}");
        }
    }
}

#[test]
fn a_gap_and_nonsense_are_passed_and_the_next_message_found() {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 44818));
    talk.open(&mut wire);
    talk.send(&mut wire, From::Client, &message(0x65, 0, REGISTER));
    talk.send(&mut wire, From::Client, &message(0x6f, 7, READ)[..30]);
    talk.lose(From::Client, 18);
    let second = [&[0xee; 5][..], &message(0x6f, 7, READ)].concat();
    talk.send(&mut wire, From::Client, &second);
    assert_eq!(events(&wire).len(), 3);
    // And if it comes in pieces.
    for end in [1, 2, 20, 30, 45] {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 44818));
        talk.open(&mut wire);
        talk.send(&mut wire, From::Client, &message(0x65, 0, REGISTER));
        talk.lose(From::Client, 18);
        talk.send(&mut wire, From::Client, &second[..end]);
        talk.send(&mut wire, From::Client, &second[end..]);
        assert_eq!(events(&wire).len(), 3, "cut at {end}");
    }
    // Nonsense in a stream that is known is said once.
    talk.send(&mut wire, From::Client, &[0xee; 60]);
    talk.send(&mut wire, From::Client, &[0xee; 60]);
    talk.send(&mut wire, From::Client, &message(0x6f, 7, READ));
    let events = events(&wire);
    assert_eq!(events.len(), 6, "{events:?}");
    assert!(events[3].contains("\"malformed_why_name\":\"command\""), "{}", events[3]);
}
