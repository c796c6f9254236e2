//! Modbus: tshark has a layer for each carrier (`mbtcp`, `mbudp`, `mbrtu`) and behind
//! it one for the PDU, so that a packet may hold many pairs.

use crate::compare::check;
use crate::pdml;
use crate::protocol::Theirs::{Bytes, Nodes, Numbers, Pdu, Texts};
use crate::protocol::{Explained, Field, Protocol, exact, where_shown};
use crate::value::Value;

const MODBUS: Protocol = Protocol {
    kind: "modbus",
    filter: "mbtcp || mbudp || mbrtu",
    layers: "tcp udp mbtcp mbudp mbrtu modbus",
    in_manifest: &["mbtcp", "mbudp", "mbrtu", "modbus"],
    preferences: &[],
    decode_as: &[],
    // A header without a PDU is no message.
    pdus: |packet| {
        let mut pdus = packet.pdus(&["mbtcp", "mbudp", "mbrtu"]);
        pdus.retain(|pdu| pdu.has("modbus.func_code"));
        pdus
    },
    is_pdu: |event| event.int("function").is_some(),
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 25_000,
};

const FIELDS: &[Field] = &[
    exact("transaction", Numbers("mbtcp.trans_id")),
    exact("protocol", Numbers("mbtcp.prot_id")),
    exact("length", Numbers("mbtcp.len")),
    exact("unit", Numbers("mbtcp.unit_id | mbrtu.unit_id")),
    exact("function", Numbers("modbus.func_code")),
    exact("exception", Numbers("modbus.exception_code")),
    // tshark tells by the server's port.
    exact(
        "request",
        Pdu(|pdu| {
            let port = pdu.packet.int("tcp.srcport").or(pdu.packet.int("udp.srcport"));
            vec![Value::from(port != Some(502))]
        }),
    ),
    // An answer's place and code are its request's here, and not there.
    where_shown(
        "address",
        Pdu(|pdu| {
            except(pdu, &[FIFO], "modbus.reference_num | modbus.write_reference_num")
        }),
    ),
    where_shown(
        "quantity",
        Pdu(|pdu| {
            let names = "modbus.word_cnt | modbus.bit_cnt | modbus.write_word_cnt";
            except(pdu, &[FIFO, READ_FILE, WRITE_FILE], names)
        }),
    ),
    where_shown("read_address", Numbers("modbus.read_reference_num")),
    where_shown("read_quantity", Numbers("modbus.read_word_cnt")),
    where_shown("fifo.address", Pdu(|pdu| only(pdu, &[FIFO], "modbus.reference_num"))),
    where_shown("fifo.count", Pdu(|pdu| only(pdu, &[FIFO], "modbus.word_cnt"))),
    where_shown("files[].reference", Numbers("modbus.reference_type")),
    // tshark has the file's and the record's number in one.
    where_shown(
        "files[].file",
        Nodes("modbus.reference_num_32", |both| half(both, |int| int >> 16)),
    ),
    where_shown(
        "files[].record",
        Nodes("modbus.reference_num_32", |both| half(both, |int| int & 0xffff)),
    ),
    where_shown(
        "files[].length",
        Pdu(|pdu| only(pdu, &[READ_FILE, WRITE_FILE], "modbus.word_cnt")),
    ),
    exact("and_mask", Numbers("modbus.and_mask")),
    exact("or_mask", Numbers("modbus.or_mask")),
    where_shown("values", Numbers("modbus.regval_uint16 | modbus.bitval")),
    where_shown("subfunction", Numbers("modbus.diagnostic_code")),
    where_shown(
        "diagnostic_data",
        Bytes(
            "modbus.diagnostic.return_query_data.request \
             | modbus.diagnostic.return_query_data.echo",
        ),
    ),
    where_shown("mei", Numbers("modbus.mei")),
    where_shown("device_id.code", Numbers("modbus.read_device_id")),
    where_shown("device_id.conformity", Numbers("modbus.conformity_level")),
    where_shown("device_id.objects[].value", Texts("modbus.object_str_value")),
    exact("event_status", Numbers("modbus.ev_status")),
    exact("event_count", Numbers("modbus.ev_count")),
    exact("message_count", Numbers("modbus.ev_msg_count")),
];

/// Functions whose places have fields of their own here.
const READ_FILE: i128 = 20;
const WRITE_FILE: i128 = 21;
const FIFO: i128 = 24;

fn half(both: &pdml::Node, half: fn(i128) -> i128) -> Option<Value> {
    Value::number(&both.show)?.as_int().map(half).map(Value::Int)
}

fn only(pdu: &pdml::Pdu<'_>, functions: &[i128], names: &'static str) -> Vec<Value> {
    let is_one = pdu.int("modbus.func_code").is_some_and(|f| functions.contains(&f));
    if is_one { Numbers(names).values(pdu) } else { Vec::new() }
}

fn except(pdu: &pdml::Pdu<'_>, functions: &[i128], names: &'static str) -> Vec<Value> {
    let is_one = pdu.int("modbus.func_code").is_some_and(|f| functions.contains(&f));
    if is_one { Vec::new() } else { Numbers(names).values(pdu) }
}

const EXPLAINED: &[Explained] = &[
    Explained {
        capture: "zeek/modbus/fuzz-1011.pcap",
        frames: &[4],
        field: "pdu",
        ours: "1",
        theirs: "-",
        clause: "its sequence number follows the last acknowledgment, so it is new data \
                 that came after what follows it (RFC 9293, 3.4); tshark takes it for a \
                 repetition",
    },
    Explained {
        capture: "zeek/modbus/fuzz-72.pcap",
        frames: &[6],
        field: "pdu",
        ours: "-",
        theirs: "1",
        clause: "bytes before it are missing, its function code 33 is not assigned, and \
                 its length field (MBAP 3.1.3) leaves two bytes of the segment: nothing \
                 proves that a message begins here",
    },
    Explained {
        capture: "zeek/modbus/fuzz-72.pcap",
        frames: &[7],
        field: "pdu",
        ours: "1",
        theirs: "-",
        clause: "a message that fills its segment; tshark joins it to the two bytes that \
                 frame 6 left and finds a length of 0 (MBAP 3.1.3)",
    },
];

#[test]
fn agrees_with_tshark() {
    check(&MODBUS);
}
