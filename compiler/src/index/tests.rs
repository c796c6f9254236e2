//! The index never misses: on random programs and events, and on those made to
//! be hard for it, the candidates hold every predicate that is not false.

use tagout_spec::pack::Verdict;

use super::{Event, Tuning, plan_with, print};
use crate::ir::generate::{Case, Shape, case, sample};
use crate::ir::interpret::Interpreter;

/// Counts of (candidates, predicates that are not false, predicates).
fn check(case: &Case, seed: u64, tuning: &Tuning) -> [usize; 3] {
    let (schema, _) = sample::schema().unwrap();
    let interpreter = Interpreter::new(&schema, &case.program, &case.bindings).unwrap();
    let plan = plan_with(&case.program, tuning);
    let mut counts = [0; 3];
    for event in &case.events {
        let candidates = plan.kinds[0].candidates(&Event(event));
        assert!(candidates.is_sorted());
        for predicate in 0..case.program.predicates.len() {
            let verdict = interpreter.evaluate(predicate, event).unwrap().verdict;
            let reached = candidates.contains(&u32::try_from(predicate).unwrap());
            assert!(
                reached || verdict == Verdict::False,
                "seed {seed}, predicate {predicate} is {verdict:?} and not reached\n\
                 {:#?}\n{event:?}\n{}",
                case.program.predicates[predicate].cond,
                print(&plan, &case.program, &schema),
            );
            counts[0] += usize::from(reached);
            counts[1] += usize::from(verdict != Verdict::False);
        }
        counts[2] += case.program.predicates.len();
    }
    counts
}

#[test]
fn every_predicate_that_is_not_false_is_a_candidate() {
    let (schema, kind) = sample::schema().unwrap();
    let mut counts = [0; 3];
    for (shape, seeds) in [
        (Shape { predicates: 8, events: 8, depth: 3 }, 0..600),
        (Shape { predicates: 60, events: 12, depth: 2 }, 600..700),
        (Shape { predicates: 300, events: 12, depth: 1 }, 700..720),
    ] {
        for seed in seeds {
            let case = case(&schema, kind, shape, seed).unwrap();
            for tuning in [Tuning::default(), Tuning::EAGER] {
                for (sum, n) in counts.iter_mut().zip(check(&case, seed, &tuning)) {
                    *sum += n;
                }
            }
        }
    }
    let [candidates, needed, all] = counts;
    println!("{candidates} candidates, {needed} needed, of {all}");
    assert!(candidates < all);
}
