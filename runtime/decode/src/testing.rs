//! Frames built by hand, and the events that come of them, for tests.

use tagout_spec::record::EventJson;
use tagout_spec::schema::Schema;

use crate::net::ip::protocol;
use crate::{Config, DECODERS, EachEvent, FlowEvents, Frame, LinkType, Pipeline, Stats};

/// A capture in the making: Ethernet frames a millisecond apart.
#[derive(Clone, Default)]
pub(crate) struct Wire {
    pub(crate) frames: Vec<Vec<u8>>,
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Server,
}

/// A TCP connection or a flow of datagrams between two hosts.
pub(crate) struct Talk {
    ports: (u16, u16),
    next: (u32, u32),
}

pub(crate) const SYN: u8 = 0x02;
pub(crate) const ACK: u8 = 0x10;

impl Talk {
    pub(crate) fn new(client_port: u16, server_port: u16) -> Talk {
        Talk { ports: (client_port, server_port), next: (1000, u32::MAX - 5) }
    }

    /// The three segments that open a connection.
    pub(crate) fn open(&mut self, wire: &mut Wire) {
        self.segment(wire, From::Client, SYN, &[]);
        self.segment(wire, From::Server, SYN | ACK, &[]);
        self.segment(wire, From::Client, ACK, &[]);
    }

    pub(crate) fn send(&mut self, wire: &mut Wire, from: From, data: &[u8]) {
        self.segment(wire, from, ACK, data);
    }

    pub(crate) fn segment(
        &mut self,
        wire: &mut Wire,
        from: From,
        flags: u8,
        data: &[u8],
    ) {
        let ((src, dst), sequence, acknowledged) = match from {
            From::Client => (self.ports, self.next.0, self.next.1),
            From::Server => ((self.ports.1, self.ports.0), self.next.1, self.next.0),
        };
        let mut tcp = Vec::new();
        tcp.extend(src.to_be_bytes());
        tcp.extend(dst.to_be_bytes());
        tcp.extend(sequence.to_be_bytes());
        tcp.extend(acknowledged.to_be_bytes());
        tcp.extend([0x50, flags, 0x10, 0, 0, 0, 0, 0]);
        tcp.extend_from_slice(data);
        let used = u32::try_from(data.len()).unwrap() + u32::from(flags & SYN != 0);
        let next = match from {
            From::Client => &mut self.next.0,
            From::Server => &mut self.next.1,
        };
        *next = next.wrapping_add(used);
        wire.frames.push(ethernet(&ipv4(from, protocol::TCP, &tcp)));
    }

    /// Goes on as if `n` bytes had been sent that nobody captured.
    pub(crate) fn lose(&mut self, from: From, n: u32) {
        let next = match from {
            From::Client => &mut self.next.0,
            From::Server => &mut self.next.1,
        };
        *next = next.wrapping_add(n);
    }

    pub(crate) fn datagram(&self, wire: &mut Wire, from: From, data: &[u8]) {
        wire.frames.push(ethernet(&ipv4(from, protocol::UDP, &self.udp(from, data))));
    }

    pub(crate) fn udp(&self, from: From, data: &[u8]) -> Vec<u8> {
        let (src, dst) = match from {
            From::Client => self.ports,
            From::Server => (self.ports.1, self.ports.0),
        };
        let mut udp = Vec::new();
        udp.extend(src.to_be_bytes());
        udp.extend(dst.to_be_bytes());
        udp.extend(u16::try_from(8 + data.len()).unwrap().to_be_bytes());
        udp.extend([0, 0]);
        udp.extend_from_slice(data);
        udp
    }
}

pub(crate) fn ethernet(ip: &[u8]) -> Vec<u8> {
    [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0][..], ip].concat()
}

/// A frame of another ether type than IP's, between the same two stations.
pub(crate) fn ethernet_of(from: From, ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let (client, server) = ([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
    let (src, dst) = match from {
        From::Client => (client, server),
        From::Server => (server, client),
    };
    [&dst[..], &src, &ethertype.to_be_bytes(), payload].concat()
}

pub(crate) fn ipv4(from: From, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let (src, dst) = match from {
        From::Client => ([10, 0, 0, 1], [10, 0, 0, 2]),
        From::Server => ([10, 0, 0, 2], [10, 0, 0, 1]),
    };
    let mut out = vec![0x45, 0];
    out.extend(u16::try_from(20 + payload.len()).unwrap().to_be_bytes());
    out.extend([0, 7, 0, 0, 64, protocol, 0, 0]);
    out.extend(src);
    out.extend(dst);
    out.extend_from_slice(payload);
    out
}

/// Bytes written as hex, blanks ignored.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// The events of a capture, as JSON, without `flow` events.
pub(crate) fn events(wire: &Wire) -> Vec<String> {
    run(LinkType::ETHERNET, &wire.frames, FlowEvents::None).0
}

pub(crate) fn run(
    link_type: LinkType,
    frames: &[Vec<u8>],
    flow_events: FlowEvents,
) -> (Vec<String>, Stats) {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let mut out = Vec::new();
    let mut sink = EachEvent::new(&schema, |_, record| {
        let mut line = Vec::new();
        json.write(&record, &mut line);
        out.push(String::from_utf8(line).unwrap());
    });
    let mut pipeline =
        Pipeline::new(Config { flow_events, ..Config::default() }, DECODERS);
    for (i, data) in frames.iter().enumerate() {
        let ts_ns = 1_795_000_000_000_000_000 + i64::try_from(i).unwrap() * 1_000_000;
        let frame = Frame {
            ts_ns,
            nanos: false,
            link_type,
            data,
            orig_len: u32::try_from(data.len()).unwrap(),
            index: i as u64 + 1,
            input: 0,
            interface: 0,
        };
        pipeline.frame(&frame, false, &mut sink);
    }
    pipeline.finish(&mut sink);
    sink.flush();
    drop(sink);
    (out, pipeline.stats())
}
