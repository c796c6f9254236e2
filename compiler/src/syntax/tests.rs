//! Tests of parsing as a whole.

use super::*;
use crate::diagnostic::render::text::{Colour, render};
use crate::diagnostic::{Applicability, Sources, apply_fixes};

/// The example of the language's design, nearly as it stands there.
pub(super) const EXAMPLE: &str = r#"
param engineering: set<ip> max 1024 = {}
data  approved: map<ip, text> = "data/approved.csv"
pred  writes(m: modbus) = m.function in { write_single_coil, write_single_register,
                                          mask_write_register, read_write_multiple_registers }
missing = false

# Writes that nobody ordered.
rule modbus_write_from_unexpected_host {
  meta { id = "OT-NET-0007"  severity = high  attack = [ics.T0855, ics.T1692.001]
         reference = "https://attack.mitre.org/techniques/T0855/"  falsepositives = "commissioning" }
  on modbus as m
  where m.request and writes(m)
    and m.address_range overlaps 9..98             # protocol addresses, 0-based, inclusive
    and m.dst.asset.role in { plc, rtu, safety }
    and m.src.ip not in engineering and m.src.ip not in 10.20.0.0/24
  unless maintenance(m.dst.asset)
  dedup by (m.src.ip, m.dst.ip, m.unit) for 10m
  emit { title = "Modbus write to {m.dst.asset.name ?? m.dst.ip}"  evidence = [m.function, m.address, m.values]
         severity = critical when m.unit == 1 else high }
  on_unknown = count

  test "the engineering station may write" with { engineering: {10.30.1.9} } {
    at 0s modbus { request: true, function: 16, address: 10, src.ip: 10.30.1.9, dst.asset.role: plc,
                   items: [ { index: 1, value: -2.5 }, { index: 2, value: 0x10 } ] }
    expect none
  }
  test "an unknown role is not silence" {
    at 0s modbus { request: true, raw["Name"]: "x" }
    at 1h30m modbus {}
    expect indeterminate on m.dst.asset.role, m.function
    expect match
  }
}

rule engineering_tool_spawns_shell {
  on process as p
  where p.parent.image.name in { "S7tgtopx.exe", "LogixDesigner.exe" }
    and (p.command_line contains any i{ "-enc", "downloadstring" } or p.image.path glob r"C:\Users\**\Temp\**")
    and not (p.signer == "Siemens AG" else false)
    and any v in p.values (v.index == 3 and v.value > 10.5)
    and (p.a & 0xff | ~p.b << 2) * -3 + 1 % 2 != 7 ?? 8
    and register(p, ref(40001), f32, word_order: little) >= 1e3
    and p.x is not missing
    and count v in p.values (v.mac == 00:1b:1b:00:00:01) > 2
    and p.name startswith "a" and p.name matches r"^a+$"
    and (p.zone in { office, on } else true)
}
"#;

fn shown(text: &str) -> (Parsed, String) {
    let mut sources = Sources::new();
    let file = sources.add("a.tag", text);
    let parsed = parse(text, file);
    let shown = render(&sources, &parsed.diagnostics, Colour::Never);
    (parsed, shown)
}

#[test]
fn the_example_is_valid() {
    let (parsed, shown) = shown(EXAMPLE);
    assert_eq!(shown, "");
    assert_eq!(parsed.file.items.len(), 6);
}

/// An expression as its tree, operators in prefix form.
fn tree(expr: &ast::Expr) -> String {
    use ast::ExprKind as E;
    match &expr.kind {
        E::Int(n) => n.to_string(),
        E::Bool(b) => b.to_string(),
        E::Path(names) => {
            names.iter().map(|n| n.kind.as_str()).collect::<Vec<_>>().join(".")
        }
        E::Paren(e) => format!("({})", tree(e)),
        E::Unary(op, e) => format!("{op:?}[{}]", tree(e)),
        E::Binary(op, l, r) => format!("{op:?}[{} {}]", tree(l), tree(r)),
        E::Range(l, r) => format!("Range[{} {}]", tree(l), tree(r)),
        E::Is { value, negated, state } => {
            format!("Is{}{state:?}[{}]", if *negated { "Not" } else { "" }, tree(value))
        }
        E::When { then, cond, otherwise } => {
            format!("When[{} {} {}]", tree(then), tree(cond), tree(otherwise))
        }
        E::Set { fold, items } => {
            let items: Vec<_> = items.iter().map(tree).collect();
            format!("{}{{{}}}", if *fold { "i" } else { "" }, items.join(" "))
        }
        E::Text { op, all, value, needles } => {
            let all = if *all { "All" } else { "" };
            format!("{op:?}{all}[{} {}]", tree(value), tree(needles))
        }
        E::Str(s) => format!("{:?}", s.value),
        E::Quant { quant, var, over, cond } => {
            format!("{quant:?}[{} {} {}]", var.kind, tree(over), tree(cond))
        }
        E::Error => "Error".to_owned(),
        other => format!("{other:?}"),
    }
}

