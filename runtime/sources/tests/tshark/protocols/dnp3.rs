//! DNP3: tshark has a layer for each link frame, and shows a fragment in the layer of
//! its last one. Segments before it are no PDUs of their own here.
//!
//! tshark goes on behind an object that makes no sense, where we stop; and it stops
//! behind an object of authentication, where we go on. Objects of such fragments are
//! not compared, all else of them is.

use crate::compare::check;
use crate::pdml;
use crate::protocol::Theirs::{Bytes, Nodes, Numbers, Pdu, Texts};
use crate::protocol::{Explained, Field, Protocol, exact, where_shown};
use crate::value::Value;

const DNP3: Protocol = Protocol {
    kind: "dnp3",
    filter: "dnp3",
    layers: "tcp udp dnp3 _ws.malformed",
    in_manifest: &["dnp3"],
    preferences: &[],
    decode_as: &[("zeek/dnp3/dnp3_read_p20001.pcap", "tcp.port==20001,dnp3")],
    pdus: |packet| {
        let mut pdus = packet.pdus(&["dnp3"]);
        pdus.retain(|pdu| pdu.has("dnp3.al.func") || !pdu.has("dnp3.tr.ctl"));
        pdus
    },
    is_pdu: |event| {
        let is_segment = matches!(event.int("link.function"), None | Some(67 | 68));
        event.int("function").is_some() || !is_segment
    },
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 2_200,
};

const FIELDS: &[Field] = &[
    exact("source", Numbers("dnp3.src")),
    exact("destination", Numbers("dnp3.dst")),
    exact("link.function", Nodes("dnp3.ctl", |control| part(control, 0x4f))),
    exact("link.dir", Numbers("dnp3.ctl.dir")),
    exact("link.prm", Numbers("dnp3.ctl.prm")),
    exact("link.fcb", Numbers("dnp3.ctl.fcb")),
    exact("link.fcv", Numbers("dnp3.ctl.fcv")),
    exact("link.dfc", Numbers("dnp3.ctl.dfc")),
    exact("function", Numbers("dnp3.al.func")),
    exact("iin", Numbers("dnp3.al.iin")),
    exact("app.fir", Numbers("dnp3.al.fir")),
    exact("app.fin", Numbers("dnp3.al.fin")),
    exact("app.con", Numbers("dnp3.al.con")),
    exact("app.uns", Numbers("dnp3.al.uns")),
    exact("app.sequence", Numbers("dnp3.al.seq")),
    where_shown("indication.device_restart", Numbers("dnp3.al.iin.rst")),
    where_shown("indication.need_time", Numbers("dnp3.al.iin.tsr")),
    where_shown("indication.class_1_events", Numbers("dnp3.al.iin.cls1d")),
    where_shown("indication.local_control", Numbers("dnp3.al.iin.dol")),
    where_shown("indication.object_unknown", Numbers("dnp3.al.iin.obju")),
    where_shown("indication.parameter_error", Numbers("dnp3.al.iin.pioor")),
    where_shown("indication.config_corrupt", Numbers("dnp3.al.iin.cc")),
    where_shown("objects[].group", Pdu(|pdu| objects(pdu, |object| object >> 8))),
    where_shown("objects[].variation", Pdu(variations)),
    where_shown("objects[].prefix", Pdu(|pdu| sound(pdu, "dnp3.al.objq.prefix"))),
    where_shown("objects[].range", Pdu(|pdu| sound(pdu, "dnp3.al.objq.range"))),
    where_shown("objects[].start", Pdu(|pdu| sound(pdu, "dnp3.al.range.start"))),
    where_shown("objects[].stop", Pdu(|pdu| sound(pdu, "dnp3.al.range.stop"))),
    where_shown("objects[].count", Pdu(counts)),
    where_shown("controls[].operation", Pdu(|pdu| sound(pdu, "dnp3.ctl.op"))),
    where_shown("controls[].trip_close", Pdu(|pdu| sound(pdu, "dnp3.ctl.trip"))),
    where_shown("controls[].count", Pdu(|pdu| sound(pdu, "dnp3.al.count"))),
    where_shown("controls[].on_time", Pdu(|pdu| sound(pdu, "dnp3.al.on_time"))),
    where_shown("controls[].off_time", Pdu(|pdu| sound(pdu, "dnp3.al.off_time"))),
    where_shown("controls[].status", Pdu(|pdu| sound(pdu, "dnp3.al.ctrlstatus"))),
    where_shown("controls[].value", Pdu(outputs)),
    where_shown("controls[].index", Pdu(|pdu| indexes(pdu, true))),
    where_shown("points[].index", Pdu(|pdu| indexes(pdu, false))),
    where_shown("points[].value", Pdu(values)),
    where_shown("points[].data", Bytes("dnp3.al.octet_string")),
    where_shown("file.handle", Numbers("dnp3.al.file.handle")),
    where_shown("file.mode", Numbers("dnp3.al.file.mode")),
    where_shown("file.size", Numbers("dnp3.al.file.size")),
    where_shown("file.request", Numbers("dnp3.al.file.reqID")),
    where_shown("file.max_block", Numbers("dnp3.al.file.maxblock")),
    where_shown("file.block", Numbers("dnp3.al.file.blocknum")),
    where_shown("file.last", Numbers("dnp3.al.file.lastblock")),
    where_shown("file.status", Numbers("dnp3.al.file.status")),
    where_shown("file.data", Bytes("dnp3.al.file.data")),
    where_shown("file.name", Texts("dnp3.al.file_name")),
];

