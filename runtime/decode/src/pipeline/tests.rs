//! The packet path as a whole: the same message through every encapsulation,
//! flows from their first packet to their last, and hostile frames.

use proptest::prelude::*;

use crate::net::flow::FlowLimits;
use crate::net::ip::protocol;
use crate::testing::{ACK, From, SYN, Talk, Wire, ethernet, hex, ipv4, run};
use crate::{Config, DECODERS, FlowEvents, LinkType, Pipeline};

const READ: &str = "0007 0000 0006 11 03 006B 0003";
const FIN: u8 = 0x01;
const RST: u8 = 0x04;

/// A datagram with a request for registers, as IPv4.
fn datagram() -> Vec<u8> {
    let udp = Talk::new(50_000, 502).udp(From::Client, &hex(READ));
    ipv4(From::Client, protocol::UDP, &udp)
}

fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x60, 0, 0, 0];
    out.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    out.extend([next, 64]);
    out.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    out.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    out.extend_from_slice(payload);
    out
}

/// Puts bytes between an Ethernet frame's addresses and its type.
fn tagged(tag: &str, ip: &[u8]) -> Vec<u8> {
    let frame = ethernet(ip);
    [&frame[..12], &hex(tag), &frame[12..]].concat()
}

/// One request must come out of the frames, from 10.0.0.1 or its like.
fn check(name: &str, link: LinkType, frames: &[Vec<u8>]) {
    let (events, stats) = run(link, frames, FlowEvents::None);
    assert_eq!(events.len(), 1, "{name}: {events:?} {stats:?}");
    for part in ["\"function\":3,", "\"address\":107,", "\"unit\":17,", "\"port\":50000"]
    {
        assert!(events[0].contains(part), "{name}: {part} in {}", events[0]);
    }
}

#[test]
fn every_link_layer_is_passed() {
    let ip = datagram();
    let ethernets = [
        ("plain", ethernet(&ip)),
        ("padded", [ethernet(&ip), vec![0; 20]].concat()),
        ("VLAN", tagged("8100 006e", &ip)),
        ("QinQ", tagged("88a8 0064 8100 006e", &ip)),
        ("HSR", tagged("892f 0032 0001", &ip)),
        ("HSR in VLAN", tagged("8100 006e 892f 0032 0001", &ip)),
    ];
    for (name, frame) in ethernets {
        check(name, LinkType::ETHERNET, &[frame]);
    }
    let snap = [&ethernet(&[])[..12], &hex("0034 aaaa03 000000 0800"), &ip].concat();
    check("SNAP", LinkType::ETHERNET, &[snap]);
    let with = |head: &str| [hex(head), ip.clone()].concat();
    check("raw", LinkType::RAW, std::slice::from_ref(&ip));
    check("raw IPv4", LinkType::IPV4, std::slice::from_ref(&ip));
    check("null, little endian", LinkType::NULL, &[with("02000000")]);
    check("null, big endian", LinkType::NULL, &[with("00000002")]);
    check("loop", LinkType::LOOP, &[with("00000002")]);
    check("SLL", LinkType::LINUX_SLL, &[with("0000 0001 0006 020000000001 0000 0800")]);
    let sll2 = "0800 0000 00000003 0001 00 06 020000000001 0000";
    check("SLL2", LinkType::LINUX_SLL2, &[with(sll2)]);
}

#[test]
fn vlan_and_addresses_reach_the_event() {
    let (events, _) =
        run(LinkType::ETHERNET, &[tagged("8100 206e", &datagram())], FlowEvents::None);
    for part in ["\"vlan\":110,", "\"mac\":\"02:00:00:00:00:01\"", "\"ip\":\"10.0.0.1\""]
    {
        assert!(events[0].contains(part), "{part} in {}", events[0]);
    }
}

