//! DNP3 from bytes to events. Fragments are written by hand from IEEE Std 1815-2012,
//! in hexadecimal digits; frames and checksums are put around them here.

use std::fmt::Write as _;

use crate::dnp3::crc::crc;
use crate::testing::{From, Talk, Wire, events, hex};

const MASTER: u16 = 1;
const OUTSTATION: u16 = 10;
const PORT: u16 = 20000;

/// An exchange: a name, then fragments of the master (`>`) and the outstation (`<`).
type Case = (&'static str, &'static [(char, &'static str)]);

const FUNCTIONS: &[Case] = &[
    (
        "class 0, 1, 2, 3 are read, and confirmed",
        &[
            ('>', "C0 01 3C0206 3C0306 3C0406 3C0106"),
            (
                '<',
                "E0 81 9000 010200 0001 0181 1E0201 0500 0500 01FEFF 0203 07 01 \
                 81 1027",
            ),
            ('>', "C0 00"),
        ],
    ),
    (
        "a response in two fragments, each confirmed",
        &[
            ('>', "C0 01 3C0106"),
            ('<', "A0 81 0000 1E0400 0000 0100"),
            ('>', "C0 00"),
            ('<', "61 81 0000 1E0400 0101 0200"),
            ('>', "C1 00"),
        ],
    ),
    (
        "packed bits, double bits, counters without flags",
        &[
            ('>', "C1 01 010100 0009 030106"),
            ('<', "C1 81 0000 010100 0009 5502 030100 0204 36 140600 0001 0100 FFFF"),
        ],
    ),
    (
        "events with index, absolute and relative time",
        &[(
            '<',
            "F2 82 0000 020228 0100 0700 81 0068E0C39A01 330107 01 0068E0C39A01 \
             020317 01 03 01 E803 200517 01 02 01 0000C842",
        )],
    ),
    (
        "a relay is selected and operated",
        &[
            ('>', "C3 03 0C0128 0100 0300 81 01 F4010000 00000000 00"),
            ('<', "C3 81 0000 0C0128 0100 0300 81 01 F4010000 00000000 00"),
            ('>', "C4 04 0C0128 0100 0300 81 01 F4010000 00000000 00"),
            ('<', "C4 81 0000 0C0128 0100 0300 81 01 F4010000 00000000 00"),
        ],
    ),
    (
        "another relay is operated than was selected, and refused",
        &[
            ('>', "C5 03 0C0117 01 03 41 01 64000000 64000000 00"),
            ('<', "C5 81 0000 0C0117 01 03 41 01 64000000 64000000 00"),
            ('>', "C6 04 0C0117 01 04 41 01 64000000 64000000 00"),
            ('<', "C6 81 0000 0C0117 01 04 41 01 64000000 64000000 02"),
        ],
    ),
    (
        "an analog output is operated directly",
        &[
            ('>', "C7 05 290228 0100 0200 1027 00 290317 01 05 0000C842 00"),
            ('<', "C7 81 0004 290228 0100 0200 1027 04"),
        ],
    ),
    (
        "a relay is operated without an answer",
        &[(
            '>',
            "C8 06 0C0117 01 00 32 02 \
        E8030000 E8030000 00",
        )],
    ),
    (
        "a pattern of relays",
        &[('>', "C8 05 0C0207 01 03 01 64000000 00000000 00 0C0300 0007 A5")],
    ),
    (
        "cold restart, and the delay until it",
        &[('>', "C9 0D"), ('<', "C9 81 0000 340107 01 0500")],
    ),
    ("warm restart", &[('>', "CA 0E"), ('<', "CA 81 8001")]),
    ("unsolicited messages of two classes are disabled", &[('>', "CB 15 3C0206 3C0306")]),
    (
        "the time is written, the restart bit cleared",
        &[
            ('>', "CC 02 320107 01 0068E0C39A01"),
            ('<', "CC 81 0000"),
            ('>', "CD 02 500100 0707 00"),
            ('<', "CD 81 0000"),
        ],
    ),
    ("a delay is measured", &[('>', "CE 17"), ('<', "CE 81 0000 340207 01 0A00")]),
    (
        "counters are frozen at a time",
        &[('>', "CF 0B 320207 01 0068E0C39A01 60EA0000 140006")],
    ),
    ("points are assigned to class 0", &[('>', "C0 16 3C0106 010028 0100 0500")]),
    ("an application is stopped", &[('>', "C1 12 5A015B 01 0400 6D61696E")]),
    (
        "device attributes",
        &[
            ('>', "C2 01 00FE00 0000"),
            ('<', "C2 81 0000 00FC00 0000 01 04 41434D45 00F100 0000 02 02 0008"),
        ],
    ),
    (
        "a file is opened, written and closed",
        &[
            (
                '>',
                "C3 19 46035B 01 1F00 1A00 0500 000000000000 FF01 00000000 03000000 \
                 0200 0004 0100 612E636667",
            ),
            ('<', "C3 81 0000 46045B 01 0D00 78563412 03000000 0004 0100 00"),
            ('>', "C4 02 46055B 01 0B00 78563412 00000080 616263"),
            ('<', "C4 81 0000 46065B 01 0900 78563412 00000080 00"),
            ('>', "C5 1A 46045B 01 0D00 78563412 00000000 0000 0200 00"),
            ('<', "C5 81 0000 46045B 01 0D00 78563412 00000000 0000 0200 00"),
        ],
    ),
    (
        "a file is read in two blocks",
        &[
            (
                '>',
                "C6 19 46035B 01 1F00 1A00 0500 000000000000 0000 00000000 FFFFFFFF \
                 0100 0004 0300 612E636667",
            ),
            ('<', "C6 81 0000 46045B 01 0D00 01000000 03000000 0004 0300 00"),
            ('>', "C7 01 46055B 01 0800 01000000 00000000"),
            ('<', "C7 81 0000 46055B 01 0900 01000000 00000000 61"),
            ('>', "C8 01 46055B 01 0800 01000000 01000000"),
            ('<', "C8 81 0000 46055B 01 0A00 01000000 01000080 6263"),
        ],
    ),
    (
        "a file is deleted, which is not permitted",
        &[
            (
                '>',
                "C9 1B 46035B 01 1F00 1A00 0500 000000000000 0000 00000000 00000000 \
                 0000 0000 0400 612E636667",
            ),
            ('<', "C9 81 0000 46045B 01 0D00 00000000 00000000 0000 0400 01"),
        ],
    ),
    (
        "octet strings and virtual terminal",
        &[('<', "CA 81 0000 6E0300 0102 616263646566 710228 0100 0900 6C73")],
    ),
    (
        "a control is challenged; the code is wrong",
        &[
            ('>', "CB 05 0C0117 01 00 03 01 00000000 00000000 00"),
            ('<', "CB 83 0000 78015B 01 0C00 01000000 0000 04 01 DEADBEEF"),
            ('>', "CB 20 78025B 01 0A00 01000000 0100 01020304"),
            ('<', "CB 81 0000 78075B 01 1200 01000000 0100 0100 01 0068E0C39A01 6E6F21"),
        ],
    ),
    (
        "a request that authenticates itself",
        &[('>', "CC 0D 780307 01 05000000 0200 78095B 01 0400 01020304")],
    ),
    ("a function that no standard names", &[('>', "CD 46 0102"), ('<', "CD 81 0001")]),
    ("a variation that no standard names", &[('>', "CE 01 1E0906 3C0306")]),
    ("an unknown variation of known size", &[('<', "CE 81 0000 1E0900 0000 0102")]),
];

/// Exchanges whose frames are whole and whose fragments are not.
const BROKEN: &[Case] = &[
    ("no function", &[('>', "C0")]),
    ("internal indications cut", &[('<', "C0 81 00")]),
    ("object header cut", &[('>', "C0 01 3C02")]),
    ("range cut", &[('>', "C0 01 0102 01 00")]),
    ("the last index is below the first", &[('>', "C0 01 010200 0500")]),
    ("reserved range code", &[('>', "C0 01 01020A")]),
    ("reserved prefix code", &[('>', "C0 01 010277 01")]),
    ("packed bits with an index", &[('<', "C0 81 0000 010117 01 00 01")]),
    ("fewer points than counted", &[('<', "C0 81 0000 1E0200 0002 01 0100 01 02")]),
    (
        "four thousand million points of no octets",
        &[('>', "C0 01 1E0202 00000000 FFFFFFFF")],
    ),
    ("an object beyond the end", &[('>', "C0 02 46055B 01 FF00 0000")]),
    (
        "a file name beyond its object",
        &[(
            '>',
            "C0 19 46035B 01 1C00 1A00 0500 000000000000 0000 00000000 00000000 \
             0100 0004 0300 6162",
        )],
    ),
    ("a size that the object does not have", &[('<', "C0 81 0000 1E025B 01 0200 0102")]),
];

/// A link frame around user data.
fn frame(control: u8, destination: u16, source: u16, user: &[u8]) -> Vec<u8> {
    let mut out = vec![0x05, 0x64, u8::try_from(user.len() + 5).unwrap(), control];
    out.extend(destination.to_le_bytes());
    out.extend(source.to_le_bytes());
    out.extend(crc(&out).to_le_bytes());
    for block in user.chunks(16) {
        out.extend_from_slice(block);
        out.extend(crc(block).to_le_bytes());
    }
    out
}

/// The frames of a fragment.
fn frames(from: From, fragment: &[u8]) -> Vec<Vec<u8>> {
    let n = fragment.len().div_ceil(249);
    let segment = |(i, data): (usize, &[u8])| {
        let fir = if i == 0 { 0x40 } else { 0 };
        let fin = if i + 1 == n { 0x80 } else { 0 };
        let octet = fir | fin | u8::try_from(i % 64).unwrap();
        let user = [&[octet], data].concat();
        match from {
            From::Client => frame(0xc4, OUTSTATION, MASTER, &user),
            From::Server => frame(0x44, MASTER, OUTSTATION, &user),
        }
    };
    fragment.chunks(249).enumerate().map(segment).collect()
}

fn from(mark: char) -> From {
    if mark == '>' { From::Client } else { From::Server }
}

fn over_tcp(case: &Case) -> Wire {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, PORT));
    talk.open(&mut wire);
    for (mark, fragment) in case.1 {
        let sent = frames(from(*mark), &hex(fragment)).concat();
        talk.send(&mut wire, from(*mark), &sent);
    }
    wire
}

/// The `dnp3` objects of a case's events, below its fragments. What is the same in all
/// of them is left out.
fn show(case: &Case, wire: &Wire) -> String {
    let mut out = format!("# {}\n", case.0);
    for (from, fragment) in case.1 {
        writeln!(out, "{from} {fragment}").unwrap();
    }
    for event in events(wire) {
        let fields = event.split_once("\"frame\":").map_or(&*event, |(_, rest)| rest);
        let fields = fields.split_once(',').map_or(fields, |(_, rest)| rest);
        writeln!(out, "  {}", fields.trim_end_matches('}')).unwrap();
    }
    out
}

#[test]
fn every_function_is_read_to_the_last_field() {
    let shown: Vec<String> =
        FUNCTIONS.iter().map(|case| show(case, &over_tcp(case))).collect();
    insta::assert_snapshot!("functions", shown.join("\n"));
}

#[test]
fn broken_fragments_say_where_they_break() {
    let shown: Vec<String> =
        BROKEN.iter().map(|case| show(case, &over_tcp(case))).collect();
    insta::assert_snapshot!("broken", shown.join("\n"));
}

/// What is decoded does not depend on the transport.
#[test]
fn datagrams_agree_with_streams() {
    let strip = |events: Vec<String>| -> Vec<String> {
        let fields = |event: String| event.split_once("\"dnp3\":").unwrap().1.to_owned();
        events.into_iter().map(fields).collect()
    };
    for case in FUNCTIONS {
        let (mut wire, talk) = (Wire::default(), Talk::new(50_000, PORT));
        for (mark, fragment) in case.1 {
            let sent = frames(from(*mark), &hex(fragment)).concat();
            talk.datagram(&mut wire, from(*mark), &sent);
        }
        let latency = |fields: String| {
            let keep = |part: &&str| !part.starts_with("\"latency\"");
            fields.split(',').filter(keep).collect::<Vec<_>>().join(",")
        };
        let stream: Vec<_> =
            strip(events(&over_tcp(case))).into_iter().map(latency).collect();
        let datagrams: Vec<_> = strip(events(&wire)).into_iter().map(latency).collect();
        assert_eq!(datagrams, stream, "{}", case.0);
    }
}

/// The parts of events that tests ask for, one line each.
fn brief(wire: &Wire, fields: &[&str]) -> Vec<String> {
    let value = |event: &str, field: &str| {
        let rest = event.split_once(&format!("\"{field}\":"))?.1;
        let end = rest.find([',', '}']).unwrap_or(rest.len());
        Some(format!("{field} {}", rest.get(..end)?))
    };
    let line = |event: String| {
        let found = fields.iter().filter_map(|field| value(&event, field));
        found.collect::<Vec<_>>().join(", ")
    };
    events(wire).into_iter().map(line).collect()
}

const FAULT: &[&str] =
    &["op_name", "malformed_layer_name", "malformed_at", "malformed_why_name"];

/// Sends pieces of the master in segments of their own.
fn sent(port: u16, pieces: &[&[u8]]) -> Wire {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, port));
    talk.open(&mut wire);
    for piece in pieces {
        talk.send(&mut wire, From::Client, piece);
    }
    wire
}

