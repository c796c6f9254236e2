//! Diagnostics for people: the source with its labels, drawn by annotate-snippets.
//!
//! That library reads the whole source it is given for every diagnostic, so it
//! is given only the lines that labels stand on and their neighbours; then a
//! file with a thousand errors costs a thousand windows, not a thousand files.
//! Lines that nobody could read are not drawn at all, only named.

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet,
};

use crate::diagnostic::{Diagnostic, Edit, Fix, Label, Role, Severity, Source, Sources};

/// Lines shown before and after a label.
const CONTEXT: u32 = 2;
/// Labels farther apart than this many lines are drawn in separate windows.
const FAR: u32 = 40;
/// A window with more bytes is not drawn.
const MAX_WINDOW: usize = 16 * 1024;

/// Whether terminal colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// With escape sequences for a terminal.
    Always,
}

/// Draws diagnostics in the order given, each followed by an empty line.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], colour: Colour) -> String {
    let renderer = match colour {
        Colour::Never => Renderer::plain(),
        Colour::Always => Renderer::styled(),
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&report(sources, diagnostic)));
        out.push_str("\n\n");
    }
    out
}

/// The drawing of one diagnostic: the problem, then one group for each fix.
fn report<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&diagnostic.message).id(diagnostic.code.id());
    let mut group = title.elements(places(sources, diagnostic));
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    let fixes = diagnostic.fixes.iter().filter_map(|fix| suggestion(sources, fix));
    std::iter::once(group).chain(fixes).collect()
}

/// A window for each cluster of labels that stand near each other.
fn places<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let mut labels: Vec<&Label> = diagnostic.labels.iter().collect();
    labels.sort_by_key(|label| (label.span, label.role == Role::Secondary));
    let first = diagnostic.span();
    let mut clusters: Vec<Vec<&Label>> = Vec::new();
    for label in labels {
        let near = clusters.last_mut().filter(|cluster| {
            cluster.last().is_some_and(|last| near(sources, last, label))
        });
        match near {
            Some(cluster) => cluster.push(label),
            None => clusters.push(vec![label]),
        }
    }
    // The place of the problem comes first, whatever its file.
    clusters.sort_by_key(|cluster| !cluster.iter().any(|l| Some(l.span) == first));
    clusters.iter().filter_map(|cluster| window(sources, cluster)).collect()
}

/// Whether two labels are drawn in one window.
fn near(sources: &Sources, a: &Label, b: &Label) -> bool {
    let line = |offset| sources.get(a.span.file).map(|s| s.position(offset).line);
    a.span.file == b.span.file
        && line(a.span.end)
            .zip(line(b.span.start))
            .is_some_and(|(a, b)| b.saturating_sub(a) <= FAR)
}