fn parse_expr(text: &str) -> (String, Vec<&'static str>) {
    let parsed = parse(&format!("pred p() = {text}"), FileId(0));
    let codes = parsed.diagnostics.iter().map(|d| d.code.id()).collect();
    match parsed.file.items.first().map(|item| &item.kind) {
        Some(ast::Item::Pred(pred)) => (tree(&pred.body), codes),
        _ => (String::new(), codes),
    }
}

#[test]
fn precedence() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(parse_expr(text), (expected.to_owned(), vec![]), "{text}");
    }
    check("a or b and c", "Or[a And[b c]]");
    check("a and b or c and d", "Or[And[a b] And[c d]]");
    check("not a == b and c", "And[Not[Eq[a b]] c]");
    check("not not a or not b", "Or[Not[Not[a]] Not[b]]");
    check("a else b else c", "Else[Else[a b] c]");
    check("a or b else c and d", "Else[Or[a b] And[c d]]");
    check("a when b or c else d when e else f", "When[a Or[b c] When[d e f]]");
    check(
        "a | b ^ c & d << e + f * g",
        "BitOr[a BitXor[b BitAnd[c Shl[d Add[e Mul[f g]]]]]]",
    );
    check(
        "a * b + c << d & e ^ f | g",
        "BitOr[BitXor[BitAnd[Shl[Add[Mul[a b] c] d] e] f] g]",
    );
    check("a - b - c", "Sub[Sub[a b] c]");
    check("a ?? b ?? c == d", "Eq[Coalesce[Coalesce[a b] c] d]");
    check("-a * ~b", "Mul[Neg[a] BitNot[b]]");
    check("- -1 - -2", "Sub[Neg[Neg[1]] Neg[2]]");
    check("a in 1..2 + 3", "In[a Range[1 Add[2 3]]]");
    check("a in { 1, 5..9, }", "In[a {1 Range[5 9]}]");
    check("a not in b and c", "And[NotIn[a b] c]");
    check("a + 1 is not missing and b is null", "And[IsNotMissing[Add[a 1]] IsNull[b]]");
    check("not a is present", "Not[IsPresent[a]]");
    check("a contains all i{ \"x\" }", "ContainsAll[a i{\"x\"}]");
    check("a endswith \"x\" or b", "Or[EndsWith[a \"x\"] b]");
    check("any v in m.xs (v.a == 1) and b", "And[Any[v m.xs Eq[v.a 1]] b]");
    check("count v in m.xs (v.a) > 2", "Gt[Count[v m.xs v.a] 2]");
    check("(a == b) == c", "Eq[(Eq[a b]) c]");
    check("a or (b)", "Or[a (b)]");
}

#[test]
fn mistakes_in_expressions() {
    #[track_caller]
    fn check(text: &str, codes: &[&'static str]) {
        assert_eq!(parse_expr(text).1, codes, "{text}");
    }
    check("a == b == c", &["E0114"]);
    check("a < b is missing", &["E0114"]);
    check("a is missing == b", &["E0114"]);
    check("1..2..3", &["E0112"]);
    check("a == not b", &["E0119"]);
    check("a && b || !c", &["E0117", "E0117", "E0117"]);
    check("a = b AND c", &["E0117", "E0117"]);
    check("", &["E0112"]);
    check("a or", &["E0112"]);
    check("(a", &["E0113"]);
    check("(a or", &["E0112"]);
    check("[a, b", &["E0113"]);
    check("f(a b)", &["E0112"]);
    check("a.", &["E0112"]);
    check("a is new", &["E0112"]);
    check("$", &["E0101"]);
    check("a == $", &["E0101"]);
    check("a $ b", &["E0101"]);
    check("a == \"x", &["E0106"]);
    check(
        "a == 10.0.0.999 or b == 5x or c == 09 or d == \"\\q\"",
        &["E0110", "E0109", "E0108", "E0107"],
    );
    check("a when b", &["E0112"]);
    check("a)", &["E0113"]);
}

#[test]
fn canonical_layout() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(format(text).unwrap(), expected);
    }
    check("", "");
    check("# only\n\n\n# comments", "# only\n# comments\n");
    check(
        "param a:int=1 param b : set< ip >max 3\ndata c:map<ip,text> =\"c.csv\" missing=false",
        "param a: int = 1\nparam b: set<ip> max 3\n\n\
         data c: map<ip, text> = \"c.csv\"\n\nmissing = false\n",
    );
    check(
        "rule r{on modbus as m # why\n# alone\nwhere not(a.b==-1)or c in{1,2..3,}}",
        "rule r {\n    on modbus as m  # why\n    # alone\n    \
         where not (a.b == -1) or c in { 1, 2..3, }\n}\n",
    );
    check(
        "rule r { where # first\n a and b # second\n and c unless x }",
        "rule r {\n    where  # first\n        a\n        and b  # second\n        \
         and c\n    unless x\n}\n",
    );
    check(
        "rule r { meta { a=1 b=[x,\n y] # b\n # end\n } test \"t\" { expect none } }",
        "rule r {\n    meta {\n        a = 1\n        b = [x, y]  # b\n        # end\n    \
         }\n\n    test \"t\" {\n        expect none\n    }\n}\n",
    );
    let long = "pred p() = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa and (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb \
                or ccccccccccccccccccccccccccccccccccccc and ddddddddddddddddddddddddd) and e";
    check(
        long,
        "pred p() =\n    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n    and (\n        \
         bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n        \
         or ccccccccccccccccccccccccccccccccccccc and ddddddddddddddddddddddddd\n    )\n    \
         and e\n",
    );
    assert!(format("rule r {").is_err());
}

