//! PROFINET DCP: tshark has a layer `pn_dcp` behind one for the frame identifier,
//! `pn_rt`; a frame holds one PDU.

use crate::compare::check;
use crate::pdml::Pdu as Message;
use crate::protocol::Theirs::{Nodes, Numbers, Pdu, Texts};
use crate::protocol::{Explained, Field, Protocol, exact, where_shown};
use crate::value::Value;

const DCP: Protocol = Protocol {
    kind: "dcp",
    filter: "pn_dcp",
    layers: "pn_rt pn_dcp",
    in_manifest: &["pn_dcp"],
    preferences: &[],
    decode_as: &[],
    pdus: |packet| packet.pdus(&["pn_dcp"]),
    is_pdu: |_| true,
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 50,
};

const FIELDS: &[Field] = &[
    exact(
        "frame_id",
        Pdu(|pdu| pdu.packet.int("pn_rt.frame_id").map(Value::Int).into_iter().collect()),
    ),
    exact("service", Numbers("pn_dcp.service_id")),
    exact("service_type", Numbers("pn_dcp.service_type")),
    exact("xid", Numbers("pn_dcp.xid")),
    // tshark calls it reserved in services that do not use it.
    where_shown("response_delay", Numbers("pn_dcp.response_delay")),
    exact("data_length", Numbers("pn_dcp.data_length")),
    // An answer's name is its request's here, and not there.
    // tshark leaves out blanks at the end of what it shows, so bytes are compared.
    where_shown(
        "station_name",
        Nodes("pn_dcp.suboption_device_nameofstation", |node| text(&node.value)),
    ),
    exact("station_type", Texts("pn_dcp.suboption_device_devicevendorvalue")),
    exact("alias", Texts("pn_dcp.suboption_device_aliasname")),
    exact("ip", Texts("pn_dcp.suboption_ip_ip")),
    exact("mask", Texts("pn_dcp.suboption_ip_subnetmask")),
    exact("gateway", Texts("pn_dcp.suboption_ip_standard_gateway")),
    where_shown("ip_info", Numbers("pn_dcp.suboption_ip_block_info")),
    exact("vendor_id", Numbers("pn_dcp.suboption_vendor_id")),
    exact("device_id", Numbers("pn_dcp.suboption_device_id")),
    exact("role", Numbers("pn_dcp.suboption_device_role")),
    exact("instance", Pdu(instance)),
    exact("signal", Numbers("pn_dcp.suboption_control_signal_value")),
    where_shown("blocks[].length", Numbers("pn_dcp.block_length")),
    exact("blocks[].error", Numbers("pn_dcp.block_error")),
    where_shown(
        "blocks[].qualifier",
        Numbers("pn_dcp.block_qualifier | pn_dcp.block_qualifier_reset"),
    ),
];

/// The text of hexadecimal digits.
fn text(digits: &str) -> Option<Value> {
    let pair = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes = (0..digits.len()).step_by(2).map(pair).collect::<Option<Vec<u8>>>()?;
    Some(Value::Text(String::from_utf8(bytes).ok()?))
}

/// tshark has the high and the low half of the instance as two fields.
fn instance(pdu: &Message<'_>) -> Vec<Value> {
    let nodes = pdu.nodes("pn_dcp.suboption_device_instance");
    let halves = nodes.iter().filter_map(|node| Value::number(&node.show)?.as_int());
    halves.reduce(|high, low| high << 8 | low).map(Value::Int).into_iter().collect()
}

const EXPLAINED: &[Explained] = &[];

#[test]
fn agrees_with_tshark() {
    check(&DCP);
}
