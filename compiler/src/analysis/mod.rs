//! Names, types and meaning: from the trees of a pack's files to its program.
//!
//! ```text
//! PackSource --parse--> items --env--> declarations
//!                         |               |
//!                       rule, lower <-----+      one file a family of operators
//!                         |
//!               predicates, plans, tests --lint--> warnings
//!                         |
//!                     ir::Program  (only what has no error)
//! ```
//!
//! Nothing stops at the first mistake: a rule that is wrong is left out of the
//! program and its neighbours are checked as if it were right. What a mistake
//! makes impossible to know is not reported a second time: a rule that does not
//! parse is not analysed, and a name that a broken declaration may have declared
//! is believed. The caller decides whether a program with errors is of use.
//!
//! Pure: the caller reads the files.

mod attack;
mod bounds;
mod canon;
mod cases;
mod constant;
mod data;
mod env;
pub mod functions;
mod lint;
mod lower;
mod names;
mod preds;
mod report;
mod rule;
mod scope;
mod settings;
mod source;
mod types;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use tagout_spec::function::Function;
use tagout_spec::pack::manifest::PackTest;
use tagout_spec::schema::{KindIdx, Schema};

pub use source::PackSource;

pub use crate::pack::PackInfo;

use self::env::Env;
use self::lower::Patterns;
use self::rule::Lowered;
pub(crate) use self::settings::Settings;
use crate::diagnostic::{Diagnostic, Span, finish};
use crate::ir::Program;
use crate::pack;
use crate::syntax::ast::{Item, Node, Section};
use crate::syntax::{self, Parsed};

/// What a check of a pack found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The rules without errors.
    pub program: Program,
    /// What `pack.toml` says, defaults filled in.
    pub info: PackInfo,
    /// Tests of the rules without errors.
    pub tests: Vec<PackTest>,
    /// Everything that is wrong, in the order of the files, each once.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// The schema that goes with the program: with the names of maps that it reads.
    pub fn schema(&self, schema: &Schema) -> Schema {
        schema.with_names(&self.program.names)
    }

    /// Whether the pack must not be built.
    pub fn has_errors(&self) -> bool {
        crate::diagnostic::has_errors(&self.diagnostics)
    }
}

/// Checks a pack and lowers its rules.
///
/// ```
/// use tagout_compiler::{PackSource, check};
/// use tagout_spec::schema::Schema;
///
/// let text = "rule unit { on modbus as m where m.unit == 300 }";
/// let checked = check(&PackSource::single("a.tag", text), &Schema::builtin());
/// assert!(checked.has_errors());
/// ```
pub fn check(source: &PackSource, schema: &Schema) -> Checked {
    let sources = source.sources();
    let mut diagnostics = Vec::new();
    let (info, outer) = pack::manifest(source, &mut diagnostics);
    let parsed = parse(source, &mut diagnostics);
    let broken = Broken::of(source, &parsed);
    let items: Vec<&Node<Item>> = parsed
        .iter()
        .flat_map(|parsed| &parsed.file.items)
        .filter(|item| !broken.is_broken(item.span))
        .collect();
    let mut env =
        Env::collect(schema, &sources, &items, broken.names.clone(), &mut diagnostics);
    env.functions = functions(source);
    functions::check(&env, &mut diagnostics);
    let mut patterns = Patterns::default();
    preds::check(&env, &mut diagnostics);
    let params = data::params(&env, &mut diagnostics);
    let tables = data::tables(&env, source, &mut diagnostics);

    let mut rules = rules(&env, &parsed, &broken, outer, &mut patterns, &mut diagnostics);
    let mut program = Program {
        params,
        data: tables,
        patterns: patterns.into_list(),
        names: env.map_names.borrow().clone(),
        functions: env.functions.clone(),
        ..Program::default()
    };
    let lints = lint::Context {
        env: &env,
        items: &items,
        is_whole: broken.spans.is_empty(),
        info: &info,
        source,
    };
    let named = schema.with_names(&env.map_names.borrow());
    lint::satisfiable(&named, &mut rules, &mut diagnostics);
    lint::run(&lints, &rules, &mut diagnostics);
    let tests = assemble(&mut program, rules);
    finish(&mut diagnostics);
    Checked { program, info, tests, diagnostics }
}

/// The functions of plugins, in an order that does not depend on the caller's.
fn functions(source: &PackSource) -> Vec<Function> {
    let mut functions = source.functions.clone();
    functions.sort_by_key(Function::import);
    functions
}