/// Mistakes in rules: the codes that are reported, in order.
#[test]
fn mistakes_in_rules() {
    #[track_caller]
    fn check(text: &str, codes: &[&str]) {
        let (parsed, shown) = shown(text);
        let found: Vec<_> = parsed.diagnostics.iter().map(|d| d.code.id()).collect();
        assert_eq!(found, codes, "{shown}");
    }
    check("rule r { wher a == 1 }", &["E0115"]);
    check("rule r { severity = high }", &["E0115"]);
    check("rule r { where a contian \"b\" }", &["E0112"]);
    check("rul r { where a }", &["E0116"]);
    check("where a", &["E0116"]);
    check("}", &["E0113"]);
    check("rule r { where a", &["E0113"]);
    check("rule r { meta { id = \"a\" where a }", &["E0113"]);
    check("rule r { where (a == 1 emit { } }", &["E0113"]);
    check("rule r { where a } } rule s { where a } }", &["E0113", "E0113"]);
    check("rule r { meta { } } where a }", &["E0113"]);
    check("rule { where a }", &["E0112"]);
    check("rule r { where where a on where b }", &["E0112", "E0112"]);
    check("rule r { meta { id: \"a\" b = 1, c = } emit { d = } }", &["E0112"; 4]);
    check(
        "rule r { test { } test \"t\" { at 0 m { } expect nothing at 0s m { a } } }",
        &["E0112"; 4],
    );
    check("param x int param y: set<> data z: ip = 3 pred p(a) = b", &["E0112"; 4]);
    check("param x: set<ip>= {}", &["E0112"]);
    check("param x: int max 99999999999999999999", &["E0108"]);
    check("rule r { dedup by m for 3m dedup (m) for 3m dedup by (m) 3m }", &["E0112"; 3]);
    check(
        "rule a { where a == } rule b { where b } rule c { where == c }",
        &["E0112"; 2],
    );
    check("rule if { } rule where { }", &["E0112"]);
    let parsed = parse("rule where { }", FileId(0));
    assert_eq!(parsed.diagnostics[0].notes, ["`where` is a reserved word"]);
}