/// Values of points, of every group that tshark reads.
const VALUES: &str = "dnp3.al.biq.b7 | dnp3.al.boq.b7 | dnp3.al.bit | dnp3.al.2bit \
    | dnp3.al.cnt | dnp3.al.ana.int | dnp3.al.ana.float | dnp3.al.ana.double \
    | dnp3.al.anaout.int | dnp3.al.anaout.float | dnp3.al.anaout.double";

/// What both a control and its echo have.
const CONTROL: &str = "dnp3.ctl.op | dnp3.al.ctrlstatus";

/// The bits of a mask, as a number.
fn part(node: &pdml::Node, mask: i128) -> Option<Value> {
    Some(Value::Int(Value::number(&node.show)?.as_int()? & mask))
}

fn ints(pdu: &pdml::Pdu<'_>, names: &'static str) -> Vec<i128> {
    Numbers(names).values(pdu).iter().filter_map(Value::as_int).collect()
}

/// Whether all objects can be compared: by tshark's own fields, none makes no sense, and
/// none is of authentication.
fn is_sound(pdu: &pdml::Pdu<'_>) -> bool {
    let is_range = |code: &i128| matches!(code, 0..=9 | 11);
    let firsts = ints(pdu, "dnp3.al.range.start");
    let lasts = ints(pdu, "dnp3.al.range.stop");
    !pdu.has("_ws.malformed")
        && ints(pdu, "dnp3.al.objq.prefix").iter().all(|code| *code < 7)
        && ints(pdu, "dnp3.al.objq.range").iter().all(is_range)
        && firsts.iter().zip(lasts).all(|(first, last)| *first <= last)
        && !groups(pdu).contains(&120)
}

fn groups(pdu: &pdml::Pdu<'_>) -> Vec<i128> {
    ints(pdu, "dnp3.al.obj").into_iter().map(|object| object >> 8).collect()
}

fn sound(pdu: &pdml::Pdu<'_>, names: &'static str) -> Vec<Value> {
    if is_sound(pdu) { Numbers(names).values(pdu) } else { Vec::new() }
}

fn objects(pdu: &pdml::Pdu<'_>, part: fn(i128) -> i128) -> Vec<Value> {
    let objects = if is_sound(pdu) { ints(pdu, "dnp3.al.obj") } else { Vec::new() };
    objects.into_iter().map(|object| Value::Int(part(object))).collect()
}

