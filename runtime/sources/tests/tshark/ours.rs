//! Messages as this project decodes them.

use std::fs::File;
use std::path::Path;

use tagout_decode::{Config, DECODERS, EachEvent, FlowEvents, Pipeline};
use tagout_sources::{Item, Source};
use tagout_spec::record::typed::modbus as m;
use tagout_spec::record::{RecordView, Slot, Value};
use tagout_spec::schema::{FieldIdx, Schema};

use crate::Message;

/// All messages of a capture, each with the frame that holds its last byte.
pub(crate) fn messages(path: &Path) -> Vec<Message> {
    let schema = Schema::builtin();
    let modbus = schema.kind_idx("modbus").unwrap();
    let out = std::cell::RefCell::new(Vec::new());
    let mut sink = EachEvent::new(&schema, |kind, record| {
        if kind == modbus {
            out.borrow_mut().push(message(&record));
        }
    });
    let config = Config { flow_events: FlowEvents::None, ..Config::default() };
    let mut pipeline = Pipeline::new(config, DECODERS);
    let Ok(mut source) = Source::open(File::open(path).unwrap(), "capture", None) else {
        return Vec::new();
    };
    while let Ok(Some(item)) = source.next() {
        if let Item::Frame(item) = item {
            pipeline.frame(&item, false, &mut sink);
        }
    }
    pipeline.finish(&mut sink);
    sink.flush();
    drop(sink);
    // A frame that makes no sense as a message is none to compare.
    out.into_inner().into_iter().filter(|message| message.function != NONE).collect()
}

/// Function code of an event that has none.
const NONE: u64 = u64::MAX;

fn values(record: &RecordView<'_>) -> Vec<u64> {
    let Slot::Value(Value::Repeated(values)) = record.get(m::VALUES) else {
        return Vec::new();
    };
    let number = |value| match value {
        Value::Int(value) => u64::try_from(value).ok(),
        _ => None,
    };
    values.items().filter_map(number).collect()
}

fn message(record: &RecordView<'_>) -> Message {
    let int = |idx: FieldIdx| match record.get(idx) {
        Slot::Value(Value::Int(value)) => u64::try_from(value).ok(),
        Slot::Value(Value::Bool(value)) => Some(u64::from(value)),
        _ => None,
    };
    let function = int(m::FUNCTION).unwrap_or(NONE);
    // The queue's address is none of a register's, so it has a field of its own.
    let is_fifo = function == 24;
    let (address, quantity) = if is_fifo {
        (m::FIFO_ADDRESS, m::FIFO_COUNT)
    } else {
        (m::ADDRESS, m::QUANTITY)
    };
    Message {
        frame: int(m::FRAME).unwrap_or_default(),
        udp: int(m::TRANSPORT) == Some(17),
        transaction: int(m::TRANSACTION).unwrap_or_default(),
        unit: int(m::UNIT).unwrap_or_default(),
        function,
        request: int(m::REQUEST) == Some(1),
        address: int(address),
        quantity: int(quantity),
        exception: int(m::EXCEPTION),
        malformed: int(m::MALFORMED) == Some(1),
        values: values(record),
    }
}
