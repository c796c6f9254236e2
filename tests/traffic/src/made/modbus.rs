//! Modbus connections that are polled in turn.
//!
//! ```text
//! connection i   10.1.x.y:49152+i  ->  10.2.x.y:502
//! exchange n     85 % read 18 registers, 10 % write 16, 5 % write one
//! ```

use super::wire::{From, Talk, Wire};

/// What the traffic holds, known without decoding it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// Requests.
    pub requests: u64,
    /// Their answers.
    pub answers: u64,
    /// Requests that write.
    pub writes: u64,
    /// Requests to write one register, at [`WATCHED`].
    pub watched: u64,
}

/// Connections, and what has been said on them.
pub(crate) struct Polling {
    connections: Vec<(Talk, u16)>,
    exchange: u32,
    pub(crate) expected: Expected,
}

/// Addresses that are asked for begin below this.
const ADDRESSES: u32 = 977;

/// An address that benches watch: writes to it are few, and all are counted.
pub const WATCHED: u16 = 5;

/// Packets of an exchange.
pub(crate) const EXCHANGE: u64 = 2;

impl Polling {
    /// Opens connections.
    pub(crate) fn open(connections: u16, wire: &mut Wire) -> Polling {
        let connect = |number: u16| {
            let [high, low] = number.to_be_bytes();
            let client = ([10, 1, high, low], 49_152 + number % 16_000);
            let mut talk = Talk::new(client, ([10, 2, high, low % 50], 502));
            talk.open(wire);
            (talk, 0)
        };
        let connections = (0..connections).map(connect).collect();
        Polling { connections, exchange: 0, expected: Expected::default() }
    }

    /// A request and its answer, on the connection whose turn it is.
    pub(crate) fn exchange(&mut self, wire: &mut Wire) {
        let n = self.exchange;
        self.exchange = n.wrapping_add(1);
        let at = usize::try_from(n).unwrap_or_default() % self.connections.len().max(1);
        let Some((talk, transaction)) = self.connections.get_mut(at) else { return };
        *transaction = transaction.wrapping_add(1);
        let (request, answer) = pdus(n);
        talk.send(wire, From::Client, &adu(*transaction, &request));
        talk.send(wire, From::Server, &adu(*transaction, &answer));
        self.expected.requests += 1;
        self.expected.answers += 1;
        self.expected.writes += u64::from(n % 20 < 3);
        self.expected.watched += u64::from(n.is_multiple_of(20) && address(n) == WATCHED);
    }
}

fn address(n: u32) -> u16 {
    u16::try_from(n % ADDRESSES).unwrap_or_default()
}

fn pdus(n: u32) -> (Vec<u8>, Vec<u8>) {
    let [a, b] = address(n).to_be_bytes();
    let value = |i: u16| {
        let [.., high, low] = n.wrapping_mul(31).wrapping_add(i.into()).to_be_bytes();
        [high, low]
    };
    let registers = |count: u16| (0..count).flat_map(value);
    match n % 20 {
        0 => {
            let [high, low] = value(0);
            let pdu = vec![6, a, b, high, low];
            (pdu.clone(), pdu)
        }
        1 | 2 => {
            let head = [16, a, b, 0, 16];
            let request = head.into_iter().chain([32]).chain(registers(16));
            (request.collect(), head.to_vec())
        }
        _ => (vec![3, a, b, 0, 18], [3, 36].into_iter().chain(registers(18)).collect()),
    }
}

fn adu(transaction: u16, pdu: &[u8]) -> Vec<u8> {
    let len = u16::try_from(pdu.len() + 1).unwrap_or_default();
    let mut out = transaction.to_be_bytes().to_vec();
    out.extend([0, 0]);
    out.extend(len.to_be_bytes());
    out.push(1);
    out.extend_from_slice(pdu);
    out
}
