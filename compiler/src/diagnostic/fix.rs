//! Making the edits that diagnostics propose.
//!
//! A fix is made whole or not at all. Two fixes that touch the same place are
//! not both made: the author, or the next run, decides about the second.

use std::collections::BTreeMap;

use super::{Applicability, Diagnostic, Edit, FileId, Fix, Sources};

/// What [`apply_fixes`] has made.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Applied {
    /// New texts of the files that changed, in the order of the files.
    pub files: Vec<(FileId, String)>,
    /// How many fixes were made.
    pub n_applied: usize,
    /// How many were not, since they touch another's place or no valid one.
    pub n_skipped: usize,
}

/// Makes the first suitable fix of every diagnostic.
///
/// `most` is the least certain kind of fix that is made: `Machine` for those
/// that need no judgement, `Maybe` for all. Earlier diagnostics win.
pub fn apply_fixes(
    sources: &Sources,
    diagnostics: &[Diagnostic],
    most: Applicability,
) -> Applied {
    let mut applied = Applied::default();
    let mut edits: BTreeMap<FileId, BTreeMap<u32, &Edit>> = BTreeMap::new();
    for diagnostic in diagnostics {
        let suitable = |fix: &&Fix| fix.applicability <= most;
        let Some(fix) = diagnostic.fixes.iter().find(suitable) else { continue };
        if accept(sources, &mut edits, fix) {
            applied.n_applied += 1;
        } else {
            applied.n_skipped += 1;
        }
    }
    for (file, edits) in &edits {
        let text = sources.get(*file).map_or("", |source| source.text());
        applied.files.push((*file, rewrite(text, edits.values().copied())));
    }
    applied
}

/// Adds a fix's edits unless one of them is invalid or touches another edit.
fn accept<'a>(
    sources: &Sources,
    edits: &mut BTreeMap<FileId, BTreeMap<u32, &'a Edit>>,
    fix: &'a Fix,
) -> bool {
    for (n, edit) in fix.edits.iter().enumerate() {
        let free = sources.text(edit.span).is_some()
            && edits.get(&edit.span.file).is_none_or(|taken| is_free(taken, edit));
        if !free {
            // Take back what this fix has put in.
            for edit in fix.edits.iter().take(n) {
                let taken = edits.get_mut(&edit.span.file);
                taken.map(|taken| taken.remove(&edit.span.start));
            }
            edits.retain(|_, edits| !edits.is_empty());
            return false;
        }
        edits.entry(edit.span.file).or_default().insert(edit.span.start, edit);
    }
    !fix.edits.is_empty()
}

/// Whether an edit neither overlaps nor starts with one that is taken.
fn is_free(taken: &BTreeMap<u32, &Edit>, edit: &Edit) -> bool {
    let before = taken.range(..=edit.span.start).next_back();
    let after = taken.range(edit.span.start..).next();
    before.is_none_or(|(start, e)| {
        e.span.end <= edit.span.start && *start < edit.span.start
    }) && after.is_none_or(|(start, _)| *start >= edit.span.end)
}

/// The text with edits made, which must be sorted and apart.
fn rewrite<'a>(text: &str, edits: impl Iterator<Item = &'a Edit>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let start = usize::try_from(edit.span.start).unwrap_or(usize::MAX);
        out.push_str(text.get(done..start).unwrap_or(""));
        out.push_str(&edit.text);
        done = usize::try_from(edit.span.end).unwrap_or(usize::MAX);
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Span};

    /// Fixes are lists of `(start, end, text)`; one diagnostic each.
    #[track_caller]
    fn check(text: &str, fixes: &[&[(u32, u32, &str)]], expected: &str, skipped: usize) {
        let mut sources = Sources::new();
        let file = sources.add("a.tag", text);
        let diagnostics: Vec<_> = fixes
            .iter()
            .map(|edits| {
                let edit = |(start, end, text): &(u32, u32, &str)| Edit {
                    span: Span::new(file, *start, *end),
                    text: (*text).to_owned(),
                };
                let fix = Fix {
                    message: String::new(),
                    applicability: Applicability::Machine,
                    edits: edits.iter().map(edit).collect(),
                };
                Diagnostic::new(Code::E0112, Span::new(file, 0, 0), "").fix(fix)
            })
            .collect();
        let applied = apply_fixes(&sources, &diagnostics, Applicability::Machine);
        let new = applied.files.first().map_or(text, |(_, text)| text);
        assert_eq!((new, applied.n_skipped), (expected, skipped));
    }

    #[test]
    fn fixes_are_made_whole_and_apart() {
        check("a && b", &[&[(2, 4, "and")]], "a and b", 0);
        check("a b", &[&[(3, 3, "!")], &[(0, 1, "x")]], "x b!", 0);
        check("abc", &[&[(0, 2, "x")], &[(1, 3, "y")]], "xc", 1);
        check("abc", &[&[(1, 1, "x")], &[(1, 1, "y")]], "axbc", 1);
        check("abc", &[&[(1, 2, "x")], &[(2, 3, "y")]], "axy", 0);
        check("abc", &[&[(0, 1, "x"), (0, 1, "y")]], "abc", 1);
        check("abc", &[&[(0, 1, "x"), (2, 9, "y")]], "abc", 1);
        check("ç", &[&[(1, 2, "x")]], "ç", 1);
    }
}
