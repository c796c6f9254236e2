//! The index never misses: on random programs and events, and on those made to
//! be hard for it, the candidates hold every predicate that is not false, and a
//! module with the index gives the verdicts of the interpreter.

use std::collections::BTreeMap;

use tagout_spec::pack::Verdict;
use tagout_spec::record::{BatchBuilder, Needs};
use tagout_spec::schema::{FieldIdx, KindIdx, Schema};

use super::emit::Indexed;
use super::fault::ALL;
use super::{Event as Read, Fault, Tuning, plan_with, print};
use crate::analysis::{PackSource, check as analyse};
use crate::codegen::tests::engine::Engine;
use crate::codegen::{Options, bindings_of, compile_with};
use crate::ir::generate::functions::Sample;
use crate::ir::generate::{Case, Shape, case, sample, write};
use crate::ir::interpret::{Bindings, Content, Event, Interpreter, Slot};
use crate::ir::{Value, verify};

#[test]
fn every_predicate_that_is_not_false_is_a_candidate() {
    let (schema, kind) = sample::schema().unwrap();
    let mut counts = [0; 3];
    for (shape, seeds) in [
        (Shape { predicates: 8, events: 8, depth: 3 }, 0..300),
        (Shape { predicates: 60, events: 12, depth: 2 }, 600..650),
        (Shape { predicates: 300, events: 12, depth: 1 }, 700..705),
    ] {
        for seed in seeds {
            let case = case(&schema, kind, shape, seed).unwrap();
            for tuning in [Tuning::default(), Tuning::EAGER] {
                let counted = candidates(&schema, &case, &tuning, &format!("{seed}"));
                for (sum, n) in counts.iter_mut().zip(counted) {
                    *sum += n;
                }
            }
        }
    }
    for (schema, _, case) in crafted() {
        for tuning in [Tuning::default(), Tuning::EAGER] {
            let [reached, needed, all] = candidates(&schema, &case, &tuning, "crafted");
            let in_vain = reached - needed;
            assert!(in_vain * 4 < all, "{reached} of {all}, {needed} needed");
        }
    }
    let [candidates, needed, all] = counts;
    println!("{candidates} candidates, {needed} needed, of {all}");
    assert!(candidates < all);
}

#[test]
fn indexed_modules_agree_with_the_interpreter() {
    for (schema, kind, case) in crafted().into_iter().chain(random(0..60)) {
        for tuning in [Tuning::default(), Tuning::EAGER] {
            if let Err(difference) = modules(&schema, kind, &case, &tuning) {
                let plan = plan_with(&case.program, &tuning);
                panic!("{difference}\n{}", print(&plan, &case.program, &schema));
            }
        }
    }
}

#[test]
fn every_seeded_fault_is_found() {
    let cases: Vec<_> = crafted().into_iter().chain(random(0..40)).collect();
    let missed: Vec<Fault> = ALL
        .iter()
        .copied()
        .filter(|fault| {
            let tuning = Tuning { fault: Some(*fault), ..Tuning::EAGER };
            !cases.iter().any(|(schema, kind, case)| {
                modules(schema, *kind, case, &tuning).is_err()
            })
        })
        .collect();
    assert_eq!(missed, []);
}

/// Counts of candidates, of predicates that are not false, and of all.
fn candidates(schema: &Schema, case: &Case, tuning: &Tuning, name: &str) -> [usize; 3] {
    let interpreter = Interpreter::new(schema, &case.program, &case.bindings)
        .unwrap()
        .with_functions(&Sample);
    let plan = plan_with(&case.program, tuning);
    let mut counts = [0; 3];
    for event in &case.events {
        let candidates = plan.kinds[0].candidates(&Read(event));
        assert!(candidates.is_sorted());
        for predicate in 0..case.program.predicates.len() {
            let verdict = interpreter.evaluate(predicate, event).unwrap().verdict;
            let reached = candidates.contains(&u32::try_from(predicate).unwrap());
            assert!(
                reached || verdict == Verdict::False,
                "case {name}, predicate {predicate} is {verdict:?} and not reached\n\
                 {:#?}\n{event:?}\n{}",
                case.program.predicates[predicate].cond,
                print(&plan, &case.program, schema),
            );
            counts[0] += usize::from(reached);
            counts[1] += usize::from(verdict != Verdict::False);
        }
        counts[2] += case.program.predicates.len();
    }
    counts
}

