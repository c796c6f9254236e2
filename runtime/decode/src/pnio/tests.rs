//! PROFINET IO from bytes to events. Services are laid out by hand after
//! IEC 61158-6-10, 5.2, with the header of C706, 12.5; tshark reads them as said here.

use proptest::prelude::*;

use crate::testing::{From, Talk, Wire, ethernet_of, events, hex};

const AR: &str = "11112222333344445555666677778888";

/// A call of the device's interface, in either byte order.
struct Call {
    little: bool,
    kind: u8,
    opnum: u16,
    sequence: u32,
    /// First flags and number of a fragment.
    fragment: (u8, u16),
}

impl Call {
    fn of(little: bool, kind: u8, opnum: u16, sequence: u32) -> Call {
        Call { little, kind, opnum, sequence, fragment: (0x20, 0) }
    }

    fn number(&self, big: &[u8]) -> Vec<u8> {
        if self.little { big.iter().rev().copied().collect() } else { big.to_vec() }
    }

    fn uuid(&self, text: &str) -> Vec<u8> {
        let bytes = hex(text);
        let (low, mid) = (self.number(&bytes[..4]), self.number(&bytes[4..6]));
        [&low[..], &mid, &self.number(&bytes[6..8]), &bytes[8..]].concat()
    }

    fn pdu(&self, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len()).unwrap();
        let (flags, fragment) = self.fragment;
        [
            &[4, self.kind, flags, 0, if self.little { 0x10 } else { 0 }, 0, 0, 0][..],
            &self.uuid("dea000006c9711d182710001010d002a"),
            &self.uuid("dea000016c9711d1827100a02442df7d"),
            &self.uuid("aaaaaaaa000010008000020000000001"),
            &[0; 4],
            &self.number(&[0, 0, 0, 1]),
            &self.number(&self.sequence.to_be_bytes()),
            &self.number(&self.opnum.to_be_bytes()),
            &[0xff; 4],
            &self.number(&len.to_be_bytes()),
            &self.number(&fragment.to_be_bytes()),
            &[0, 0],
            body,
        ]
        .concat()
    }

    /// The arguments, with the most bytes of an answer or a status before them.
    fn arguments(&self, first: u32, blocks: &str) -> Vec<u8> {
        let blocks = hex(blocks);
        let len = u32::try_from(blocks.len()).unwrap();
        let number = |n: u32| self.number(&n.to_be_bytes());
        [number(first), number(len), number(len), number(0), number(len), blocks].concat()
    }
}

