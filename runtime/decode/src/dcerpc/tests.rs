//! DCE/RPC from bytes to events. PDUs are laid out by hand after C706, 12.5 and 12.6.

use crate::testing::{From, Talk, Wire, events, hex};

/// `svcctl`, as it stands on the wire in little endian.
const SVCCTL: &str = "81bb7a36 4498 f135 ad32 98f038001003";
const NDR: &str = "045d888a eb1c c911 9fe8 08002b104860 02000000";

/// A PDU of a connection: type, flags, body; call 2.
fn co(kind: u8, flags: u8, body: &str) -> Vec<u8> {
    let body = hex(body);
    let len = u16::try_from(16 + body.len()).unwrap();
    let head = [5, 0, kind, flags, 0x10, 0, 0, 0];
    [&head[..], &len.to_le_bytes(), &[0, 0, 2, 0, 0, 0], &body].concat()
}

fn bind() -> Vec<u8> {
    co(11, 3, &format!("b810 b810 00000000 01000000 0000 01 00 {SVCCTL} 02000000 {NDR}"))
}

fn stream(sent: &[(From, Vec<u8>)]) -> Vec<String> {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 49_700));
    talk.open(&mut wire);
    for (from, bytes) in sent {
        talk.send(&mut wire, *from, bytes);
    }
    events(&wire)
}

fn exchange() -> Vec<(From, Vec<u8>)> {
    let accepted =
        format!("b810 b810 01000000 0400 31333500 0000 01000000 0000 0000 {NDR}");
    vec![
        (From::Client, bind()),
        (From::Server, co(12, 3, &accepted)),
        (From::Client, co(0, 3, "08000000 0000 0c00 0102030405060708")),
        (From::Server, co(2, 3, "04000000 0000 0000 00000000")),
        (From::Client, co(0, 3, "08000000 0000 0f00 00")),
        (From::Server, co(3, 3, "20000000 0000 0000 05000000 00000000")),
    ]
}