/// Reads every rule file.
fn parse(source: &PackSource, diagnostics: &mut Vec<Diagnostic>) -> Vec<Parsed> {
    let mut all = Vec::with_capacity(source.files.len());
    for (position, (_, text)) in source.files.iter().enumerate() {
        let mut parsed = syntax::parse(text, source::file_id(position));
        diagnostics.append(&mut parsed.diagnostics.clone());
        parsed.diagnostics.retain(|d| d.span().is_some());
        all.push(parsed);
    }
    all
}

/// Checks every rule that parsed.
fn rules<'a>(
    env: &'a Env<'a>,
    parsed: &'a [Parsed],
    broken: &Broken,
    outer: Settings,
    patterns: &mut Patterns,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Lowered> {
    let mut rules = Vec::new();
    let mut names = std::collections::BTreeMap::new();
    for parsed in parsed {
        let mut own = Settings::default();
        for item in &parsed.file.items {
            if let Item::Setting(entry) = &item.kind
                && !broken.is_broken(item.span)
                && let Some((name, true)) = own.read(entry, diagnostics)
            {
                diagnostics.push(env::twice(name, entry.key.span, None));
            }
        }
        let mut settings = outer;
        settings.refine(&own);
        for item in &parsed.file.items {
            let Item::Rule(ast) = &item.kind else { continue };
            if broken.is_broken(item.span) {
                continue;
            }
            if let Some(first) = names.insert(ast.name.kind.as_str(), ast.name.span) {
                diagnostics.push(env::twice(&ast.name.kind, ast.name.span, Some(first)));
            }
            let (lowered, mut found) =
                rule::rule(env, patterns, settings, ast, item.span);
            diagnostics.append(&mut found);
            rules.extend(lowered);
        }
    }
    rules
}

/// Numbers kinds and predicates and puts the rules together.
fn assemble(program: &mut Program, rules: Vec<Lowered>) -> Vec<PackTest> {
    let kinds: BTreeSet<KindIdx> =
        rules.iter().flat_map(|rule| rule.kinds.iter().copied()).collect();
    program.kinds = kinds.into_iter().collect();
    let mut tests = Vec::new();
    for mut rule in rules {
        let number = |kind: &KindIdx| {
            let found = program.kinds.binary_search(kind).ok();
            found.and_then(|position| u16::try_from(position).ok())
        };
        rule.predicate.kinds = rule.kinds.iter().filter_map(number).collect();
        rule.plan.predicate = u32::try_from(program.predicates.len()).unwrap_or(u32::MAX);
        program.predicates.push(rule.predicate);
        program.plans.push(rule.plan);
        tests.append(&mut rule.tests);
    }
    tests
}

/// Items that did not parse, and what can be known of them.
#[derive(Debug)]
struct Broken {
    /// Their places, sorted.
    spans: Vec<Span>,
    /// Words in them: names that they may declare or use.
    names: BTreeSet<String>,
}

impl Broken {
    fn of(source: &PackSource, parsed: &[Parsed]) -> Broken {
        let mut broken = Broken { spans: Vec::new(), names: BTreeSet::new() };
        for (parsed, (_, text)) in parsed.iter().zip(&source.files) {
            let errors: BTreeSet<u32> = parsed
                .diagnostics
                .iter()
                .filter(|d| d.severity == crate::diagnostic::Severity::Error)
                .filter_map(Diagnostic::span)
                .map(|span| span.start)
                .collect();
            let items = &parsed.file.items;
            for (n, item) in items.iter().enumerate() {
                // A mistake behind an item's last token and before the next item
                // is the item's: a brace that is missing is missed there.
                let end = items.get(n + 1).map_or(u32::MAX, |next| next.span.start);
                let start = if n == 0 { 0 } else { item.span.start };
                let hit = errors.range(start..end).next().is_some();
                if hit || has_error(&item.kind) {
                    broken.spans.push(item.span);
                    words(text, item.span, &mut broken.names);
                }
            }
        }
        broken
    }

    fn is_broken(&self, span: Span) -> bool {
        self.spans.binary_search(&span).is_ok()
    }
}

/// Whether an item holds something that did not parse.
fn has_error(item: &Item) -> bool {
    match item {
        Item::Error => true,
        Item::Rule(rule) => {
            rule.sections.iter().any(|section| matches!(section.kind, Section::Error))
        }
        _ => false,
    }
}

/// Words of a part of a text.
fn words(text: &str, span: Span, into: &mut BTreeSet<String>) {
    let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let slice = text.get(place(span.start)..place(span.end)).unwrap_or("");
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for word in slice.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()) {
        into.insert(word.to_owned());
    }
}
