//! A rule as our importer and compiler make it, asked through the reference interpreter.

use rsigma_parser::SigmaRule;
use tagout_compiler::import::sigma::{Input, Mapping, Outcome, import, mapping};
use tagout_compiler::ir::Constant;
use tagout_compiler::ir::interpret::Interpreter;
use tagout_compiler::{Checked, PackSource, check};
use tagout_spec::pack::Verdict;
use tagout_spec::record::{BatchBuilder, EventJson, Needs};
use tagout_spec::schema::Schema;

/// A rule of ours, ready to be asked.
#[derive(Debug)]
pub struct Ours {
    /// The schema with the names that the rule reads.
    pub schema: Schema,
    /// Where its events lie.
    pub mapping: Mapping,
    json: EventJson,
    checked: Checked,
}

/// Where the events of a rule lie.
#[must_use]
pub fn mapping_of(rule: &SigmaRule) -> Option<Mapping> {
    let source = &rule.logsource;
    let category = source.category.as_deref();
    mapping(source.product.as_deref(), category, source.service.as_deref()).ok()
}

impl Ours {
    /// Imports a file of one rule; nothing if the rule is refused.
    #[must_use]
    pub fn import(input: &Input, mapping: Mapping, schema: &Schema) -> Option<Ours> {
        let imported = import(std::slice::from_ref(input), "one", schema);
        let is_rule = |outcome: &Outcome| matches!(outcome, Outcome::Imported { .. });
        if !imported.report.entries.iter().all(|entry| is_rule(&entry.outcome)) {
            return None;
        }
        let source = PackSource { files: imported.files, ..PackSource::default() };
        let checked = check(&source, schema);
        let schema = checked.schema(schema);
        Some(Ours { json: EventJson::new(&schema), schema, mapping, checked })
    }

    /// Whether the rule matches an event; nothing if the event cannot be written.
    #[must_use]
    pub fn verdict(&self, kind: &str, line: &str) -> Option<bool> {
        static NONE: Vec<Option<Constant>> = Vec::new();
        let interpreter =
            Interpreter::new(&self.schema, &self.checked.program, &NONE).ok()?;
        let mut builder =
            BatchBuilder::new(&self.schema, self.schema.kind_idx(kind)?, Needs::ALL)?;
        let mut record = builder.begin()?;
        self.json.read(line.as_bytes(), &mut record).ok()?;
        record.commit();
        let batch = builder.finish(1);
        let outcome = interpreter.evaluate(0, &batch.view().record(0)?)?;
        Some(outcome.verdict == Verdict::True)
    }
}
