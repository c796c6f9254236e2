//! S7comm: one layer a message, in the packet that holds its last data TPDU.

use crate::compare::check;
use crate::pdml;
use crate::protocol::Theirs::{Bytes, Nodes, Numbers, Pdu, Texts};
use crate::protocol::{Explained, Field, Protocol, exact, where_shown};
use crate::value::Value;

const S7: Protocol = Protocol {
    kind: "s7",
    filter: "s7comm",
    layers: "s7comm",
    in_manifest: &["s7comm"],
    preferences: &[],
    decode_as: &[],
    pdus: |packet| packet.pdus(&["s7comm"]),
    is_pdu: |event| event.int("rosctr").is_some(),
    fields: FIELDS,
    explained: EXPLAINED,
    at_least: 1_500,
};

const JOB: i128 = 1;
const ACK_DATA: i128 = 3;
const USERDATA: i128 = 7;

/// Function within the group of the CPU.
const DIAGNOSTIC_MESSAGE: i128 = 3;

const FIELDS: &[Field] = &[
    exact("rosctr", Numbers("s7comm.header.rosctr")),
    exact("redundancy", Numbers("s7comm.header.redid")),
    exact("reference", Numbers("s7comm.header.pduref")),
    exact("parameter_length", Numbers("s7comm.header.parlg")),
    exact("data_length", Numbers("s7comm.header.datlg")),
    exact("error_class", Numbers("s7comm.header.errcls")),
    exact("error_code", Numbers("s7comm.header.errcod")),
    // An acknowledgement without data has its job's function here.
    where_shown("function", Numbers("s7comm.param.func")),
    exact("max_calling", Numbers("s7comm.param.maxamq_calling")),
    exact("max_called", Numbers("s7comm.param.maxamq_called")),
    exact("pdu_length", Numbers("s7comm.param.pdu_length")),
    exact("item_count", Pdu(|pdu| only(pdu, &[JOB, ACK_DATA], "s7comm.param.itemcount"))),
    // An answer's places are its job's here, and not there.
    where_shown(
        "items[].syntax",
        Pdu(|pdu| only(pdu, &[JOB], "s7comm.param.item.syntaxid")),
    ),
    where_shown("items[].area", Pdu(|pdu| only(pdu, &[JOB], "s7comm.param.item.area"))),
    where_shown("items[].db", Pdu(|pdu| only(pdu, &[JOB], "s7comm.param.item.db"))),
    where_shown(
        "items[].address",
        Pdu(|pdu| only(pdu, &[JOB], "s7comm.param.item.address")),
    ),
    where_shown(
        "items[].length",
        Pdu(|pdu| only(pdu, &[JOB], "s7comm.param.item.length")),
    ),
    where_shown(
        "items[].type",
        Pdu(|pdu| only(pdu, &[JOB], "s7comm.param.item.transp_size")),
    ),
    exact(
        "items[].return_code",
        Pdu(|pdu| only(pdu, &[ACK_DATA], "s7comm.data.returncode")),
    ),
    exact(
        "items[].transport",
        Pdu(|pdu| only(pdu, &[JOB, ACK_DATA], "s7comm.data.transportsize")),
    ),
    // Pieces of blocks are shown likewise.
    exact("items[].data", Pdu(|pdu| data(pdu, true))),
    where_shown("data", Pdu(|pdu| data(pdu, false))),
    exact("userdata_type", Numbers("s7comm.param.userdata.type")),
    exact("userdata_group", Numbers("s7comm.param.userdata.funcgroup")),
    exact(
        "userdata_function",
        Numbers("s7comm.param.userdata.subfunc | s7comm.param.modetrans.subfunc"),
    ),
    exact("userdata_sequence", Numbers("s7comm.param.userdata.seq_num")),
    exact("data_unit", Numbers("s7comm.param.userdata.dataunitref")),
    exact(
        "more_follows",
        Numbers(
            "s7comm.param.userdata.lastdataunit \
             | s7comm.param.blockcontrol.functionstatus.more",
        ),
    ),
    where_shown("error", Numbers("s7comm.param.errcod")),
    // Alarms within the payload have return codes of their own.
    exact(
        "return_code",
        Pdu(|pdu| {
            let mut codes = only(pdu, &[USERDATA], "s7comm.data.returncode");
            codes.truncate(1);
            codes
        }),
    ),
    where_shown("szl_id", Numbers("s7comm.data.userdata.szl_id")),
    where_shown("szl_index", Numbers("s7comm.data.userdata.szl_index")),
    where_shown("szl_length", Numbers("s7comm.data.userdata.szl_id.partlist_len")),
    where_shown("szl_count", Numbers("s7comm.data.userdata.szl_id.partlist_cnt")),
    // The blocks of a PI service are shown as files too.
    exact(
        "filename",
        Pdu(|pdu| {
            if pdu.has("s7comm.param.pistart.servicename") {
                return Vec::new();
            }
            Texts("s7comm.param.blockcontrol.filename").values(pdu)
        }),
    ),
    where_shown(
        "block_type",
        Nodes("s7comm.data.blockcontrol.block_type", |node| {
            i128::from_str_radix(&node.show, 16).ok().map(Value::Int)
        }),
    ),
    where_shown("block_number", Numbers("s7comm.data.blockcontrol.block_number")),
    where_shown("transfer", Numbers("s7comm.data.blockcontrol.uploadid")),
    exact(
        "load_length",
        Numbers(
            "s7comm.data.blockcontrol.loadmem_len \
             | s7comm.param.blockcontrol.upl_lenstring",
        ),
    ),
    exact("mc7_length", Numbers("s7comm.data.blockcontrol.mc7code_len")),
    where_shown("pi_service", Texts("s7comm.param.pistart.servicename")),
    where_shown("block_info.load_length", Numbers("s7comm.blockinfo.load_mem_len")),
    exact("block_info.mc7_length", Numbers("s7comm.blockinfo.mc7_len")),
    exact("block_info.security", Numbers("s7comm.blockinfo.blocksecurity")),
    exact("block_info.checksum", Numbers("s7comm.blockinfo.checksum")),
    exact("block_info.author", Nodes("s7comm.blockinfo.author", trimmed)),
    exact("block_info.family", Nodes("s7comm.blockinfo.family", trimmed)),
    exact("block_info.name", Nodes("s7comm.blockinfo.headername", trimmed)),
    exact("message_events", Numbers("s7comm.cpu.msg.events")),
    exact("message_user", Nodes("s7comm.cpu.msg.username", trimmed)),
    // The diagnostic buffer, as a list, is shown likewise.
    exact(
        "diagnostic_event",
        Pdu(|pdu| {
            if pdu.int("s7comm.param.userdata.subfunc") != Some(DIAGNOSTIC_MESSAGE) {
                return Vec::new();
            }
            Numbers("s7comm.cpu.diag_msg.eventid").values(pdu)
        }),
    ),
    exact("cyclic.timebase", Numbers("s7comm.cyclic.interval_timebase")),
    exact("cyclic.factor", Numbers("s7comm.cyclic.interval_time")),
    where_shown("blocks[].count", Numbers("s7comm.blockinfo.block_count")),
];

