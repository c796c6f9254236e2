//! Which constructs, types and gaps have come up.

use std::collections::BTreeMap;

use tagout_spec::schema::{FieldIdx, Kind};

use crate::ir::interpret::{Content, Event, Slot};
use crate::ir::types::type_of_field;
use crate::ir::{
    Cond, CondKind, Expr, ExprKind, Predicate, Program, Type, children, walk,
};

/// Counts by construct.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How often each construct came up.
    pub counts: BTreeMap<String, u64>,
}

impl Coverage {
    /// Counts the constructs of a program.
    pub fn program(&mut self, program: &Program) {
        for predicate in &program.predicates {
            self.predicate(predicate);
        }
    }

    /// Counts the constructs of a predicate.
    pub fn predicate(&mut self, predicate: &Predicate) {
        self.cond(&predicate.cond);
        for (cond, _) in &predicate.severity {
            self.cond(cond);
        }
        for column in &predicate.columns {
            self.count(format!("column {}", ty(column.ty)));
            self.expr(column);
        }
    }

    /// Counts the states of the fields of an event.
    pub fn event(&mut self, kind: &Kind, event: &Event) {
        for field in kind.fields.iter() {
            let of = match type_of_field(field.ty) {
                Some(scalar) => ty(scalar),
                None => "repeated",
            };
            match event.fields.get(&FieldIdx(field.bit)) {
                None => self.count(format!("field {of} absent")),
                Some(Content::One(slot)) => {
                    self.count(format!("field {of} {}", state(slot)));
                }
                Some(Content::List(items, truncated)) => {
                    self.repeated(items.len(), *truncated);
                    for item in items {
                        self.count(format!("item {}", state(item)));
                    }
                }
                Some(Content::Group(elements, truncated)) => {
                    self.repeated(elements.len(), *truncated);
                    let n_fields =
                        field.items.as_ref().map_or(0, |items| items.fields.len());
                    for element in elements {
                        if element.len() < n_fields {
                            self.count("element absent".to_owned());
                        }
                        for slot in element.values() {
                            self.count(format!("element {}", state(slot)));
                        }
                    }
                }
            }
        }
    }

    /// What should have come up by now and did not, over the sample kind.
    pub fn missing(&self) -> Vec<String> {
        let expected = expected().into_iter().chain(expected_of_events());
        expected.filter(|name| !self.counts.contains_key(name)).collect()
    }

    /// The same of programs alone.
    pub fn missing_in_programs(&self) -> Vec<String> {
        let expected = expected().into_iter();
        expected.filter(|name| !self.counts.contains_key(name)).collect()
    }

    fn repeated(&mut self, len: usize, truncated: bool) {
        let fill = match (len, truncated) {
            (_, true) => "truncated",
            (0, false) => "empty",
            (_, false) => "whole",
        };
        self.count(format!("repeated {fill}"));
    }

