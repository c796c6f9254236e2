//! Against labels that others made of the same captures.
//!
//! ICSNPP's `modbus_detailed.log` has one row for a request and its answer, with
//! the place and the values of both.

use crate::{Message, corpus, ours};

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
    let Some(corpus) = corpus() else {
        eprintln!("NOT RUN: no corpus at $TAGOUT_CORPUS or ../shared/corpus");
        return;
    };
    let messages = ours::messages(&corpus.join(CAPTURE));
    let log = std::fs::read_to_string(corpus.join(LOG)).unwrap();
    let mut compared = 0;
    for row in log.lines().filter(|row| !row.starts_with('#')) {
        let cell = |column: usize| row.split('\t').nth(column).unwrap_or_default();
        let number = |column| cell(column).parse::<u64>().ok();
        if !COMPARED.contains(&cell(FUNCTION)) {
            continue;
        }
        let half = |request: bool| -> &Message {
            let same = |message: &&Message| {
                Some(message.transaction) == number(TRANSACTION)
                    && Some(message.unit) == number(UNIT)
                    && message.request == request
            };
            messages.iter().find(same).expect(row)
        };
        let values = |column: usize| -> Vec<u64> {
            cell(column).split(',').filter_map(|value| value.parse().ok()).collect()
        };
        let (request, answer) = (half(true), half(false));
        assert_eq!(request.address, number(ADDRESS), "{row}");
        assert_eq!(request.quantity, number(QUANTITY), "{row}");
        assert_eq!(answer.address, number(ADDRESS), "{row}");
        assert_eq!(answer.quantity, number(QUANTITY), "{row}");
        assert_eq!(request.values, values(REQUEST_VALUES), "{row}");
        assert_eq!(answer.values, values(ANSWER_VALUES), "{row}");
        let refused = row.contains("ILLEGAL_DATA_ADDRESS");
        assert_eq!(answer.exception == Some(2), refused, "{row}");
        compared += 1;
    }
    assert!(compared >= 13, "{compared} rows");
}
