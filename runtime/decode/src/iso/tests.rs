//! ISO transport from bytes to events: TPDUs laid out by X.224, section 13.

use crate::testing::{From, Talk, Wire, events, hex};

const CLIENT: From = From::Client;
const SERVER: From = From::Server;

/// Calls rack 0, slot 2 as a programming device.
const REQUEST: &str = "03000016 11 E0 0000 0001 00 C0010A C1020100 C2020102";
const CONFIRM: &str = "03000016 11 D0 0001 0007 00 C0010A C1020100 C2020102";
/// A disconnect request: no such address.
const REFUSE: &str = "0300000B 06 80 0001 0000 03";
/// Read of one byte of bit memory, and setup, both of S7comm.
const SETUP: &str = "F0 00 0001 0001 01E0";

fn job(parameter: &str) -> String {
    let length = hex(parameter).len();
    format!("32 01 0000 0001 {length:04X} 0000 {parameter}")
}

/// A message in data TPDUs of so many bytes.
fn data(message: &str, piece: usize) -> Vec<u8> {
    let message = hex(message);
    let n = message.len().div_ceil(piece);
    let mut out = Vec::new();
    for (at, piece) in message.chunks(piece).enumerate() {
        let length = u16::try_from(piece.len() + 7).unwrap();
        out.extend([3, 0]);
        out.extend(length.to_be_bytes());
        out.extend([2, 0xf0, if at + 1 == n { 0x80 } else { 0 }]);
        out.extend_from_slice(piece);
    }
    out
}

fn run(sent: &[(From, Vec<u8>)]) -> Vec<String> {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 102));
    talk.open(&mut wire);
    for (from, bytes) in sent {
        talk.send(&mut wire, *from, bytes);
    }
    let own = |event: String| event.split_once("\"kind\":").unwrap().1.to_owned();
    events(&wire).into_iter().map(own).collect()
}

#[test]
fn a_connection_is_opened_and_used() {
    let events = run(&[
        (CLIENT, hex(REQUEST)),
        (SERVER, hex(CONFIRM)),
        (CLIENT, data(&job(SETUP), 99)),
    ]);
    let [request, confirm, setup] = &events[..] else { panic!("{events:#?}") };
    for field in [
        "\"type_name\":\"connection_request\"",
        "\"op_name\":\"session_open\"",
        "\"connection_name\":\"pg\"",
        "\"rack\":0,\"slot\":2",
        "\"tpdu_size\":1024",
    ] {
        assert!(request.contains(field), "{field} in {request}");
    }
    assert!(confirm.contains("\"phase_name\":\"accepted\""), "{confirm}");
    assert!(confirm.contains("\"paired\":true"), "{confirm}");
    assert!(setup.starts_with("\"s7\""), "{setup}");
    assert!(setup.contains("\"slot\":2"), "{setup}");
}

#[test]
fn a_refused_connection_is_an_event_though_nothing_was_carried() {
    let events = run(&[(CLIENT, hex(REQUEST)), (SERVER, hex(REFUSE))]);
    let [_, refused] = &events[..] else { panic!("{events:#?}") };
    assert!(refused.contains("\"refused\":true"), "{refused}");
    assert!(refused.contains("\"reason_name\":\"address_unknown\""), "{refused}");
    assert!(refused.contains("\"phase_name\":\"rejected\""), "{refused}");
}

#[test]
fn messages_are_joined_from_pieces_of_any_length_and_segments() {
    let message = job("04 01 120A10020001000083000000");
    let whole = run(&[(CLIENT, data(&message, 99))]);
    assert_eq!(whole.len(), 1, "{whole:#?}");
    assert!(whole[0].contains("\"fragments\":1"), "{}", whole[0]);
    let behind = |event: &str| event.split_once("\"item_count\"").unwrap().1.to_owned();
    for piece in 12..=24 {
        let bytes = data(&message, piece);
        for cut in 1..bytes.len() {
            let sent = [(CLIENT, bytes[..cut].to_vec()), (CLIENT, bytes[cut..].to_vec())];
            let events = run(&sent);
            assert_eq!(events.len(), 1, "pieces of {piece}, cut at {cut}");
            assert_eq!(behind(&events[0]), behind(&whole[0]));
        }
    }
}

#[test]
fn a_lost_stream_is_said_once_and_found_again() {
    let message = data(&job(SETUP), 99);
    let events = run(&[
        (CLIENT, message.clone()),
        (CLIENT, hex("FFFF FFFF FFFF")),
        (CLIENT, message),
    ]);
    let [_, lost, found] = &events[..] else { panic!("{events:#?}") };
    assert!(lost.contains("\"malformed_why_name\":\"version\""), "{lost}");
    assert!(found.starts_with("\"s7\""), "{found}");
}

/// Whether a packet begins may only be known with the next segment.
#[test]
fn a_lost_stream_is_found_again_at_a_packet_in_two_segments() {
    let message = data(&job(SETUP), 99);
    for cut in 1..message.len() {
        let events = run(&[
            (CLIENT, message.clone()),
            (CLIENT, hex("FFFF FFFF FFFF")),
            (CLIENT, message[..cut].to_vec()),
            (CLIENT, message[cut..].to_vec()),
        ]);
        assert_eq!(events.len(), 3, "cut at {cut}: {events:#?}");
        assert!(events[2].starts_with("\"s7\""), "cut at {cut}: {}", events[2]);
    }
}

/// X.224 in RDP has a cookie where TSAPs would be; other protocols have neither.
#[test]
fn what_has_no_tsaps_is_not_claimed() {
    let cookie = "0300002B 26 E0 0000 0000 00 436F6F6B69653A206D737473686173683D610D0A \
                  0100080003000000 000000000000000000";
    assert!(run(&[(CLIENT, hex(cookie)), (SERVER, hex(REFUSE))]).is_empty());
    assert!(run(&[(CLIENT, hex("0300 0008 02F0 8041"))]).is_empty());
    assert!(run(&[(CLIENT, hex("16030100 0508"))]).is_empty());
}
