//! A capture in the making, and those who talk in it.
//!
//! Every number follows from the position, so that the same plan gives the same bytes.

/// A capture in the classic format, a frame every so many microseconds.
pub(crate) struct Wire {
    pub(crate) bytes: Vec<u8>,
    pub(crate) packets: u64,
    pub(crate) connections: u64,
    micros: u64,
    step: u64,
}

/// Seconds at which captures begin.
const BEGIN: u64 = 1_795_000_000;

impl Wire {
    pub(crate) fn new(step: u64) -> Wire {
        let mut bytes = Vec::new();
        for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
            bytes.extend(word.to_le_bytes());
        }
        Wire { bytes, packets: 0, connections: 0, micros: 0, step }
    }

    pub(crate) fn frame(&mut self, frame: &[u8]) {
        self.micros += self.step;
        self.packets += 1;
        let word = |n: u64| u32::try_from(n).unwrap_or_default().to_le_bytes();
        self.bytes.extend(word(BEGIN + self.micros / 1_000_000));
        self.bytes.extend(word(self.micros % 1_000_000));
        self.bytes.extend(word(frame.len() as u64));
        self.bytes.extend(word(frame.len() as u64));
        self.bytes.extend_from_slice(frame);
    }
}

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Client,
    Server,
}

/// A connection or a flow of datagrams between two hosts.
pub(crate) struct Talk {
    client: ([u8; 4], u16),
    server: ([u8; 4], u16),
    client_next: u32,
    server_next: u32,
}

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;

impl Talk {
    pub(crate) fn new(client: ([u8; 4], u16), server: ([u8; 4], u16)) -> Talk {
        let [_, _, high, low] = client.0;
        let number = u32::from(u16::from_be_bytes([high, low]));
        let start = number.wrapping_mul(0x9e37_79b9);
        Talk { client, server, client_next: start, server_next: start.rotate_left(16) }
    }

    pub(crate) fn open(&mut self, wire: &mut Wire) {
        wire.connections += 1;
        self.segment(wire, From::Client, SYN, &[]);
        self.segment(wire, From::Server, SYN | ACK, &[]);
        self.segment(wire, From::Client, ACK, &[]);
    }

    pub(crate) fn send(&mut self, wire: &mut Wire, from: From, data: &[u8]) {
        self.segment(wire, from, PUSH | ACK, data);
    }

    pub(crate) fn close(&mut self, wire: &mut Wire) {
        self.segment(wire, From::Client, FIN | ACK, &[]);
        self.segment(wire, From::Server, FIN | ACK, &[]);
        self.segment(wire, From::Client, ACK, &[]);
    }

    fn segment(&mut self, wire: &mut Wire, from: From, flags: u8, data: &[u8]) {
        let (sequence, acknowledged) = match from {
            From::Client => (self.client_next, self.server_next),
            From::Server => (self.server_next, self.client_next),
        };
        let mut tcp = self.ports(from);
        tcp.extend(sequence.to_be_bytes());
        tcp.extend(acknowledged.to_be_bytes());
        tcp.extend([0x50, flags, 0x10, 0, 0, 0, 0, 0]);
        tcp.extend_from_slice(data);
        let used = u32::try_from(data.len()).unwrap_or_default()
            + u32::from(flags & (SYN | FIN) != 0);
        let next = match from {
            From::Client => &mut self.client_next,
            From::Server => &mut self.server_next,
        };
        *next = next.wrapping_add(used);
        self.packet(wire, from, 6, &tcp);
    }

    pub(crate) fn datagram(&self, wire: &mut Wire, from: From, data: &[u8]) {
        let mut udp = self.ports(from);
        udp.extend(u16::try_from(8 + data.len()).unwrap_or_default().to_be_bytes());
        udp.extend([0, 0]);
        udp.extend_from_slice(data);
        self.packet(wire, from, 17, &udp);
    }

    fn ends(&self, from: From) -> [([u8; 4], u16); 2] {
        match from {
            From::Client => [self.client, self.server],
            From::Server => [self.server, self.client],
        }
    }

    fn ports(&self, from: From) -> Vec<u8> {
        self.ends(from).iter().flat_map(|(_, port)| port.to_be_bytes()).collect()
    }

    fn packet(&self, wire: &mut Wire, from: From, protocol: u8, data: &[u8]) {
        let mut frame = vec![2, 0, 0, 2, 0, 2, 2, 0, 0, 1, 0, 1, 0x08, 0, 0x45, 0];
        frame.extend(u16::try_from(20 + data.len()).unwrap_or_default().to_be_bytes());
        frame.extend([0, 0, 0x40, 0, 64, protocol, 0, 0]);
        for (address, _) in self.ends(from) {
            frame.extend(address);
        }
        frame.extend_from_slice(data);
        wire.frame(&frame);
    }
}
