//! Three readings of one program: the reference interpreter, the module without
//! an index, and the module with one, in batches cut at random.
//!
//! ```text
//! seed -> program, bindings, events
//!           interpreter          verdict and reason for every (event, predicate)
//!           straight module      rows, explanations       } in wasmi
//!           indexed module       rows, explanations       }
//! ```
//!
//! The first difference is an error that names the seed, so that it can be
//! looked at alone.

use tagout_compiler::codegen::{self, Options, bindings_of};
use tagout_compiler::index::{self, emit::Indexed};
use tagout_compiler::ir::generate::coverage::Coverage;
use tagout_compiler::ir::generate::functions::Sample;
use tagout_compiler::ir::generate::{Shape, case, sample, write};
use tagout_compiler::ir::interpret::Interpreter;
use tagout_compiler::ir::print;
use tagout_spec::pack::rows::explanation;
use tagout_spec::pack::{Cause, Verdict};
use tagout_spec::record::{BatchBuilder, Needs, RecordView};
use tagout_spec::schema::{KindIdx, Schema};

use crate::engine::{EngineError, Wasmi};
use crate::mix::Random;

/// What a run of cases has covered.
#[derive(Debug, Default)]
pub struct Tally {
    /// Evaluations by verdict: false, unknown, true.
    pub verdicts: [u64; 3],
    /// Constructs of programs and events that came up.
    pub coverage: Coverage,
}

impl Tally {
    /// Evaluations in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.verdicts.iter().sum()
    }
}

/// Runs the case of a seed.
///
/// # Errors
/// The first difference.
pub fn run(seed: u64, shape: Shape, tally: &mut Tally) -> Result<(), String> {
    let (schema, kind) = sample::schema().ok_or("no sample schema")?;
    let case = case(&schema, kind, shape, seed).ok_or("no case")?;
    tally.coverage.program(&case.program);
    let definition = schema.kind(kind).ok_or("no kind")?;
    let straight = codegen::compile(&case.program, &schema, &Options::default());
    let mut strategy = Indexed::new(index::plan(&case.program));
    let indexed =
        codegen::compile_with(&case.program, &schema, &Options::default(), &mut strategy);
    let bindings = bindings_of(&case.program, &case.bindings).encode();
    let mut engines = Vec::new();
    for (name, module) in [("straight", straight), ("indexed", indexed)] {
        let module = module.map_err(|error| format!("seed {seed}, {name}: {error}"))?;
        let mut engine =
            Wasmi::with_functions(&module).map_err(|e| format!("seed {seed}: {e}"))?;
        engine.bind(&bindings).map_err(|e| format!("seed {seed}: {e}"))?;
        engines.push((name, engine));
    }
    let interpreter =
        Interpreter::new(&schema, &case.program, &case.bindings)?.with_functions(&Sample);
    let mut random = Random::new(seed ^ 0x005E_ED0F_BA7C_4E55);
    let mut events = case.events.iter().peekable();
    while events.peek().is_some() {
        let mut batch = Batch::new(&schema, kind)?;
        for event in events.by_ref().take(1 + random.below(shape.events)) {
            tally.coverage.event(definition, event);
            batch.add(|record| write(event, definition, record))?;
        }
        let predicates = case.program.predicates.len();
        for (name, engine) in &mut engines {
            compare(&mut batch, engine, &interpreter, predicates, tally).map_err(
                |difference| {
                    let program = print(&case.program, &schema);
                    format!("seed {seed}, {name} module: {difference}\nin {program}")
                },
            )?;
        }
    }
    Ok(())
}

/// A batch in the making.
struct Batch {
    builder: BatchBuilder,
}

impl Batch {
    fn new(schema: &Schema, kind: KindIdx) -> Result<Self, String> {
        let builder = BatchBuilder::new(schema, kind, Needs::ALL_FOLDED);
        Ok(Self { builder: builder.ok_or("no batch")? })
    }

    fn add(
        &mut self,
        write: impl FnOnce(&mut tagout_spec::record::RecordWriter<'_>),
    ) -> Result<(), String> {
        let mut record = self.builder.begin().ok_or("a batch is full")?;
        write(&mut record);
        record.commit();
        Ok(())
    }
}

/// Verdicts and reasons of one engine against the interpreter's.
fn compare(
    batch: &mut Batch,
    engine: &mut Wasmi,
    interpreter: &Interpreter<'_>,
    predicates: usize,
    tally: &mut Tally,
) -> Result<(), String> {
    let batch = batch.builder.finish(0);
    let n = u32::try_from(batch.len()).map_err(|e| e.to_string())?;
    let failed = |error: EngineError| error.to_string();
    let rows = engine.evaluate(batch.bytes(), n).map_err(failed)?;
    for (event, record) in (0_u32..).zip(batch.view().records()) {
        for predicate in 0..predicates {
            let number = u32::try_from(predicate).map_err(|e| e.to_string())?;
            let expected =
                interpreter.evaluate(predicate, &record).ok_or("no predicate")?;
            let found = rows
                .iter()
                .find(|(e, code)| *e == event && code >> 2 == number)
                .map_or(0, |(_, code)| code & 3);
            if let Some(count) =
                tally.verdicts.get_mut(usize::from(expected.verdict as u8))
            {
                *count = count.saturating_add(1);
            }
            if found != u32::from(expected.verdict as u8) {
                return Err(format!(
                    "event {event}, predicate {number}: {found}, not {:?}",
                    expected.verdict
                ));
            }
            if expected.verdict == Verdict::Unknown {
                reason(engine, interpreter, &record, event, number)?;
            }
        }
    }
    Ok(())
}

/// The reason of an undecided verdict.
fn reason(
    engine: &mut Wasmi,
    interpreter: &Interpreter<'_>,
    record: &RecordView<'_>,
    event: u32,
    predicate: u32,
) -> Result<(), String> {
    let position = usize::try_from(predicate).map_err(|e| e.to_string())?;
    let expected = interpreter.explain(position, record).ok_or("no predicate")?;
    let out = engine.explain(event, predicate).map_err(|error| error.to_string())?;
    let (_, causes) = explanation(&out).map_err(|error| format!("{error:?}"))?;
    let expected: Vec<Cause> = expected.causes.iter().map(|(_, cause)| *cause).collect();
    if causes == expected {
        return Ok(());
    }
    Err(format!(
        "event {event}, predicate {predicate}: reason {causes:?}, not {expected:?}"
    ))
}