const EXPLAINED: &[Explained] = &[
    Explained {
        capture: "s7/captures/attack.pcap",
        frames: &[200],
        field: "items[].syntax",
        ours: "16",
        theirs: "16 0",
        clause: "no standard: a message of this project's own that states two variables and \
                 holds one; tshark takes bytes of the data part for the second and gives up",
    },
    Explained {
        capture: "s7/captures/attack.pcap",
        frames: &[200],
        field: "items[].transport",
        ours: "4",
        theirs: "-",
        clause: "no standard: a message of this project's own that states two variables and \
                 holds one; tshark takes bytes of the data part for the second and gives up",
    },
    Explained {
        capture: "s7/captures/attack.pcap",
        frames: &[200],
        field: "items[].data",
        ours: "ff",
        theirs: "-",
        clause: "no standard: a message of this project's own that states two variables and \
                 holds one; tshark takes bytes of the data part for the second and gives up",
    },
];

/// Numbers in messages of some kinds alone.
fn only(pdu: &pdml::Pdu<'_>, kinds: &[i128], names: &'static str) -> Vec<Value> {
    let is_one =
        pdu.int("s7comm.header.rosctr").is_some_and(|kind| kinds.contains(&kind));
    if is_one { Numbers(names).values(pdu) } else { Vec::new() }
}

/// Bytes of variables, or of pieces of a block.
fn data(pdu: &pdml::Pdu<'_>, of_variables: bool) -> Vec<Value> {
    let has_variables = pdu.has("s7comm.param.itemcount");
    let values = Bytes("s7comm.resp.data").values(pdu);
    if has_variables == of_variables { values } else { Vec::new() }
}

/// A text without what fills it up.
fn trimmed(node: &pdml::Node) -> Option<Value> {
    Some(Value::Text(node.show.trim_end_matches([' ', '\0']).to_owned()))
}

#[test]
fn agrees_with_tshark() {
    check(&S7);
}