#[test]
fn one_tunnel_is_passed() {
    let inner = datagram();
    let outer =
        |protocol, payload: &[u8]| ethernet(&ipv4(From::Server, protocol, payload));
    let gre =
        |head: &str, rest: &[u8]| outer(protocol::GRE, &[&hex(head), rest].concat());
    let bridged = ethernet(&inner);
    let vxlan = [&hex("1234 12b5 0000 0000 08000000 00002a00")[..], &bridged].concat();
    let cases = [
        ("IP in IP", outer(protocol::IPV4, &inner)),
        ("GRE", gre("0000 0800", &inner)),
        ("GRE with key and sequence", gre("3000 0800 0000002a 00000001", &inner)),
        ("bridged GRE", gre("0000 6558", &bridged)),
        ("ERSPAN", gre("1000 88be 00000001 1000000000000000", &bridged)),
        ("VXLAN", outer(protocol::UDP, &vxlan)),
        (
            "4 in 6",
            [&hex("020000000002 020000000001 86dd")[..], &ipv6(protocol::IPV4, &inner)]
                .concat(),
        ),
    ];
    for (name, frame) in cases {
        check(name, LinkType::ETHERNET, std::slice::from_ref(&frame));
        let (_, stats) = run(LinkType::ETHERNET, &[frame], FlowEvents::None);
        assert_eq!(stats.tunnelled, 1, "{name}");
    }
}

#[test]
fn ipv6_extension_headers_are_passed() {
    let udp = Talk::new(50_000, 502).udp(From::Client, &hex(READ));
    let with = |first: u8, head: &str| [ipv6(first, &[&hex(head), &udp[..]].concat())];
    check("plain", LinkType::RAW, &with(protocol::UDP, ""));
    check("hop by hop", LinkType::RAW, &with(0, "11 00 000000000000"));
    check(
        "two",
        LinkType::RAW,
        &with(0, "3c 00 000000000000 11 01 0000000000000000000000000000"),
    );
    check(
        "authentication",
        LinkType::RAW,
        &with(51, "11 04 0000 00000000 00000000 000000000000000000000000"),
    );
    check("atomic fragment", LinkType::RAW, &with(44, "11 00 0000 00000007"));
}

#[test]
fn fragments_are_put_together_in_any_order() {
    let udp = Talk::new(50_000, 502).udp(From::Client, &hex(READ));
    let four = |from: usize, to: usize| {
        let mut ip = ipv4(From::Client, protocol::UDP, &udp[from..to]);
        let more = if to < udp.len() { 0x20 } else { 0 };
        ip[6] = more;
        ip[7] = u8::try_from(from / 8).unwrap();
        ip
    };
    let six = |from: usize, to: usize| {
        let place = u16::try_from(from).unwrap() | u16::from(to < udp.len());
        let head = [&hex("1100")[..], &place.to_be_bytes(), &hex("00000007")].concat();
        ipv6(protocol::FRAGMENT, &[&head, &udp[from..to]].concat())
    };
    let end = udp.len();
    check("v4", LinkType::RAW, &[four(0, 8), four(8, 16), four(16, end)]);
    check("v4 reversed", LinkType::RAW, &[four(16, end), four(8, 16), four(0, 8)]);
    check("v4 overlapping", LinkType::RAW, &[four(0, 16), four(8, 16), four(8, end)]);
    check("v6", LinkType::RAW, &[six(8, end), six(0, 8)]);
    let (events, stats) =
        run(LinkType::RAW, &[four(0, 8), four(16, end)], FlowEvents::None);
    assert!(events.is_empty());
    assert_eq!((stats.fragments.fragments, stats.fragments.datagrams), (2, 0));
    let mut other = four(8, 16);
    other[22] ^= 0xff;
    let frames = [four(0, 8), four(8, 16), other, four(16, end)];
    check("first bytes win", LinkType::RAW, &frames);
    let (_, stats) = run(LinkType::RAW, &frames, FlowEvents::None);
    assert_eq!(stats.fragments.conflicts, 1);
}

