//! `tagout test PACK...`: the tests of packs, and their snapshots.

pub(crate) mod mutate;
pub(crate) mod snapshots;

use std::path::Path;

use tagout_runtime::TestResult;

use crate::args::{Global, Test};
use crate::output::Output;
use crate::packs::{self, NotLoaded};
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// What became of the tests, over all packs.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
}

/// Runs the tests.
pub(super) fn run(
    args: &Test,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let setup = Setup::read(global, args.site.as_deref())?;
    let mut output = Output::new();
    let mut tally = Tally::default();
    for path in &args.packs {
        match one(args, path, &setup, &mut output, terminal, &mut tally) {
            Ok(()) => {}
            Err(NotLoaded::Findings) => tally.failed += 1,
            Err(NotLoaded::Failure(failure)) => {
                output.finish()?;
                return Err(failure);
            }
        }
    }
    output.line(&format!("{} passed, {} failed", tally.passed, tally.failed))?;
    output.finish()?;
    Ok(if tally.failed == 0 { Exit::Fine } else { Exit::Findings })
}

fn one(
    args: &Test,
    path: &Path,
    setup: &Setup,
    output: &mut Output,
    terminal: &Terminal,
    tally: &mut Tally,
) -> Result<(), NotLoaded> {
    let bytes = packs::bytes(path, setup, terminal)?;
    let failed = |error: &dyn std::fmt::Display| Failure::usage(error.to_string());
    let runtime = setup
        .builder()
        .pack(path.display().to_string(), bytes)
        .build()
        .map_err(|error| failed(&error))?;
    let results = runtime.run_tests().map_err(|error| failed(&error))?;
    for result in &results {
        let mut problems = result.problems.clone();
        if problems.is_empty() && path.is_dir() {
            problems.extend(snapshots::check(result, path, args.update)?);
        }
        report(result, &problems, path, output)?;
        if problems.is_empty() {
            tally.passed += 1;
        } else {
            tally.failed += 1;
        }
    }
    if path.is_dir() {
        for name in snapshots::orphans(&results, path, args.update)? {
            output.line(&format!("FAILED {name}: a snapshot without a test"))?;
            tally.failed += 1;
        }
    }
    if args.mutate {
        let mutation = mutate::with(path, setup)?;
        for survivor in &mutation.survived {
            output.line(&format!("SURVIVED {survivor}"))?;
        }
        tally.passed += mutation.killed;
        tally.failed += mutation.survived.len();
    }
    Ok(())
}

fn report(
    result: &TestResult,
    problems: &[String],
    path: &Path,
    output: &mut Output,
) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let (file, line) = &result.place;
    let place = if path.is_dir() { path.join(file) } else { path.to_path_buf() };
    output.line(&format!("FAILED {}: {}", result.rule, result.name))?;
    output.line(&format!("  at {}:{line}", place.display()))?;
    for problem in problems {
        for line in problem.lines() {
            output.line(&format!("  {line}"))?;
        }
    }
    Ok(())
}