/// The first difference between the rows of an indexed module and the
/// interpreter, order included.
fn modules(
    schema: &Schema,
    kind: KindIdx,
    case: &Case,
    tuning: &Tuning,
) -> Result<(), String> {
    let strategy = &mut Indexed::new(plan_with(&case.program, tuning));
    let wasm = compile_with(&case.program, schema, &Options::default(), strategy);
    let mut engine = Engine::new(&wasm.map_err(|e| e.to_string())?);
    assert_eq!(engine.bind(&bindings_of(&case.program, &case.bindings).encode()), 0);
    let interpreter = Interpreter::new(schema, &case.program, &case.bindings)
        .unwrap()
        .with_functions(&Sample);
    let mut builder = BatchBuilder::new(schema, kind, Needs::ALL_FOLDED).unwrap();
    for events in case.events.chunks(100) {
        builder.clear();
        for event in events {
            let mut record = builder.begin().unwrap();
            write(event, schema.kind(kind).unwrap(), &mut record);
            record.commit();
        }
        let batch = builder.finish(0);
        engine.write_batch(batch.bytes());
        let mut expected = Vec::new();
        for (event, record) in (0_u32..).zip(batch.view().records()) {
            for predicate in 0..case.program.predicates.len() {
                let verdict = interpreter.evaluate(predicate, &record).unwrap().verdict;
                if verdict != Verdict::False {
                    expected.push((event, u32::try_from(predicate).unwrap(), verdict));
                }
            }
        }
        let rows = engine.evaluate(u32::try_from(batch.len()).unwrap(), 0)?;
        let found: Vec<_> =
            rows.iter().map(|row| (row.event, row.predicate, row.verdict)).collect();
        if found != expected {
            let at = found.iter().zip(&expected).position(|(a, b)| a != b);
            let at = at.unwrap_or(found.len().min(expected.len()));
            return Err(format!("row {at}: {:?} {:?}", found.get(at), expected.get(at)));
        }
    }
    Ok(())
}

fn random(seeds: std::ops::Range<u64>) -> impl Iterator<Item = (Schema, KindIdx, Case)> {
    seeds.map(|seed| {
        let (schema, kind) = sample::schema().unwrap();
        let predicates = if seed % 10 == 9 { 80 } else { 10 };
        let shape = Shape { predicates, events: 24, depth: 3 };
        let case = case(&schema, kind, shape, seed).unwrap();
        (schema, kind, case)
    })
}

/// Rules by the hundred whose keys lie close together, and events on every edge
/// of them, whole and with each field missing or cut.
fn crafted() -> Vec<(Schema, KindIdx, Case)> {
    vec![modbus(), process(), keywords()]
}

fn modbus() -> (Schema, KindIdx, Case) {
    let mut text = String::new();
    for i in 0..60_u32 {
        let (low, code, unit) = (i * 97, i % 7, i % 5);
        let high = low + 150;
        text.push_str(&format!(
            "rule a{i} {{ on modbus as m where m.function == {code} \
             and m.address_range overlaps {low}..{high} }}\n\
             rule b{i} {{ on modbus as m where m.src.ip in 10.0.{i}.0/24 \
             and m.unit == {unit} }}\n\
             rule c{i} {{ on modbus as m where m.src.ip not in 10.20.0.0/24 \
             and m.dst.ip == 10.1.0.{i} and m.quantity > {i} }}\n\
             rule d{i} {{ on modbus as m where (m.unit == {unit} else m.unit is missing) \
             and m.address == {low} }}\n\
             rule e{i} {{ on modbus as m where m.dst.ip == 10.2.0.{i} \
             or m.address in {{ {low}, {high} }} and m.function == {code} }}\n"
        ));
    }
    let fields = ["src.ip", "dst.ip", "unit", "function", "address", "quantity"];
    let mut events = Vec::new();
    for i in (0..60_i64).step_by(5) {
        for (edge, quantity) in [(-1, 1), (0, 1), (0, 125), (0, 3000), (150, 1), (151, 1)]
        {
            let hosts = [[10, 0, 0, 0], [10, 1, 0, 0]];
            let [src, dst] = hosts.map(|[a, b, c, d]| {
                let mut bytes = [0; 16];
                bytes[10..12].fill(255);
                bytes[12..].copy_from_slice(&[a, b, c, d]);
                bytes
            });
            let (mut src, mut dst) = (src, dst);
            if i % 3 == 0 {
                src[13] = 20;
            } else {
                src[14] = u8::try_from(i).unwrap();
            }
            dst[13] += u8::from(i % 2 == 0);
            dst[15] = u8::try_from(i).unwrap();
            let values = [
                Value::Ip(src),
                Value::Ip(dst),
                Value::Int(i % 5),
                Value::Int(i % 7),
                Value::Int((i * 97 + edge).max(0)),
                Value::Int(quantity),
            ];
            events.push(values);
        }
    }
    parsed(&text, "modbus", &fields, events)
}

