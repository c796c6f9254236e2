//! DCP from frames to events. The frames are laid out by hand after IEC 61158-6-10, 4.3;
//! tshark reads each of them as said here.

use proptest::prelude::*;

use crate::net::ip::protocol;
use crate::testing::{From, Wire, ethernet, ethernet_of, events, hex, ipv4};
use crate::{FlowEvents, LinkType, Stats};

const CLIENT: From = From::Client;
const SERVER: From = From::Server;

/// The events of frames, each without padding.
fn run(frames: &[(From, &str)]) -> Vec<String> {
    let frame = |(from, text): &(From, &str)| ethernet_of(*from, 0x8892, &hex(text));
    events(&Wire { frames: frames.iter().map(frame).collect() })
}

/// Every event must hold all of its parts.
fn check(frames: &[(From, &str)], expected: &[&[&str]]) {
    let events = run(frames);
    assert_eq!(events.len(), expected.len(), "{events:#?}");
    for (event, parts) in events.iter().zip(expected) {
        for part in *parts {
            assert!(event.contains(part), "{part} in {event}");
        }
    }
}

const IDENTIFY_ALL: &str = "fefe 05 00 01000001 0080 0004 ffff 0000";
const SET_NAME: &str = "fefd 04 00 00000007 0000 000c 0202 0008 0001 706c632d3037";

