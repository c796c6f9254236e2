//! The documents are tests: every page of a diagnostic and every example of the
//! language reference is compiled, and its tests are run by the reference
//! interpreter.
//!
//! ```text
//! ```tagout               a pack of one file: no errors, its tests pass
//! ```tagout error[E0210]  has exactly this error
//! ```tagout lint[W0507]   has this warning and no errors
//! ```toml, ```csv PATH    pack.toml and data files of the next block
//! ```toml plugin          manifest of a plugin whose functions the next block may call
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it unwraps or panics"
)]

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tagout_compiler::diagnostic::codes::{ALL, Code};
use tagout_compiler::diagnostic::render::text::{Colour, render};
use tagout_compiler::diagnostic::{Diagnostic, Severity};
use tagout_compiler::ir::interpret::{Functions, Interpreter};
use tagout_compiler::ir::{Constant, FieldRef, Param, Program, Type, Value, verify};
use tagout_compiler::{Checked, PackSource, check};
use tagout_spec::function::Function;
use tagout_spec::pack::Verdict;
use tagout_spec::pack::manifest::{Expectation, PackTest};
use tagout_spec::record::{BatchBuilder, EventJson, Needs};
use tagout_spec::schema::{Kind, Schema};

/// A fenced block with the files that stand before it.
#[derive(Debug, Default, Clone)]
struct Block {
    line: usize,
    section: String,
    info: String,
    source: PackSource,
}

/// The `tagout` blocks of a document.
fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut files = PackSource::default();
    let mut section = String::new();
    let mut open: Option<(usize, String, String)> = None;
    for (n, line) in (1..).zip(markdown.lines()) {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((n, info.to_owned(), String::new())),
            (Some(_), Some(_)) => {
                let Some((start, info, text)) = open.take() else { continue };
                match info.split_whitespace().collect::<Vec<_>>().as_slice() {
                    ["toml"] => files.manifest = Some(text),
                    ["toml", "plugin"] => files.functions.extend(functions(&text)),
                    ["csv", path] => {
                        files.data.push(((*path).to_owned(), text.into_bytes()));
                    }
                    ["tagout", ..] => {
                        let mut source = std::mem::take(&mut files);
                        source.name = "example".to_owned();
                        source.files.push(("example.tag".to_owned(), text));
                        let section = section.clone();
                        blocks.push(Block { line: start, section, info, source });
                    }
                    _ => {}
                }
            }
            (Some((_, _, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("## ") {
                    title.clone_into(&mut section);
                }
            }
        }
    }
    blocks
}

/// The functions that a plugin's manifest declares.
fn functions(manifest: &str) -> Vec<Function> {
    let mut manifest: toml::Table = manifest.parse().unwrap();
    let of_plugin = ["name", "version"].map(|key| manifest.remove(key).unwrap());
    let Some(toml::Value::Array(functions)) = manifest.remove("function") else {
        panic!("no functions");
    };
    let function = |mut function: toml::Value| {
        let table = function.as_table_mut().unwrap();
        let [plugin, version] = of_plugin.clone();
        table.extend([("plugin".to_owned(), plugin), ("version".to_owned(), version)]);
        function.try_into().unwrap()
    };
    functions.into_iter().map(function).collect()
}

/// What the functions of the examples compute.
struct Examples;

impl Functions for Examples {
    fn call(&self, function: &Function, arguments: &[Value]) -> Option<Value> {
        match (function.name.as_str(), arguments) {
            ("entropy", [Value::Bytes(text)]) => {
                let total = f64::from(u32::try_from(text.len()).unwrap());
                let of = |byte: u8| text.iter().filter(|b| **b == byte).count();
                let counts = (0..=255).map(of).filter(|n| *n > 0);
                let shares = counts.map(|n| f64::from(u32::try_from(n).unwrap()) / total);
                let bits: f64 = shares.map(|share| -share * share.log2()).sum();
                (total > 0.0).then_some(Value::Float(bits))
            }
            _ => panic!("no example calls {function}"),
        }
    }
}

fn spec() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec")
}

fn shown(source: &PackSource, checked: &Checked) -> String {
    render(&source.sources(), &checked.diagnostics, Colour::Never)
}

fn errors(checked: &Checked) -> Vec<Code> {
    let is_error = |d: &&Diagnostic| d.severity == Severity::Error;
    checked.diagnostics.iter().filter(is_error).map(|d| d.code).collect()
}

