//! The generator itself: well-typed programs, balanced verdicts, all constructs.

use tagout_spec::pack::Verdict;
use tagout_spec::record::{BatchBuilder, Needs};

use super::coverage::Coverage;
use super::{Shape, case, everything, sample, write};
use crate::ir::interpret::Interpreter;
use crate::ir::{print, verify};

const SHAPE: Shape = Shape { predicates: 8, events: 8, depth: 3 };

#[test]
fn programs_are_verified_and_verdicts_balanced() {
    let (schema, kind) = sample::schema().unwrap();
    let mut coverage = Coverage::default();
    let mut counts = [0_usize; 3];
    for seed in 0..1500 {
        let case = case(&schema, kind, SHAPE, seed).unwrap();
        let faults = verify(&case.program, &schema);
        assert!(
            faults.is_empty(),
            "{seed}: {faults:?}\n{}",
            print(&case.program, &schema)
        );
        coverage.program(&case.program);
        let interpreter =
            Interpreter::new(&schema, &case.program, &case.bindings).unwrap();
        for event in &case.events {
            coverage.event(schema.kind(kind).unwrap(), event);
            for predicate in 0..case.program.predicates.len() {
                let outcome = interpreter.evaluate(predicate, event).unwrap();
                counts[usize::from(outcome.verdict as u8)] += 1;
                assert!(outcome.verdict == Verdict::Unknown || outcome.reason.is_empty());
            }
        }
    }
    let total: usize = counts.iter().sum();
    println!("verdicts false, unknown, true of {total}: {counts:?}");
    assert_eq!(coverage.missing(), Vec::<String>::new());
    for count in counts {
        assert!(count * 5 >= total, "{counts:?} of {total}");
    }
}

#[test]
fn a_case_is_its_seed() {
    let (schema, kind) = sample::schema().unwrap();
    let [one, two] = [1, 1].map(|seed| {
        let case = case(&schema, kind, SHAPE, seed).unwrap();
        // Not compared as values: a NaN is not equal to itself.
        format!("{case:?}")
    });
    assert!(one == two, "two cases of one seed differ");
}

#[test]
fn a_record_means_what_its_event_means() {
    let (schema, kind) = sample::schema().unwrap();
    let mut builder = BatchBuilder::new(&schema, kind, Needs::ALL_FOLDED).unwrap();
    for seed in 5000..5300 {
        let case = case(&schema, kind, SHAPE, seed).unwrap();
        builder.clear();
        for event in &case.events {
            let mut record = builder.begin().unwrap();
            write(event, schema.kind(kind).unwrap(), &mut record);
            record.commit();
        }
        let batch = builder.finish(0);
        let interpreter =
            Interpreter::new(&schema, &case.program, &case.bindings).unwrap();
        for (event, record) in case.events.iter().zip(batch.view().records()) {
            for predicate in 0..case.program.predicates.len() {
                let of_event = interpreter.explain(predicate, event);
                let of_record = interpreter.explain(predicate, &record);
                assert_eq!(of_event, of_record, "seed {seed}, predicate {predicate}");
            }
        }
    }
}

#[test]
fn one_program_has_every_construct() {
    let (schema, kind) = sample::schema().unwrap();
    let case = everything(&schema, kind, 20, 1).unwrap();
    assert_eq!(verify(&case.program, &schema), []);
    let mut coverage = Coverage::default();
    coverage.program(&case.program);
    assert_eq!(coverage.missing_in_programs(), Vec::<String>::new());
    println!("{} predicates", case.program.predicates.len());
    assert!(case.program.predicates.len() < 400);
}
