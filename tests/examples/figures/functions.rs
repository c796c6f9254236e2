//! What a call of a plugin's function costs above a function of the language: one rule
//! over process starts, which each event reaches, so that an event is a call.

use std::error::Error;
use std::sync::Arc;

use tagout_compiler::PackSource;
use tagout_runtime::{
    Argument, Functions, Library, Options, Plugin, PluginOptions, Runtime, Value,
};
use tagout_spec::function::Function;
use tagout_spec::record::BatchBuilder;
use tagout_spec::record::typed::process::{KIND, Writer};
use tagout_spec::schema::Schema;
use tagout_tests::clock::median;

use crate::clock;
use crate::{EVENTS, ROUNDS, ns, row};

const OWED: &str = "60 ns";

/// Prints what a call costs, of a closure of the host and of a plugin in WebAssembly.
/// They are measured turn by turn: what slows the machine down for a while slows down all.
pub(crate) fn measure() -> Result<(), Box<dyn Error>> {
    let text = include_str!("../../plugins/sum.wat");
    let plugin = Plugin::read(&wat::parse_str(text)?)?;
    let functions = plugin.manifest().functions.clone();
    let hosted = Runtime::builder().library(Arc::new(Hosted(functions.clone())));
    let guest = Runtime::builder().plugin("sum", plugin, PluginOptions::default());
    let runtimes = [
        runtime("len", &functions, Runtime::builder())?,
        runtime("size", &functions, hosted)?,
        runtime("size", &functions, guest)?,
    ];
    let mut replays =
        runtimes.iter().map(Runtime::replay).collect::<Result<Vec<_>, _>>()?;
    let lines: Vec<String> =
        (0..EVENTS).map(|n| format!("cmd.exe /c echo {n} of {EVENTS}")).collect();
    let mut rounds = vec![Vec::new(); replays.len()];
    for _ in 0..ROUNDS {
        for (replay, round) in replays.iter_mut().zip(&mut rounds) {
            round.push(clock::round(replay, KIND, &lines, write)?.evaluate());
        }
    }
    let [builtin, hosted, guest] = rounds.as_slice() else { return Ok(()) };
    let above = |calls: &[f64]| {
        median(calls.iter().zip(builtin).map(|(call, builtin)| call - builtin).collect())
    };
    row("an event with a call of `len`", "", &ns(median(builtin.clone())));
    row("a call of the host's code above it", "", &ns(above(hosted)));
    row("a call of a plugin above it", OWED, &ns(above(guest)));
    Ok(())
}

/// A runtime with one rule that calls a function.
fn runtime(
    function: &str,
    functions: &[Function],
    builder: tagout_runtime::Builder,
) -> Result<Runtime, Box<dyn Error>> {
    let rule =
        format!("rule r {{ on process as p where {function}(p.command_line) == 7 }}");
    let source = PackSource {
        functions: functions.to_vec(),
        ..PackSource::single("rule.tag", rule)
    };
    let pack = tagout_compiler::build(&source, &Schema::builtin()).pack;
    let pack = pack.ok_or("the rule does not build")?;
    Ok(builder.options(Options::default()).pack("rule", pack).build()?)
}

fn write(batch: &mut BatchBuilder, line: &String) {
    let Some(mut w) = Writer::begin(batch) else { return };
    w.ts(1_767_225_600_000_000_000).host_name(b"hmi1").pid(4_711);
    w.command_line(line.as_bytes());
    w.commit();
}

/// The plugin's `size`, in Rust.
struct Hosted(Vec<Function>);

impl Library for Hosted {
    fn functions(&self) -> &[Function] {
        &self.0
    }

    fn open(&self) -> Result<Box<dyn Functions>, String> {
        Ok(Box::new(Self(self.0.clone())))
    }
}

impl Functions for Hosted {
    fn call(&mut self, _: usize, arguments: &[Argument<'_>]) -> Option<Value> {
        match arguments {
            [Argument::Bytes(bytes)] => i64::try_from(bytes.len()).ok().map(Value::Int),
            _ => None,
        }
    }
}
