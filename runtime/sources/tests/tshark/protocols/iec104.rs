//! IEC 60870-5-104: tshark has a layer for the frame and behind it, in I frames, one for
//! the ASDU, with a field of its own for each kind of value.

use crate::compare::check;
use crate::pdml;
use crate::protocol::Theirs::{self, Bytes, Nodes, Numbers, Pdu};
use crate::protocol::{Explained, Field, Protocol, exact, where_shown};
use crate::value::Value;

const IEC104: Protocol = Protocol {
    kind: "iec104",
    filter: "iec60870_104",
    layers: "tcp iec60870_104 iec60870_asdu",
    in_manifest: &["iec60870_104"],
    preferences: &[],
    decode_as: &[],
    pdus: |packet| {
        let mut pdus = packet.pdus(&["iec60870_104"]);
        // What has no control field is the rest of a segment, not a frame.
        pdus.retain(|pdu| pdu.has("iec60870_104.type"));
        pdus
    },
    is_pdu: |event| event.int("apci").is_some(),
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 740,
};

const FIELDS: &[Field] = &[
    exact("apci", Numbers("iec60870_104.type")),
    exact("length", Numbers("iec60870_104.apdulen")),
    exact("u_function", Numbers("iec60870_104.utype")),
    exact("ns", Numbers("iec60870_104.tx")),
    exact("nr", Numbers("iec60870_104.rx")),
    exact("type", Numbers("iec60870_asdu.typeid")),
    exact("sq", Numbers("iec60870_asdu.sq")),
    exact("number", Numbers("iec60870_asdu.numix")),
    exact("cause", Numbers("iec60870_asdu.causetx")),
    exact("negative", Numbers("iec60870_asdu.nega")),
    exact("test", Numbers("iec60870_asdu.test")),
    exact("originator", Numbers("iec60870_asdu.oa")),
    exact("common_address", Numbers("iec60870_asdu.addr")),
    where_shown("ioa", Pdu(|pdu| Numbers(IOA).values(pdu).into_iter().take(1).collect())),
    where_shown("objects[].ioa", Pdu(addresses)),
    where_shown("objects[].value", Nodes(VALUES, value)),
    where_shown("objects[].iv", quality("iv")),
    where_shown("objects[].nt", quality("nt")),
    where_shown("objects[].sb", quality("sb")),
    where_shown("objects[].bl", quality("bl")),
    where_shown("objects[].ov", Numbers("iec60870_asdu.qds.ov")),
    where_shown("objects[].transient", Numbers("iec60870_asdu.vti.t")),
    where_shown("objects[].carry", Numbers("iec60870_asdu.bcr.cy")),
    where_shown("objects[].adjusted", Numbers("iec60870_asdu.bcr.ca")),
    where_shown("objects[].sequence", Numbers("iec60870_asdu.bcr.sq")),
    where_shown(
        "objects[].se",
        Numbers(
            "iec60870_asdu.sco.se | iec60870_asdu.dco.se | iec60870_asdu.rco.se \
                 | iec60870_asdu.qos.se",
        ),
    ),
    where_shown("objects[].time", Nodes("iec60870_asdu.cp56time", moment)),
    where_shown(
        "objects[].time_invalid",
        Numbers("iec60870_asdu.cp56time.iv | iec60870_asdu.cp24time.iv"),
    ),
    where_shown("objects[].time_summer", Numbers("iec60870_asdu.cp56time.su")),
    where_shown(
        "qu",
        Numbers("iec60870_asdu.sco.qu | iec60870_asdu.dco.qu | iec60870_asdu.rco.qu"),
    ),
    where_shown("ql", Numbers("iec60870_asdu.qos.ql")),
    where_shown("qoi", Numbers("iec60870_asdu.qoi")),
    where_shown("qcc.request", Numbers("iec60870_asdu.rqt")),
    where_shown("qcc.freeze", Numbers("iec60870_asdu.frz")),
    where_shown("qrp", Numbers("iec60870_asdu.qrp")),
    where_shown("qpm.kind", Numbers("iec60870_asdu.qpm.kpa")),
    where_shown("qpm.changed", Numbers("iec60870_asdu.qpm.lpc")),
    where_shown("qpm.inactive", Numbers("iec60870_asdu.qpm.pop")),
    where_shown("coi", Numbers("iec60870_asdu.coi_r")),
    where_shown("coi_changed", Numbers("iec60870_asdu.coi_i")),
    where_shown("file.segment", Bytes("iec60870_asdu.segment")),
];

/// Fields that are a value, of whatever type.
const VALUES: &str = "iec60870_asdu.siq.spi | iec60870_asdu.diq.dpi \
                      | iec60870_asdu.vti.v | iec60870_asdu.normval \
                      | iec60870_asdu.scalval | iec60870_asdu.float \
                      | iec60870_asdu.bitstring | iec60870_asdu.bcr.count \
                      | iec60870_asdu.sco.on | iec60870_asdu.dco.on \
                      | iec60870_asdu.rco.up";

const IOA: &str = "iec60870_asdu.ioa";

/// The objects' addresses; in a sequence tshark gives each object's too. Objects of the
/// types from 120 on are files, or have no layout that is known.
fn addresses(pdu: &pdml::Pdu<'_>) -> Vec<Value> {
    let has_others = pdu.int("iec60870_asdu.typeid").is_some_and(|id| id >= 120);
    if has_others { Vec::new() } else { Numbers(IOA).values(pdu) }
}

/// A bitstring is shown as its octets in the order of transmission; its bits count from
/// the lowest of the first octet (101, 7.2.6.13).
fn value(node: &pdml::Node) -> Option<Value> {
    let number = Value::number(&node.show)?;
    if node.name != "iec60870_asdu.bitstring" {
        return Some(number);
    }
    let octets = u32::try_from(number.as_int()?).ok()?;
    Some(Value::Int(octets.swap_bytes().into()))
}

/// A quality bit, in each of the descriptors that have it.
const fn quality(bit: &str) -> Theirs {
    match bit.as_bytes() {
        b"iv" => Numbers(
            "iec60870_asdu.siq.iv | iec60870_asdu.diq.iv \
                          | iec60870_asdu.qds.iv | iec60870_asdu.bcr.iv",
        ),
        b"nt" => Numbers(
            "iec60870_asdu.siq.nt | iec60870_asdu.diq.nt \
                          | iec60870_asdu.qds.nt",
        ),
        b"sb" => Numbers(
            "iec60870_asdu.siq.sb | iec60870_asdu.diq.sb \
                          | iec60870_asdu.qds.sb",
        ),
        _ => Numbers(
            "iec60870_asdu.siq.bl | iec60870_asdu.diq.bl \
                      | iec60870_asdu.qds.bl",
        ),
    }
}

/// A moment as our events write it, from its parts: the moment that tshark makes of them
/// takes an hour off where the station says that it is summer, ours is as written.
fn moment(node: &pdml::Node) -> Option<Value> {
    let part = |name: &str| {
        let name = format!("iec60870_asdu.cp56time.{name}");
        let found = node.children.iter().find(|child| child.name == name)?;
        Value::number(&found.show)?.as_int()
    };
    let year = part("year")?;
    let year = if year < 70 { 2000 } else { 1900 } + year;
    let (month, day, hour, minute) =
        (part("month")?, part("day")?, part("hour")?, part("min")?);
    let (second, ms) = (part("ms")? / 1000, part("ms")? % 1000);
    Some(Value::Text(format!(
        "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}000Z"
    )))
}

const EXPLAINED: &[Explained] = &[];

#[test]
fn agrees_with_tshark() {
    check(&IEC104);
}
