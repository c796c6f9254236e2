//! ISO transport: TPDUs that open, refuse and close a connection. Data TPDUs are what
//! they carry, and no events here.

use crate::compare::check;
use crate::protocol::Theirs::Numbers;
use crate::protocol::{Field, Protocol, exact, where_shown};

const COTP: Protocol = Protocol {
    kind: "cotp",
    filter: "cotp.type && cotp.type != 0x0f",
    layers: "cotp",
    in_manifest: &["s7comm"],
    preferences: &[],
    decode_as: &[],
    pdus: |packet| {
        let mut pdus = packet.pdus(&["cotp"]);
        pdus.retain(|pdu| pdu.int("cotp.type").is_some_and(|kind| kind != DATA));
        pdus
    },
    is_pdu: |event| event.int("type").is_some(),
    fields: FIELDS,
    explained: &[],
    at_least: 20,
};

const DATA: i128 = 15;

const FIELDS: &[Field] = &[
    exact("type", Numbers("cotp.type")),
    exact("source_reference", Numbers("cotp.srcref")),
    exact("destination_reference", Numbers("cotp.destref")),
    where_shown("class", Numbers("cotp.class")),
    exact("reason", Numbers("cotp.cause")),
    exact("tpdu_size", Numbers("cotp.tpdu_size")),
];

#[test]
fn agrees_with_tshark() {
    check(&COTP);
}
