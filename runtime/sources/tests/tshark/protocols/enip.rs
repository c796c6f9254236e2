//! EtherNet/IP: tshark has a layer for each message, and for a datagram of implicit
//! data one without a command.

use crate::compare::check;
use crate::pdml::Pdu;
use crate::protocol::Theirs::{Bytes, Nodes, Numbers, Pdu as Whole, Texts};
use crate::protocol::{Explained, Field, Protocol, Theirs, exact, where_shown};
use crate::value::Value;

const ENIP: Protocol = Protocol {
    kind: "enip",
    filter: "enip",
    layers: "enip cipio",
    in_manifest: &["enip"],
    preferences: &[],
    decode_as: DECODE_AS,
    pdus: |packet| packet.pdus(&["enip"]),
    is_pdu: |_| true,
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 10_000,
};

/// tshark takes the client's port for another protocol's.
pub(super) const DECODE_AS: &[(&str, &str)] =
    &[("CL5000EIP-Control_Protocol_Change_Attempt.pcap", "tcp.port==1102,enip")];

const FIELDS: &[Field] = &[
    exact("command", Numbers("enip.command")),
    exact("length", Numbers("enip.length")),
    exact("session", Numbers("enip.session")),
    exact("status", Numbers("enip.status")),
    exact("options", Numbers("enip.options")),
    where_shown(
        "context",
        // Of ListIdentity tshark shows the last six bytes.
        Nodes("enip.context", |node| {
            (node.value.len() == 16).then(|| Value::hex(&node.value))
        }),
    ),
    where_shown("max_delay", Numbers("enip.listid_delay")),
    exact("interface", Numbers("enip.srrd.iface | enip.sud.iface")),
    exact("timeout", Numbers("enip.timeout")),
    exact("version", Numbers("enip.rs.version")),
    exact("flags", Numbers("enip.rs.flags")),
    where_shown("items[].type", Numbers("enip.cpf.typeid")),
    where_shown("items[].length", Numbers("enip.cpf.length")),
    exact("connection_id", Numbers("enip.cpf.cai.connid | enip.cpf.sai.connid")),
    exact("io.sequence", Numbers("enip.cpf.sai.seq")),
    exact("identity.vendor", Numbers("enip.lir.vendor")),
    exact("identity.device_type", Numbers("enip.lir.devtype")),
    exact("identity.product_code", Numbers("enip.lir.prodcode")),
    exact("identity.status", Numbers("enip.lir.status")),
    exact("identity.serial", Numbers("enip.lir.serial")),
    exact("identity.name", Texts("enip.lir.name")),
    exact("identity.state", Numbers("enip.lir.state")),
    exact("identity.ip", Whole(|pdu| of_identity(pdu, Texts("enip.sinaddr")))),
    exact("identity.port", Whole(|pdu| of_identity(pdu, Numbers("enip.sinport")))),
    where_shown("sockets[].ip", Whole(|pdu| of_sockets(pdu, Texts("enip.sinaddr")))),
    where_shown("sockets[].port", Whole(|pdu| of_sockets(pdu, Numbers("enip.sinport")))),
    exact("services.capabilities", Numbers("enip.lsr.capaflags")),
    exact("services.name", Texts("enip.lsr.servicename")),
    where_shown("data", Bytes("enip.encap_data")),
];

fn of_identity(pdu: &Pdu<'_>, field: Theirs) -> Vec<Value> {
    if pdu.has("enip.lir.vendor") { field.values(pdu) } else { Vec::new() }
}

fn of_sockets(pdu: &Pdu<'_>, field: Theirs) -> Vec<Value> {
    if pdu.has("enip.lir.vendor") { Vec::new() } else { field.values(pdu) }
}

const EXPLAINED: &[Explained] = &[
    Explained {
        capture: "emreekin/CIP/specialCIP.pcap",
        frames: &[229, 232],
        field: "pdu",
        ours: "1",
        theirs: "-",
        clause: "the segment follows the last one of its side, and none of its bytes was \
                 captured before, so it is new data (RFC 9293, 3.4); tshark takes it for \
                 a repetition, since an acknowledgment of it was captured first",
    },
    Explained {
        capture: "ndpi/toca-boca.pcap",
        frames: &[35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49],
        field: "pdu",
        ours: "-",
        theirs: "1",
        clause: "a game's server on UDP port 44818: no datagram has a command of V2 \
                 2-3.2 and a length (2-3.3) that fits it",
    },
];

#[test]
fn agrees_with_tshark() {
    check(&ENIP);
}
