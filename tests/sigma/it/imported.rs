//! The share of the public rules that is imported, and that the compiler takes all of
//! what comes out, as one pack.

use std::collections::BTreeMap;
use std::path::Path;

use tagout_compiler::import::sigma::{Class, Entry, Imported, Input, Outcome, import};
use tagout_compiler::{PackSource, check, syntax};
use tagout_sigma_tests::corpus::{APART, COUNTED, corpus, inputs};
use tagout_spec::schema::Schema;

/// Least share of the counted rules, in percent.
const GOAL: usize = 98;

/// What stands behind `product:` of a rule, if the rule counts: products that we read,
/// and generic categories of the network.
fn counts(input: &Input) -> bool {
    let product =
        input.text.lines().find_map(|line| line.trim_start().strip_prefix("product:"));
    let product = product.map(|rest| rest.split('#').next().unwrap_or_default());
    let product = product.map(|rest| rest.trim().trim_matches(['\'', '"']));
    matches!(product, Some("windows" | "linux" | "zeek") | None)
}

fn tell(name: &str, imported: &Imported) {
    let mut classes: BTreeMap<Class, Vec<&Entry>> = BTreeMap::new();
    for entry in &imported.report.entries {
        if let Outcome::Refused { class, .. } = &entry.outcome {
            classes.entry(*class).or_default().push(entry);
        }
    }
    let (yes, all) = (imported.report.imported(), imported.report.entries.len());
    println!("{name}: {yes} of {all} imported");
    for (class, entries) in classes {
        println!("  {} {class}", entries.len());
        for entry in entries {
            if let Outcome::Refused { reason, .. } = &entry.outcome {
                println!("    {}: {reason}", entry.path);
            }
        }
    }
}

#[test]
fn the_public_rules_are_imported() {
    let Some(root) = corpus("rules/sigma") else { return };
    let schema = Schema::builtin();
    let mut all = inputs(&root, COUNTED);
    all.retain(counts);
    let imported = import(&all, "sigma", &schema);
    tell("counted", &imported);
    let n = imported.report.entries.len();
    assert!(n > 2_300, "the corpus has {n} rules");
    assert!(imported.report.imported() * 100 >= n * GOAL, "less than {GOAL} %");
    for folder in APART {
        tell(folder, &import(&inputs(&root, &[folder]), folder, &schema));
    }
    whole(&imported, &schema);
}

/// All rules together are a pack without errors, and formatted.
fn whole(imported: &Imported, schema: &Schema) {
    let source = PackSource {
        name: "sigma".into(),
        manifest: Some(imported.manifest.clone()),
        files: imported.files.clone(),
        ..PackSource::default()
    };
    let checked = check(&source, schema);
    let errors: Vec<String> = checked
        .diagnostics
        .iter()
        .filter(|d| d.severity == tagout_compiler::diagnostic::Severity::Error)
        .map(|d| format!("{}: {}", d.code, d.message))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let mut warnings: BTreeMap<&str, usize> = BTreeMap::new();
    for diagnostic in &checked.diagnostics {
        *warnings.entry(diagnostic.code.id()).or_insert(0) += 1;
    }
    println!("one pack: {} rules, warnings {warnings:?}", checked.program.plans.len());
    for (path, text) in &imported.files {
        let is_relative = Path::new(path)
            .components()
            .all(|part| matches!(part, std::path::Component::Normal(_)));
        assert!(is_relative, "{path}");
        assert_eq!(syntax::format(text).as_ref(), Ok(text), "{path} is not formatted");
    }
}
