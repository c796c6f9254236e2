//! Deterministic Modbus traffic as a capture: so many connections, polled in turn.
//!
//! ```text
//! connection i   10.1.x.y:49152+i  ->  10.2.x.y:502
//! exchange n     85 % read 18 registers, 10 % write 16, 5 % write one
//! ```
//!
//! Every number follows from the position, so that what must come out can be
//! counted without decoding: see [`Expected`].

/// How much traffic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) packets: u32,
    pub(crate) connections: u16,
}

/// What the traffic holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) packets: u64,
    pub(crate) requests: u64,
    pub(crate) answers: u64,
    pub(crate) writes: u64,
    pub(crate) connections: u64,
}

/// The whole capture, in the classic format with microseconds.
pub(crate) fn capture(plan: Plan) -> (Vec<u8>, Expected) {
    let mut out = Vec::new();
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        out.extend(word.to_le_bytes());
    }
    let mut expected = Expected::default();
    let mut writer = Writer { out, micros: 0, expected: &mut expected };
    let mut connections: Vec<Connection> =
        (0..plan.connections).map(Connection::new).collect();
    for connection in &mut connections {
        connection.open(&mut writer);
    }
    let mut exchange = 0_u32;
    'all: loop {
        for connection in &mut connections {
            if writer.expected.packets + 2 > u64::from(plan.packets) {
                break 'all;
            }
            connection.exchange(exchange, &mut writer);
            exchange = exchange.wrapping_add(1);
        }
    }
    (writer.out, expected)
}

struct Writer<'e> {
    out: Vec<u8>,
    micros: u64,
    expected: &'e mut Expected,
}

struct Connection {
    number: u16,
    client_next: u32,
    server_next: u32,
    transaction: u16,
}

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PUSH: u8 = 0x08;

impl Connection {
    fn new(number: u16) -> Connection {
        let start = u32::from(number).wrapping_mul(0x9e37_79b9);
        Connection {
            number,
            client_next: start,
            server_next: start.rotate_left(16),
            transaction: 0,
        }
    }

    fn open(&mut self, writer: &mut Writer<'_>) {
        writer.expected.connections += 1;
        self.send(writer, true, SYN, &[]);
        self.send(writer, false, SYN | ACK, &[]);
        self.send(writer, true, ACK, &[]);
    }

    fn exchange(&mut self, n: u32, writer: &mut Writer<'_>) {
        self.transaction = self.transaction.wrapping_add(1);
        let address = u16::try_from(n % 977).unwrap_or_default();
        let [a, b] = address.to_be_bytes();
        let value = |i: u16| n.wrapping_mul(31).wrapping_add(u32::from(i)).to_be_bytes();
        let registers = |count: u16| {
            (0..count).flat_map(move |i| {
                let [.., high, low] = value(i);
                [high, low]
            })
        };
        let (request, answer): (Vec<u8>, Vec<u8>) = match n % 20 {
            0 => {
                let [.., high, low] = value(0);
                let pdu = vec![6, a, b, high, low];
                (pdu.clone(), pdu)
            }
            1 | 2 => {
                let head = [16, a, b, 0, 16];
                (
                    head.into_iter().chain([32]).chain(registers(16)).collect(),
                    head.to_vec(),
                )
            }
            _ => {
                (vec![3, a, b, 0, 18], [3, 36].into_iter().chain(registers(18)).collect())
            }
        };
        writer.expected.requests += 1;
        writer.expected.answers += 1;
        writer.expected.writes += u64::from(n % 20 < 3);
        let request = self.adu(&request);
        self.send(writer, true, PUSH | ACK, &request);
        let answer = self.adu(&answer);
        self.send(writer, false, PUSH | ACK, &answer);
    }

    fn adu(&self, pdu: &[u8]) -> Vec<u8> {
        let mut out = self.transaction.to_be_bytes().to_vec();
        let len = u16::try_from(pdu.len() + 1).unwrap_or_default();
        out.extend([0, 0]);
        out.extend(len.to_be_bytes());
        out.push(1);
        out.extend_from_slice(pdu);
        out
    }

    fn send(
        &mut self,
        writer: &mut Writer<'_>,
        from_client: bool,
        flags: u8,
        data: &[u8],
    ) {
        let [high, low] = self.number.to_be_bytes();
        let client = ([10, 1, high, low], 49_152 + (self.number % 16_000));
        let server = ([10, 2, high, low % 50], 502_u16);
        let (src, dst, sequence, acknowledged) = if from_client {
            (client, server, self.client_next, self.server_next)
        } else {
            (server, client, self.server_next, self.client_next)
        };
        let mut frame = vec![2, 0, 0, 2, 0, 2, 2, 0, 0, 1, 0, 1, 0x08, 0];
        let total = u16::try_from(40 + data.len()).unwrap_or_default();
        frame.extend([0x45, 0]);
        frame.extend(total.to_be_bytes());
        frame.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        frame.extend(src.0);
        frame.extend(dst.0);
        frame.extend(src.1.to_be_bytes());
        frame.extend(dst.1.to_be_bytes());
        frame.extend(sequence.to_be_bytes());
        frame.extend(acknowledged.to_be_bytes());
        frame.extend([0x50, flags, 0x10, 0, 0, 0, 0, 0]);
        frame.extend_from_slice(data);
        let used =
            u32::try_from(data.len()).unwrap_or_default() + u32::from(flags & SYN != 0);
        let next =
            if from_client { &mut self.client_next } else { &mut self.server_next };
        *next = next.wrapping_add(used);
        writer.frame(&frame);
    }
}

impl Writer<'_> {
    fn frame(&mut self, frame: &[u8]) {
        self.micros += 500;
        self.expected.packets += 1;
        let word = |n: u64| u32::try_from(n).unwrap_or_default().to_le_bytes();
        self.out.extend(word(1_795_000_000 + self.micros / 1_000_000));
        self.out.extend(word(self.micros % 1_000_000));
        self.out.extend(word(frame.len() as u64));
        self.out.extend(word(frame.len() as u64));
        self.out.extend_from_slice(frame);
    }
}