fn whole(fragment: &str) -> Vec<u8> {
    frames(From::Client, &hex(fragment)).concat()
}

#[test]
fn frames_are_found_wherever_segments_end() {
    let stream =
        [whole("C0 01 3C0106"), whole("C1 0D"), frame(0xc9, 10, 1, &[])].concat();
    let run =
        |chunks: &[&[u8]]| brief(&sent(PORT, chunks), &["function", "app", "frames"]);
    let expected = run(&[&stream]);
    assert_eq!(expected.len(), 3);
    for first in 0..stream.len() {
        for second in first..stream.len() {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(run(&chunks), expected, "cut at {first} and {second}");
        }
    }
}

#[test]
fn checksums_are_checked() {
    let good = whole("C0 01 3C0206 3C0306 3C0406 3C0106");
    let mut header = good.clone();
    header[8] ^= 1;
    let mut block = good.clone();
    block[20] ^= 1;
    let wire = sent(PORT, &[&good, &header, &block, &good]);
    assert_eq!(
        brief(&wire, FAULT),
        [
            "op_name \"interrogate\"",
            "malformed_layer_name \"link\", malformed_at 8, \
             malformed_why_name \"header_checksum\"",
            "malformed_layer_name \"link\", malformed_at 10, \
             malformed_why_name \"data_checksum\"",
            "op_name \"interrogate\"",
        ]
    );
}

