//! Interpreter, straight module and indexed module agree. The endless form of
//! this test is the fuzz target `differential`.

use tagout_compiler::ir::generate::Shape;
use tagout_tests::differential::{Tally, run};

/// Where the seeds of continuous integration begin.
const SEED: u64 = 2026;
/// A case is an event with the predicates of its program.
const CASES: usize = 20_000;
const SHAPE: Shape = Shape { predicates: 5, events: 25, depth: 4 };

#[test]
fn three_readings_agree_on_20_000_cases() {
    let mut tally = Tally::default();
    let programs = CASES.div_ceil(SHAPE.events);
    for seed in (SEED..).take(programs) {
        if let Err(difference) = run(seed, SHAPE, &mut tally) {
            panic!("{difference}");
        }
    }
    let total = tally.total();
    let shares = tally.verdicts.map(|n| n * 100 / total.max(1));
    println!("{} cases, {total} evaluations: false, unknown, true {shares:?} %", CASES);
    assert!(shares.iter().all(|share| *share >= 20), "{shares:?} %");
    assert_eq!(tally.coverage.missing(), Vec::<String>::new());
}
