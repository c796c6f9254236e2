//! DCE/RPC over UDP and TCP: tshark has a layer `dcerpc` for each PDU. What it finds in
//! SMB's pipes is not looked at here.

use crate::compare::check;
use crate::protocol::Theirs::{Numbers, Texts};
use crate::protocol::{Explained, Field, Protocol, exact, where_shown};

const DCERPC: Protocol = Protocol {
    kind: "dcerpc",
    filter: "dcerpc && !nbss && !smb2",
    layers: "dcerpc",
    in_manifest: &["dcerpc"],
    preferences: &[],
    decode_as: &[],
    pdus: |packet| packet.pdus(&["dcerpc"]),
    is_pdu: |event| event.int("version").is_some(),
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 7_100,
};

const FIELDS: &[Field] = &[
    exact("version", Numbers("dcerpc.ver")),
    exact("type", Numbers("dcerpc.pkt_type")),
    where_shown("opnum", Numbers("dcerpc.opnum")),
    where_shown("interface", Texts("dcerpc.dg_if_id")),
    exact("activity", Texts("dcerpc.dg_act_id")),
    exact("sequence", Numbers("dcerpc.dg_seqnum")),
    exact("fragment", Numbers("dcerpc.dg_frag_num")),
    exact("call_id", Numbers("dcerpc.cn_call_id")),
    where_shown("length", Numbers("dcerpc.cn_frag_len | dcerpc.dg_frag_len")),
    where_shown("contexts[].interface", Texts("dcerpc.cn_bind_to_uuid")),
    where_shown("contexts[].result", Numbers("dcerpc.cn_ack_result")),
    where_shown("status", Numbers("dcerpc.cn_status | dcerpc.dg_status")),
];

const EXPLAINED: &[Explained] = &[Explained {
    capture: "dcerpc/zerologon/input.pcap",
    frames: &[419],
    field: "pdu",
    ours: "1",
    theirs: "-",
    clause: "the first transmission was not captured (frame 418 acknowledges what lies \
             behind it), so the repetition brings bytes that nobody has seen (RFC 9293, \
             3.4); tshark does not look into repetitions",
}];

#[test]
fn agrees_with_tshark() {
    check(&DCERPC);
}