#[test]
fn a_connection_binds_calls_and_fails() {
    let events = stream(&exchange());
    let expected: [&[&str]; 6] = [
        &[
            r#""type":11,"type_name":"bind","request":true,"version":5"#,
            r#""contexts":[{"id":0,"interface":"367abb81-9844-35f1-ad32-98f038001003","version":2,"name":"svcctl"}]"#,
        ],
        &[
            r#""type_name":"bind_ack","request":false"#,
            r#""address":"135""#,
            r#""contexts":[{"id":0,"result":0,"result_name":"acceptance","reason":0}]"#,
            r#""paired":true"#,
        ],
        &[
            r#""opnum":12,"context":0"#,
            r#""interface":"367abb81-9844-35f1-ad32-98f038001003","interface_name":"svcctl""#,
        ],
        &[
            r#""type_name":"response""#,
            r#""opnum":12"#,
            r#""paired":true,"latency":1000000"#,
        ],
        &[r#""opnum":15"#],
        &[
            r#""type_name":"fault""#,
            r#""status":5,"status_name":"access_denied""#,
            r#""interface_name":"svcctl""#,
        ],
    ];
    assert_eq!(events.len(), expected.len(), "{events:#?}");
    for (event, parts) in events.iter().zip(expected) {
        assert!(event.contains(r#""malformed":false"#), "{event}");
        for part in parts {
            assert!(event.contains(part), "{part} in {event}");
        }
    }
}

#[test]
fn pdus_are_found_wherever_segments_end() {
    let whole: Vec<u8> = [bind(), co(0, 3, "08000000 0000 0c00 00")].concat();
    for at in 1..whole.len() {
        let parts =
            [(From::Client, whole[..at].to_vec()), (From::Client, whole[at..].to_vec())];
        let events = stream(&parts);
        assert_eq!(events.len(), 2, "cut at {at}: {events:#?}");
        assert!(events[1].contains(r#""opnum":12"#), "cut at {at}");
    }
}

#[test]
fn a_stream_that_makes_no_sense_says_so_once() {
    let mut sent = exchange();
    sent.push((From::Client, vec![0xff; 40]));
    sent.push((From::Client, vec![0xff; 40]));
    sent.push((From::Client, co(0, 3, "08000000 0000 0100 00")));
    let events = stream(&sent);
    assert_eq!(events.len(), 8, "{events:#?}");
    assert!(events[6].contains(r#""malformed_at":0,"malformed_why":4"#), "{}", events[6]);
    assert!(events[7].contains(r#""opnum":1,"#), "{}", events[7]);
}

#[test]
fn contexts_that_end_too_early_are_malformed() {
    let short = co(
        11,
        3,
        &format!("b810 b810 00000000 02000000 0000 01 00 {SVCCTL} 02000000 {NDR} 0100"),
    );
    let events = stream(&[(From::Client, short)]);
    assert!(events[0].contains(r#""malformed":true"#), "{events:?}");
    assert!(events[0].contains(r#""name":"svcctl""#), "{events:?}");
}

#[test]
fn a_request_that_proves_itself_needs_no_bind() {
    let request = |hint: &str| co(0, 3, &format!("{hint} 0000 0900 01020304"));
    let count = |bytes| stream(&[(From::Client, bytes)]).len();
    assert_eq!(count(request("04000000")), 1);
    assert_eq!(count(request("05000000")), 0);
    assert_eq!(count([request("04000000"), vec![5]].concat()), 0);
}

/// A connectionless PDU in either byte order, of an interface that nobody knows.
fn cl(
    little: bool,
    kind: u8,
    flags: u8,
    sequence: u32,
    fragment: u16,
    body: &[u8],
) -> Vec<u8> {
    let pick = |big: &[u8]| -> Vec<u8> {
        if little { big.iter().rev().copied().collect() } else { big.to_vec() }
    };
    let uuid = |tail: u8| -> Vec<u8> {
        let head = [&[1, 2, 3, 4][..], &[5, 6], &[7, 8]].map(pick).concat();
        [&head[..], &[0x90, 0, 0, 0, 0, 0, 0, tail]].concat()
    };
    let len = u16::try_from(body.len()).unwrap();
    [
        &[4, kind, flags, 0, if little { 0x10 } else { 0 }, 0, 0, 0][..],
        &uuid(1),
        &uuid(2),
        &uuid(3),
        &[0; 4],
        &pick(&[0, 0, 0, 1]),
        &pick(&sequence.to_be_bytes()),
        &pick(&[0, 9]),
        &[0xff; 4],
        &pick(&len.to_be_bytes()),
        &pick(&fragment.to_be_bytes()),
        &[0, 0],
        body,
    ]
    .concat()
}

#[test]
fn datagrams_are_read_in_either_byte_order() {
    for little in [false, true] {
        let (mut wire, talk) = (Wire::default(), Talk::new(50_000, 4000));
        talk.datagram(&mut wire, From::Client, &cl(little, 0, 0x20, 7, 0, &[1, 2, 3, 4]));
        talk.datagram(&mut wire, From::Server, &cl(little, 2, 0x0a, 7, 0, &[]));
        // A rejection, with its status in the byte order of the PDU.
        let status = if little {
            0x1c01_0003_u32.to_le_bytes()
        } else {
            0x1c01_0003_u32.to_be_bytes()
        };
        talk.datagram(&mut wire, From::Server, &cl(little, 6, 0, 8, 0, &status));
        let events = events(&wire);
        assert_eq!(events.len(), 3, "{events:#?}");
        for part in [
            r#""type":0,"type_name":"request","request":true,"version":4,"opnum":9"#,
            r#""interface":"01020304-0506-0708-9000-000000000002","interface_version":1"#,
            r#""object":"01020304-0506-0708-9000-000000000001""#,
            r#""activity":"01020304-0506-0708-9000-000000000003","sequence":7"#,
        ] {
            assert!(events[0].contains(part), "{part} in {}", events[0]);
        }
        assert!(
            events[1].contains(r#""paired":true,"latency":1000000"#),
            "{}",
            events[1]
        );
        assert!(
            events[2].contains(r#""status_name":"unknown_interface""#),
            "{}",
            events[2]
        );
        assert!(events[2].contains(r#""paired":false"#), "{}", events[2]);
    }
}

#[test]
fn an_answer_from_another_port_is_paired() {
    let mut wire = Wire::default();
    let pdu = cl(false, 0, 0x20, 7, 0, &[1, 2, 3, 4]);
    Talk::new(50_000, 4000).datagram(&mut wire, From::Client, &pdu);
    let answer = cl(false, 2, 0, 7, 0, &[1, 2, 3, 4]);
    Talk::new(50_000, 4001).datagram(&mut wire, From::Server, &answer);
    let events = events(&wire);
    assert!(events[1].contains(r#""paired":true,"latency":1000000"#), "{events:#?}");
}

#[test]
fn what_is_no_pdu_is_not_claimed() {
    let pdu = cl(false, 0, 0x20, 7, 0, &[1, 2, 3, 4]);
    let mut version = pdu.clone();
    version[0] = 3;
    let mut variant = pdu.clone();
    variant[32] = 0x10;
    let longer = [&pdu[..], &[0]].concat();
    for other in [version, variant, longer, pdu[..83].to_vec()] {
        let (mut wire, talk) = (Wire::default(), Talk::new(50_000, 4000));
        talk.datagram(&mut wire, From::Client, &other);
        assert_eq!(events(&wire), Vec::<String>::new());
    }
    let bytes =
        [&[5, 0, 11, 3, 0x10, 0, 0, 0, 72, 0, 0, 0, 1, 0, 0, 0][..], &[0; 56]].concat();
    assert_eq!(stream(&[(From::Client, bytes)]), Vec::<String>::new());
}
