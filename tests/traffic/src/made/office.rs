//! What else is on a plant's network: names are asked for, pages are fetched, and much
//! is encrypted. None of it may be taken for an industrial protocol.
//!
//! ```text
//! DNS    10.3.x.y -> 10.4.0.53:53     a question, its answer
//! HTTP   10.3.x.y -> 10.4.1.z:80      GET, an answer of 1,200 bytes; ten a connection
//! TLS    10.3.x.y -> 10.4.2.z:443     a handshake, then records of 1,200 bytes
//! ```

use super::wire::{From, Talk, Wire};

/// Exchanges on a connection before it is closed.
const EXCHANGES: u32 = 10;

/// Most packets of one step: an exchange on a new connection, which then is closed.
pub(crate) const STEP: u64 = 10;

/// The office's talk in progress.
pub(crate) struct Office {
    step: u32,
    http: Talk,
    tls: Talk,
}

impl Office {
    pub(crate) fn open(wire: &mut Wire) -> Office {
        let (mut http, mut tls) = (http(0), tls(0));
        http.open(wire);
        tls.open(wire);
        hello(&mut tls, wire);
        Office { step: 0, http, tls }
    }

    /// The next exchange: of three, one of each.
    pub(crate) fn exchange(&mut self, wire: &mut Wire) {
        let (kind, n) = (self.step % 3, self.step / 3);
        self.step = self.step.wrapping_add(1);
        let is_last = n % EXCHANGES == EXCHANGES - 1;
        match kind {
            0 => dns(n, wire),
            1 => {
                self.http.send(wire, From::Client, request(n).as_bytes());
                self.http.send(wire, From::Server, &answer(n));
                if is_last {
                    self.http.close(wire);
                    self.http = http(n + 1);
                    self.http.open(wire);
                }
            }
            _ => {
                self.tls.send(wire, From::Client, &record(0x17, 120, n));
                self.tls.send(wire, From::Server, &record(0x17, 1_200, n));
                if is_last {
                    self.tls.close(wire);
                    self.tls = tls(n + 1);
                    self.tls.open(wire);
                    hello(&mut self.tls, wire);
                }
            }
        }
    }
}

/// A client of its own for every connection.
fn client(n: u32) -> ([u8; 4], u16) {
    let [_, _, high, low] = n.to_be_bytes();
    ([10, 3, high, low], 50_000 + u16::try_from(n % 10_000).unwrap_or_default())
}

fn http(n: u32) -> Talk {
    let [.., low] = n.to_be_bytes();
    Talk::new(client(n), ([10, 4, 1, low], 80))
}

fn tls(n: u32) -> Talk {
    let [.., low] = n.to_be_bytes();
    Talk::new(client(n), ([10, 4, 2, low], 443))
}

/// RFC 1035, 4.1: header, question; in the answer one record that points to the name.
fn dns(n: u32, wire: &mut Wire) {
    wire.connections += 1;
    let talk = Talk::new(client(n), ([10, 4, 0, 53], 53));
    let [_, _, high, low] = n.to_be_bytes();
    let name = format!("host-{}", n % 1_000);
    let mut question = vec![u8::try_from(name.len()).unwrap_or_default()];
    question.extend(name.as_bytes());
    question.extend(b"\x07example\x00\x00\x01\x00\x01");
    let asked = [&[high, low, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0][..], &question].concat();
    let answered = [
        &[high, low, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0][..],
        &question,
        &[0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 10, 4, high, low],
    ]
    .concat();
    talk.datagram(wire, From::Client, &asked);
    talk.datagram(wire, From::Server, &answered);
}

fn request(n: u32) -> String {
    format!(
        "GET /status/{n} HTTP/1.1\r\nHost: portal.example\r\nAccept: text/html\r\n\r\n"
    )
}

fn answer(n: u32) -> Vec<u8> {
    let body = format!("<p>{n:08}</p>").repeat(80);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head, body].concat().into_bytes()
}

/// RFC 8446, 5.1: type 1 | version 2 | length 2 | what is encrypted.
fn record(kind: u8, len: u16, n: u32) -> Vec<u8> {
    let mut out = vec![kind, 3, 3];
    out.extend(len.to_be_bytes());
    let mut state = n.wrapping_mul(0x9e37_79b9) | 1;
    for _ in 0..len {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [byte, ..] = state.to_be_bytes();
        out.push(byte);
    }
    out
}

/// Records of a handshake's size and type; nobody completes it.
fn hello(talk: &mut Talk, wire: &mut Wire) {
    talk.send(wire, From::Client, &record(0x16, 250, 1));
    talk.send(wire, From::Server, &record(0x16, 900, 2));
}