/// The lines around a cluster of labels with the labels on them.
fn window<'a>(sources: &'a Sources, cluster: &[&'a Label]) -> Option<Element<'a>> {
    let source = sources.get(cluster.first()?.span.file)?;
    let start = cluster.iter().map(|l| l.span.start).min()?;
    let end = cluster.iter().map(|l| l.span.end).max()?;
    let Some((line, offset, text)) = lines(source, start, end) else {
        let at = source.position(start);
        let origin = Origin::path(source.name());
        let line = usize::try_from(at.line).ok()?;
        let column = usize::try_from(at.column).ok()?;
        return Some(origin.line(line).char_column(column).into());
    };
    let annotate = |label: &&'a Label| -> Option<Annotation<'a>> {
        let kind = match label.role {
            Role::Primary => AnnotationKind::Primary,
            Role::Secondary => AnnotationKind::Context,
        };
        let start = usize::try_from(label.span.start).ok()?.checked_sub(offset)?;
        let end = usize::try_from(label.span.end).ok()?.checked_sub(offset)?;
        text.get(start..end)?;
        let said = Some(label.text.as_str()).filter(|text| !text.is_empty());
        Some(kind.span(start..end).label(said))
    };
    let snippet = Snippet::source(text).path(source.name()).line_start(line);
    Some(snippet.annotations(cluster.iter().filter_map(annotate)).into())
}

/// The first line's number, its offset and the text of the lines that
/// `start..end` touches and their neighbours, if a person could read it.
fn lines(source: &Source, start: u32, end: u32) -> Option<(usize, usize, &str)> {
    let first = source.position(start).line.saturating_sub(CONTEXT).max(1);
    let last = source.position(end).line.saturating_add(CONTEXT).min(source.n_lines());
    let offset = usize::try_from(source.line(first)?.0).ok()?;
    let text = source.text().get(offset..usize::try_from(source.line(last)?.1).ok()?)?;
    let readable = text.len() <= MAX_WINDOW;
    readable.then_some((usize::try_from(first).ok()?, offset, text))
}

/// A group that shows what a fix changes.
fn suggestion<'a>(sources: &'a Sources, fix: &'a Fix) -> Option<Group<'a>> {
    let title = Level::HELP.secondary_title(&fix.message);
    let file = fix.edits.first()?.span.file;
    let source = sources.get(file)?;
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort();
    let start = edits.first()?.span.start;
    let end = edits.iter().map(|edit| edit.span.end).max()?;
    let same_file = edits.iter().all(|edit| edit.span.file == file);
    let shown = lines(source, start, end).filter(|_| same_file);
    let Some((line, offset, text)) = shown else {
        return Some(Group::with_title(title));
    };
    let patch = |edit: &&'a Edit| -> Option<Patch<'a>> {
        let start = usize::try_from(edit.span.start).ok()?.checked_sub(offset)?;
        let end = usize::try_from(edit.span.end).ok()?.checked_sub(offset)?;
        text.get(start..end)?;
        Some(Patch::new(start..end, &edit.text))
    };
    let snippet = Snippet::source(text).path(source.name()).line_start(line);
    Some(title.element(snippet.patches(edits.iter().filter_map(patch))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Applicability, Code, Span};

    fn sources() -> Sources {
        let mut sources = Sources::new();
        sources.add("a.tag", "one\ntwo\n".to_owned() + &"more\n".repeat(100) + "last\n");
        sources.add("long.tag", "x".repeat(MAX_WINDOW + 1));
        sources
    }

    #[track_caller]
    fn check(diagnostic: Diagnostic, expected: &str) {
        assert_eq!(render(&sources(), &[diagnostic], Colour::Never), expected);
    }

    fn at(file: u32, start: u32, end: u32) -> Span {
        Span::new(crate::diagnostic::FileId(file), start, end)
    }

    #[test]
    fn labels_far_apart_have_their_own_windows() {
        let diagnostic = Diagnostic::new(Code::E0113, at(0, 508, 512), "wrong")
            .label("here")
            .secondary(at(0, 4, 7), "because of this")
            .note("a fact")
            .help("a proposal");
        check(
            diagnostic,
            "error[E0113]: wrong\n   --> a.tag:103:1\n    |\n103 | last\n    | ^^^^ here\n    |\n   \
             ::: a.tag:2:1\n    |\n  2 | two\n    | --- because of this\n    |\n    \
             = note: a fact\n    = help: a proposal\n\n",
        );
    }

    #[test]
    fn lines_that_nobody_could_read_are_only_named() {
        let span = at(1, 7, 9);
        let fix = Fix::replace("replace it", Applicability::Maybe, span, "y");
        check(
            Diagnostic::new(Code::E0113, span, "wrong").fix(fix),
            "error[E0113]: wrong\n--> long.tag:1:8\n |\nhelp: replace it\n\n",
        );
    }

    #[test]
    fn what_has_no_place_is_a_line() {
        check(Diagnostic::unplaced(Code::E0102, "wrong"), "error[E0102]: wrong\n\n");
        check(
            Diagnostic::new(Code::E0102, at(9, 0, 1), "wrong"),
            "error[E0102]: wrong\n\n",
        );
        let beyond = Diagnostic::new(Code::E0102, at(0, 900, 901), "wrong").label("x");
        let shown = render(&sources(), &[beyond], Colour::Never);
        assert!(shown.starts_with("error[E0102]: wrong\n"), "{shown}");
    }

    #[test]
    fn colour_is_a_parameter_and_control_characters_never_go_out() {
        let diagnostic = Diagnostic::new(Code::E0102, at(0, 0, 3), "\u{1b}[31mred");
        let plain = render(&sources(), std::slice::from_ref(&diagnostic), Colour::Never);
        assert!(!plain.contains('\u{1b}'), "{plain:?}");
        let coloured = render(&sources(), &[diagnostic], Colour::Always);
        assert!(coloured.contains("\u{1b}[") && !coloured.contains("\u{1b}[31mred"));
    }
}
