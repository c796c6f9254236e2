//! Diagnostics as SARIF 2.1.0, which code hosts and editors read.
//!
//! The subset of the OASIS standard that a compiler needs: one run, a rule for
//! each code that occurs, a result for each diagnostic. Regions are lines and
//! columns from 1 in Unicode code points with an exclusive end, which the run
//! declares by `columnKind`. The first primary label is the location; all others
//! are related locations. Fixes are artifact changes grouped by file.
//!
//! Left out: fingerprints (hosts make them from the lines) and suppressions.

use serde::Serialize;

use crate::diagnostic::{
    Code, Diagnostic, FileId, Fix, Label, Role, Severity, Source, Sources, Span,
};

/// Where the standard keeps its schema.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The document, without a line end.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let results = diagnostics.iter().map(|d| result(sources, &codes, d)).collect();
    let artifacts =
        sources.iter().map(|(_, s)| Artifact { location: Uri::new(s) }).collect();
    let driver = Driver {
        name: "tagout",
        version: env!("CARGO_PKG_VERSION"),
        rules: codes.iter().map(|code| rule(*code)).collect(),
    };
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver },
            column_kind: "unicodeCodePoints",
            artifacts,
            results,
        }],
    };
    // Writing texts and numbers to memory cannot fail.
    serde_json::to_string(&log).unwrap_or_default()
}

/// `sarifLog`
#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

/// `run`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    artifacts: Vec<Artifact>,
    results: Vec<Outcome>,
}

/// `tool`
#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

/// `toolComponent`
#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

/// `reportingDescriptor`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message,
    default_configuration: Configuration,
}

/// `reportingConfiguration`
#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

/// `artifact`
#[derive(Serialize)]
struct Artifact {
    location: Uri,
}

/// `artifactLocation`
#[derive(Serialize)]
struct Uri {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
}

/// `message`
#[derive(Serialize)]
struct Message {
    text: String,
}

/// `result`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Mend>,
}

/// `location`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

/// `physicalLocation`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Uri,
    region: Region,
}

/// `region`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// `fix`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mend {
    description: Message,
    artifact_changes: Vec<Change>,
}

/// `artifactChange`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    artifact_location: Uri,
    replacements: Vec<Replacement>,
}

/// `replacement`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

impl Uri {
    /// The file's name as a relative reference (RFC 3986).
    fn new(source: &Source) -> Uri {
        let mut uri = String::new();
        // A colon in the first segment would read as a scheme.
        for byte in source.name().bytes() {
            match byte {
                b'A'..=b'Z'
                | b'a'..=b'z'
                | b'0'..=b'9'
                | b'-'
                | b'.'
                | b'_'
                | b'~'
                | b'/' => {
                    uri.push(char::from(byte));
                }
                _ => uri.push_str(&format!("%{byte:02X}")),
            }
        }
        Uri { uri, index: None }
    }

    /// The same with its place among the run's artifacts.
    fn of(source: &Source, file: FileId) -> Uri {
        Uri { index: Some(file.0), ..Uri::new(source) }
    }
}

fn rule(code: Code) -> Rule {
    Rule {
        id: code.id(),
        short_description: Message { text: code.title().to_owned() },
        default_configuration: Configuration { level: level(code.severity()) },
    }
}

/// SARIF has the same three names.
fn level(severity: Severity) -> &'static str {
    severity.name()
}

fn result(sources: &Sources, codes: &[Code], diagnostic: &Diagnostic) -> Outcome {
    let mut text = diagnostic.message.clone();
    for note in &diagnostic.notes {
        text.push_str("\nnote: ");
        text.push_str(note);
    }
    for help in &diagnostic.help {
        text.push_str("\nhelp: ");
        text.push_str(help);
    }
    let is_primary = |label: &&Label| label.role == Role::Primary;
    let place = diagnostic.labels.iter().position(|label| is_primary(&label));
    let place = place.unwrap_or(0);
    let here = diagnostic.labels.get(place).and_then(|label| location(sources, label));
    let others = diagnostic.labels.iter().enumerate().filter(|(n, _)| *n != place);
    Outcome {
        rule_id: diagnostic.code.id(),
        rule_index: codes.binary_search(&diagnostic.code).ok(),
        level: level(diagnostic.severity),
        message: Message { text },
        locations: here.into_iter().collect(),
        related_locations: others
            .filter_map(|(_, label)| location(sources, label))
            .collect(),
        fixes: diagnostic.fixes.iter().filter_map(|fix| mend(sources, fix)).collect(),
    }
}