fn process() -> (Schema, KindIdx, Case) {
    let mut text = String::new();
    for i in 0..40_u32 {
        text.push_str(&format!(
            "rule a{i} {{ on process as p where p.command_line contains any \
             i{{ \"Needle{i}x\", \"other-{i}\", \"q{i:03}\" }} }}\n\
             rule b{i} {{ on process as p where p.image.name == \"tool{i}.exe\" \
             and p.command_line contains i\"-enc{i}\" }}\n\
             rule c{i} {{ on process as p where p.image endswith \"\\\\t{i}.exe\" \
             and p.parent.image endswith \"sh{i}.com\" }}\n\
             rule d{i} {{ on process as p where p.image glob r\"**\\temp{i}\\*.exe\" }}\n\
             rule e{i} {{ on process as p missing = false \
             where p.command_line contains i\"needle{i}x\" }}\n\
             rule f{i} {{ on process as p where p.command_line contains any \
             {{ \"`{i}\", \"\u{439}\" }} }}\n"
        ));
    }
    let fields = ["image", "parent.image", "command_line"];
    let mut events = Vec::new();
    for i in (0..40_u32).step_by(5) {
        let lines = [
            format!("xx NEEDLE{i}X yy"),
            format!("OTHER-{i}"),
            format!("a Q{i:03}"),
            // At an odd place, and at the end.
            format!("ab Q{i:03}"),
            format!("run -ENC{i}"),
            format!("nothing {i}"),
            format!("`{i}"),
            format!("nothing for fifteen by{i} \u{439}"),
        ];
        for (n, line) in lines.into_iter().enumerate() {
            let image = match n {
                0 => format!("C:\\temp{i}\\x.EXE"),
                1..=3 => format!("C:\\Tools\\T{i}.exe"),
                _ => format!("Tool{i}.EXE"),
            };
            let parent = format!("\\bin\\sh{i}.COM");
            events
                .push([image, parent, line].map(|text| Value::Bytes(text.into_bytes())));
        }
    }
    parsed(&text, "process", &fields, events)
}

/// Rules that look through all values of a map, and maps with each value whole, cut and
/// gone, and with more elements than there are.
fn keywords() -> (Schema, KindIdx, Case) {
    let mut text = String::new();
    for i in 0..20_u32 {
        text.push_str(&format!(
            "rule a{i} {{ on process as p where any r in p.raw (r.value contains any \
             i{{ \"Needle{i}x\", \"`{i}\" }}) }}\n\
             rule b{i} {{ on process as p missing = false \
             where any r in p.raw (r.value endswith i\"needle{i}x\") }}\n\
             rule c{i} {{ on process as p where p.image == \"c{i}\" \
             and any r in p.raw (r.name == \"n{i}\" and r.value matches \"x{i}y+z\") }}\n\
             rule d{i} {{ on process as p where not (any r in p.raw (r.value == \"d\")) \
             and any r in p.raw (r.value contains i\"other-{i}\") }}\n"
        ));
    }
    let (schema, kind, mut case) = parsed(&text, "process", &["image"], Vec::new());
    let of = schema.kind(kind).unwrap();
    let (image, map) = (of.lookup("image").unwrap().0, of.map().unwrap().idx());
    for i in (0..20_u32).step_by(3) {
        let values = [
            format!("xx NEEDLE{i}X"),
            format!("`{i}"),
            format!("x{i}yyz"),
            format!("a longer text than sixteen bytes, with OTHER-{i} in it"),
            "d".to_owned(),
            String::new(),
        ];
        let slot = |text: &str| Slot::Value(Value::Bytes(text.into()));
        let element = |(n, text): (usize, &String)| {
            let name = if n == 2 { format!("n{i}") } else { format!("m{n}") };
            BTreeMap::from([(FieldIdx(0), slot(&name)), (FieldIdx(1), slot(text))])
        };
        let elements: Vec<_> = values.iter().enumerate().map(element).collect();
        let base = Event::default().with(image, Value::Bytes(format!("c{i}").into()));
        for (n, value) in values.iter().enumerate() {
            let mut cut = elements.clone();
            cut[n].insert(FieldIdx(1), Slot::Cut(value.clone().into()));
            let mut less = elements.clone();
            less.remove(n);
            for (elements, truncated) in
                [(cut, false), (less.clone(), false), (less, true), (vec![], true)]
            {
                let group = Content::Group(elements, truncated);
                case.events.push(base.clone().with_content(map, group));
            }
        }
        case.events.push(base.clone().with_content(map, Content::Group(elements, false)));
        case.events.push(base);
    }
    (schema, kind, case)
}

fn parsed<const N: usize>(
    text: &str,
    kind: &str,
    fields: &[&str; N],
    rows: Vec<[Value; N]>,
) -> (Schema, KindIdx, Case) {
    let schema = Schema::builtin();
    let checked = analyse(&PackSource::single("a.tag", text), &schema);
    assert!(!checked.has_errors(), "{:?}", checked.diagnostics.first());
    assert_eq!(verify(&checked.program, &schema), []);
    let kind = schema.kind_idx(kind).unwrap();
    let places = fields.map(|path| schema.kind(kind).unwrap().lookup(path).unwrap().0);
    let mut events = Vec::new();
    for row in rows {
        let whole =
            places.iter().zip(&row).fold(Event::default(), |event, (place, value)| {
                event.with(*place, value.clone())
            });
        for (place, value) in places.iter().zip(&row) {
            let mut lacking = whole.clone();
            lacking.fields.remove(place);
            events.push(lacking);
            if let Value::Bytes(bytes) = value {
                let cut = Content::One(Slot::Cut(bytes.clone()));
                events.push(whole.clone().with_content(*place, cut));
            }
        }
        events.push(whole);
    }
    let bindings = Bindings::default();
    (schema, kind, Case { program: checked.program, bindings, events })
}