/// tshark shows variation 0 for strings, whose variation is their length.
fn variations(pdu: &pdml::Pdu<'_>) -> Vec<Value> {
    let has_strings = groups(pdu).iter().any(|group| (110..=113).contains(group));
    if has_strings { Vec::new() } else { objects(pdu, |object| object & 0xff) }
}

/// Numbers of objects: stated, or from the first and last index.
fn counts(pdu: &pdml::Pdu<'_>) -> Vec<Value> {
    let names = "dnp3.al.range.quantity | dnp3.al.range.start | dnp3.al.range.stop";
    let mut first = 0;
    let mut out = Vec::new();
    if !is_sound(pdu) {
        return out;
    }
    for node in pdu.nodes(names) {
        let Some(int) = Value::number(&node.show).and_then(|value| value.as_int()) else {
            continue;
        };
        match node.name.as_str() {
            "dnp3.al.range.start" => first = int,
            "dnp3.al.range.stop" => out.push(Value::Int(int - first + 1)),
            _ => out.push(Value::Int(int)),
        }
    }
    out
}

/// Point indexes, of controls or of points. tshark shows one for times too, and none
/// for some events.
fn indexes(pdu: &pdml::Pdu<'_>, of_controls: bool) -> Vec<Value> {
    let has_others = groups(pdu).iter().any(|group| (50..=52).contains(group));
    let total: i128 = counts(pdu).iter().filter_map(Value::as_int).sum();
    let found = sound(pdu, "dnp3.al.point_index");
    let is_all = total == i128::try_from(found.len()).unwrap();
    if has_others || !is_all || pdu.has(CONTROL) != of_controls {
        return Vec::new();
    }
    found
}

/// Values of points. tshark shows one bit of two of a double-bit point with flags.
fn values(pdu: &pdml::Pdu<'_>) -> Vec<Value> {
    let has_double = groups(pdu).iter().any(|group| matches!(group, 3 | 4));
    if has_double || pdu.has(CONTROL) {
        return Vec::new();
    }
    sound(pdu, VALUES)
}

/// Values of analog output commands, and of their echoes.
fn outputs(pdu: &pdml::Pdu<'_>) -> Vec<Value> {
    let names = "dnp3.al.anaout.int | dnp3.al.anaout.float | dnp3.al.anaout.double";
    if pdu.has(CONTROL) { sound(pdu, names) } else { Vec::new() }
}

const EXPLAINED: &[Explained] = &[
    Explained {
        capture: "ndpi/dnp3.pcap",
        frames: &[
            11, 12, 35, 36, 50, 51, 89, 90, 104, 105, 131, 132, 140, 141, 194, 195, 239,
            240, 362, 363, 440, 441, 455, 456, 482, 483, 515, 516,
        ],
        field: "pdu",
        ours: "-",
        theirs: "1",
        clause: "a segment that is sent again, with sequence numbers that were received \
                 (RFC 9293, 3.4), brings no frame; tshark reads it again",
    },
    Explained {
        capture: "openics/DNP3-RequestLink.pcap",
        frames: &[6],
        field: "pdu",
        ours: "1",
        theirs: "-",
        clause: TOO_SHORT,
    },
    Explained {
        capture: "openics/DNP3-SelectOperateRequest.pcap",
        frames: &[6],
        field: "pdu",
        ours: "1",
        theirs: "-",
        clause: TOO_SHORT,
    },
    Explained {
        capture: "openics/DNP3-WriteRequest.pcap",
        frames: &[6],
        field: "pdu",
        ours: "1",
        theirs: "-",
        clause: TOO_SHORT,
    },
    Explained {
        capture: "rules/dnp3/captures/attack.pcap",
        frames: &[183],
        field: "iin",
        ours: "0",
        theirs: "-",
        clause: "the function is a response, whose header has indications (4.2.2); tshark \
                 goes by the direction bit of the frame, which contradicts it",
    },
];

const TOO_SHORT: &str = "a frame whose length octet is 0, which is below the least of 5 \
    (9.2.4), is a malformed event; tshark passes it by";

#[test]
fn agrees_with_tshark() {
    check(&DNP3);
}
