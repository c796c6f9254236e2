//! Sigma rules as they may come.

use tagout_compiler::import::sigma::{Input, Outcome, import};
use tagout_compiler::{PackSource, check, syntax};
use tagout_spec::schema::Schema;

/// Text as Sigma rules: every document has its entry; what is imported is formatted and
/// checks without errors, alone and together.
///
/// # Panics
/// If a promise is broken.
pub fn sigma_yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let schema = Schema::builtin();
    let input = Input { path: "fuzz.yml".to_owned(), text: text.to_owned() };
    let imported = import(&[input], "fuzz", &schema);
    assert!(!imported.report.entries.is_empty(), "a file without an entry");
    for entry in &imported.report.entries {
        if let Outcome::Refused { reason, .. } = &entry.outcome {
            assert!(!reason.is_empty(), "refused for no reason");
        }
    }
    for (path, text) in &imported.files {
        assert_eq!(syntax::format(text).as_ref(), Ok(text), "{path} is not formatted");
    }
    let source = PackSource {
        manifest: Some(imported.manifest.clone()),
        files: imported.files,
        ..PackSource::default()
    };
    let checked = check(&source, &schema);
    assert!(!checked.has_errors(), "the pack has errors: {:?}", checked.diagnostics);
}