fn location(sources: &Sources, label: &Label) -> Option<Location> {
    let source = sources.get(label.span.file)?;
    let artifact_location = Uri::of(source, label.span.file);
    let region = region(source, label.span);
    let message =
        Some(Message { text: label.text.clone() }).filter(|m| !m.text.is_empty());
    Some(Location { physical_location: Physical { artifact_location, region }, message })
}

fn region(source: &Source, span: Span) -> Region {
    let (start, end) = (source.position(span.start), source.position(span.end));
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// A fix; none if a file of it is not known, since half of it would be wrong.
fn mend(sources: &Sources, fix: &Fix) -> Option<Mend> {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort();
    let mut changes: Vec<(FileId, Change)> = Vec::new();
    for edit in edits {
        let source = sources.get(edit.span.file)?;
        let replacement = Replacement {
            deleted_region: region(source, edit.span),
            inserted_content: Message { text: edit.text.clone() },
        };
        match changes.last_mut().filter(|(file, _)| *file == edit.span.file) {
            Some((_, change)) => change.replacements.push(replacement),
            None => {
                let artifact_location = Uri::of(source, edit.span.file);
                let replacements = vec![replacement];
                changes
                    .push((edit.span.file, Change { artifact_location, replacements }));
            }
        }
    }
    let artifact_changes: Vec<_> =
        changes.into_iter().map(|(_, change)| change).collect();
    let description = Message { text: fix.message.clone() };
    (!artifact_changes.is_empty()).then_some(Mend { description, artifact_changes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Applicability;

    #[test]
    fn results_have_places_and_fixes() {
        let mut sources = Sources::new();
        sources.add("b.tag", "");
        let file = sources.add("my rules/ä.tag", "çé\n&& b");
        let span = Span::new(file, 5, 7);
        let fix = Fix::replace("replace it", Applicability::Machine, span, "and");
        let diagnostic = Diagnostic::new(Code::E0117, span, "`&&` is written `and`")
            .secondary(Span::new(file, 0, 2), "here")
            .help("h")
            .fix(fix);
        let unplaced = Diagnostic::unplaced(Code::E0102, "m");
        let log: serde_json::Value =
            serde_json::from_str(&render(&sources, &[diagnostic, unplaced])).unwrap();
        let at = |path: &str| {
            log.pointer(path).unwrap_or(&serde_json::Value::Null).to_string()
        };
        assert_eq!(at("/runs/0/tool/driver/rules/1/id"), r#""E0117""#);
        assert_eq!(at("/runs/0/results/0/ruleIndex"), "1");
        assert_eq!(
            at("/runs/0/results/0/message/text"),
            r#""`&&` is written `and`\nhelp: h""#
        );
        let place = "/runs/0/results/0/locations/0/physicalLocation";
        let region = r#"{"startLine":2,"startColumn":1,"endLine":2,"endColumn":3}"#;
        assert_eq!(at(&format!("{place}/region")), region);
        let uri = r#"{"uri":"my%20rules/%C3%A4.tag","index":1}"#;
        assert_eq!(at(&format!("{place}/artifactLocation")), uri);
        assert_eq!(at("/runs/0/results/0/relatedLocations/0/message/text"), r#""here""#);
        let change = "/runs/0/results/0/fixes/0/artifactChanges/0/replacements/0";
        assert_eq!(at(&format!("{change}/deletedRegion")), region);
        assert_eq!(at(&format!("{change}/insertedContent/text")), r#""and""#);
        assert_eq!(at("/runs/0/results/1/locations"), "null");
    }
}
