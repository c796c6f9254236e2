//! S7comm-plus from bytes to events. Messages are laid out by hand after two public
//! descriptions: the functions and the session's beginning as "The spear to break the
//! security wall of S7CommPlus" (2017) and "Rogue7" (2019) show them, values and
//! addresses as S7CommPlusDriver writes them.

use crate::testing::{From, Talk, Wire, events, hex};

const CLIENT: From = From::Client;
const SERVER: From = From::Server;

/// The header of a request: function, sequence, session 3C0 hex.
fn request(function: u16, sequence: u16, body: &str) -> Vec<u8> {
    hex(&format!("31 0000 {function:04X} 0000 {sequence:04X} 000003C0 34 {body}"))
}

fn response(function: u16, sequence: u16, body: &str) -> Vec<u8> {
    hex(&format!("32 0000 {function:04X} 0000 {sequence:04X} 34 {body}"))
}

fn packet(frame: &[u8]) -> Vec<u8> {
    let mut out = vec![3, 0];
    out.extend(u16::try_from(frame.len() + 7).unwrap().to_be_bytes());
    out.extend([2, 0xf0, 0x80]);
    out.extend_from_slice(frame);
    out
}

fn frame(version: u8, payload: &[u8], is_last: bool) -> Vec<u8> {
    let mut out = vec![0x72, version];
    out.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    out.extend_from_slice(payload);
    if is_last {
        out.extend([0x72, version, 0, 0]);
    }
    packet(&out)
}

fn run(sent: &[(From, Vec<u8>)]) -> Vec<String> {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 102));
    talk.open(&mut wire);
    for (from, bytes) in sent {
        talk.send(&mut wire, *from, bytes);
    }
    let own = |event: String| event.split_once("\"s7plus\":").unwrap().1.to_owned();
    events(&wire).into_iter().map(own).collect()
}

fn check(event: &str, fields: &[&str]) {
    for field in fields {
        assert!(event.contains(field), "{field} in {event}");
    }
}

#[test]
fn a_session_is_created() {
    let create = "0000011D 00 04 00 00000000 A1 000000D3 821F 00 00 \
                  A3 8169 00 15 04 54657374 A3 822B 00 04 01 A2 00000000";
    let events = run(&[
        (CLIENT, frame(1, &request(0x04ca, 1, create), true)),
        (SERVER, frame(1, &response(0x04ca, 1, "00 01 8740 00000000"), true)),
    ]);
    check(
        &events[0],
        &[
            "\"op_name\":\"session_open\"",
            "\"object\":285",
            "\"class\":287",
            "\"objects\":[{\"relation\":211,\"class\":287,\"attribute\":0,\"depth\":0}]",
            "\"id\":233,\"type\":21,\"type_name\":\"wstring\",\"array\":false,\"text\":\"Test\"",
            "\"id\":299,\"type\":4,\"type_name\":\"udint\",\"array\":false,\"value\":1.0",
            "\"integrity\":false",
        ],
    );
    check(
        &events[1],
        &["\"created\":[960]", "\"paired\":true", "\"session\":960", "\"error\":0"],
    );
}

#[test]
fn the_controller_is_stopped_by_a_variable() {
    let set = "00000034 01 9077 00 08 01 00000000";
    let events = run(&[
        (CLIENT, frame(2, &request(0x04f2, 4, set), true)),
        (SERVER, frame(2, &response(0x04f2, 4, "00 00000000"), true)),
    ]);
    check(&events[0], &["\"op_name\":\"stop\"", "\"object\":52", "\"value\":1.0"]);
    check(&events[1], &["\"op_name\":\"stop\"", "\"phase_name\":\"accepted\""]);
}