/// Every code has a page; its failing example has this code and no other error,
/// its mended one has no error, not this code, and tests that pass.
#[test]
fn pages_of_the_codes() {
    let schema = Schema::builtin();
    let mut problems = Vec::new();
    for code in ALL.iter().filter(|code| !code.id().starts_with("E01")) {
        let path = spec().join(format!("errors/{code}.md"));
        let page = std::fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let title = format!("# {code}: {}", code.title());
        assert_eq!(page.lines().next(), Some(title.as_str()));
        let blocks = blocks(&page);
        let in_section = |name: &str| {
            let found = blocks.iter().find(|b| b.section == name);
            found.unwrap_or_else(|| panic!("{code}: no example under `{name}`"))
        };
        let (bad, good) = (in_section("Fails"), in_section("Mended"));
        let checked = check(&bad.source, &schema);
        let has = checked.diagnostics.iter().any(|d| d.code == *code);
        if !has || errors(&checked).iter().any(|c| c != code) {
            let shown = shown(&bad.source, &checked);
            problems.push(format!("{code} is not what fails:\n{shown}"));
        }
        let checked = check(&good.source, &schema);
        let left = checked.diagnostics.iter().any(|d| d.code == *code);
        if left || !errors(&checked).is_empty() {
            let shown = shown(&good.source, &checked);
            problems.push(format!("{code}, mended:\n{shown}"));
        }
        problems.extend(failures(&checked, &schema));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// Every example of the reference does what the text around it says.
#[test]
fn examples_of_the_language() {
    let schema = Schema::builtin();
    let text = std::fs::read_to_string(spec().join("language.md")).unwrap();
    let mut n_tests = 0;
    let mut problems = Vec::new();
    for block in blocks(&text) {
        let checked = check(&block.source, &schema);
        let place = format!("language.md:{}", block.line);
        let shown = shown(&block.source, &checked);
        let found = errors(&checked);
        let expected = block.info.split_whitespace().nth(1).unwrap_or("");
        let named = |kind: &str| {
            let code =
                expected.strip_prefix(kind)?.strip_prefix('[')?.strip_suffix(']')?;
            Code::from_id(code)
        };
        if let Some(code) = named("error") {
            if found.is_empty() || found.iter().any(|c| *c != code) {
                problems.push(format!("{place}: not only {code}:\n{shown}"));
            }
            continue;
        }
        if !found.is_empty() {
            problems.push(format!("{place}:\n{shown}"));
        }
        if let Some(code) = named("lint") {
            if !checked.diagnostics.iter().any(|d| d.code == code) {
                problems.push(format!("{place}: not {code}:\n{shown}"));
            }
        } else if !expected.is_empty() {
            problems.push(format!("{place}: what is `{expected}`?"));
        }
        n_tests += checked.tests.len();
        problems
            .extend(failures(&checked, &schema).iter().map(|f| format!("{place}: {f}")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
    assert!(n_tests > 0);
}

/// Every pack that is shipped has nothing to report and passes its own tests.
#[test]
fn shipped_packs() {
    let schema = Schema::builtin();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let mut n_packs = 0;
    let mut problems = Vec::new();
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&rules)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("pack.toml").exists())
        .collect();
    folders.sort();
    for folder in folders {
        let mut source = PackSource {
            manifest: std::fs::read_to_string(folder.join("pack.toml")).ok(),
            ..PackSource::default()
        };
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
        if let Ok(data) = std::fs::read_dir(folder.join("data")) {
            files.extend(data.map(|entry| entry.unwrap().path()));
        }
        files.sort();
        for file in files {
            let path = file.strip_prefix(&folder).unwrap().to_string_lossy();
            if path.ends_with(".tag") {
                let text = std::fs::read_to_string(&file).unwrap();
                source.files.push((path.into_owned(), text));
            } else if path.starts_with("data") && file.is_file() {
                source.data.push((path.into_owned(), std::fs::read(&file).unwrap()));
            }
        }
        let checked = check(&source, &schema);
        if !checked.diagnostics.is_empty() {
            problems.push(shown(&source, &checked));
        }
        problems.extend(failures(&checked, &schema));
        n_packs += 1;
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
    assert!(n_packs > 0);
}

/// What the tests of a pack find, one line each; empty if they pass.
fn failures(checked: &Checked, schema: &Schema) -> Vec<String> {
    let schema = &checked.schema(schema);
    let mut failures: Vec<String> = verify(&checked.program, schema)
        .iter()
        .map(|fault| format!("{fault:?}"))
        .collect();
    for test in &checked.tests {
        if let Err(problem) = run(checked, schema, test) {
            failures.push(format!("{}, \"{}\": {problem}", test.rule, test.name));
        }
    }
    failures
}

/// Runs one test by the reference interpreter.
fn run(checked: &Checked, schema: &Schema, test: &PackTest) -> Result<(), String> {
    let program = &checked.program;
    let bindings: Vec<Option<Constant>> = program
        .params
        .iter()
        .map(|param| match test.with.get(&param.name) {
            Some(json) => Some(constant(param, json)),
            None => param.default.clone(),
        })
        .collect();
    let interpreter =
        Interpreter::new(schema, program, &bindings)?.with_functions(&Examples);
    let plan = program.plans.iter().find(|plan| plan.rule == test.rule);
    let number = usize::try_from(plan.ok_or("no plan")?.predicate).unwrap();
    let predicate = program.predicates.get(number).ok_or("no predicate")?;
    let kinds: Vec<_> = predicate
        .kinds
        .iter()
        .filter_map(|kind| program.kinds.get(usize::from(*kind)).copied())
        .collect();
    let json = EventJson::new(schema);
    let (mut matches, mut lacks) = (0, Vec::new());
    for event in &test.events {
        let line = event.to_string();
        let kind = json.kind(line.as_bytes()).map_err(|e| e.to_string())?;
        let mut batch = BatchBuilder::new(schema, kind, Needs::ALL).unwrap();
        let mut record = batch.begin().unwrap();
        let report =
            json.read(line.as_bytes(), &mut record).map_err(|e| e.to_string())?;
        record.commit();
        if report.unknown + report.invalid > 0 {
            return Err(format!("the event does not fit its schema: {line} {report:?}"));
        }
        if !kinds.contains(&kind) {
            continue;
        }
        let view = batch.finish(0).view();
        let record = view.record(0).unwrap();
        let outcome = interpreter.evaluate(number, &record).ok_or("no predicate")?;
        match outcome.verdict {
            Verdict::True => matches += 1,
            Verdict::False => {}
            Verdict::Unknown => {
                let kind = schema.kind(kind).unwrap();
                let names = outcome.reason.iter().map(|(at, _)| name(program, kind, *at));
                lacks.push(names.collect::<Vec<_>>());
            }
        }
    }
    for expected in &test.expect {
        let holds = match expected {
            Expectation::Match => matches > 0,
            Expectation::None => matches == 0 && lacks.is_empty(),
            Expectation::Indeterminate(fields) => {
                lacks.iter().any(|names| fields.iter().all(|f| names.contains(f)))
            }
        };
        if !holds {
            return Err(format!(
                "expected {expected:?}, but {matches} matched and {lacks:?} were unknown"
            ));
        }
    }
    Ok(())
}

/// A field as reasons name it.
fn name(program: &Program, kind: &Kind, at: FieldRef) -> String {
    let field = |bit: u16| kind.fields.iter().find(|f| f.bit == bit).unwrap();
    match at {
        FieldRef::Event(idx) => field(idx.0).path.to_string(),
        FieldRef::Elem(group, idx) => {
            let group = field(group.0);
            let items = group.items.as_ref().unwrap();
            let inner = items.fields.get(usize::from(idx.0)).unwrap();
            format!("{}[].{}", group.path, inner.path)
        }
        FieldRef::Call(function) => {
            let at = usize::try_from(function).unwrap();
            let function = program.functions.get(at).unwrap();
            format!("{}()", function.name)
        }
    }
}

/// A binding of a test as the interpreter takes it.
fn constant(param: &Param, json: &Json) -> Constant {
    let ip = |text: &str| match text.parse().unwrap() {
        std::net::IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        std::net::IpAddr::V6(ip) => ip.octets(),
    };
    let one = |json: &Json| match (param.ty, json) {
        (Type::Ip, Json::String(text)) => Value::Ip(ip(text)),
        (Type::Mac, Json::String(text)) => {
            let mut octets = text.split(':').map(|o| u8::from_str_radix(o, 16).unwrap());
            Value::Mac(std::array::from_fn(|_| octets.next().unwrap()))
        }
        (Type::Name | Type::Path, Json::String(text)) => {
            Value::Bytes(tagout_spec::fold::fold(text.as_bytes()))
        }
        (_, Json::String(text)) => Value::Bytes(text.clone().into_bytes()),
        (_, Json::Bool(b)) => Value::Bool(*b),
        (Type::Float, json) => Value::Float(json.as_f64().unwrap()),
        (_, json) => Value::Int(json.as_i64().unwrap()),
    };
    match json {
        Json::Array(items) if param.ty == Type::Ip => {
            let range = |item: &Json| {
                let text = item.as_str().unwrap();
                let (low, high) = text.split_once('-').unwrap_or((text, text));
                (ip(low), ip(high))
            };
            Constant::Ips(items.iter().map(range).collect())
        }
        Json::Array(items) => Constant::Set(items.iter().map(one).collect()),
        json => Constant::One(one(json)),
    }
}
