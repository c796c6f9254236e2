//! DNP3. Zeek's script layer prints a line for the header of each fragment and for each
//! object header: `dnp3_application_response_header, F, 206, 129, 4096` has the control
//! octet, the function and the indications; `dnp3_object_header, F, 17924, 91, 1, 1, 0`
//! group and variation in one, then the qualifier.

use std::fs;

use crate::captures::corpus;
use crate::ours::{self, Event};

/// Where Zeek's tests have their labels, and what it calls the captures.
const LABELS: &str = "labels/zeek";
const PREFIX: &str = "scripts.base.protocols.dnp3.";
const CAPTURES: &str = "pcap/zeek/dnp3";

/// A fragment: control octet, function, indications, and its objects' headers.
#[derive(Debug, Default, PartialEq)]
struct Fragment {
    control: i128,
    function: i128,
    iin: Option<i128>,
    objects: Vec<(i128, i128)>,
}

#[test]
fn fragments_agree_with_zeek_events() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for entry in fs::read_dir(corpus.join(LABELS)).unwrap() {
        let folder = entry.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let Some(name) = name.strip_prefix(PREFIX) else { continue };
        let name = if name == "events" { "dnp3" } else { name };
        let log = fs::read_to_string(folder.path().join("output")).unwrap();
        let theirs = theirs(&log);
        let path = corpus.join(CAPTURES).join(format!("{name}.pcap"));
        let events = ours::events("dnp3", &path);
        let ours: Vec<Fragment> = events.iter().filter_map(ours_of).collect();
        assert_eq!(ours.len(), theirs.len(), "{name}");
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours, theirs, "{name}");
            compared += 1;
        }
    }
    assert!(compared >= 150, "{compared} fragments");
}

fn ours_of(event: &Event) -> Option<Fragment> {
    let int = |path| event.int(path).unwrap_or_default();
    let ints = |path| event.values(path).into_iter().filter_map(|value| value.as_int());
    let control = int("app.fir") << 7
        | int("app.fin") << 6
        | int("app.con") << 5
        | int("app.uns") << 4
        | int("app.sequence");
    let objects = ints("objects[].group").zip(ints("objects[].variation"));
    let objects = objects.map(|(group, variation)| group << 8 | variation);
    Some(Fragment {
        control,
        function: event.int("function")?,
        iin: event.int("iin"),
        objects: objects.zip(ints("objects[].qualifier")).collect(),
    })
}

fn theirs(log: &str) -> Vec<Fragment> {
    let mut out: Vec<Fragment> = Vec::new();
    for line in log.lines() {
        let mut cells = line.split(", ");
        let event = cells.next().unwrap_or_default();
        let numbers: Vec<i128> =
            cells.skip(1).filter_map(|cell| cell.parse().ok()).collect();
        match (event, numbers.as_slice()) {
            ("dnp3_application_request_header", [control, function, ..]) => {
                let (control, function) = (*control, *function);
                out.push(Fragment { control, function, ..Fragment::default() });
            }
            ("dnp3_application_response_header", [control, function, iin, ..]) => {
                let (control, function, iin) = (*control, *function, Some(*iin));
                out.push(Fragment { control, function, iin, ..Fragment::default() });
            }
            ("dnp3_object_header", [object, qualifier, ..]) => {
                out.last_mut().expect(line).objects.push((*object, *qualifier));
            }
            _ => {}
        }
    }
    out
}