#[test]
fn a_lost_stream_goes_on_at_the_next_header() {
    let good = whole("C0 01 3C0106");
    let noise = [&good[..], &hex("FF FF 05 64 FF"), &good].concat();
    let wire = sent(PORT, &[&noise, &good]);
    assert_eq!(
        brief(&wire, FAULT),
        [
            "op_name \"interrogate\"",
            "malformed_layer_name \"link\", malformed_at 0, malformed_why_name \"start\"",
            "op_name \"interrogate\"",
            "op_name \"interrogate\"",
        ]
    );
    let short = frame(0xc4, 10, 1, &[]);
    assert_eq!(
        brief(
            &sent(PORT, &[&good, &short, &hex("0564 04 C4 0A00 0100 0000"), &good]),
            FAULT
        ),
        [
            "op_name \"interrogate\"",
            "malformed_layer_name \"link\", malformed_at 10, malformed_why_name \"short\"",
            "malformed_layer_name \"link\", malformed_at 2, malformed_why_name \"length\"",
            "op_name \"interrogate\"",
        ]
    );
}

#[test]
fn segments_are_put_together_for_each_pair_of_addresses() {
    // A write of 300 octets: group 110, one string of 255, and one of 30.
    let strings =
        [hex("C0 02 6EFF17 01 00"), vec![b'x'; 255], hex("6E1E17 01 01"), vec![b'y'; 30]];
    let [first, second] = frames(From::Client, &strings.concat()).try_into().unwrap();
    let other = frame(0xc4, 11, MASTER, &hex("C0 C5 0D"));
    let wire = sent(PORT, &[&first, &other, &second]);
    let fields = ["op_name", "destination", "frames", "malformed"];
    assert_eq!(
        brief(&wire, &fields),
        [
            "op_name \"reset_cold\", destination 11, frames 1, malformed false",
            "op_name \"write\", destination 10, frames 2, malformed false",
        ]
    );
    assert_eq!(
        brief(&sent(PORT, &[&first, &first, &second]), FAULT)[0],
        "malformed_layer_name \
        \"transport\", malformed_at 249, malformed_why_name \"unfinished\""
    );
    assert_eq!(
        brief(&sent(PORT, &[&second, &second, &first, &second]), FAULT),
        [
            "malformed_layer_name \"transport\", malformed_at 0, \
             malformed_why_name \"sequence\"",
            "op_name \"write\"",
        ]
    );
}

