//! Title: say here what tshark makes of a message: its layers, and how many messages a
//! packet may hold.

use crate::compare::check;
use crate::protocol::Theirs::{Bytes, Numbers};
use crate::protocol::{Field, Protocol, exact, where_shown};

const PROTOCOL: Protocol = Protocol {
    kind: "NAME",
    filter: "NAME",
    layers: "NAME",
    in_manifest: &["NAME"],
    preferences: &[],
    decode_as: &[],
    pdus: |packet| packet.pdus(&["NAME"]),
    is_pdu: |event| event.int("function").is_some(),
    fields: FIELDS,
    explained: &[],
    at_least: 0,
};

const FIELDS: &[Field] = &[
    exact("function", Numbers("NAME.function")),
    where_shown("data", Bytes("NAME.data")),
];

#[test]
fn agrees_with_tshark() {
    check(&PROTOCOL);
}
