//! Messages as a host writes them, and the batches that come of them.

use std::sync::Mutex;

use tagout_spec::plugin::{message, verdict};
use tagout_spec::record::typed::flow::{KIND, LAYOUT, Writer};
use tagout_spec::record::{BatchView, Slot, Value};
use tagout_spec::schema::{Kind, Schema};

use crate::decoder::DecoderState;
use crate::sink::Sink;
use crate::{Context, Decoder, EventKind, EventSink, Probe, Session, Verdict, envelope};

/// Claims what begins with `!`, and writes an event of each byte.
struct Bytes;

impl Decoder for Bytes {
    fn name(&self) -> &'static str {
        "bytes"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match probe.datagrams.first() {
            Some(first) if first.starts_with(b"!") => {
                Verdict::Yes(Box::new(BytesSession))
            }
            Some(_) => Verdict::No,
            None => Verdict::More,
        }
    }
}

struct BytesSession;

impl Session for BytesSession {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        for _ in bytes {
            let mut w = Writer::begin(sink.batch(KIND)).unwrap();
            envelope!(w, cx);
            w.commit();
        }
    }

    fn kept(&self) -> usize {
        0
    }

    fn on_gap(&mut self, _cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {}
}

/// A batch, and what its events are of.
type Seen = (Vec<u8>, Vec<[u16; 2]>);

static BATCHES: Mutex<Vec<Seen>> = Mutex::new(Vec::new());

#[test]
fn messages_become_batches_in_order() {
    let kind: &'static Kind =
        Box::leak(Box::new(Schema::builtin().kind(KIND).unwrap().clone()));
    let kinds = Box::leak(Box::new([EventKind { kind, idx: KIND, layout: LAYOUT }]));
    let emit: fn(&[u8], &[[u16; 2]]) =
        |batch, of| BATCHES.lock().unwrap().push((batch.to_vec(), of.to_vec()));
    let mut state = DecoderState::new(&Bytes, kinds, emit);
    assert_eq!(state.probe(&probe(b"?")), verdict::NO);
    assert_eq!(state.probe(&probe(b"!")), verdict::YES);
    let input = [
        whole(message::OPEN, 3, &[]),
        whole(message::DATA, 3, &[0; 40]),
        whole(message::DATA, 3, &[0; 40]),
        // A session that nobody opened, one that is closed: nothing comes of them.
        whole(message::DATA, 9, &[0; 5]),
        whole(message::CLOSE, 3, &[]),
        whole(message::DATA, 3, &[0; 5]),
    ];
    state.decode(&input.concat());
    let batches = BATCHES.lock().unwrap();
    let size = |(batch, _): &Seen| BatchView::new(kind, batch).unwrap().len();
    assert_eq!(batches.iter().map(size).collect::<Vec<_>>(), [64, 16]);
    // The positions of the messages that brought them, and their own numbers.
    let of: Vec<[u16; 2]> = batches.iter().flat_map(|(_, of)| of.clone()).collect();
    let expected = (0..80).map(|n| [if n < 40 { 1 } else { 2 }, n]);
    assert_eq!(of, expected.collect::<Vec<_>>());
    let first = BatchView::new(kind, &batches[0].0).unwrap().record(0).unwrap();
    let (port, _) = kind.lookup("src.port").unwrap();
    assert_eq!(first.get(port), Slot::Value(Value::Int(4000)));
}

/// A decoder may think better of an event, and may write several into the room of one: each
/// is of the message at hand when it was lent.
#[test]
fn what_was_lent_and_what_came_need_not_be_the_same() {
    let kind: &'static Kind =
        Box::leak(Box::new(Schema::builtin().kind(KIND).unwrap().clone()));
    let kinds = Box::leak(Box::new([EventKind { kind, idx: KIND, layout: LAYOUT }]));
    let mut seen = Vec::new();
    let mut sink = Sink::new(kinds, |batch: &[u8], of: &[[u16; 2]]| {
        let records = BatchView::new(kind, batch).unwrap().len();
        seen.push((records, of.to_vec()));
    });
    sink.begin();
    for (message, events) in [(0, 0), (1, 2), (2, 1), (3, 0), (4, 3)] {
        sink.message(message);
        let batch = sink.batch(KIND);
        for _ in 0..events {
            Writer::begin(batch).unwrap().commit();
        }
    }
    sink.end();
    sink.begin();
    sink.message(7);
    sink.batch(KIND);
    sink.end();
    drop(sink);
    let of = vec![[1, 1], [1, 1], [2, 2], [4, 4], [4, 4], [4, 4]];
    assert_eq!(seen, [(6, of)]);
}

fn probe(datagram: &[u8]) -> Vec<u8> {
    let len = u8::try_from(datagram.len()).unwrap();
    let mut bytes = vec![17, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, len, 0, 0, 0];
    bytes.extend_from_slice(datagram);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn whole(ty: u8, session: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; message::PAYLOAD];
    bytes.extend_from_slice(payload);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes[message::BYTES] = u8::try_from(bytes.len()).unwrap();
    bytes[message::TYPE] = ty;
    bytes[message::CLIENT] = message::NO_SIDE;
    bytes[message::SESSION] = session;
    bytes[message::LENGTH] = u8::try_from(payload.len()).unwrap();
    bytes[message::TRANSPORT] = 17;
    bytes[message::SRC_PORT..][..2].copy_from_slice(&4000_u16.to_le_bytes());
    bytes
}
