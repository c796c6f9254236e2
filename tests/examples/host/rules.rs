//! The public rules for Windows, and packs of them.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;

use tagout_compiler::PackSource;
use tagout_compiler::import::sigma::{Imported, Input, Outcome, import};
use tagout_sigma_tests::corpus::{COUNTED, inputs};
use tagout_spec::schema::Schema;
use tagout_tests::clock::process_seconds;

/// Rules in the order of the corpus.
pub(crate) struct Rules {
    pub(crate) inputs: Vec<Input>,
    imported: Imported,
}

impl Rules {
    pub(crate) fn of(root: &Path) -> Self {
        let mut inputs = inputs(root, COUNTED);
        inputs.retain(|input| input.text.contains("product: windows"));
        let imported = import(&inputs, "sigma", &Schema::builtin());
        Self { inputs, imported }
    }

    pub(crate) fn imported(&self) -> usize {
        self.imported.report.imported()
    }

    /// All rules but those that look through all fields of an event, and how many those
    /// are: for them, all texts are written and searched, whatever else is asked.
    pub(crate) fn by_field(&self) -> Result<(Vec<u8>, usize), Box<dyn Error>> {
        let mut files = self.imported.files.clone();
        files.retain(|(_, text)| !text.contains(".raw ("));
        let others = self.imported.files.len() - files.len();
        let imported = Imported { files, ..self.imported.clone() };
        Ok((build(&imported)?, others))
    }

    /// Identifiers of the imported rules.
    pub(crate) fn ids(&self) -> BTreeSet<&str> {
        let entries = self.imported.report.entries.iter();
        let imported = entries.filter(|e| matches!(e.outcome, Outcome::Imported { .. }));
        imported.filter_map(|entry| entry.id.as_deref()).collect()
    }

    /// All rules as a pack, and the CPU seconds that its making took.
    pub(crate) fn all(&self) -> Result<(Vec<u8>, f64), Box<dyn Error>> {
        let start = process_seconds();
        let pack = build(&self.imported)?;
        Ok((pack, process_seconds() - start))
    }

    /// The first so many rules as a pack; where there are not as many, with other
    /// literals once more.
    pub(crate) fn first(&self, n: usize) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut all = self.inputs.clone();
        all.extend(self.inputs.iter().map(twin));
        let mut imported = import(&all, "sigma", &Schema::builtin());
        let entries = imported.report.entries.iter();
        let files = entries.filter_map(|entry| match &entry.outcome {
            Outcome::Imported { file, .. } => Some(file.clone()),
            _ => None,
        });
        let kept: BTreeSet<String> = files.take(n).collect();
        imported.files.retain(|(path, _)| kept.contains(path) || !path.contains('/'));
        build(&imported)
    }
}

/// The same rule with other letters in what it looks for.
fn twin(input: &Input) -> Input {
    let path = input.path.replace(".yml", "_twin.yml");
    let mut lines = Vec::new();
    let mut is_detection = false;
    for line in input.text.lines() {
        if !line.starts_with([' ', '-', '#']) {
            is_detection = line.starts_with("detection:");
        }
        lines.push(match line.strip_prefix("id: ") {
            Some(id) => format!("id: f{}", id.get(1..).unwrap_or_default()),
            None if is_detection => other_letters(line),
            None => line.to_owned(),
        });
    }
    Input { path, text: lines.join("\n") }
}

/// Other vowels within quotes.
fn other_letters(line: &str) -> String {
    let mut is_quoted = false;
    let other = line.chars().map(|c| {
        is_quoted ^= c == '\'';
        match c {
            'a' if is_quoted => 'o',
            'e' if is_quoted => 'u',
            'i' if is_quoted => 'a',
            'o' if is_quoted => 'e',
            _ => c,
        }
    });
    other.collect()
}

fn build(imported: &Imported) -> Result<Vec<u8>, Box<dyn Error>> {
    let source = PackSource {
        name: "sigma".into(),
        manifest: Some(imported.manifest.clone()),
        files: imported.files.clone(),
        ..PackSource::default()
    };
    let built = tagout_compiler::build(&source, &Schema::builtin());
    Ok(built.pack.ok_or("the rules do not build")?)
}
