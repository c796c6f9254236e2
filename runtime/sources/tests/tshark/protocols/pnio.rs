//! PROFINET IO: tshark has a layer for each interface behind `dcerpc`. At the end of a
//! PDU it repeats fields of the relation that it belongs to, so that where ours has one
//! value, tshark's first is meant; and it reads the data of records as blocks.

use crate::compare::check;
use crate::pdml::Pdu as Message;
use crate::protocol::Theirs::{Numbers, Pdu};
use crate::protocol::{Explained, Field, Protocol, exact, where_shown};
use crate::value::Value;

const PNIO: Protocol = Protocol {
    kind: "pnio",
    filter: "pn_io.opnum",
    layers: "pn_io_device pn_io_controller pn_io_supervisor pn_io_parameterserver",
    in_manifest: &["pn_io_device", "pn_io_controller"],
    preferences: &[],
    decode_as: &[],
    pdus: |packet| {
        let mut pdus = packet.pdus(&[
            "pn_io_device",
            "pn_io_controller",
            "pn_io_supervisor",
            "pn_io_parameterserver",
        ]);
        pdus.retain(|pdu| pdu.has("pn_io.opnum"));
        pdus
    },
    // Alarms have a layer of their own there, and calls that failed none at all.
    is_pdu: |event| event.int("operation").is_some() && event.int("rpc_status").is_none(),
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 1_900,
};

const FIELDS: &[Field] = &[
    exact("operation", Numbers("pn_io.opnum")),
    where_shown("args_length", Numbers("pn_io.args_len")),
    exact("error.code", Pdu(|pdu| first(pdu, "pn_io.error_code"))),
    exact("error.decode", Pdu(|pdu| first(pdu, "pn_io.error_decode"))),
    exact("error.code1", Pdu(|pdu| first(pdu, "pn_io.error_code1"))),
    exact("error.code2", Pdu(|pdu| first(pdu, "pn_io.error_code2"))),
    // An answer's relation and place are its request's here, and not there.
    where_shown("ar.uuid", Pdu(|pdu| first_text(pdu, "pn_io.ar_uuid"))),
    where_shown("session_key", Pdu(|pdu| first(pdu, "pn_io.session_key"))),
    where_shown("index", Pdu(|pdu| first(pdu, "pn_io.index"))),
    where_shown("records[].index", Pdu(indexes)),
    where_shown("records[].sequence", Numbers("pn_io.seq_number")),
    where_shown("records[].length", Numbers("pn_io.record_data_length")),
    where_shown("command", Pdu(|pdu| first(pdu, "pn_io.control_command"))),
    exact("ar.properties", Pdu(|pdu| first(pdu, "pn_io.ar_properties"))),
    // tshark calls the responder's name, in an answer, by that of the initiator.
    exact("ar.station_name", Pdu(|pdu| station_name(pdu, false))),
    exact("ar.responder_name", Pdu(|pdu| station_name(pdu, true))),
    where_shown("alarm_cr.max_length", Pdu(|pdu| first(pdu, "pn_io.maxalarmdatalength"))),
    where_shown("iocrs[].type", Pdu(|pdu| of_iocrs(pdu, "pn_io.iocr_type"))),
    where_shown("iocrs[].reference", Pdu(|pdu| of_iocrs(pdu, "pn_io.iocr_reference"))),
    where_shown(
        "iocrs[].send_clock",
        Pdu(|pdu| of_iocrs(pdu, "pn_io.send_clock_factor")),
    ),
    where_shown("iocrs[].watchdog", Pdu(|pdu| of_iocrs(pdu, "pn_io.watchdog_factor"))),
];

/// Values of communication relations: there is one for each, and behind them others of
/// the same name in other blocks.
fn of_iocrs(pdu: &Message<'_>, name: &'static str) -> Vec<Value> {
    let mut values = Numbers(name).values(pdu);
    values.truncate(pdu.nodes("pn_io.iocr_type").len());
    values
}

/// Indexes of the headers of records; a container in the last one's data has others.
fn indexes(pdu: &Message<'_>) -> Vec<Value> {
    let mut values = Numbers("pn_io.index").values(pdu);
    values.truncate(pdu.nodes("pn_io.record_data_length").len());
    values
}

fn first(pdu: &Message<'_>, name: &str) -> Vec<Value> {
    let first = pdu.nodes(name).first().and_then(|node| Value::number(&node.show));
    first.into_iter().collect()
}

fn first_text(pdu: &Message<'_>, name: &str) -> Vec<Value> {
    let first = pdu.nodes(name).first().map(|node| Value::Text(node.show.clone()));
    first.into_iter().collect()
}

fn station_name(pdu: &Message<'_>, is_answer: bool) -> Vec<Value> {
    if pdu.has("pn_io.status") != is_answer {
        return Vec::new();
    }
    first_text(pdu, "pn_io.cminitiator_station_name")
}

const EXPLAINED: &[Explained] = &[];

#[test]
fn agrees_with_tshark() {
    check(&PNIO);
}