#[test]
fn identify_is_answered_by_every_station() {
    let answer = "feff 05 01 01000001 0000 0046
        0202 0008 0000 706c632d3037
        0201 0009 0000 45582d31303030 00
        0203 0006 0000 002a 010d
        0204 0004 0000 02 00
        0207 0004 0000 0064
        0102 000e 0081 c0a80105 ffffff00 c0a80101";
    check(
        &[(CLIENT, IDENTIFY_ALL), (SERVER, answer), (SERVER, answer)],
        &[
            &[
                r#""kind":"dcp","src":{"mac":"02:00:00:00:00:01"},"dst":{"mac":"02:00:00:00:00:02"}"#,
                r#""op_name":"discover""#,
                r#""phase_name":"request""#,
                r#""service":5,"service_name":"identify","service_type":0"#,
                r#""block":65535,"block_name":"all_selector""#,
                r#""response_delay":128"#,
            ],
            &[
                r#""op_name":"discover","phase":2,"phase_name":"accepted""#,
                r#""vendor_id":42,"device_id":269"#,
                r#""ip":"192.168.1.5""#,
                r#""station_name":"plc-07""#,
                r#""station_type":"EX-1000""#,
                r#""mask":"255.255.255.0","gateway":"192.168.1.1""#,
                r#""ip_info":129,"ip_info_name":"set_conflict""#,
                r#""role":2,"instance":100"#,
                r#""paired":true,"latency":1000000"#,
            ],
            &[r#""paired":true,"latency":2000000"#],
        ],
    );
}

#[test]
fn an_answer_to_set_carries_the_name_and_what_became_of_each_block() {
    let answer = "fefd 04 01 00000007 0000 0008 0504 0003 0202 06 00";
    let later = "fefd 04 01 00000007 0000 0008 0504 0003 0202 00 00";
    check(
        &[(CLIENT, SET_NAME), (SERVER, answer), (SERVER, later)],
        &[
            &[
                r#""op_name":"config_write""#,
                r#""block":514,"block_name":"name_of_station""#,
                r#""permanent":true"#,
                r#""station_name":"plc-07""#,
                r#""qualifier":1,"data":{"hex":"706c632d3037"}"#,
            ],
            &[
                r#""op_name":"config_write","phase":3,"phase_name":"rejected","outcome":2"#,
                r#""block":514,"block_name":"name_of_station""#,
                r#""station_name":"plc-07""#,
                r#""error":6,"error_name":"in_operation""#,
                r#""paired":true,"latency":1000000"#,
                r#""answers":514,"answers_name":"name_of_station","error":6"#,
            ],
            // A second answer belongs to nothing.
            &[r#""error":0,"error_name":"ok","paired":false"#],
        ],
    );
}

#[test]
fn what_is_set_is_told_by_its_block() {
    let cases: [(&str, &[&str]); 6] = [
        (
            "fefd 04 00 00000001 0000 0012 0102 000e 0000 00000000 00000000 00000000",
            &[r#""op_name":"config_write""#, r#""permanent":false"#, r#""ip":"0.0.0.0""#],
        ),
        (
            "fefd 04 00 00000001 0000 0006 0505 0002 0000",
            &[r#""op_name":"factory_reset""#, r#""block_name":"reset_factory_settings""#],
        ),
        (
            "fefd 04 00 00000001 0000 0006 0506 0002 0010",
            &[r#""op_name":"factory_reset""#, r#""reset":8,"reset_name":"device""#],
        ),
        (
            "fefd 04 00 00000001 0000 0008 0503 0004 0000 0100",
            &[
                r#""op_name":"identify""#,
                r#""block_name":"signal""#,
                r#""signal":256,"signal_name":"flash_once""#,
            ],
        ),
        (
            "fefd 04 00 00000001 0000 0014 0501 0002 0000 0503 0004 0000 0100
             0502 0002 0000",
            &[r#""block_name":"signal""#],
        ),
        (
            "fefd 03 00 00000001 0000 0004 0202 0102",
            &[r#""op_name":"config_read""#, r#""block_name":"name_of_station""#],
        ),
    ];
    for (frame, parts) in cases {
        check(&[(CLIENT, frame)], &[parts]);
    }
}

#[test]
fn other_services_and_types_stay_numbers() {
    check(
        &[
            (SERVER, "fefc 06 00 00000001 0000 000c 0202 0008 0000 706c632d3037"),
            (SERVER, "fefd 04 05 00000009 0000 0000"),
            (CLIENT, "fefd 02 00 00000009 0000 0004 f0010000"),
        ],
        &[
            &[r#""service_name":"hello""#, r#""station_name":"plc-07""#],
            &[r#""service_type_name":"response_unsupported""#, r#""outcome":3"#],
            &[r#""service":2,"service_type":0"#, r#""block":61441,"#],
        ],
    );
}

#[test]
fn broken_frames_say_where_they_break() {
    let cases = [
        ("fefd 04 00 0000", r#""malformed_at":4,"malformed_why":1"#),
        (
            "fefd 04 00 00000001 0000 0020 0202 0002 0000",
            r#""malformed_at":10,"malformed_why":2"#,
        ),
        (
            "fefd 04 00 00000001 0000 0006 0202 0099 0000",
            r#""malformed_at":14,"malformed_why":3"#,
        ),
        (
            "fefd 04 00 00000001 0000 0008 0102 0004 00000000",
            r#""malformed_at":14,"malformed_why":3"#,
        ),
        (
            "fefd 05 00 00000001 0000 0004 ffff 0000",
            r#""malformed_at":2,"malformed_why":4"#,
        ),
    ];
    for (frame, part) in cases {
        check(&[(CLIENT, frame)], &[&[r#""malformed":true"#, part]]);
    }
}

#[test]
fn a_block_that_is_cut_keeps_what_it_has() {
    check(
        &[(CLIENT, "fefd 04 00 00000001 0000 0008 0202 00ff 0001 6162")],
        &[&[
            r#""block_name":"name_of_station","permanent":true"#,
            r#""station_name":"ab""#,
            r#""length":255,"qualifier":1"#,
            r#""malformed_at":14,"malformed_why":3"#,
        ]],
    );
}

#[test]
fn what_is_around_the_frame_does_not_matter() {
    let plain = ethernet_of(CLIENT, 0x8892, &hex(SET_NAME));
    let tagged = [&plain[..12], &hex("8100 c000"), &plain[12..]].concat();
    let padded = [&plain[..], &[0; 26]].concat();
    let hsr = [&plain[..12], &hex("892f 0032 0001"), &plain[12..]].concat();
    for (name, frame) in [("VLAN", tagged), ("padding", padded), ("HSR", hsr.clone())] {
        let events = events(&Wire { frames: vec![frame] });
        assert_eq!(events.len(), 1, "{name}");
        assert!(events[0].contains(r#""station_name":"plc-07""#), "{name}: {events:?}");
        assert!(events[0].contains(r#""malformed":false"#), "{name}: {events:?}");
        assert_eq!(events[0].contains(r#""vlan":0,"#), name == "VLAN", "{events:?}");
    }
    assert_eq!(events(&Wire { frames: vec![hsr.clone(), hsr] }).len(), 1);
}

#[test]
fn a_mirror_port_brings_frames_in_a_tunnel() {
    let frame = ethernet_of(CLIENT, 0x8892, &hex(SET_NAME));
    let erspan = hex("1000 88be 00000001 1000000000000000");
    let packet = ipv4(SERVER, protocol::GRE, &[erspan, frame].concat());
    let (events, stats) = run_frames(&[ethernet(&packet)]);
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0].contains(r#""src":{"mac":"02:00:00:00:00:01"}"#), "{events:?}");
    assert_eq!((stats.tunnelled, stats.ethernet, stats.other_transport), (1, 1, 0));
}

#[test]
fn what_nobody_takes_is_counted() {
    let cyclic = ethernet_of(CLIENT, 0x8892, &hex("8001 0000"));
    let other = ethernet_of(CLIENT, 0x88cc, &hex("0207 04"));
    let taken = ethernet_of(CLIENT, 0x8892, &hex(IDENTIFY_ALL));
    let (_, stats) = run_frames(&[cyclic, other, taken]);
    assert_eq!((stats.not_ip, stats.ethernet), (2, 1));
}

fn run_frames(frames: &[Vec<u8>]) -> (Vec<String>, Stats) {
    crate::testing::run(LinkType::ETHERNET, frames, FlowEvents::None)
}

#[test]
fn other_frames_of_the_ether_type_are_not_claimed() {
    let cyclic = "8001 00000000000000000000 0001 35 00";
    let clock = "ff00 0000 0000";
    assert_eq!(
        run(&[(CLIENT, cyclic), (CLIENT, clock), (CLIENT, "fe")]),
        Vec::<String>::new()
    );
}

#[test]
fn requests_that_wait_are_bounded() {
    let mut frames = Vec::new();
    for xid in 0..200_u32 {
        let text = SET_NAME.replace("00000007", &format!("{xid:08x}"));
        frames.push(ethernet_of(CLIENT, 0x8892, &hex(&text)));
    }
    for xid in 0..200_u32 {
        let text = format!("fefd 04 01 {xid:08x} 0000 0008 0504 0003 0202 00 00");
        frames.push(ethernet_of(SERVER, 0x8892, &hex(&text)));
    }
    let paired = events(&Wire { frames });
    assert_eq!(paired.iter().filter(|e| e.contains(r#""paired":true"#)).count(), 64);
}

proptest! {
    /// Good frames with any bytes changed, cut anywhere, do no harm and are never lost.
    #[test]
    fn hostile_frames_do_no_harm(
        changes in prop::collection::vec((0_usize..80, any::<u8>()), 0..6),
        cut in 2_usize..60,
    ) {
        for text in [IDENTIFY_ALL, SET_NAME] {
            let mut payload = hex(text);
            for (at, byte) in &changes {
                let at = at % (payload.len() - 2) + 2;
                payload[at] = *byte;
            }
            payload.truncate(cut);
            let frames = vec![ethernet_of(CLIENT, 0x8892, &payload)];
            prop_assert_eq!(events(&Wire { frames }).len(), 1);
        }
    }
}
