//! One module, four engines: wasmtime with Cranelift, wasmtime with Pulley,
//! `wasmi`, and Node. The last two are given records and asked for rows, and know
//! nothing else.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tagout_cli::folder;
use tagout_compiler::codegen::bindings_of;
use tagout_compiler::ir::generate::functions::{Sample, functions as sample_functions};
use tagout_compiler::ir::generate::{Shape, case, case_without_calls, sample, write};
use tagout_compiler::ir::interpret::{self, Event};
use tagout_compiler::ir::walk::functions;
use tagout_compiler::ir::witness::witnesses;
use tagout_compiler::ir::{OnUnknown, Plan, Program, Severity, Value};
use tagout_compiler::{Checked, PackInfo, PackSource, assemble, check};
use tagout_runtime::{
    Argument, Functions, Library, Options, Runtime, Strategy, Value as Given,
};
use tagout_spec::function::Function;
use tagout_spec::record::{BatchBuilder, Needs};
use tagout_spec::schema::{KindIdx, Schema};
use tagout_tests::engine::Wasmi;

use crate::support::{program, root};

/// Event, code: `predicate << 2 | verdict`.
type Rows = Vec<(u32, u32)>;

/// A module with events of one kind.
struct Subject<'s> {
    schema: &'s Schema,
    kind: KindIdx,
    local: u16,
    program: &'s Program,
    module: &'s [u8],
    events: Vec<&'s Event>,
}

/// Programs that together use every operator on every type.
#[test]
fn generated_programs_agree_in_all_engines() {
    let (schema, kind) = sample::schema().expect("the sample kind");
    let shape = Shape { predicates: 24, events: 24, depth: 4 };
    let mut run = 0;
    for seed in 0..12 {
        let mut case = case_without_calls(&schema, kind, shape, seed).expect("a case");
        for (param, bound) in case.program.params.iter_mut().zip(&case.bindings) {
            param.default = param.default.take().or_else(|| bound.clone());
        }
        // Without any value a rule is blind in our runtime, and others cannot know.
        if case.program.params.iter().any(|param| param.default.is_none()) {
            continue;
        }
        case.program.plans = plans(&case.program);
        let module = module(case.program.clone(), &schema);
        let events = case.events.iter().collect();
        let program = &case.program;
        agree(&Subject {
            schema: &schema,
            kind,
            local: 0,
            program,
            module: &module,
            events,
        });
        run += 1;
    }
    assert!(run >= 3, "only {run} cases have values for all parameters");
}

/// Calls of functions of plugins, in the engines that are given some: ours, which links
/// them by the manifest, and `wasmi`.
#[test]
fn calls_agree_in_the_engines_that_have_functions() {
    let (schema, kind) = sample::schema().expect("the sample kind");
    let shape = Shape { predicates: 24, events: 24, depth: 4 };
    let mut called = BTreeSet::new();
    for seed in 100..112 {
        let mut case = case(&schema, kind, shape, seed).expect("a case");
        for (param, bound) in case.program.params.iter_mut().zip(&case.bindings) {
            param.default = param.default.take().or_else(|| bound.clone());
        }
        if case.program.params.iter().any(|param| param.default.is_none()) {
            continue;
        }
        case.program.plans = plans(&case.program);
        called.extend(functions(&case.program));
        let module = module(case.program.clone(), &schema);
        let (program, module) = (&case.program, module.as_slice());
        let events = case.events.iter().collect();
        let subject =
            Subject { schema: &schema, kind, local: 0, program, module, events };
        let native = wasmtime(&subject, Strategy::Native);
        assert_eq!(wasmtime(&subject, Strategy::Pulley), native, "Pulley");
        let mut wasmi = Wasmi::with_functions(module).expect("wasmi takes the module");
        wasmi.bind(&bindings_of(program, &[]).encode()).expect("wasmi binds");
        let n = u32::try_from(subject.events.len()).expect("few");
        let rows = wasmi.evaluate(&batch(&subject), n).expect("wasmi evaluates");
        assert_eq!(rows, native, "wasmi");
    }
    assert!(called.len() >= 5, "only {called:?} were called");
}

/// The functions of the sample plugin, as a host gives them.
struct SamplePlugin(Vec<Function>);

impl Library for SamplePlugin {
    fn functions(&self) -> &[Function] {
        &self.0
    }

    fn open(&self) -> Result<Box<dyn Functions>, String> {
        Ok(Box::new(Self(self.0.clone())))
    }
}

impl Functions for SamplePlugin {
    fn call(&mut self, function: usize, arguments: &[Argument<'_>]) -> Option<Given> {
        let value = |argument: &Argument<'_>| match *argument {
            Argument::Text(bytes) | Argument::Bytes(bytes) => {
                Value::Bytes(bytes.to_vec())
            }
            Argument::Int(number) => Value::Int(number),
            Argument::Float(number) => Value::Float(number),
            Argument::Bool(holds) => Value::Bool(holds),
            Argument::Ip(ip) => Value::Ip(*ip),
        };
        let arguments: Vec<Value> = arguments.iter().map(value).collect();
        match interpret::Functions::call(&Sample, self.0.get(function)?, &arguments)? {
            Value::Int(number) => Some(Given::Int(number)),
            Value::Float(number) => Some(Given::Float(number)),
            Value::Bool(holds) => Some(Given::Bool(holds)),
            _ => None,
        }
    }
}