/// What authors see, in full.
#[test]
fn messages_show_the_place_and_the_way_out() {
    let (_, shown) = shown(
        "rule r {\n    wher m.unit == 1\n    where (a && b\n    emit { title = \"x }\n}\n",
    );
    let expected = r#"error[E0115]: unknown section `wher`
 --> a.tag:2:5
  |
2 |     wher m.unit == 1
  |     ^^^^
  |
help: did you mean `where`?
  |
2 |     where m.unit == 1
  |         +

error[E0113]: `(` is never closed
 --> a.tag:3:11
  |
3 |     where (a && b
  |           ^
4 |     emit { title = "x }
  |     ---- not closed before `emit`

error[E0117]: `&&` is written `and`
 --> a.tag:3:14
  |
3 |     where (a && b
  |              ^^
  |
help: replace it by `and`
  |
3 -     where (a && b
3 +     where (a and b
  |

error[E0106]: text has no closing `"` on its line
 --> a.tag:4:20
  |
4 |     emit { title = "x }
  |                    ^
  |
  = help: for a line break inside of a text write `\n`

"#;
    assert_eq!(shown, expected);
}

/// Fixes that need no judgement lead to a file without mistakes.
#[test]
fn machines_mend_what_is_certain() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut sources = Sources::new();
        let parsed = parse(text, sources.add("a.tag", text));
        assert!(!parsed.diagnostics.is_empty());
        let applied = apply_fixes(&sources, &parsed.diagnostics, Applicability::Machine);
        let mended = applied.files.first().map(|(_, text)| text.as_str());
        assert_eq!(mended, Some(expected));
        assert_eq!(parse(expected, FileId(0)).diagnostics, vec![]);
    }
    check("pred p() = a && b || !c", "pred p() = a and b or not c");
    check("pred p() = a = b AND NOT c IN d", "pred p() = a == b and not c in d");
    check("param p: set<ip>= {}", "param p: set<ip> = {}");
    check("rule r { meta { id: \"a\" } }", "rule r { meta { id = \"a\" } }");
    check("rule r { meta { a = 1, b = 2 } }", "rule r { meta { a = 1 b = 2 } }");
    check("rule r {} # a\u{202e}b", "rule r {} # ab");
    check("data d: ip = \"a\u{200b}b\"", "data d: ip = \"a\\u{200b}b\"");
}

/// The page of every code of this module: its title, and what its examples yield.
#[test]
fn pages_of_the_codes() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/errors");
    for code in crate::diagnostic::codes::ALL.iter().filter(|c| c.id().starts_with("E01"))
    {
        let page = std::fs::read_to_string(pages.join(format!("{code}.md"))).unwrap();
        let title = format!("# {code}: {}", code.title());
        assert_eq!(page.lines().next(), Some(title.as_str()));
        let blocks: Vec<_> = page.split("```tagout\n").skip(1).collect();
        let blocks: Vec<_> =
            blocks.iter().filter_map(|b| b.split("```").next()).collect();
        let good = blocks.last().unwrap();
        assert_eq!(format(good).as_deref(), Ok(*good), "{code}");
        if let [bad, _] = blocks.as_slice() {
            let parsed = parse(bad, FileId(0));
            assert!(parsed.diagnostics.iter().any(|d| d.code == *code), "{code}");
        } else {
            assert!(page.contains("No example fits on a page."), "{code}");
        }
    }
}

/// Limits whose examples are too long for a page.
#[test]
fn limits() {
    #[track_caller]
    fn check(text: &str, code: Code) {
        let parsed = parse(text, FileId(0));
        assert_eq!(parsed.diagnostics.last().map(|d| d.code), Some(code));
        assert!(parsed.file.items.is_empty() || code == Code::E0118);
        let total: u32 = parsed.tokens.iter().map(|t| t.end - t.start).sum();
        assert_eq!(total as usize, text.len());
    }
    assert_eq!(text_of(b"# \xff\n", FileId(0)).unwrap_err().code, Code::E0102);
    let large = " ".repeat(MAX_BYTES + 1);
    assert_eq!(text_of(large.as_bytes(), FileId(0)).unwrap_err().code, Code::E0103);
    check(&large, Code::E0103);
    check(&"# \n".repeat(MAX_TOKENS / 2 + 1), Code::E0104);
    check(&"$ ".repeat(2_000), Code::E0118);
}

/// Every production that stands over a function stands in the language's grammar.
#[test]
fn the_grammar_is_the_parsers() {
    fn collapse(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
    let spec = collapse(include_str!("../../../spec/language.md"));
    let sources = [
        include_str!("lexer.rs"),
        include_str!("parser/expr.rs"),
        include_str!("parser/input.rs"),
        include_str!("parser/item.rs"),
        include_str!("parser/operand.rs"),
        include_str!("parser/rule.rs"),
        include_str!("parser/test.rs"),
    ];
    let mut n_productions = 0;
    for source in sources {
        let docs: Vec<_> =
            source.lines().map(|l| l.trim().strip_prefix("/// ")).collect();
        for (n, line) in docs.iter().enumerate() {
            let name = line.and_then(|line| line.split_once(" = ")).map(|(name, _)| name);
            if !name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_lowercase())) {
                continue;
            }
            let text: Vec<_> = docs[n..].iter().map_while(|line| *line).collect();
            let text = collapse(&text.join(" "));
            let production = text.split_inclusive(" ;").next().unwrap();
            assert!(spec.contains(production), "not in the grammar: {production}");
            n_productions += 1;
        }
    }
    assert!(n_productions > 40, "only {n_productions} productions found");
}

/// The reserved words and section words are listed where authors look for them.
#[test]
fn reserved_words_are_listed() {
    let spec = include_str!("../../../spec/language.md");
    for word in parser::RESERVED {
        assert!(spec.contains(&format!("`{word}`")), "{word}");
    }
}

/// The examples of the chapters on syntax are in canonical layout.
#[test]
fn examples_of_the_language_are_formatted() {
    let spec = include_str!("../../../spec/language.md");
    let syntax =
        spec.split("\n## ").take_while(|s| !s.starts_with("Values")).collect::<Vec<_>>();
    let mut n_examples = 0;
    for chapter in syntax.iter().take(5) {
        for block in chapter.split("```tagout\n").skip(1) {
            let example = block.split("```").next().unwrap();
            assert_eq!(format(example).as_deref(), Ok(example));
            n_examples += 1;
        }
    }
    assert!(n_examples > 0);
}