#[test]
fn addresses_and_values_of_variables() {
    // The actual values of data block 6, identifier 22; then two attributes of 20 hex.
    let get = "00000000 01 05 88EDE1BC63 88D0B88006 02 9376 16 000004E8";
    let set = "00000020 02 02 8B3D 9C68 01 00 04 07 02 00 0E 42480000 00 000004E8";
    let events = run(&[
        (CLIENT, frame(2, &request(0x054c, 1, get), true)),
        (SERVER, frame(2, &response(0x054c, 1, "00 01 00 07 FFFE 00 00"), true)),
        (CLIENT, frame(2, &request(0x0542, 2, set), true)),
    ]);
    check(
        &events[0],
        &[
            "\"area\":2316173318,\"db\":6,\"sub_area\":2550,\"lid\":22",
            "\"item_count\":1",
        ],
    );
    check(&events[1], &["\"type_name\":\"int\",\"array\":false,\"value\":-2.0"]);
    check(
        &events[2],
        &[
            "\"object\":32,\"id\":1469,\"type\":4",
            "\"id\":3688,\"type\":14,\"type_name\":\"real\",\"array\":false,\"value\":50.0",
            "\"op_name\":\"write\"",
        ],
    );
}

#[test]
fn integrity_is_in_front_in_version_3_and_behind_in_version_2() {
    let digest = "20".to_owned() + &"AB".repeat(32);
    let plain = request(0x04bb, 1, "00000003 00 01 01 00 00 00 00000000");
    let front = [hex(&digest), plain.clone()].concat();
    let behind = [plain.clone(), hex(&digest)].concat();
    let events = run(&[
        (CLIENT, frame(3, &front, true)),
        (CLIENT, frame(2, &behind, true)),
        (CLIENT, frame(2, &plain, true)),
    ]);
    check(&events[0], &["\"integrity\":true", "\"op_name\":\"browse\"", "\"object\":3"]);
    check(&events[1], &["\"integrity\":true", &"ab".repeat(32)]);
    check(&events[2], &["\"integrity\":false"]);
}

#[test]
fn a_message_in_pieces_is_one() {
    let set = "00000034 01 9077 00 08 03 00000000";
    let whole = request(0x04f2, 4, set);
    let (head, tail) = whole.split_at(15);
    let events = run(&[(CLIENT, frame(2, head, false)), (CLIENT, frame(2, tail, true))]);
    assert_eq!(events.len(), 1, "{events:#?}");
    check(&events[0], &["\"op_name\":\"start\"", "\"fragments\":2", "\"length\":15"]);
}

#[test]
fn what_is_broken_says_where() {
    let broken = [
        ("00000034 01 9077 00 15 09 41", "\"malformed_why_name\":\"short\""),
        ("00000034 01 9077 00 16 09 41", "\"malformed\":false"),
    ];
    for (body, expected) in broken {
        let bytes = frame(2, &request(0x04f2, 4, body), true);
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 102));
        talk.open(&mut wire);
        talk.send(&mut wire, CLIENT, &bytes);
        let events = events(&wire);
        check(&events[0], &[expected]);
    }
    let notes = run(&[
        (CLIENT, frame(2, &hex("31 0000 04F2"), true)),
        (CLIENT, frame(2, &hex("77 0000 04F2"), true)),
        (CLIENT, packet(&hex("99 0000"))),
        (SERVER, frame(2, &hex("33 70000E51 0400"), true)),
    ]);
    check(&notes[0], &["\"malformed_why_name\":\"short\""]);
    check(&notes[1], &["\"malformed_why_name\":\"opcode\""]);
    check(&notes[2], &["\"malformed_why_name\":\"protocol\""]);
    check(&notes[3], &["\"subscription\":1879051857"]);
}

/// Structures within each other without end are cut off.
#[test]
fn depth_is_bounded() {
    let deep = "00 17 00000001 81 01 ".repeat(40);
    let body = format!("00000034 01 9077 {}", deep.trim());
    let events = run(&[(CLIENT, frame(2, &request(0x04f2, 4, &body), true))]);
    check(&events[0], &["\"malformed_why_name\":\"depth\""]);
}
