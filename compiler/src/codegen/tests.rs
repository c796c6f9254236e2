//! Modules against the reference interpreter, in an engine that only interprets.

pub(crate) mod engine;
mod witnesses;

use tagout_spec::pack::rows::{Column as Out, Row};
use tagout_spec::pack::{Cause, Verdict};
use tagout_spec::record::{BatchBuilder, Needs};
use tagout_spec::schema::{KindIdx, Schema};

use super::fault::ALL;
use super::{Fault, Options, bindings_of, compile};
use crate::diagnostic::Span;
use crate::ir::generate::functions::Sample;
use crate::ir::generate::{Case, Shape, case, sample, write};
use crate::ir::interpret::{Column, Interpreter};
use crate::ir::{Cond, CondKind, Predicate, Program, Severity, Value, print, verify};
use engine::Engine;

/// Rules and events of one case.
const SHAPE: Shape = Shape { predicates: 6, events: 24, depth: 4 };

#[test]
fn modules_agree_with_the_interpreter() {
    let (schema, kind) = sample::schema().unwrap();
    let mut verdicts = [0_u64; 3];
    for seed in 0..300 {
        let case = case(&schema, kind, SHAPE, seed).unwrap();
        if let Err(difference) = check(&schema, kind, &case, None, &mut verdicts) {
            panic!("seed {seed}: {difference}\nin {}", print(&case.program, &schema));
        }
    }
    let all: u64 = verdicts.iter().sum();
    assert!(verdicts.iter().all(|n| n * 10 > all), "{verdicts:?}");
}

#[test]
fn every_seeded_fault_is_found() {
    let (schema, kind) = sample::schema().unwrap();
    let missed: Vec<Fault> = ALL
        .iter()
        .copied()
        .filter(|fault| {
            !(0..400).any(|seed| {
                let case = case(&schema, kind, SHAPE, seed).unwrap();
                check(&schema, kind, &case, Some(*fault), &mut [0; 3]).is_err()
            })
        })
        .collect();
    assert_eq!(missed, []);
}

#[test]
fn equal_programs_give_equal_bytes() {
    let (schema, kind) = sample::schema().unwrap();
    for seed in 0..20 {
        let program = case(&schema, kind, SHAPE, seed).unwrap().program;
        let bytes = || compile(&program, &schema, &Options::default()).unwrap();
        assert_eq!(bytes(), bytes());
    }
}

#[test]
fn the_mask_turns_predicates_off() {
    let (schema, kind) = sample::schema().unwrap();
    let holds = |predicate| {
        let cond = Cond { kind: CondKind::Const(true), span: Span::default() };
        Predicate { kinds: vec![predicate], cond, columns: vec![], severity: vec![] }
    };
    let program = Program {
        kinds: vec![kind],
        predicates: (0..70).map(|_| holds(0)).collect(),
        ..Program::default()
    };
    let wasm = compile(&program, &schema, &Options::default()).unwrap();
    let mut engine = Engine::new(&wasm);
    let mut builder = BatchBuilder::new(&schema, kind, Needs::ALL).unwrap();
    builder.begin().unwrap().commit();
    let mut bytes = builder.finish(0).bytes().to_vec();
    bytes[..4].fill(0);
    engine.write_batch(&bytes);
    let reported = |engine: &mut Engine| {
        let rows = engine.evaluate(1, 0).unwrap();
        rows.iter().map(|row| row.predicate).collect::<Vec<_>>()
    };
    assert_eq!(reported(&mut engine), (0..70).collect::<Vec<_>>());
    let mut bindings = bindings_of(&program, &[]);
    bindings.enabled = (0..70).map(|n| n == 3 || n == 64).collect();
    assert_eq!(engine.bind(&bindings.encode()), 0);
    assert_eq!(reported(&mut engine), [3, 64]);

    let good = bindings.encode();
    for (at, byte) in [(0, 0), (4, 255), (8, 69), (12, 1)] {
        let mut bad = good.clone();
        bad[at] = byte;
        assert_eq!(engine.bind(&bad), 1, "byte {at}");
    }
    assert_eq!(engine.bind(&good[..16]), 1);
}