    fn cond(&mut self, cond: &Cond) {
        let name = match &cond.kind {
            CondKind::Const(holds) => format!("const {holds}"),
            CondKind::All(conds) => {
                format!("all{}", if conds.is_empty() { " empty" } else { "" })
            }
            CondKind::Any(conds) => {
                format!("any{}", if conds.is_empty() { " empty" } else { "" })
            }
            CondKind::Not(_) => "not".to_owned(),
            CondKind::Else(..) => "else".to_owned(),
            CondKind::Truth(_) => "truth".to_owned(),
            CondKind::Cmp { op, left, fold, .. } => {
                format!("{op:?} {}{}", ty(left.ty), mark(*fold))
            }
            CondKind::InInts(value, _) => format!("in ints {}", ty(value.ty)),
            CondKind::InIps(..) => "in ips".to_owned(),
            CondKind::InTexts { value, fold, .. } => {
                format!("in texts {}{}", ty(value.ty), mark(*fold))
            }
            CondKind::InValues(value, _) => format!("in values {}", ty(value.ty)),
            CondKind::InParam(value, _) => format!("in param {}", ty(value.ty)),
            CondKind::InData(value, _) => format!("in data {}", ty(value.ty)),
            CondKind::Overlaps(..) => "overlaps".to_owned(),
            CondKind::Text { op, value, all, fold, .. } => {
                let which = if *all { "all" } else { "any" };
                format!("{op:?} {which} {}{}", ty(value.ty), mark(*fold))
            }
            CondKind::Matches(value, _) => format!("matches {}", ty(value.ty)),
            CondKind::State(_, state) => format!("is {state:?}"),
            CondKind::Quant { all, .. } => format!("quantifier {all}"),
            CondKind::Count { op, .. } => format!("count {op:?}"),
        };
        self.count(name);
        for operand in walk::operands(cond).into_iter().flatten() {
            self.expr(operand);
        }
        for child in children(cond) {
            self.cond(child);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let name = match &expr.kind {
            ExprKind::Const(_) => format!("literal {}", ty(expr.ty)),
            ExprKind::Field(super::FieldRef::Event(_)) => {
                format!("event field {}", ty(expr.ty))
            }
            ExprKind::Field(_) => format!("element field {}", ty(expr.ty)),
            ExprKind::Item(_) => format!("item of {}", ty(expr.ty)),
            ExprKind::Param(_) => format!("param {}", ty(expr.ty)),
            ExprKind::Len(inner) => format!("len {}", ty(inner.ty)),
            ExprKind::LenOf(_) => "len of".to_owned(),
            ExprKind::Neg(_) => format!("neg {}", ty(expr.ty)),
            ExprKind::BitNot(_) => "bitnot".to_owned(),
            ExprKind::Arith(op, left, right) => {
                format!("{op:?} {} {}", ty(left.ty), ty(right.ty))
            }
            ExprKind::ToFloat(_) => "to float".to_owned(),
            ExprKind::Coalesce(..) => format!("coalesce {}", ty(expr.ty)),
            ExprKind::PathView(view, inner) => format!("{view:?} of {}", ty(inner.ty)),
            ExprKind::Lookup(_, key) => {
                self.count(format!("lookup by {}", ty(key.ty)));
                format!("lookup {}", ty(expr.ty))
            }
            ExprKind::Register(view) => {
                let scale = if view.scale.is_some() { " scaled" } else { "" };
                self.count(format!("words little {}", view.little_words));
                self.count(format!("bytes little {}", view.little_bytes));
                format!("register {:?}{scale}", view.format)
            }
            ExprKind::Call(_, arguments) => {
                for argument in arguments {
                    self.count(format!("argument {}", ty(argument.ty)));
                }
                format!("call {}", ty(expr.ty))
            }
        };
        self.count(name);
        for part in walk::parts(expr) {
            self.expr(part);
        }
    }

    fn count(&mut self, name: String) {
        let count = self.counts.entry(name).or_default();
        *count = count.saturating_add(1);
    }
}

const ALL: &[&str] = &[
    "bool", "int", "enum", "float", "time", "duration", "ip", "mac", "text", "name",
    "path", "bytes", "range",
];
const KEYS: &[&str] = &[
    "bool", "int", "enum", "float", "time", "duration", "ip", "mac", "text", "name",
    "path", "bytes",
];
const SETS: &[&str] = &[
    "int", "enum", "float", "time", "duration", "ip", "mac", "text", "name", "path",
    "bytes",
];
const ORDERED: &[&str] = &["int", "enum", "float", "time", "duration", "ip"];
const INTEGERS: &[&str] = &["int", "enum", "time", "duration"];
const ELEMENTS: &[&str] = &[
    "bool", "int", "enum", "float", "duration", "ip", "mac", "text", "name", "path",
    "bytes", "range",
];
const ITEMS: &[&str] = &["int", "enum", "float", "ip", "text", "name"];
const ARGUMENTS: &[&str] =
    &["bool", "int", "enum", "float", "ip", "text", "name", "path", "bytes"];
const STRINGS: &[&str] = &["text", "text~", "name~", "path~", "bytes"];
const GAPS: &[&str] = &[
    "repeated empty",
    "repeated whole",
    "repeated truncated",
    "item value",
    "item cut",
    "item invalid",
    "element absent",
    "element null",
    "element value",
    "element cut",
];
const FIXED: &[&str] = &[
    "const true",
    "const false",
    "all",
    "any",
    "all empty",
    "any empty",
    "not",
    "else",
    "truth",
    "in ips",
    "overlaps",
    "is Missing",
    "is Null",
    "is Present",
    "quantifier true",
    "quantifier false",
    "len of",
    "bitnot",
    "to float",
    "neg int",
    "neg float",
    "neg duration",
    "words little true",
    "words little false",
    "bytes little true",
    "bytes little false",
    "Add time duration",
    "Add duration time",
    "Sub time duration",
    "Sub time time",
    "Add duration duration",
    "Sub duration duration",
    "Mul duration int",
    "Mul int duration",
    "Div duration int",
    "register F32",
    "register F64",
    "in values float",
    "in values mac",
];

/// Every construct that a long enough run must bring up over the sample kind.
fn expected() -> Vec<String> {
    let mut names: Vec<String> = FIXED.iter().map(|name| (*name).to_owned()).collect();
    let mut add = |heads: &[&str], tails: &[&str]| {
        for head in heads {
            names.extend(tails.iter().map(|tail| format!("{head} {tail}")));
        }
    };
    add(&["Lt", "Le", "Gt", "Ge"], ORDERED);
    add(&["Eq"], &["bool", "mac"]);
    add(&["Eq"], ORDERED);
    add(&["Eq", "in texts"], STRINGS);
    add(&["in ints"], INTEGERS);
    add(&["in param", "in data"], SETS);
    let tests = [
        "Contains any",
        "Contains all",
        "StartsWith any",
        "StartsWith all",
        "EndsWith any",
        "EndsWith all",
    ];
    add(&tests, STRINGS);
    add(&["matches", "len"], &["text", "name", "path", "bytes"]);
    add(&["count"], &["Eq", "Lt", "Le", "Gt", "Ge"]);
    add(&["literal", "event field", "coalesce", "lookup", "column"], ALL);
    add(&["param"], KEYS);
    add(&["lookup by"], KEYS);
    add(&["element field"], ELEMENTS);
    add(&["item of"], ITEMS);
    let ops = ["Add", "Sub", "Mul", "Div", "Rem", "And", "Or", "Xor", "Shl", "Shr"];
    add(&ops, &["int int"]);
    add(&["Add", "Sub", "Mul", "Div"], &["float float"]);
    add(&["Name of", "Directory of", "Extension of"], &["text", "name", "path"]);
    let formats = [
        "register U16",
        "register I16",
        "register U32",
        "register I32",
        "register U64",
        "register I64",
    ];
    names.extend(formats.iter().map(|format| (*format).to_owned()));
    let formats: Vec<_> =
        formats.iter().chain(&["register F32", "register F64"]).collect();
    names.extend(formats.iter().map(|format| format!("{format} scaled")));
    let mut add = |head: &str, tails: &[&str]| {
        names.extend(tails.iter().map(|tail| format!("{head} {tail}")));
    };
    add("call", &["int", "float", "bool"]);
    add("argument", ARGUMENTS);
    names
}

/// States of fields and elements that must come up in events.
fn expected_of_events() -> Vec<String> {
    let mut names: Vec<String> = GAPS.iter().map(|name| (*name).to_owned()).collect();
    for of in ALL {
        for state in ["absent", "null", "invalid", "value"] {
            names.push(format!("field {of} {state}"));
        }
    }
    for of in ["text", "name", "path", "bytes"] {
        names.push(format!("field {of} cut"));
    }
    for state in ["absent", "null", "invalid"] {
        names.push(format!("field repeated {state}"));
    }
    names
}

fn mark(fold: bool) -> &'static str {
    if fold { "~" } else { "" }
}

fn state(slot: &Slot) -> &'static str {
    match slot {
        Slot::Absent => "absent",
        Slot::Null => "null",
        Slot::Invalid => "invalid",
        Slot::Value(_) => "value",
        Slot::Cut(_) => "cut",
        Slot::Repeated { .. } => "repeated",
    }
}

fn ty(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Int => "int",
        Type::Enum(_) => "enum",
        Type::Float => "float",
        Type::Time => "time",
        Type::Duration => "duration",
        Type::Ip => "ip",
        Type::Mac => "mac",
        Type::Text => "text",
        Type::Name => "name",
        Type::Path => "path",
        Type::Bytes => "bytes",
        Type::Range => "range",
    }
}
