//! Texts: folding, views, literals, patterns, and what a cut text decides.

use super::super::Bindings;
use super::{F, T, U, check, check_in};
use crate::ir::build::*;
use crate::ir::{CmpOp, Cond, CondKind, Expr, ExprKind, PathView, Pattern, TextOp, Type};

use TextOp::{Contains, EndsWith, StartsWith};

fn view(view: PathView, inner: Expr) -> Expr {
    let ty = if view == PathView::Directory { Type::Path } else { Type::Name };
    expr(ExprKind::PathView(view, Box::new(inner)), ty)
}

fn folded_eq(left: Expr, right: Expr) -> Cond {
    cond(CondKind::Cmp { op: CmpOp::Eq, left, right, fold: true })
}

#[test]
fn text_is_exact_names_and_paths_fold() {
    let user = |name| as_type(text(name), Type::Name);
    check([
        (eq(f("line"), text("abc")), event([("line", s("abc"))]), T),
        (eq(f("line"), text("abc")), event([("line", s("ABC"))]), F),
        (folded_eq(f("line"), text("abc")), event([("line", s("ABC"))]), T),
        (eq(f("user"), user("cmd.exe")), event([("user", s("CMD.exe"))]), T),
        (eq(f("user"), user("kelvin")), event([("user", s("\u{212a}elvin"))]), T),
        (eq(f("user"), user("äöü")), event([("user", s("ÄÖÜ"))]), T),
        // Only simple folding: sharp s is not two letters.
        (eq(f("user"), user("strasse")), event([("user", s("straße"))]), F),
        (eq(f("user"), f("line")), event([("user", s("A")), ("line", s("a"))]), T),
    ]);
    // Bytes that are not UTF-8 stay, and letters beside them fold.
    let raw = |bytes: &[u8]| is(crate::ir::Value::Bytes(bytes.to_vec()));
    let constant = |bytes: &[u8]| {
        let value = crate::ir::Value::Bytes(bytes.to_vec());
        expr(ExprKind::Const(value), Type::Name)
    };
    check([
        (eq(f("user"), constant(b"\xffab")), event([("user", raw(b"\xffAB"))]), T),
        (eq(f("user"), constant(b"\xffab")), event([("user", raw(b"\xfeab"))]), F),
        (eq(f("user"), constant(b"ab\xc3")), event([("user", raw(b"AB\xc3"))]), T),
    ]);
}

#[test]
fn sets_of_texts() {
    let texts = |value: Expr, texts: &[&str]| {
        let fold = value.ty.folds();
        let texts = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
        cond(CondKind::InTexts { value, texts, fold })
    };
    check([
        (texts(f("line"), &["", "ab"]), event([("line", s(""))]), T),
        (texts(f("line"), &["a", "ab"]), event([("line", s("AB"))]), F),
        (texts(f("user"), &["a", "ab"]), event([("user", s("AB"))]), T),
        (texts(f("user"), &[]), event([("user", s("AB"))]), F),
        (texts(f("user"), &["ab"]), event([("user", cut("x"))]), U(&["user Truncated"])),
        (texts(f("payload"), &["ab"]), event([("payload", s("ab"))]), T),
    ]);
}

#[test]
fn views_of_paths() {
    // Path, name, directory, extension.
    let paths = [
        ("c:\\windows\\cmd.exe", "cmd.exe", "c:\\windows", "exe"),
        ("/usr/bin/sh", "sh", "/usr/bin", ""),
        ("a/b\\c.d", "c.d", "a/b", "d"),
        ("cmd.exe", "cmd.exe", "", "exe"),
        ("", "", "", ""),
        ("/", "", "", ""),
        ("a\\", "", "a", ""),
        ("dir.d/file", "file", "dir.d", ""),
        (".hidden", ".hidden", "", ""),
        ("a/.hidden", ".hidden", "a", ""),
        ("a/.hidden.txt", ".hidden.txt", "a", "txt"),
        ("trailing.", "trailing.", "", ""),
        ("..", "..", "", ""),
        ("two.tar.gz", "two.tar.gz", "", "gz"),
    ];
    let named = |text_: &str, ty| as_type(text(text_), ty);
    for (path, name, directory, extension) in paths {
        let event = || event([("image", s(&path.to_uppercase()))]);
        check([
            (eq(view(PathView::Name, f("image")), named(name, Type::Name)), event(), T),
            (
                eq(view(PathView::Directory, f("image")), named(directory, Type::Path)),
                event(),
                T,
            ),
            (
                eq(view(PathView::Extension, f("image")), named(extension, Type::Name)),
                event(),
                T,
            ),
        ]);
    }
    let directory = || view(PathView::Directory, f("image"));
    check([
        (
            eq(view(PathView::Name, directory()), named("b", Type::Name)),
            event([("image", s("a/B/c"))]),
            T,
        ),
        (
            test(StartsWith, directory(), &["a"]),
            event([("image", cut("a/b"))]),
            U(&["image Truncated"]),
        ),
        (
            eq(one(ExprKind::Len, directory(), Type::Int), int(3)),
            event([("image", s("\u{212a}/b"))]),
            T,
        ),
    ]);
}