/// The seventeenth fragment under way takes the place of the first.
#[test]
fn fragments_under_way_are_bounded() {
    let first = |source| frame(0xc4, 10, source, &[&[0x40][..], &[0; 9]].concat());
    let pieces: Vec<Vec<u8>> = (1..=17).map(first).collect();
    let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
    assert_eq!(
        brief(&sent(PORT, &pieces), &["source", "malformed_at", "malformed_why_name"]),
        ["source 1, malformed_at 9, malformed_why_name \"unfinished\""]
    );
}

#[test]
fn a_fragment_that_never_ends_is_bounded() {
    let mut pieces = vec![frame(0xc4, 10, 1, &[&hex("40")[..], &[0; 249]].concat())];
    for n in 1..100_u8 {
        pieces.push(frame(0xc4, 10, 1, &[&[n & 0x3f], &[0_u8; 249][..]].concat()));
    }
    let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
    assert_eq!(
        brief(&sent(PORT, &pieces), FAULT),
        [
            "malformed_layer_name \"transport\", malformed_at 0, malformed_why_name \"too_long\""
        ]
    );
}

#[test]
fn a_gap_is_passed_and_the_next_frame_found() {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, PORT));
    talk.open(&mut wire);
    let good = whole("C0 01 3C0106");
    talk.send(&mut wire, From::Client, &good);
    talk.send(&mut wire, From::Client, &good[..9]);
    talk.lose(From::Client, 15);
    talk.send(&mut wire, From::Client, &[&good[3..], &whole("C1 0E")[..]].concat());
    assert_eq!(
        brief(&wire, FAULT),
        ["op_name \"interrogate\"", "op_name \"reset_warm\""]
    );
}