#[test]
fn shipped_packs_agree_in_all_engines() {
    let schema = Schema::builtin();
    let read = folder::read(&root().join("rules/modbus")).expect("a pack");
    let built = tagout_compiler::build(&read.source, &schema);
    let module = built.pack.expect("it builds");
    let program = &built.checked.program;
    let found: Vec<_> = (0..program.predicates.len())
        .filter_map(|predicate| witnesses(program, &schema, predicate, &Vec::new()))
        .collect();
    let mut events = Vec::new();
    for witnesses in &found {
        events.extend(witnesses.matching.as_ref().ok());
        events.extend(witnesses.leaves.iter().filter_map(|leaf| leaf.miss.as_ref().ok()));
    }
    let kind = program.kinds[0];
    agree(&Subject { schema: &schema, kind, local: 0, program, module: &module, events });
}

fn agree(subject: &Subject<'_>) {
    let native = wasmtime(subject, Strategy::Native);
    assert_eq!(wasmtime(subject, Strategy::Pulley), native, "Pulley");
    let bindings = bindings_of(subject.program, &[]).encode();
    let batch = batch(subject);
    let mut wasmi = Wasmi::new(subject.module).expect("wasmi takes the module");
    wasmi.bind(&bindings).expect("wasmi binds");
    let n = u32::try_from(subject.events.len()).expect("few");
    assert_eq!(wasmi.evaluate(&batch, n).expect("wasmi evaluates"), native, "wasmi");
    if let Some(node) = program("node", "--version") {
        assert_eq!(in_node(&node, subject.module, &bindings, &batch), native, "Node");
    }
}

fn wasmtime(subject: &Subject<'_>, strategy: Strategy) -> Rows {
    let runtime = Runtime::builder()
        .schema(subject.schema.clone())
        .options(Options { strategy, ..Options::default() })
        .library(Arc::new(SamplePlugin(sample_functions())))
        .pack("subject", subject.module.to_vec())
        .build()
        .expect("the module loads");
    let mut replay = runtime.replay().expect("it binds");
    let definition = subject.schema.kind(subject.kind).expect("a kind");
    for event in &subject.events {
        replay
            .event(subject.kind, |record| write(event, definition, record))
            .expect("the kind is known");
    }
    let verdicts = replay.verdicts().expect("it evaluates");
    verdicts
        .into_iter()
        .map(|(_, event, predicate, verdict)| (event, predicate << 2 | verdict as u32))
        .collect()
}

fn batch(subject: &Subject<'_>) -> Vec<u8> {
    let mut builder = BatchBuilder::new(subject.schema, subject.kind, Needs::ALL_FOLDED)
        .expect("a batch");
    let definition = subject.schema.kind(subject.kind).expect("a kind");
    for event in &subject.events {
        let mut record = builder.begin().expect("room");
        write(event, definition, &mut record);
        record.commit();
    }
    let mut bytes = builder.finish(0).bytes().to_vec();
    bytes[..4].copy_from_slice(&u32::from(subject.local).to_le_bytes());
    bytes
}

fn in_node(node: &str, module: &[u8], bindings: &[u8], batch: &[u8]) -> Rows {
    let folder = tempfile::tempdir().expect("a folder");
    let (pack, cases) = (folder.path().join("pack.wasm"), folder.path().join("cases"));
    std::fs::write(&pack, module).expect("a file");
    let mut bytes = Vec::new();
    for part in [bindings, batch] {
        let length = u32::try_from(part.len()).expect("short");
        bytes.extend(length.to_le_bytes());
        bytes.extend(part);
        if part.as_ptr() == bindings.as_ptr() {
            bytes.extend(1_u32.to_le_bytes());
        }
    }
    std::fs::write(&cases, bytes).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("it/engines/node.mjs");
    let output = Command::new(node)
        .arg(script)
        .args([&pack, &cases])
        .output()
        .expect("Node starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pair = |row: &str| {
        let (event, code) = row.split_once(':').expect("event:code");
        (event.parse().expect("a number"), code.parse().expect("a number"))
    };
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(pair).collect()
}

/// A plan for each predicate, so that the runtime lets it report.
fn plans(program: &Program) -> Vec<Plan> {
    let plan = |predicate| Plan {
        rule: format!("r{predicate}"),
        predicate,
        meta: Vec::new(),
        severity: Severity::Low,
        on_unknown: OnUnknown::Count,
        dedup: None,
        title: Vec::new(),
        evidence: Vec::new(),
        span: program.predicates[0].cond.span,
    };
    (0..).take(program.predicates.len()).map(plan).collect()
}

fn module(program: Program, schema: &Schema) -> Vec<u8> {
    let empty = PackSource::single("a.tag", "");
    let info: PackInfo = check(&empty, schema).info;
    let checked = Checked { program, info, tests: Vec::new(), diagnostics: Vec::new() };
    assemble(&checked, &empty.sources(), schema).expect("it assembles")
}
