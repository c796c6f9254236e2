//! CIP: tshark has a layer for each message, with those that it carries inside, and
//! beside it a layer for what the class makes of it. What tshark adds from elsewhere
//! (the path of a reply's request, that of a connection) has no bytes, and is left out.

use crate::compare::check;
use crate::pdml::{Node, Pdu};
use crate::protocol::Theirs::{Nodes, Numbers, Pdu as Whole};
use crate::protocol::{Explained, Field, Protocol, exact, where_shown};
use crate::protocols::enip::DECODE_AS;
use crate::value::Value;

const CIP: Protocol = Protocol {
    kind: "cip",
    filter: "cip",
    layers: "cip cipcm cipcls cippccc cipmb cipcco",
    in_manifest: &["cip"],
    preferences: &[],
    decode_as: DECODE_AS,
    pdus: |packet| packet.pdus(&["cip"]),
    is_pdu: |_| true,
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 10_000,
};

const FIELDS: &[Field] = &[
    exact("service", Whole(|pdu| first(pdu, "cip.sc"))),
    exact("response", Whole(|pdu| first(pdu, "cip.rr"))),
    exact("status", Numbers("cip.genstat")),
    where_shown("additional_status", Numbers("cip.addstat")),
    // A reply has its request's.
    where_shown("class", Whole(|pdu| in_path(pdu, "cip.class"))),
    where_shown("instance", Whole(|pdu| in_path(pdu, "cip.instance"))),
    where_shown("attribute", Whole(|pdu| in_path(pdu, "cip.attribute"))),
    where_shown("member", Whole(|pdu| in_path(pdu, "cip.member"))),
    where_shown("connection_point", Whole(connection_point)),
    where_shown("symbol", Whole(symbol)),
    where_shown("attributes", Whole(attributes)),
    where_shown("timeout_ticks", Numbers("cip.cm.timeout_tick")),
    where_shown("connection.ot_id", Nodes("cip.cm.ot_connid", real)),
    where_shown("connection.to_id", Nodes("cip.cm.to_connid", real)),
    where_shown("connection.serial", Nodes("cip.cm.conn_serial_num", real)),
    where_shown("connection.vendor", Nodes("cip.cm.vendor", real)),
    where_shown("connection.originator", Nodes("cip.cm.orig_serial_num", real)),
    where_shown("connection.ot_interval", Nodes("cip.cm.otrpi | cip.cm.otapi", nanos)),
    where_shown("connection.to_interval", Nodes("cip.cm.torpi | cip.cm.toapi", nanos)),
    where_shown("connection.ot_size", Whole(|pdu| nth(pdu, "cip.cm.fwo.consize", 0))),
    where_shown("connection.to_size", Whole(|pdu| nth(pdu, "cip.cm.fwo.consize", 1))),
    where_shown("connection.ot_type", Whole(|pdu| nth(pdu, "cip.cm.fwo.type", 0))),
    where_shown("connection.to_type", Whole(|pdu| nth(pdu, "cip.cm.fwo.type", 1))),
    where_shown("connection.ot_priority", Whole(|pdu| nth(pdu, "cip.cm.fwo.prio", 0))),
    where_shown("connection.to_priority", Whole(|pdu| nth(pdu, "cip.cm.fwo.prio", 1))),
    where_shown("connection.ot_variable", Whole(|pdu| nth(pdu, "cip.cm.fwo.f_v", 0))),
    where_shown("connection.to_variable", Whole(|pdu| nth(pdu, "cip.cm.fwo.f_v", 1))),
    where_shown("connection.transport", Nodes("cip.cm.fwo.transport", real)),
    where_shown("connection.trigger", Nodes("cip.cm.fwo.trigger", real)),
    where_shown("connection.server", Nodes("cip.cm.fwo.dir", real)),
    where_shown("remaining_path", Nodes("cip.cm.remain_path_size", real)),
    where_shown("pccc.transaction", Numbers("cip.pccc.tns.code")),
    where_shown("pccc.vendor", Numbers("cip.pccc.cip.vend.id")),
    where_shown("pccc.serial", Numbers("cip.pccc.cip.serial.num")),
    where_shown("pccc.status", Numbers("cip.pccc.gs.status")),
    where_shown("pccc.extended_status", Numbers("cip.pccc.es.status")),
    where_shown(
        "pccc.operation",
        Nodes(
            "cip.pccc.fnc.code_06 | cip.pccc.fnc.code_07 | cip.pccc.fnc.code_0f",
            |node| {
                let command = node.name.rsplit('_').next()?;
                let command = i128::from_str_radix(command, 16).ok()?;
                let function = real(node)?.as_int()?;
                Some(Value::Int(command * 256 + function))
            },
        ),
    ),
    where_shown("pccc.size", Numbers("cip.pccc.byte.size")),
    where_shown("pccc.file", Numbers("cip.pccc.file.num")),
    where_shown("pccc.file_type", Numbers("cip.pccc.file.type")),
    where_shown("pccc.element", Numbers("cip.pccc.element.num")),
    where_shown("pccc.subelement", Numbers("cip.pccc.subelement.num")),
    where_shown("pccc.mode", Numbers("cip.pccc.cpu.mode_80")),
    where_shown("reset_type", Numbers("cip.reset.type")),
];