#[test]
fn other_ports_need_a_checksum() {
    let good = whole("C0 01 3C0106");
    let mut bad = good.clone();
    bad[8] ^= 1;
    assert_eq!(events(&sent(4711, &[&good])).len(), 1);
    assert_eq!(events(&sent(4711, &[&bad])).len(), 0);
    assert_eq!(events(&sent(PORT, &[&bad])).len(), 1);
    assert_eq!(events(&sent(PORT, &[b"GET / HTTP/1.1\r\n\r\n"])).len(), 0);
    // A capture that begins inside of a frame.
    assert_eq!(events(&sent(PORT, &[&good[6..], &good])).len(), 1);
}

#[test]
fn link_frames_without_a_fragment_are_events() {
    let wire = sent(
        PORT,
        &[
            &frame(0xc0, 10, 1, &[]),
            &frame(0xd2, 10, 1, &[]),
            &frame(0xc9, 10, 1, &[]),
            &frame(0x0b, 1, 10, &[]),
            &frame(0xc9, 0xffff, 1, &[]),
            &frame(0xc9, 10, 1, &[1]),
        ],
    );
    let fields = ["broadcast", "function_name", "dfc", "malformed_why_name"];
    assert_eq!(
        brief(&wire, &fields),
        [
            "broadcast false, function_name \"reset_link_states\"",
            "broadcast false, function_name \"test_link_states\"",
            "broadcast false, function_name \"request_link_status\"",
            "broadcast false, function_name \"link_status\", dfc false",
            "broadcast true, function_name \"request_link_status\"",
            "broadcast false, function_name \"request_link_status\", \
             malformed_why_name \"long\"",
        ]
    );
}

/// Every fragment above, cut at every octet and with every octet changed: whatever is
/// read, each is one event, and nothing panics.
#[test]
fn changed_fragments_are_one_event_each() {
    for (name, exchange) in FUNCTIONS.iter().chain(BROKEN) {
        for (mark, fragment) in *exchange {
            let fragment = hex(fragment);
            let mut changed: Vec<Vec<u8>> =
                (1..fragment.len()).map(|len| fragment[..len].to_vec()).collect();
            for at in 0..fragment.len() {
                for bits in [0x01, 0x80, 0xff] {
                    let mut other = fragment.clone();
                    other[at] ^= bits;
                    changed.push(other);
                }
            }
            let n = changed.len();
            let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, PORT));
            talk.open(&mut wire);
            for fragment in changed {
                let sent = frames(from(*mark), &fragment).concat();
                talk.send(&mut wire, from(*mark), &sent);
            }
            assert_eq!(events(&wire).len(), n, "{name}");
        }
    }
}
