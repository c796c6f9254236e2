//! The packs that ship: they check without a word, their tests pass, their
//! alerts are as the snapshots say, no condition goes untested, and the compiler
//! finds witnesses for every rule on which interpreter and module agree.

use std::path::{Path, PathBuf};

use tagout_cli::{folder, snapshot};
use tagout_compiler::codegen::bindings_of;
use tagout_compiler::ir::generate::write;
use tagout_compiler::ir::interpret::{Event, Interpreter};
use tagout_compiler::ir::witness::witnesses;
use tagout_runtime::Runtime;
use tagout_spec::record::{BatchBuilder, Needs};
use tagout_spec::schema::Schema;
use tagout_tests::engine::Wasmi;

use crate::support::root;

fn packs() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("rules")).expect("there are rules");
    let mut packs: Vec<_> = entries
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.join("pack.toml").exists())
        .collect();
    packs.sort();
    assert!(!packs.is_empty(), "no pack ships");
    packs
}

fn name(pack: &Path) -> String {
    pack.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[test]
fn packs_check_without_a_word_and_are_formatted() {
    let schema = Schema::builtin();
    for pack in packs() {
        let read = folder::read(&pack).expect("a pack reads");
        let checked = tagout_compiler::check(&read.source, &schema);
        assert!(
            checked.diagnostics.is_empty(),
            "{}: {:#?}",
            name(&pack),
            checked.diagnostics
        );
        for (file, text) in &read.source.files {
            let formatted = tagout_compiler::syntax::format(text).expect("it parses");
            assert_eq!(&formatted, text, "{}/{file}: run `tagout fmt`", name(&pack));
        }
    }
}

/// The same files that `tagout test` writes, read by insta.
#[test]
fn alerts_are_as_the_snapshots_say() {
    let schema = Schema::builtin();
    for pack in packs() {
        let read = folder::read(&pack).expect("a pack reads");
        let built = tagout_compiler::build(&read.source, &schema);
        let bytes = built.pack.expect("a shipped pack builds");
        let runtime =
            Runtime::builder().pack(name(&pack), bytes).build().expect("it loads");
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(pack.join("snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            for result in runtime.run_tests().expect("its tests read") {
                assert!(result.passed(), "{}: {:?}", result.name, result.problems);
                if !result.alerts.is_empty() {
                    let rule = result.rule.rsplit('/').next().unwrap_or_default();
                    let content = tagout_cli::stable_alerts(&result.alerts);
                    insta::assert_snapshot!(snapshot::name(rule, &result.name), content);
                }
            }
        });
    }
}

#[test]
fn no_condition_goes_untested() {
    for pack in packs() {
        let mutation =
            tagout_cli::mutate(&pack, &Schema::builtin()).expect("a pack mutates");
        assert!(mutation.survived.is_empty(), "{}", mutation.survived.join("\n"));
        println!("{}: {} conditions dropped, each noticed", name(&pack), mutation.killed);
    }
}

#[test]
fn witnesses_are_found_and_interpreter_and_module_agree_on_them() {
    let schema = Schema::builtin();
    for pack in packs() {
        let read = folder::read(&pack).expect("a pack reads");
        let built = tagout_compiler::build(&read.source, &schema);
        let bytes = built.pack.expect("a shipped pack builds");
        let program = &built.checked.program;
        let schema = built.checked.schema(&schema);
        for (number, plan) in program.plans.iter().enumerate() {
            let found = witnesses(program, &schema, number, &Vec::new())
                .unwrap_or_else(|| panic!("no witnesses for {}", plan.rule));
            let matching = found.matching.as_ref();
            let matching = matching
                .unwrap_or_else(|why| panic!("{} cannot match: {why}", plan.rule));
            let mut events = vec![matching];
            let mut said = 0;
            for leaf in &found.leaves {
                match &leaf.miss {
                    Ok(event) => events.push(event),
                    Err(why) => {
                        said += 1;
                        println!("{}: no near miss for a leaf: {why}", plan.rule);
                    }
                }
            }
            println!("{}: {} witnesses, {said} not found", plan.rule, events.len());
            let interpreter =
                Interpreter::new(&schema, program, &found.bindings).expect("it verifies");
            let mut engine = Wasmi::new(&bytes).expect("wasmi takes the module");
            let bindings = bindings_of(program, &found.bindings).encode();
            engine.bind(&bindings).expect("it binds");
            agree(&schema, program, number, &interpreter, &mut engine, &events);
        }
    }
}

fn agree(
    schema: &Schema,
    program: &tagout_compiler::ir::Program,
    predicate: usize,
    interpreter: &Interpreter<'_>,
    engine: &mut Wasmi,
    events: &[&Event],
) {
    let local = program.predicates[predicate].kinds[0];
    let kind = program.kinds[usize::from(local)];
    let definition = schema.kind(kind).expect("a kind");
    let mut builder =
        BatchBuilder::new(schema, kind, Needs::ALL_FOLDED).expect("a batch");
    for event in events {
        let mut record = builder.begin().expect("room");
        write(event, definition, &mut record);
        record.commit();
    }
    let batch = builder.finish(0);
    let mut bytes = batch.bytes().to_vec();
    bytes[..4].copy_from_slice(&u32::from(local).to_le_bytes());
    let n = u32::try_from(batch.len()).expect("few");
    let rows = engine.evaluate(&bytes, n).expect("it evaluates");
    let number = u32::try_from(predicate).expect("few");
    for (event, record) in (0_u32..).zip(batch.view().records()) {
        let expected =
            interpreter.evaluate(predicate, &record).expect("a predicate").verdict;
        let found = rows.iter().find(|(e, code)| *e == event && code >> 2 == number);
        let found = found.map_or(0, |(_, code)| code & 3);
        assert_eq!(found, u32::from(expected as u8), "event {event} of {predicate}");
    }
}
