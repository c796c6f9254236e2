//! PROFINET IO. ICSNPP's `profinet_io_cm.log` has one row for a PDU of DCE/RPC, with
//! the fields of its header. Its UUIDs are left out: it prints their bytes as they lie,
//! whatever the byte order of the PDU.

use crate::captures::corpus;
use crate::ours::{self, Event};
use crate::value::Value;

/// Captures, each with its own log.
const CAPTURES: [&str; 8] = [
    "profinet_io_cm.pcap",
    "profinet_io_cm_connect.pcapng",
    "profinet_io_cm_connect_minimal.pcapng",
    "profinet_io_cm_control.pcapng",
    "profinet_io_cm_device.pcapng",
    "profinet_io_cm_read.pcapng",
    "profinet_io_cm_release.pcapng",
    "profinet_io_cm_write.pcapng",
];

/// Columns of the log.
const TYPE: usize = 10;
const BYTE_ORDER: usize = 20;
const SERVER_BOOT: usize = 27;
const VERSION: usize = 29;
const SEQUENCE: usize = 30;
const OPERATION: usize = 31;
const LENGTH: usize = 34;
const FRAGMENT: usize = 35;

const OPERATIONS: [&str; 6] =
    ["Connect", "Release", "Read", "Write", "Control", "Read Implicit"];
const TYPES: [(&str, i128); 6] = [
    ("Request", 0),
    ("Ping", 1),
    ("Response", 2),
    ("Working Response to Ping", 4),
    ("No call Response to Ping", 5),
    ("Fragment Acknowledge", 9),
];

#[test]
fn headers_agree_with_icsnpp() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for capture in CAPTURES {
        let name = capture.split('.').next().unwrap();
        let log = format!("labels/icsnpp/profinet-io-cm/tests.{name}/profinet_io_cm.log");
        let log = std::fs::read_to_string(corpus.join(log)).unwrap();
        let path = format!("pcap/icsnpp/profinet-io-cm/testing/traces/{capture}");
        let mut ours: Vec<_> =
            ours::events("dcerpc", &corpus.join(path)).iter().map(own).collect();
        let rows = log.lines().filter(|row| !row.starts_with('#'));
        let mut theirs: Vec<_> = rows.map(row).collect();
        compared += theirs.len();
        ours.sort_unstable();
        theirs.sort_unstable();
        assert_eq!(ours, theirs, "{capture}");
    }
    assert!(compared >= 1_900, "{compared} rows");
}

/// The fields that are compared.
type Header = [i128; 8];

fn own(event: &Event) -> Header {
    let paths = [
        "type",
        "byte_order",
        "server_boot",
        "interface_version",
        "sequence",
        "opnum",
        "length",
        "fragment",
    ];
    paths.map(|path| event.values(path).first().and_then(Value::as_int).unwrap_or(-1))
}

fn row(row: &str) -> Header {
    let cell = |column: usize| row.split('\t').nth(column).unwrap_or_default();
    let number = |column| cell(column).parse().unwrap_or(-1);
    let kind = TYPES.iter().find(|(name, _)| *name == cell(TYPE));
    let operation = OPERATIONS.iter().position(|name| *name == cell(OPERATION));
    [
        kind.map_or(-1, |(_, number)| *number),
        i128::from(cell(BYTE_ORDER) == "Little Endian"),
        number(SERVER_BOOT),
        number(VERSION),
        number(SEQUENCE),
        operation.map_or(-1, |at| i128::try_from(at).unwrap()),
        number(LENGTH),
        number(FRAGMENT),
    ]
}