/// A request and its answer by blocks; the device answers from another port.
fn exchange(
    little: bool,
    opnum: u16,
    request: &str,
    status: u32,
    answer: &str,
) -> Vec<String> {
    let mut wire = Wire::default();
    let call = Call::of(little, 0, opnum, 1);
    let pdu = call.pdu(&call.arguments(0x1000, request));
    Talk::new(50_000, 34_964).datagram(&mut wire, From::Client, &pdu);
    let call = Call::of(little, 2, opnum, 1);
    let pdu = call.pdu(&call.arguments(status, answer));
    Talk::new(50_000, 49_152).datagram(&mut wire, From::Server, &pdu);
    events(&wire).into_iter().filter(|event| event.contains(r#""kind":"pnio""#)).collect()
}

fn check(events: &[String], expected: &[&[&str]]) {
    assert_eq!(events.len(), expected.len(), "{events:#?}");
    for (event, parts) in events.iter().zip(expected) {
        for part in *parts {
            assert!(event.contains(part), "{part} in {event}");
        }
    }
}

/// The header of a record: type, sequence, slot, subslot, index, length; then 24 bytes.
fn header(kind: &str, place: &str, length: u32, tail: &str) -> String {
    format!("{kind} 003c 0100 0003 {AR} 00000000 {place} {length:08x} {tail}")
}

const ZEROS: &str = "000000000000000000000000000000000000000000000000";

#[test]
fn connect_shows_relation_and_submodules() {
    let request = format!(
        "0101 003c 0100 0001 {AR} 0007 020000000001 dea000006c9711d1827100640001002a
         00000111 0064 8892 0006 706c632d3037
         0102 002a 0100 0001 0001 8892 00000001 0028 8001 0020 0020 0001 0000 ffffffff
         0003 0003 c000 000000000000 0000
         0103 0016 0100 0001 8892 00000000 0001 0003 0009 00c8 c000 a000
         0104 0034 0100 0001 00000000 0001 00000010 0000 0002
         0001 00000001 0000 0001 0000 01 01
         0002 00000002 0003 0001 0004 01 01 0002 0004 01 01"
    );
    let answer = format!(
        "8101 001e 0100 0001 {AR} 0007 020000000002 8892
         8102 0008 0100 0001 0001 8000
         8103 0008 0100 0001 0005 00c8
         8104 001c 0100 0001 00000000 0001 0001 00000011 0001 0001 0001 00000009 1000
         8106 0008 0100 0004 696f2d31"
    );
    for little in [false, true] {
        check(
            &exchange(little, 0, &request, 0, &answer),
            &[
                &[
                    r#""op_name":"session_open","phase":1"#,
                    r#""operation":0,"operation_name":"connect","request":true,"interface":1"#,
                    r#""session_key":7"#,
                    r#""ar":{"type":1,"type_name":"iocar_single","uuid":"11112222-3333-4444-5555-666677778888""#,
                    r#""station_name":"plc-07""#,
                    r#""port":34962"#,
                    r#""vendor_id":42,"device_id":269,"instance":1"#,
                    r#""alarm_cr":{"reference":9,"max_length":200}"#,
                    r#""iocrs":[{"type":1,"type_name":"input","reference":1,"frame_id":32769,"properties":1,"length":40,"send_clock":32,"reduction":32,"watchdog":3}]"#,
                    r#"{"api":0,"slot":1,"module":16,"subslot":2,"submodule":2,"properties":3}]"#,
                    r#""malformed":false"#,
                ],
                &[
                    r#""op_name":"session_open","phase":2,"phase_name":"accepted""#,
                    r#""error":{"code":0,"code_name":"ok""#,
                    r#""mac":"02:00:00:00:00:02""#,
                    r#""responder_name":"io-1""#,
                    r#""module_state":1,"state":4096}]"#,
                    r#""frame_id":32768}]"#,
                    r#""paired":true,"latency":1000000"#,
                    r#""malformed":false"#,
                ],
            ],
        );
    }
}

#[test]
fn a_written_record_is_shown_and_hashed() {
    let request = header("0008", "0001 0001 0000 aff1", 3, ZEROS) + "616263";
    let tail = "0000 0000 df80b600 00000000000000000000000000000000";
    let answer = header("8008", "0001 0001 0000 aff1", 0, tail);
    check(
        &exchange(false, 3, &request, 0xdf80_b600, &answer),
        &[
            &[
                r#""op_name":"config_write""#,
                r#""target":{"kind":8,"kind_name":"object","id":45041,"id_end":45041"#,
                // FIPS 180-4, the example of one block.
                r#""artifact":{"size":3,"number":45041,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}"#,
                r#""index":45041,"index_name":"im1","slot":1,"subslot":1"#,
                r#""length":3,"data":{"hex":"616263"}}]"#,
                r#""blocks":[8]"#,
            ],
            &[
                r#""phase_name":"rejected","outcome":2,"outcome_name":"exception""#,
                r#""index":45041"#,
                r#""status":3749754368"#,
                r#""decode":128,"decode_name":"pniorw","code1":182,"code2":0,"reason":182,"reason_name":"access_denied""#,
            ],
        ],
    );
}

#[test]
fn many_records_in_one_are_all_shown() {
    let first = header("0008", "0001 0001 0000 0001", 1, ZEROS) + "aa 000000";
    let second = header("0008", "0002 0001 0000 0002", 2, ZEROS) + "bbcc";
    let length = u32::try_from(hex(&(first.clone() + &second)).len()).unwrap();
    let request = header("0008", "ffff ffff 0000 e040", length, ZEROS) + &first + &second;
    let events = exchange(true, 3, &request, 0, "");
    check(
        &events,
        &[
            &[
                r#""index":57408,"index_name":"write_multiple""#,
                r#""slot":1,"subslot":1,"index":1,"length":1,"data":{"hex":"aa"}}"#,
                r#""slot":2,"subslot":1,"index":2,"length":2,"data":{"hex":"bbcc"}}]"#,
                r#""malformed":false"#,
            ],
            // An answer without blocks is about what was asked.
            &[r#""index":57408"#, r#""uuid":"11112222-3333-4444-5555-666677778888""#],
        ],
    );
    assert!(!events[0].contains("artifact"), "{}", events[0]);
}

#[test]
fn operations_follow_the_record_and_the_command() {
    let control = |kind: &str, command: &str| {
        format!("{kind} 001c 0100 0000 {AR} 0007 0000 {command} 0000")
    };
    let cases = [
        (2, header("0009", "0000 0001 0000 aff0", 64, ZEROS), r#""op_name":"identify""#),
        (
            5,
            header("0009", "0000 0001 0000 f830", 64, ZEROS),
            r#""op_name":"diagnostic""#,
        ),
        (
            2,
            header("0009", "0000 0001 0000 802a", 64, ZEROS),
            r#""op_name":"config_read""#,
        ),
        (4, control("0110", "0001"), r#""op_name":"config_write""#),
        (1, control("0114", "0004"), r#""op_name":"session_close""#),
        (4, control("0112", "0002"), r#""command":2,"command_name":"application_ready""#),
    ];
    for (opnum, request, part) in cases {
        let events = exchange(false, opnum, &request, 0, "");
        assert!(events[0].contains(part), "{part} in {}", events[0]);
        assert!(events[0].contains(r#""malformed":false"#), "{}", events[0]);
    }
}

#[test]
fn fragments_are_put_together() {
    let whole = Call::of(false, 0, 3, 1);
    let data = "5a".repeat(2000);
    let body = whole
        .arguments(0x1000, &(header("0008", "0001 0001 0000 0005", 2000, ZEROS) + &data));
    let talk = Talk::new(50_000, 34_964);
    let run = |order: &[usize]| {
        let mut wire = Wire::default();
        let chunks: Vec<&[u8]> = body.chunks(800).collect();
        for &at in order {
            let last = if at + 1 == chunks.len() { 0x02 } else { 0 };
            let fragment = (0x24 | last, u16::try_from(at).unwrap());
            let pdu = Call { fragment, ..Call::of(false, 0, 3, 1) }.pdu(chunks[at]);
            talk.datagram(&mut wire, From::Client, &pdu);
        }
        events(&wire)
    };
    let is_pnio = |event: &&String| event.contains(r#""kind":"pnio""#);
    let events = run(&[0, 1, 1, 2]);
    assert_eq!(events.len(), 5, "{events:#?}");
    let call: Vec<&String> = events.iter().filter(is_pnio).collect();
    assert_eq!(call.len(), 1);
    assert!(call[0].contains(r#""artifact":{"size":2000"#), "{}", call[0]);
    assert!(call[0].contains(r#""malformed":false"#), "{}", call[0]);
    // One that is missing is said, and nothing is made up.
    let events = run(&[0, 2]);
    assert!(!events.iter().any(|event| is_pnio(&event)), "{events:#?}");
    assert!(
        events[1].contains(r#""malformed_at":76,"malformed_why":3"#),
        "{}",
        events[1]
    );
}

#[test]
fn a_rejected_call_is_an_answer() {
    let mut wire = Wire::default();
    let talk = Talk::new(50_000, 34_964);
    let call = Call::of(false, 0, 2, 1);
    let request = header("0009", "0000 0001 0000 aff0", 64, ZEROS);
    talk.datagram(&mut wire, From::Client, &call.pdu(&call.arguments(64, &request)));
    let reject = Call::of(false, 6, 2, 1).pdu(&hex("1c010014"));
    talk.datagram(&mut wire, From::Server, &reject);
    let events = events(&wire);
    let last = events.last().unwrap();
    for part in [
        r#""kind":"pnio""#,
        r#""op_name":"identify","phase":3,"phase_name":"rejected","outcome":3"#,
        r#""rpc_status_name":"server_too_busy""#,
        r#""index_name":"im0""#,
    ] {
        assert!(last.contains(part), "{part} in {last}");
    }
}

#[test]
fn broken_services_say_where_they_break() {
    let cases = [
        // A block that is longer than the arguments.
        (format!("0101 0099 0100 0001 {AR}"), r#""malformed_at":22,"malformed_why":2"#),
        // A relation without its end.
        (format!("0101 0014 0100 0001 {AR}"), r#""malformed_at":22,"malformed_why":4"#),
        // The name is shorter than it says.
        (
            format!(
                "0101 0038 0100 0001 {AR} 0007 020000000001
                 dea000006c9711d1827100640001002a 00000111 0064 8892 0009 7070"
            ),
            r#""malformed_at":22,"malformed_why":4"#,
        ),
        // The data of a record exceed the arguments.
        (
            header("0008", "0001 0001 0000 0001", 9, ZEROS) + "aabb",
            r#""malformed_at":84,"malformed_why":2"#,
        ),
        // Expected submodules without end.
        ("0104 0006 0100 ffff 0000".to_owned(), r#""malformed_at":22,"malformed_why":4"#),
    ];
    for (request, part) in cases {
        let events = exchange(false, 0, &request, 0, "");
        assert!(events[0].contains(part), "{part} in {}", events[0]);
        assert!(events[0].contains(r#""malformed":true"#), "{}", events[0]);
    }
}

#[test]
fn alarms_are_read_from_their_frames() {
    let wire = Wire {
        frames: vec![
            ethernet_of(
                From::Server,
                0x8892,
                &hex("fc01 0001 0009 11 11 ffff fffe 001e
                      0001 001a 0100 0003 00000000 0001 0001 00000010 00000001 8001 0000 0000"),
            ),
            ethernet_of(
                From::Client,
                0x8892,
                &hex("fc01 0009 0001 11 11 fffe ffff 0016
                      8001 0012 0100 0003 00000000 0001 0001 8001 00000000"),
            ),
            ethernet_of(From::Client, 0x8892, &hex("fe01 0009 0001 14 01 fffe ffff 0004 cf81fd07")),
            ethernet_of(From::Client, 0x8892, &hex("fe01 0009 0001 11 01 fffe ffff 0099 0001")),
        ],
    };
    check(
        &events(&wire),
        &[
            &[
                r#""frame_id":64513,"frame_id_name":"alarm_high""#,
                r#""type":3,"type_name":"pull""#,
                r#""slot":1,"subslot":1"#,
                r#""malformed":false"#,
            ],
            &[
                r#""op_name":"alarm_ack""#,
                r#""type_name":"pull""#,
                r#""specifier":32769"#,
            ],
            &[r#""pdu":4,"pdu_name":"error""#, r#""code":207,"code_name":"rta_error""#],
            &[r#""malformed_at":12,"malformed_why":2"#],
        ],
    );
}

proptest! {
    /// A good call with any bytes of its arguments changed, in either byte order and cut
    /// anywhere, does no harm and is never lost.
    #[test]
    fn hostile_calls_do_no_harm(
        changes in prop::collection::vec((0_usize..400, any::<u8>()), 0..8),
        cut in 0_usize..300,
        opnum in 0_u16..7,
        kind in prop::sample::select(vec![0_u8, 2, 3, 6]),
        little in any::<bool>(),
    ) {
        let call = Call::of(little, kind, opnum, 1);
        let blocks = format!(
            "{}aabbcc 0104 0034 0100 0001 00000000 0001 00000010 0000 0002
             0001 00000001 0000 0001 0000 01 01 0002 00000002 0003 0001 0004 01 01 0002 0004 01 01
             8104 001c 0100 0001 00000000 0001 0001 00000011 0001 0001 0001 00000009 1000",
            header("0008", "0001 0001 0000 0001", 3, ZEROS),
        );
        let mut body = call.arguments(0, &blocks);
        for (at, byte) in changes {
            let at = at % body.len();
            body[at] = byte;
        }
        body.truncate(cut);
        let mut wire = Wire::default();
        Talk::new(50_000, 34_964).datagram(&mut wire, From::Client, &call.pdu(&body));
        prop_assert_eq!(events(&wire).len(), 2);
    }
}