/// What stands in the message itself.
fn real(node: &Node) -> Option<Value> {
    if node.value.is_empty() { None } else { Value::number(&node.show) }
}

/// Microseconds.
fn nanos(node: &Node) -> Option<Value> {
    real(node)?.as_int().map(|micros| Value::Int(micros * 1000))
}

fn first(pdu: &Pdu<'_>, name: &str) -> Vec<Value> {
    nth(pdu, name, 0)
}

fn nth(pdu: &Pdu<'_>, name: &str, n: usize) -> Vec<Value> {
    pdu.nodes(name).into_iter().filter_map(real).skip(n).take(1).collect()
}

/// The segments of the path, without those of a connection's, which a layer of its own
/// has.
fn segments<'a>(pdu: &Pdu<'a>) -> Vec<&'a Node> {
    let mut out = Vec::new();
    for path in pdu.nodes("cip.epath").into_iter().take(1) {
        let mut left = path.value.len() / 2;
        for segment in pdu.nodes("cip.path_segment") {
            if left > 0 && !segment.value.is_empty() {
                left = left.saturating_sub(segment.value.len() / 2);
                out.push(segment);
            }
        }
    }
    out
}

/// The first of this name in the path.
fn in_path(pdu: &Pdu<'_>, name: &str) -> Vec<Value> {
    let children = segments(pdu).into_iter().flat_map(|segment| &segment.children);
    children.filter(|child| child.name == name).filter_map(real).take(1).collect()
}

fn connection_point(pdu: &Pdu<'_>) -> Vec<Value> {
    in_path(pdu, "cip.connpoint")
}

/// The path by name, as engineers write it.
fn symbol(pdu: &Pdu<'_>) -> Vec<Value> {
    let (mut out, mut members) = (String::new(), String::new());
    let close = |out: &mut String, members: &mut String| {
        if !members.is_empty() {
            out.push_str(&format!("[{members}]"));
            members.clear();
        }
    };
    for child in segments(pdu).into_iter().flat_map(|segment| &segment.children) {
        if child.name == "cip.symbol" {
            close(&mut out, &mut members);
            out.push_str(if out.is_empty() { "" } else { "." });
            out.push_str(&child.show);
        } else if child.name == "cip.member" && !out.is_empty() {
            let number = Value::number(&child.show).unwrap();
            members.push_str(if members.is_empty() { "" } else { "," });
            members.push_str(&number.to_string());
        }
    }
    close(&mut out, &mut members);
    if out.is_empty() { Vec::new() } else { vec![Value::Text(out)] }
}

/// Those that a request asks for by list: they stand behind the path.
fn attributes(pdu: &Pdu<'_>) -> Vec<Value> {
    if pdu.int("cip.sc") != Some(3) || pdu.int("cip.rr") != Some(0) {
        return Vec::new();
    }
    let path = in_path(pdu, "cip.attribute").len();
    pdu.nodes("cip.attribute").into_iter().skip(path).filter_map(real).collect()
}

const EXPLAINED: &[Explained] = &[Explained {
    capture: "emreekin/CIP/specialCIP.pcap",
    frames: &[229, 232],
    field: "pdu",
    ours: "1",
    theirs: "-",
    clause: "the segment follows the last one of its side, and none of its bytes was \
             captured before, so it is new data (RFC 9293, 3.4); tshark takes it for a \
             repetition, since an acknowledgment of it was captured first",
}];

#[test]
fn agrees_with_tshark() {
    check(&CIP);
}