#[test]
fn copies_in_redundant_networks_are_dropped() {
    let ip = datagram();
    let size = u16::try_from(ip.len() + 6).unwrap();
    let prp = |lan: u16| {
        let lan_and_size = (lan << 12 | size).to_be_bytes();
        [&ethernet(&ip)[..], &[0, 9], &lan_and_size, &[0x88, 0xfb]].concat()
    };
    let (events, stats) = run(LinkType::ETHERNET, &[prp(10), prp(11)], FlowEvents::None);
    assert_eq!((events.len(), stats.copies), (1, 1));
    let hsr = tagged("892f 0032 0001", &ip);
    let (events, stats) = run(LinkType::ETHERNET, &[hsr.clone(), hsr], FlowEvents::None);
    assert_eq!((events.len(), stats.copies), (1, 1));
}

/// State, packets out and in of every flow event.
fn flows(wire: &Wire) -> Vec<String> {
    let (events, _) = run(LinkType::ETHERNET, &wire.frames, FlowEvents::All);
    let flows = events.iter().filter(|event| event.contains("\"kind\":\"flow\""));
    let field = |event: &str, name: &str| {
        let rest = event.split_once(&format!("\"{name}\":")).map_or("", |(_, rest)| rest);
        rest.split([',', '}']).next().unwrap_or_default().trim_matches('"').to_owned()
    };
    let show = |event: &String| {
        let [state, out, back] =
            ["state_name", "packets_out", "packets_in"].map(|name| field(event, name));
        format!("{state} {out}/{back}")
    };
    flows.map(show).collect()
}

#[test]
fn flows_say_how_they_end() {
    let read = hex(READ);
    let open = || {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
        talk.open(&mut wire);
        talk.send(&mut wire, From::Client, &read);
        (wire, talk)
    };
    let (mut wire, mut talk) = open();
    talk.segment(&mut wire, From::Client, FIN | ACK, &[]);
    talk.segment(&mut wire, From::Server, FIN | ACK, &[]);
    talk.segment(&mut wire, From::Client, ACK, &[]);
    assert_eq!(flows(&wire), ["new 0/0", "closed 5/2"]);

    let (mut wire, mut talk) = open();
    talk.segment(&mut wire, From::Server, RST, &[]);
    assert_eq!(flows(&wire), ["new 0/0", "reset 3/2"]);

    let (wire, _) = open();
    assert_eq!(flows(&wire), ["new 0/0", "open 3/1"]);

    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
    talk.segment(&mut wire, From::Client, SYN, &[]);
    talk.segment(&mut wire, From::Server, RST | ACK, &[]);
    assert_eq!(flows(&wire), ["new 0/0", "rejected 1/1"]);

    // The same tuple again, with another first number.
    let (mut wire, mut talk) = open();
    talk.segment(&mut wire, From::Client, RST, &[]);
    talk.lose(From::Client, 5_000_000);
    talk.segment(&mut wire, From::Client, SYN, &[]);
    assert_eq!(flows(&wire), ["new 0/0", "reset 4/1", "new 0/0", "open 1/0"]);

    // Bytes that contradict: the first stay.
    let (mut wire, mut talk) = open();
    let mut other = read.clone();
    other[9] ^= 1;
    let frames = wire.frames.len();
    talk.lose(From::Client, 0_u32.wrapping_sub(u32::try_from(read.len()).unwrap()));
    talk.send(&mut wire, From::Client, &other);
    assert_eq!(wire.frames.len(), frames + 1);
    assert_eq!(flows(&wire), ["new 0/0", "conflict 4/1", "open 4/1"]);
}

#[test]
fn the_table_of_flows_is_bounded() {
    let mut wire = Wire::default();
    for port in 1..=100 {
        Talk::new(port, 502).segment(&mut wire, From::Client, SYN, &[]);
    }
    let flows = FlowLimits { flows: 10, ..FlowLimits::default() };
    let config = Config { flows, ..Config::default() };
    let schema = tagout_spec::schema::Schema::builtin();
    let mut ends = 0;
    let mut sink = crate::EachEvent::new(&schema, |_, _| ends += 1);
    let mut pipeline = Pipeline::new(config, DECODERS);
    for (at, data) in wire.frames.iter().enumerate() {
        let ts_ns = i64::try_from(at).unwrap();
        let frame = crate::Frame {
            ts_ns,
            nanos: true,
            link_type: LinkType::ETHERNET,
            data,
            orig_len: 54,
            index: 1,
            input: 0,
            interface: 0,
        };
        pipeline.frame(&frame, false, &mut sink);
    }
    assert_eq!(pipeline.stats().evicted, 90);
    pipeline.finish(&mut sink);
    sink.flush();
    drop(sink);
    assert_eq!(ends, 200);
}

