//! Modbus. ICSNPP's `modbus_detailed.log` has one row for a request and its answer,
//! with the place and the values of both.

use crate::captures::corpus;
use crate::ours::{self, Event};
use crate::value::Value;

const CAPTURE: &str = "pcap/icsnpp/modbus/testing/traces/modbus_example.pcap";
const LOG: &str = "labels/icsnpp/modbus/analyzer.basic/modbus_detailed.log";

/// Columns of the log.
const TRANSACTION: usize = 6;
const UNIT: usize = 7;
const FUNCTION: usize = 8;
const ADDRESS: usize = 9;
const QUANTITY: usize = 10;
const REQUEST_VALUES: usize = 11;
const ANSWER_VALUES: usize = 12;

/// Rows of other functions have their place in another log, or count file records
/// as a quantity of 0.
const COMPARED: [&str; 8] = [
    "READ_COILS",
    "READ_DISCRETE_INPUTS",
    "READ_HOLDING_REGISTERS",
    "READ_INPUT_REGISTERS",
    "WRITE_SINGLE_COIL",
    "WRITE_SINGLE_REGISTER",
    "WRITE_MULTIPLE_COILS",
    "WRITE_MULTIPLE_REGISTERS",
];

#[test]
fn values_agree_with_icsnpp() {
    let Some(corpus) = corpus() else { return };
    let events = ours::events("modbus", &corpus.join(CAPTURE));
    let log = std::fs::read_to_string(corpus.join(LOG)).unwrap();
    let mut compared = 0;
    for row in log.lines().filter(|row| !row.starts_with('#')) {
        let cell = |column: usize| row.split('\t').nth(column).unwrap_or_default();
        let number = |column| cell(column).parse::<i128>().ok();
        if !COMPARED.contains(&cell(FUNCTION)) {
            continue;
        }
        let half = |request: bool| -> &Event {
            let same = |event: &&Event| {
                event.int("transaction") == number(TRANSACTION)
                    && event.int("unit") == number(UNIT)
                    && event.int("request") == Some(i128::from(request))
            };
            events.iter().find(same).expect(row)
        };
        let values = |column: usize| -> Vec<i128> {
            cell(column).split(',').filter_map(|value| value.parse().ok()).collect()
        };
        let (request, answer) = (half(true), half(false));
        for (event, column) in [(request, REQUEST_VALUES), (answer, ANSWER_VALUES)] {
            assert_eq!(event.int("address"), number(ADDRESS), "{row}");
            assert_eq!(event.int("quantity"), number(QUANTITY), "{row}");
            let ours = event.values("values");
            let ours: Vec<i128> = ours.iter().filter_map(Value::as_int).collect();
            assert_eq!(ours, values(column), "{row}");
        }
        let refused = row.contains("ILLEGAL_DATA_ADDRESS");
        assert_eq!(answer.int("exception") == Some(2), refused, "{row}");
        compared += 1;
    }
    assert!(compared >= 13, "{compared} rows");
}

/// Transaction, unit, function by number, and whether it is a request.
type Brief = (i128, i128, i128, bool);

fn brief(corpus: &std::path::Path, capture: &str) -> Vec<Brief> {
    let events = ours::events("modbus", &corpus.join(capture));
    let brief = |event: &Event| {
        let int = |path| event.int(path).unwrap_or_default();
        (int("transaction"), int("unit"), int("function"), int("request") == 1)
    };
    events.iter().map(brief).collect()
}

/// Zeek's script layer, one line a message: `[tid=1, pid=0, uid=1,
/// function_code=15, len=6], F`, where F is an answer. The log is kept sorted.
#[test]
fn messages_agree_with_zeek_events() {
    let Some(corpus) = corpus() else { return };
    let log = corpus
        .join("labels/zeek/scripts.base.protocols.modbus.coil_parsing_small/output");
    let log = std::fs::read_to_string(log).unwrap();
    let number = |line: &str, name: &str| -> i128 {
        let (_, rest) = line.split_once(name).expect(line);
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        digits.and_then(|digits| digits.parse().ok()).expect(line)
    };
    let mut theirs: Vec<Brief> = log
        .lines()
        .filter(|line| line.contains("modbus_message,"))
        .map(|line| {
            let message = (number(line, "tid="), number(line, " uid="));
            (message.0, message.1, number(line, "function_code="), line.ends_with('T'))
        })
        .collect();
    assert!(theirs.len() >= 32, "{} messages", theirs.len());
    let mut ours = brief(&corpus, "pcap/zeek/modbus/modbusSmall.pcap");
    theirs.sort_unstable();
    ours.sort_unstable();
    assert_eq!(ours, theirs);
}

/// Modbus among other protocols on port 502: Zeek's log has the Modbus alone.
#[test]
fn mixed_traffic_agrees_with_zeek() {
    let Some(corpus) = corpus() else { return };
    let log = corpus.join(
        "labels/zeek/scripts.base.protocols.modbus.modbus_and_non_modbus_on_port_502/\
         modbus.log",
    );
    let schema = tagout_spec::schema::Schema::builtin();
    let functions = schema.enumeration("modbus_function").unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    let theirs: Vec<Brief> = log
        .lines()
        .filter(|row| !row.starts_with('#'))
        .map(|row| {
            let cell = |column: usize| row.split('\t').nth(column).expect(row);
            let label = cell(8).to_lowercase();
            let function = schema.enum_value(functions, &label).expect(row).into();
            let number = |column| cell(column).parse::<i128>().expect(row);
            (number(6), number(7), function, cell(9) == "REQ")
        })
        .collect();
    assert_eq!(theirs.len(), 12);
    assert_eq!(
        brief(&corpus, "pcap/zeek/modbus/modbus-and-non-modbus-p502.pcap"),
        theirs
    );
}

/// automayt's log was made by a Zeek that logged requests only.
#[test]
fn requests_agree_with_automayt() {
    let Some(corpus) = corpus() else { return };
    let log =
        std::fs::read_to_string(corpus.join("labels/automayt/MODBUS/Modbus/modbus.log"))
            .unwrap();
    let theirs = log.lines().filter(|row| row.contains("READ_HOLDING_REGISTERS")).count();
    let ours = brief(&corpus, "pcap/ndpi/modbus.pcap");
    assert!(ours.iter().all(|(_, _, function, _)| *function == 3));
    assert_eq!(ours.iter().filter(|message| message.3).count(), theirs);
}

/// Snort's demo: one message over two segments, and one alert. What comes with it
/// calls the function 1; the byte is 11 hex, and tshark says so too.
#[test]
fn a_message_over_two_segments_is_one_as_snort_says() {
    let Some(corpus) = corpus() else { return };
    let capture = "pcap/snort3_demo/tests/inspectors/modbus/modbus_w_pafs.pcap";
    assert_eq!(brief(&corpus, capture), [(1, 0, 0x11, true)]);
}