#[test]
fn literal_tests() {
    let many = |op, all, needles: &[&str]| {
        let needles = needles.iter().map(|needle| needle.as_bytes().to_vec()).collect();
        cond(CondKind::Text { op, value: f("line"), needles, all, fold: false })
    };
    let line = || event([("line", s("abcab"))]);
    check([
        (many(Contains, false, &["bca"]), line(), T),
        (many(Contains, false, &["x", "b"]), line(), T),
        (many(Contains, true, &["x", "b"]), line(), F),
        (many(Contains, true, &["a", "b"]), line(), T),
        (many(Contains, false, &["BCA"]), line(), F),
        (many(Contains, false, &["abcabc"]), line(), F),
        (many(StartsWith, false, &["abcab"]), line(), T),
        (many(StartsWith, false, &["b", "abcabc"]), line(), F),
        (many(EndsWith, false, &["cab"]), line(), T),
        (many(EndsWith, true, &["ab", "bc"]), line(), F),
        (many(Contains, false, &["a"]), event([]), U(&["line Absent"])),
        (test(Contains, f("user"), &["k"]), event([("user", s("x\u{212a}"))]), T),
        (
            test(EndsWith, f("image"), &["\\cmd.exe"]),
            event([("image", s("C:\\CMD.EXE"))]),
            T,
        ),
    ]);
}

#[test]
fn a_cut_text_decides_what_is_found_and_what_is_long_enough() {
    let many = |op, all, needles: &[&str]| {
        let needles = needles.iter().map(|needle| needle.as_bytes().to_vec()).collect();
        cond(CondKind::Text { op, value: f("line"), needles, all, fold: false })
    };
    let line = || event([("line", cut("abc"))]);
    let unknown = U(&["line Truncated"]);
    check([
        (many(Contains, false, &["bc"]), line(), T),
        (many(Contains, false, &["x"]), line(), unknown),
        (many(Contains, false, &["x", "a"]), line(), T),
        (many(Contains, true, &["x", "a"]), line(), unknown),
        (many(StartsWith, false, &["ab"]), line(), T),
        (many(StartsWith, false, &["abc"]), line(), T),
        (many(StartsWith, false, &["abd"]), line(), F),
        // Longer than what is kept: unknown even where it cannot be.
        (many(StartsWith, false, &["abcd"]), line(), unknown),
        (many(StartsWith, false, &["xbcd"]), line(), unknown),
        (many(StartsWith, true, &["x", "abcd"]), line(), F),
        (many(EndsWith, false, &["bc"]), line(), unknown),
        (many(EndsWith, false, &["x"]), line(), unknown),
        (eq(f("line"), text("xyz")), line(), unknown),
        (
            eq(f("line"), f("note")),
            event([("line", cut("a"))]),
            U(&["line Truncated", "note Absent"]),
        ),
    ]);
}

#[test]
fn patterns_search_bytes_without_anchors() {
    let program = |regex: &str, fold| {
        let mut program = program(cond(CondKind::Matches(f("line"), 0)));
        let regex = regex.to_owned();
        program.patterns = vec![Pattern { source: regex.clone(), regex, fold }];
        program
    };
    // Pattern, folded, text, verdict; then the same text cut.
    let cases: &[(&str, bool, &str, bool, bool)] = &[
        ("b+c", false, "abbcd", true, true),
        ("b+c", false, "ABBCD", false, false),
        ("b+c", true, "ABBCD", true, true),
        ("(?i)b+c", false, "ABBCD", true, true),
        ("^b", false, "abb", false, false),
        ("^a", false, "abb", true, true),
        // At the cut nothing is an end.
        ("b$", false, "abb", true, false),
        (r"b\z", false, "abb", true, false),
        (r"bb\b", false, "abb", true, false),
        (r"bb\b", false, "abb ", true, true),
        // A match that needs the last kept byte might still be one, but is
        // reported a byte late.
        ("bb", false, "abb", true, false),
        ("ab", false, "abb", true, true),
        ("a*", false, "x", true, true),
        ("^$", false, "", true, false),
        ("", false, "", true, false),
        (".", false, "\n", false, false),
        ("(?s).", false, "\nx", true, true),
        ("(?m)^x$", false, "a\nx\nb", true, true),
        (r"\w", false, "\u{e4}\u{e4}", false, false),
        (r"(?u)\w", false, "\u{e4}\u{e4}", true, true),
        (r"(?-u)\xa4", false, "\u{e4}\u{e4}", true, true),
    ];
    for (regex, fold, line, whole, shorter) in cases {
        let program = program(regex, *fold);
        let bindings = Bindings::new();
        let expect = if *whole { T } else { F };
        check_in(&program, &bindings, &event([("line", s(line))]), expect);
        let expect = if *shorter { T } else { U(&["line Truncated"]) };
        check_in(&program, &bindings, &event([("line", cut(line))]), expect);
    }
}