/// The first difference between module and interpreter.
fn check(
    schema: &Schema,
    kind: KindIdx,
    case: &Case,
    fault: Option<Fault>,
    verdicts: &mut [u64; 3],
) -> Result<(), String> {
    let faults = verify(&case.program, schema);
    assert!(faults.is_empty(), "{faults:?}");
    // So little room that most batches take several calls.
    let options = Options { fault, out_room: 0, ..Options::default() };
    let wasm = compile(&case.program, schema, &options).map_err(|e| e.to_string())?;
    validate(&wasm);
    let mut engine = Engine::new(&wasm);
    assert_eq!(engine.bind(&bindings_of(&case.program, &case.bindings).encode()), 0);

    let mut builder = BatchBuilder::new(schema, kind, Needs::ALL_FOLDED).unwrap();
    for event in &case.events {
        let mut record = builder.begin().unwrap();
        write(event, schema.kind(kind).unwrap(), &mut record);
        record.commit();
    }
    let batch = builder.finish(0);
    let mut bytes = batch.bytes().to_vec();
    bytes[..4].fill(0);
    engine.write_batch(&bytes);

    let n = u32::try_from(batch.len()).unwrap();
    let rows = engine.evaluate(n, 0)?;
    let interpreter = Interpreter::new(schema, &case.program, &case.bindings)
        .unwrap()
        .with_functions(&Sample);
    for (event, record) in batch.view().records().enumerate() {
        for predicate in 0..case.program.predicates.len() {
            let expected = interpreter.evaluate(predicate, &record).unwrap();
            let (e, p) =
                (u32::try_from(event).unwrap(), u32::try_from(predicate).unwrap());
            let found = |row: &&Row| row.event == e && row.predicate == p;
            let found = rows.iter().find(found).map_or(Verdict::False, |r| r.verdict);
            verdicts[usize::from(expected.verdict as u8)] += 1;
            let place =
                format!("event {event} {:?}, predicate {predicate}", case.events[event]);
            if found != expected.verdict {
                return Err(format!("{place}: {found:?}, not {:?}", expected.verdict));
            }
            let explained = interpreter.explain(predicate, &record).unwrap();
            let (nodes, causes) = engine.explain(e, p)?;
            if nodes != explained.verdicts {
                return Err(format!("{place}: {nodes:?}, not {:?}", explained.verdicts));
            }
            let expected: Vec<Cause> =
                explained.causes.iter().map(|(_, cause)| *cause).collect();
            if causes != expected {
                return Err(format!("{place}: {causes:?}, not {:?}", explained.causes));
            }
            let severity = interpreter.severity(predicate, &record).map(number);
            let columns = interpreter.columns(predicate, &record).unwrap();
            let equal = engine.columns(e, p, |chosen, found| {
                if chosen != severity {
                    return Err(format!(
                        "{place}: severity {chosen:?}, not {severity:?}"
                    ));
                }
                match found.len() == columns.len()
                    && found.iter().zip(&columns).all(|(a, b)| same(a, b))
                {
                    true => Ok(()),
                    false => Err(format!("{place}: {found:?}, not {columns:?}")),
                }
            });
            equal?;
        }
    }
    Ok(())
}

fn number(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

fn same(found: &Out<'_>, expected: &Column) -> bool {
    match (found, expected) {
        (Out::None, Column::Lacking(_)) => true,
        (Out::Text { bytes, cut_from: Some(_) }, Column::Cut(kept)) => bytes == kept,
        (Out::Text { bytes, cut_from: None }, Column::Known(Value::Bytes(b))) => {
            bytes == b
        }
        (Out::Bool(a), Column::Known(Value::Bool(b))) => a == b,
        (Out::Int(a), Column::Known(Value::Int(b))) => a == b,
        (Out::Float(a), Column::Known(Value::Float(b))) => a == b,
        (Out::Ip(a), Column::Known(Value::Ip(b))) => a == b,
        (Out::Mac(a), Column::Known(Value::Mac(b))) => a == b,
        (Out::Range(a, b), Column::Known(Value::Range(c, d))) => (a, b) == (c, d),
        _ => false,
    }
}

fn validate(wasm: &[u8]) {
    let features = wasmparser::WasmFeatures::WASM1
        | wasmparser::WasmFeatures::SIGN_EXTENSION
        | wasmparser::WasmFeatures::BULK_MEMORY
        | wasmparser::WasmFeatures::SIMD;
    let mut validator = wasmparser::Validator::new_with_features(features);
    if let Err(error) = validator.validate_all(wasm) {
        panic!("{error}\n{}", wasmprinter::print_bytes(wasm).unwrap_or_default());
    }
}
