//! EtherNet/IP and CIP. ICSNPP's logs have a row for each message of the encapsulation,
//! for each message of CIP (those that others carry among them, in their order), for each
//! datagram of implicit data, and for each identity.

use std::path::Path;

use crate::captures::corpus;
use crate::ours::{self, Event};
use crate::value::Value;

const CAPTURES: [(&str, &str); 2] = [
    ("enip_cip_example.pcap", "analyzer.basic"),
    ("multiple_service_packet_cip.pcapng", "analyzer.multiple_service_request"),
];

/// The rows of a log, as cells; none if there is no such log.
fn rows(corpus: &Path, test: &str, log: &str) -> Vec<Vec<String>> {
    let path = corpus.join("labels/icsnpp/enip").join(test).join(log);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let rows = text.lines().filter(|row| !row.starts_with('#'));
    rows.map(|row| row.split('\t').map(str::to_owned).collect()).collect()
}

fn events(corpus: &Path, capture: &str, kind: &str) -> Vec<Event> {
    ours::events(kind, &corpus.join("pcap/icsnpp/enip/tests/traces").join(capture))
}

/// A cell as a number; none for `-`.
fn number(cell: &str) -> Option<i128> {
    Value::number(cell)?.as_int()
}

/// Whether a cell is what an event has; `-` says nothing.
fn agree(event: &Event, path: &str, cell: &str) {
    if cell != "-" {
        assert_eq!(event.int(path), number(cell), "{path}");
    }
}

#[test]
fn messages_agree_with_icsnpp() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for (capture, test) in CAPTURES {
        let rows = rows(&corpus, test, "cip.log");
        let events = events(&corpus, capture, "cip");
        assert_eq!(events.len(), rows.len(), "{capture}");
        for (event, row) in events.iter().zip(&rows) {
            agree(event, "sequence", &row[11]);
            let is_reply = i128::from(row[12] == "response");
            assert_eq!(event.int("response"), Some(is_reply), "{row:?}");
            agree(event, "service", &row[13]);
            agree(event, "status", &row[15]);
            agree(event, "class", &row[19]);
            agree(event, "instance", &row[21]);
            agree(event, "attribute", &row[22]);
            compared += 1;
        }
    }
    assert!(compared >= 1100, "{compared} rows");
}

#[test]
fn encapsulation_agrees_with_icsnpp() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for (capture, test) in CAPTURES {
        let rows = rows(&corpus, test, "enip.log");
        let mut events = events(&corpus, capture, "enip");
        events.retain(|event| event.int("command").is_some());
        assert_eq!(events.len(), rows.len(), "{capture}");
        for (event, row) in events.iter().zip(&rows) {
            agree(event, "command", &row[11]);
            agree(event, "length", &row[13]);
            agree(event, "session", &row[14]);
            compared += 1;
        }
    }
    assert!(compared >= 260, "{compared} rows");
}

#[test]
fn implicit_data_and_identity_agree_with_icsnpp() {
    let Some(corpus) = corpus() else { return };
    let (capture, test) = CAPTURES[0];
    let mut events = events(&corpus, capture, "enip");
    let (io, rows_io) =
        (events.extract_if(.., |event| event.int("io.size").is_some()), "cip_io.log");
    let io: Vec<Event> = io.collect();
    let rows_io = rows(&corpus, test, rows_io);
    assert_eq!(io.len(), rows_io.len());
    for (event, row) in io.iter().zip(&rows_io) {
        agree(event, "connection_id", &row[11]);
        agree(event, "io.sequence", &row[12]);
        agree(event, "io.size", &row[13]);
        let data = event.values("io.data");
        assert!(Value::hex(&row[14]) == data[0], "{row:?}");
    }
    assert!(rows_io.len() >= 390, "{} rows", rows_io.len());
    events.retain(|event| event.int("identity.vendor").is_some());
    let rows = rows(&corpus, test, "cip_identity.log");
    assert_eq!((events.len(), rows.len()), (1, 1));
    let (event, row) = (&events[0], &rows[0]);
    let columns = [
        ("identity.version", 11),
        ("identity.port", 13),
        ("identity.vendor", 14),
        ("identity.device_type", 16),
        ("identity.product_code", 18),
        ("identity.status", 20),
        ("identity.serial", 21),
        ("identity.state", 23),
    ];
    for (path, column) in columns {
        agree(event, path, &row[column]);
    }
    let texts =
        |path| event.values(path).iter().map(Value::to_string).collect::<String>();
    assert_eq!(texts("identity.ip"), row[12]);
    assert_eq!(texts("identity.name"), row[22]);
    assert_eq!(
        format!("{}.{}", texts("identity.major"), texts("identity.minor")),
        row[19]
    );
}