/// A capture that begins in a connection may begin with a keep-alive, whose octet is
/// none of the stream's (RFC 9293, 3.8.4).
#[test]
fn a_keep_alive_does_not_hide_what_follows() {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 2404));
    talk.send(&mut wire, From::Server, &[0]);
    talk.send(&mut wire, From::Client, &hex("680443000000"));
    talk.send(&mut wire, From::Server, &hex("680483000000"));
    let (events, _) = run(LinkType::ETHERNET, &wire.frames, FlowEvents::None);
    assert_eq!(events.len(), 2, "{events:?}");
}

/// A request that waits behind a gap was there before the answer that acknowledges it.
#[test]
fn what_is_acknowledged_comes_before_what_acknowledges_it() {
    let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
    talk.open(&mut wire);
    talk.send(&mut wire, From::Client, &hex(READ));
    talk.lose(From::Client, 12);
    talk.send(&mut wire, From::Client, &hex(READ));
    // Time passes, by frames of others.
    wire.frames.extend((0..300).map(|_| tagged("9999", &[])));
    talk.send(&mut wire, From::Server, &hex("0007 0000 0009 11 03 06 022B 0000 0064"));
    let (events, _) = run(LinkType::ETHERNET, &wire.frames, FlowEvents::None);
    let [_, request, answer] = &events[..] else { panic!("{events:#?}") };
    assert!(request.contains("\"request\":true"), "{request}");
    assert!(answer.contains("\"paired\":true"), "{answer}");
}

/// Many flows with something missing: what waits is bounded over all of them.
#[test]
fn what_waits_is_bounded() {
    let mut wire = Wire::default();
    let data = [0_u8; 1400];
    for port in 1..=1000 {
        let mut talk = Talk::new(port, 502);
        talk.segment(&mut wire, From::Client, SYN, &[]);
        talk.lose(From::Client, 1);
        for _ in 0..20 {
            talk.send(&mut wire, From::Client, &data);
        }
    }
    let (_, stats) = run(LinkType::ETHERNET, &wire.frames, FlowEvents::None);
    assert!(stats.dropped > 0, "{stats:?}");
    assert_eq!(stats.tcp.gaps, 1000);
}

proptest! {
    /// Bytes of any kind, and good frames with any bytes changed, do no harm.
    #[test]
    fn hostile_frames_do_no_harm(
        link in prop::sample::select(vec![0_u32, 1, 12, 101, 108, 113, 228, 229, 276, 7]),
        noise in prop::collection::vec(any::<u8>(), 0..120),
        changes in prop::collection::vec((0usize..400, any::<u8>()), 0..8),
        cut in 0usize..120,
    ) {
        let (mut wire, mut talk) = (Wire::default(), Talk::new(50_000, 502));
        talk.open(&mut wire);
        talk.send(&mut wire, From::Client, &hex(READ));
        talk.send(&mut wire, From::Server, &hex("0007 0000 0009 11 03 06 022B 0000 0064"));
        wire.frames.push(tagged("892f 0032 0001", &datagram()));
        let mut frames = wire.frames;
        for (at, byte) in changes {
            let which = at % frames.len();
            let frame = &mut frames[which];
            let at = at % frame.len();
            frame[at] = byte;
        }
        frames.last_mut().unwrap().truncate(cut);
        frames.push(noise);
        let (_, stats) = run(LinkType(link), &frames, FlowEvents::All);
        prop_assert_eq!(stats.packets, 7);
    }
}
