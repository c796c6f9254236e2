//! UMAS: tshark has no dissector for it. It shows the bytes behind Modbus function 90, and
//! what their layout is, the sources named in `spec/schema/umas.toml` say: session 1, then
//! function or status 1, then data, little endian.

use sha2::{Digest, Sha256};

use crate::captures::corpus;
use crate::compare::check;
use crate::ours;
use crate::pdml;
use crate::protocol::Theirs::{Numbers, Pdu};
use crate::protocol::{Field, Protocol, exact, where_shown};
use crate::theirs;
use crate::value::Value;

const UMAS: Protocol = Protocol {
    kind: "umas",
    filter: "modbus.func_code == 90",
    layers: "tcp mbtcp modbus",
    in_manifest: &[],
    preferences: &[],
    decode_as: &[],
    pdus: |packet| {
        let mut pdus = packet.pdus(&["mbtcp"]);
        pdus.retain(|pdu| pdu.int("modbus.func_code") == Some(90));
        pdus
    },
    is_pdu: |_| true,
    fields: FIELDS,
    explained: &[],
    at_least: 180,
};

const FIELDS: &[Field] = &[
    exact("transaction", Numbers("mbtcp.trans_id")),
    exact("unit", Numbers("mbtcp.unit_id")),
    exact("exception", Numbers("modbus.exception_code")),
    exact("session", Pdu(|pdu| number(pdu, 0, 1))),
    // An answer's function is its request's here, and not there.
    where_shown(
        "function",
        Pdu(|pdu| if asks(pdu) { number(pdu, 1, 1) } else { vec![] }),
    ),
    exact("status", Pdu(|pdu| if asks(pdu) { vec![] } else { number(pdu, 1, 1) })),
    where_shown("memory.block", Pdu(|pdu| of(pdu, 0x20, 3, 2))),
    where_shown("memory.offset", Pdu(|pdu| of(pdu, 0x20, 5, 2))),
    where_shown("memory.length", Pdu(|pdu| of(pdu, 0x20, 9, 2))),
    where_shown("transfer.block", Pdu(|pdu| of(pdu, 0x34, 4, 2))),
    where_shown("transfer.blocks", Pdu(|pdu| of(pdu, 0x35, 4, 2))),
];

/// Bytes behind the function code.
fn bytes(pdu: &pdml::Pdu<'_>) -> Vec<u8> {
    let nodes = pdu.nodes("modbus.data");
    let digits = nodes.first().map(|node| node.value.clone()).unwrap_or_default();
    let digit = |c: char| c.to_digit(16).and_then(|n| u8::try_from(n).ok());
    let digits: Vec<u8> = digits.chars().filter_map(digit).collect();
    digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect()
}

fn asks(pdu: &pdml::Pdu<'_>) -> bool {
    pdu.packet.int("tcp.dstport") == Some(502)
}

/// A number of so many bytes, the low one first.
fn number(pdu: &pdml::Pdu<'_>, at: usize, len: usize) -> Vec<Value> {
    let bytes = bytes(pdu);
    let number = |bytes: &[u8]| {
        Value::Int(bytes.iter().rev().fold(0, |n, byte| n << 8 | i128::from(*byte)))
    };
    bytes.get(at..at + len).map(number).into_iter().collect()
}

/// A number in requests of a function.
fn of(pdu: &pdml::Pdu<'_>, function: u8, at: usize, len: usize) -> Vec<Value> {
    let is_one = asks(pdu) && bytes(pdu).get(1) == Some(&function);
    if is_one { number(pdu, at, len) } else { Vec::new() }
}

#[test]
fn agrees_with_what_tshark_shows() {
    check(&UMAS);
}

/// The program that a Quantum gives away, hashed once from tshark's bytes.
#[test]
fn a_real_program_is_hashed() {
    let Some(corpus) = corpus() else { return };
    if theirs::version().is_none() {
        return;
    }
    let name = "pcap/quickdraw-snort/modicon_test.pcap";
    let path = corpus.join(name);
    let (mut program, mut asked) = (Vec::new(), 0);
    theirs::each_packet(&UMAS, name, &path, |packet| {
        for pdu in packet.pdus(&["mbtcp"]) {
            let bytes = bytes(&pdu);
            if asks(&pdu) {
                asked = bytes[1];
            } else if asked == 0x34 {
                program.extend_from_slice(&bytes[6..]);
            }
        }
    });
    let digits: String =
        Sha256::digest(&program).iter().map(|byte| format!("{byte:02x}")).collect();
    let ours = ours::events("umas", &path);
    let last: Vec<Value> =
        ours.iter().flat_map(|event| event.values("artifact.sha256")).collect();
    println!("tshark: umas: a program of {} bytes, sha256 {digits}", program.len());
    assert_eq!(last, [Value::Text(digits.clone()), Value::Text(digits)]);
    let sizes: Vec<Value> =
        ours.iter().flat_map(|event| event.values("artifact.size")).collect();
    let whole = Value::Int(i128::try_from(program.len()).unwrap());
    assert!(sizes.iter().filter(|size| **size == whole).count() >= 2, "{sizes:?}");
}
