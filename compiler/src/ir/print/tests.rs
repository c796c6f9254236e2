//! The text form of one program that has a bit of everything.

use super::print;
use crate::diagnostic::Span;
use crate::ir::build::*;
use crate::ir::{
    CmpOp, CondKind, Constant, DataTable, Evidence, ExprKind, FieldRef, OnUnknown, Param,
    Pattern, Plan, Program, RegisterFormat, RegisterView, Severity, TextOp, TitlePart,
    Type, Value,
};
use tagout_spec::schema::EnumIdx;

#[test]
fn a_program_in_text() {
    let tables = |mut program: Program| {
        let default = Some(Constant::Ips(vec![([0; 16], [1; 16])]));
        let (name, ty) = ("engineering".to_owned(), Type::Ip);
        program.params = vec![Param { name, ty, set_max: Some(9), default }];
        let rows = vec![(Value::Int(1), Some(bytes("a\"b\n")))];
        let (name, key, value) = ("owners".to_owned(), Type::Int, Some(Type::Text));
        program.data = vec![DataTable { name, key, value, rows, replaceable: true }];
        let (source, regex) = ("*.exe".to_owned(), r"\A[^/\\]*\.exe\z".to_owned());
        program.patterns = vec![Pattern { source, regex, fold: true }];
        program
    };
    let FieldRef::Event(letter) = at("letter") else { panic!("no field of the event") };
    let Some(letter) = kind().field(letter) else { panic!("no such field") };
    let tagout_spec::schema::FieldType::Enum(of, _) = letter.ty else {
        panic!("no enum")
    };
    let of: EnumIdx = of;
    let view = RegisterView {
        address: 40,
        format: RegisterFormat::F32,
        little_words: true,
        little_bytes: false,
        scale: Some(0.1),
    };
    let register = expr(ExprKind::Register(view), Type::Float);
    let where_ = all([
        cond(CondKind::Truth(f("flag"))),
        eq(f("letter"), as_type(int(3), Type::Enum(of))),
        not(cond(CondKind::InParam(f("src"), 0))),
        or_else(eq(f("user"), as_type(text("siemens ag"), Type::Name)), constant(false)),
        quant(false, "objects", cmp(CmpOp::Gt, f("objects/value"), int(10))),
        count("signed", cmp(CmpOp::Lt, item("signed"), int(0)), CmpOp::Ge, 2),
        cmp(CmpOp::Lt, register, float(1.5)),
        test(TextOp::EndsWith, f("image"), &["\\cmd.exe"]),
        cond(CondKind::Matches(f("image"), 0)),
    ]);
    let mut program = tables(program(where_));
    let severity = cond(CondKind::InInts(f("small"), vec![(1, 1), (3, 9)]));
    program.predicates[0].severity = vec![(severity, Severity::Critical)];
    program.predicates[0].columns =
        vec![expr(ExprKind::Lookup(0, Box::new(f("number"))), Type::Text)];
    program.plans = vec![Plan {
        rule: "r".to_owned(),
        predicate: 0,
        meta: vec![("id".to_owned(), serde_json::json!("X-1"))],
        severity: Severity::High,
        on_unknown: OnUnknown::Alert,
        dedup: Some((vec![0], 600)),
        title: vec![TitlePart::Literal("by ".to_owned()), TitlePart::Column(0)],
        evidence: vec![("owner".to_owned(), Evidence::Column(0))],
        span: Span::default(),
    }];
    let expected = r#"param 0 engineering: set<ip> max 9 = {::..101:101:101:101:101:101:101:101}
data 0 owners: map<int, text> replaceable
  1: "a\"b\x0a"
pattern 0~ "\\A[^/\\\\]*\\.exe\\z" from "*.exe"
predicate 0 on sample
  where
    all
      flag
      letter == 3 (gamma)
      not
        src in engineering
      else
        user ==~ "siemens ag"
        false
      any in objects
        .value > 10
      count in signed >= 2
        $ < 0
      register(40, f32, word_order: little, scale: 0.1) < 1.5
      image endswith~ any {"\\cmd.exe"}
      image matches pattern 0
  severity critical when
    small in {1, 3..9}
  column 0: text = owners[number]
plan 0 rule r
  predicate 0
  severity high
  on_unknown alert
  meta id = "X-1"
  dedup (0) for 600 ns
  title "by {0}"
  evidence owner = column 0
"#;
    assert_eq!(print(&program, schema()), expected);
}
