//! Diagnostics for programs: one JSON document of a stable form.
//!
//! ```json
//! { "version": 1, "errors": 1, "warnings": 0, "diagnostics": [ {
//!     "code": "E0117", "severity": "error", "title": "operator of another language",
//!     "message": "`&&` is written `and`",
//!     "labels": [ { "file": "a.tag", "primary": true, "text": "",
//!                   "start": { "offset": 12, "line": 2, "column": 3 },
//!                   "end":   { "offset": 14, "line": 2, "column": 5 } } ],
//!     "help": [], "notes": [],
//!     "fixes": [ { "message": "replace it by `and`", "applicability": "machine",
//!                  "edits": [ { "file": "a.tag", "start": {}, "end": {}, "text": "and" } ] } ]
//! } ] }
//! ```
//!
//! Offsets count bytes from 0, lines and columns from 1, columns in Unicode
//! scalar values; ends are exclusive. `severity` is `error`, `warning` or `note`;
//! `applicability` is `machine` or `maybe`. The first primary label is where the
//! problem stands; a diagnostic without a place has no labels. Members are only
//! ever added; `version` changes if one must change its meaning.

use serde::Serialize;

use crate::diagnostic::{
    Applicability, Diagnostic, Edit, Fix, Label, Role, Severity, Source, Sources, Span,
};

/// The document, without a line end.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let document = Document {
        version: 1,
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        diagnostics: diagnostics.iter().map(|d| problem(sources, d)).collect(),
    };
    // Writing texts and numbers to memory cannot fail.
    serde_json::to_string(&document).unwrap_or_default()
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    code: &'static str,
    severity: &'static str,
    title: &'static str,
    message: &'a str,
    labels: Vec<Place<'a>>,
    help: &'a [String],
    notes: &'a [String],
    fixes: Vec<Mend<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    primary: bool,
    text: &'a str,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    offset: u32,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Mend<'a> {
    message: &'a str,
    applicability: &'static str,
    edits: Vec<Change<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    file: &'a str,
    start: Point,
    end: Point,
    text: &'a str,
}

fn problem<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Problem<'a> {
    Problem {
        code: diagnostic.code.id(),
        severity: diagnostic.severity.name(),
        title: diagnostic.code.title(),
        message: &diagnostic.message,
        labels: diagnostic.labels.iter().filter_map(|l| place(sources, l)).collect(),
        help: &diagnostic.help,
        notes: &diagnostic.notes,
        fixes: diagnostic.fixes.iter().map(|fix| mend(sources, fix)).collect(),
    }
}

fn place<'a>(sources: &'a Sources, label: &'a Label) -> Option<Place<'a>> {
    let source = sources.get(label.span.file)?;
    let (start, end) = points(source, label.span);
    let primary = label.role == Role::Primary;
    Some(Place { file: source.name(), primary, text: &label.text, start, end })
}

fn mend<'a>(sources: &'a Sources, fix: &'a Fix) -> Mend<'a> {
    let applicability = match fix.applicability {
        Applicability::Machine => "machine",
        Applicability::Maybe => "maybe",
    };
    let edits = fix.edits.iter().filter_map(|edit| change(sources, edit)).collect();
    Mend { message: &fix.message, applicability, edits }
}

fn change<'a>(sources: &'a Sources, edit: &'a Edit) -> Option<Change<'a>> {
    let source = sources.get(edit.span.file)?;
    let (start, end) = points(source, edit.span);
    Some(Change { file: source.name(), start, end, text: &edit.text })
}

fn points(source: &Source, span: Span) -> (Point, Point) {
    let point = |offset| {
        let at = source.position(offset);
        Point { offset, line: at.line, column: at.column }
    };
    (point(span.start), point(span.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn the_form_is_stable() {
        let mut sources = Sources::new();
        let file = sources.add("a.tag", "çé\n&& b");
        let span = Span::new(file, 5, 7);
        let fix = Fix::replace("replace it", Applicability::Machine, span, "and");
        let first = Diagnostic::new(Code::E0117, span, "`&&` is written `and`").fix(fix);
        let shown =
            render(&sources, &[first, Diagnostic::unplaced(Code::E0102, "m").note("n")]);
        let expected = concat!(
            r#"{"version":1,"errors":2,"warnings":0,"diagnostics":["#,
            r#"{"code":"E0117","severity":"error","title":"operator of another language","#,
            r#""message":"`&&` is written `and`","labels":[{"file":"a.tag","primary":true,"#,
            r#""text":"","start":{"offset":5,"line":2,"column":1},"#,
            r#""end":{"offset":7,"line":2,"column":3}}],"help":[],"notes":[],"#,
            r#""fixes":[{"message":"replace it","applicability":"machine","edits":["#,
            r#"{"file":"a.tag","start":{"offset":5,"line":2,"column":1},"#,
            r#""end":{"offset":7,"line":2,"column":3},"text":"and"}]}]},"#,
            r#"{"code":"E0102","severity":"error","title":"file is not UTF-8","message":"m","#,
            r#""labels":[],"help":[],"notes":["n"],"fixes":[]}]}"#,
        );
        assert_eq!(shown, expected);
    }
}
