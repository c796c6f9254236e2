//! The text form of a program, for people and snapshots.
//!
//! ```text
//! predicate 0 on modbus
//!   where
//!     all
//!       request
//!       function in {5, 6, 15, 16}
//!       any in objects
//!         .index == 3
//!       else
//!         text signer ==~ "siemens ag"
//!         false
//!   column 0: ip = src.ip
//! ```
//!
//! One condition a line, its children below it; values in one line with all
//! parentheses; `~` marks what folds; an element's fields begin with a dot; an item
//! is `$`. Names come from the schema, so the text does not change when a field
//! moves. It has no places in the source and cannot be read back.

mod value;

#[cfg(test)]
mod tests;

use std::fmt::Write;

use tagout_spec::schema::{Kind, Schema};

use super::types::field_of;
use super::{
    CmpOp, Cond, CondKind, DataTable, Evidence, FieldRef, OnUnknown, Param, Pattern,
    Plan, Predicate, Program, Severity, State, TextOp, TitlePart, children,
};

/// The text form of a program.
pub fn print(program: &Program, schema: &Schema) -> String {
    let mut printer = Printer { program, schema, kind: None, text: String::new() };
    for (number, param) in program.params.iter().enumerate() {
        printer.param(number, param);
    }
    for (number, table) in program.data.iter().enumerate() {
        printer.table(number, table);
    }
    for (number, pattern) in program.patterns.iter().enumerate() {
        printer.pattern(number, pattern);
    }
    let called = super::walk::functions(program);
    for (number, function) in (0..).zip(&program.functions) {
        if called.contains(&number) {
            let import = function.import();
            printer.line(0, &format!("function {number} {import}: {function}"));
        }
    }
    for (number, predicate) in program.predicates.iter().enumerate() {
        printer.predicate(number, predicate);
    }
    for (number, plan) in program.plans.iter().enumerate() {
        printer.plan(number, plan);
    }
    printer.text
}

/// The text form of one condition of a predicate.
pub fn print_cond(
    program: &Program,
    schema: &Schema,
    predicate: &Predicate,
    cond: &Cond,
) -> String {
    let mut printer = Printer { program, schema, kind: None, text: String::new() };
    printer.kind = printer.kinds(predicate).first().copied();
    printer.cond(cond, 0);
    printer.text
}

struct Printer<'a> {
    program: &'a Program,
    schema: &'a Schema,
    /// Whose fields are named.
    kind: Option<&'a Kind>,
    text: String,
}

impl<'a> Printer<'a> {
    fn line(&mut self, depth: usize, line: &str) {
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn param(&mut self, number: usize, param: &Param) {
        let ty = self.ty(param.ty);
        let ty = match param.set_max {
            None => ty,
            Some(most) => format!("set<{ty}> max {most}"),
        };
        let default = match &param.default {
            None => String::new(),
            Some(default) => format!(" = {}", value::constant(default)),
        };
        self.line(0, &format!("param {number} {}: {ty}{default}", param.name));
    }

    fn table(&mut self, number: usize, table: &DataTable) {
        let key = self.ty(table.key);
        let ty = match table.value {
            None => format!("set<{key}>"),
            Some(ty) => format!("map<{key}, {}>", self.ty(ty)),
        };
        let replaceable = if table.replaceable { " replaceable" } else { "" };
        self.line(0, &format!("data {number} {}: {ty}{replaceable}", table.name));
        for (key, row) in &table.rows {
            let row = match row {
                None => value::value(key),
                Some(row) => format!("{}: {}", value::value(key), value::value(row)),
            };
            self.line(1, &row);
        }
    }

    fn pattern(&mut self, number: usize, pattern: &Pattern) {
        let mut line = format!("pattern {number}{} ", mark(pattern.fold));
        value::quote(pattern.regex.as_bytes(), &mut line);
        line.push_str(" from ");
        value::quote(pattern.source.as_bytes(), &mut line);
        self.line(0, &line);
    }

    fn kinds(&self, predicate: &Predicate) -> Vec<&'a Kind> {
        let kinds = predicate.kinds.iter();
        let kinds = kinds.filter_map(|kind| self.program.kinds.get(usize::from(*kind)));
        let kinds = kinds.filter_map(|kind| self.schema.kinds.get(usize::from(kind.0)));
        kinds.map(AsRef::as_ref).collect()
    }

    fn predicate(&mut self, number: usize, predicate: &Predicate) {
        let kinds = self.kinds(predicate);
        self.kind = kinds.first().copied();
        let names: Vec<_> = kinds.iter().map(|kind| kind.name.as_ref()).collect();
        self.line(0, &format!("predicate {number} on {}", names.join(", ")));
        self.line(1, "where");
        self.cond(&predicate.cond, 2);
        for (cond, severity) in &predicate.severity {
            self.line(1, &format!("severity {} when", name_of(*severity)));
            self.cond(cond, 2);
        }
        for (column, expr) in predicate.columns.iter().enumerate() {
            let ty = self.ty(expr.ty);
            let expr = self.expr(expr);
            self.line(1, &format!("column {column}: {ty} = {expr}"));
        }
    }

    fn cond(&mut self, cond: &Cond, depth: usize) {
        let head = self.head(cond);
        self.line(depth, &head);
        for child in children(cond) {
            self.cond(child, depth.saturating_add(1));
        }
    }

    /// A condition without its children.
    fn head(&self, cond: &Cond) -> String {
        match &cond.kind {
            CondKind::Const(holds) => holds.to_string(),
            CondKind::All(_) => "all".to_owned(),
            CondKind::Any(_) => "any".to_owned(),
            CondKind::Not(_) => "not".to_owned(),
            CondKind::Else(..) => "else".to_owned(),
            CondKind::Truth(value) => self.expr(value),
            CondKind::Cmp { op, left, right, fold } => {
                let (left, right) = (self.expr(left), self.expr(right));
                format!("{left} {}{} {right}", symbol(*op), mark(*fold))
            }
            CondKind::InInts(value, ranges) => {
                let ranges = ranges.iter().map(|(first, last)| match first == last {
                    true => first.to_string(),
                    false => format!("{first}..{last}"),
                });
                format!("{} in {}", self.expr(value), value::set(ranges))
            }
            CondKind::InIps(value, ranges) => {
                format!("{} in {}", self.expr(value), value::ips(ranges))
            }
            CondKind::InTexts { value, texts, fold } => {
                let texts = value::texts(texts);
                format!("{} in{} {texts}", self.expr(value), mark(*fold))
            }
            CondKind::InValues(value, values) => {
                let values = value::set(values.iter().map(value::value));
                format!("{} in {values}", self.expr(value))
            }
            CondKind::InParam(value, param) => {
                format!("{} in {}", self.expr(value), self.param_name(*param))
            }
            CondKind::InData(value, table) => {
                format!("{} in {}", self.expr(value), self.table_name(*table))
            }
            CondKind::Overlaps(left, right) => {
                format!("{} overlaps {}", self.expr(left), self.expr(right))
            }
            CondKind::Text { op, value, needles, all, fold } => {
                let op = match op {
                    TextOp::Contains => "contains",
                    TextOp::StartsWith => "startswith",
                    TextOp::EndsWith => "endswith",
                };
                let which = if *all { "all" } else { "any" };
                let needles = value::texts(needles);
                format!("{} {op}{} {which} {needles}", self.expr(value), mark(*fold))
            }
            CondKind::Matches(value, pattern) => {
                format!("{} matches pattern {pattern}", self.expr(value))
            }
            CondKind::State(field, state) => {
                let state = match state {
                    State::Missing => "missing",
                    State::Null => "null",
                    State::Present => "present",
                };
                format!("{} is {state}", self.field(*field))
            }
            CondKind::Quant { all, group, .. } => {
                let which = if *all { "all" } else { "any" };
                format!("{which} in {}", self.field(*group))
            }
            CondKind::Count { group, op, than, .. } => {
                format!("count in {} {} {than}", self.field(*group), symbol(*op))
            }
        }
    }

    fn plan(&mut self, number: usize, plan: &Plan) {
        let on_unknown = match plan.on_unknown {
            OnUnknown::Count => "count",
            OnUnknown::Alert => "alert",
        };
        self.line(0, &format!("plan {number} rule {}", plan.rule));
        self.line(1, &format!("predicate {}", plan.predicate));
        self.line(1, &format!("severity {}", name_of(plan.severity)));
        self.line(1, &format!("on_unknown {on_unknown}"));
        for (key, meta) in &plan.meta {
            self.line(1, &format!("meta {key} = {meta}"));
        }
        if let Some((columns, window)) = &plan.dedup {
            let columns: Vec<_> = columns.iter().map(ToString::to_string).collect();
            let columns = columns.join(", ");
            self.line(1, &format!("dedup ({columns}) for {window} ns"));
        }
        if !plan.title.is_empty() {
            let mut title = String::new();
            for part in &plan.title {
                match part {
                    TitlePart::Literal(literal) => title.push_str(literal),
                    TitlePart::Column(column) => {
                        let _ = write!(title, "{{{column}}}");
                    }
                    TitlePart::FirstOf(columns) => {
                        let columns: Vec<_> =
                            columns.iter().map(ToString::to_string).collect();
                        let _ = write!(title, "{{{}}}", columns.join(" ?? "));
                    }
                }
            }
            let mut line = "title ".to_owned();
            value::quote(title.as_bytes(), &mut line);
            self.line(1, &line);
        }
        self.kind = usize::try_from(plan.predicate)
            .ok()
            .and_then(|predicate| self.program.predicates.get(predicate))
            .and_then(|predicate| self.kinds(predicate).first().copied());
        for (label, evidence) in &plan.evidence {
            let evidence = match evidence {
                Evidence::Column(column) => format!("column {column}"),
                Evidence::Field(field) => self.field(FieldRef::Event(*field)),
            };
            self.line(1, &format!("evidence {label} = {evidence}"));
        }
    }

    /// A field's path; of an element with a dot before it.
    fn field(&self, field: FieldRef) -> String {
        let found = self.kind.and_then(|kind| field_of(kind, field));
        if let FieldRef::Call(function) = field {
            return format!("{}()", self.function_name(function));
        }
        match (field, found) {
            (FieldRef::Event(_), Some(found)) => found.path.to_string(),
            (FieldRef::Elem(..), Some(found)) => format!(".{}", found.path),
            (_, None) => format!("?{field:?}"),
            (FieldRef::Call(_), Some(_)) => String::new(),
        }
    }

    fn function_name(&self, function: u32) -> &'a str {
        let found = usize::try_from(function).ok();
        let found = found.and_then(|at| self.program.functions.get(at));
        found.map_or("?function", |function| &function.name)
    }

    fn param_name(&self, param: u32) -> String {
        let param =
            usize::try_from(param).ok().and_then(|at| self.program.params.get(at));
        param.map_or_else(|| "?param".to_owned(), |param| param.name.clone())
    }

    fn table_name(&self, table: u32) -> String {
        let table = usize::try_from(table).ok().and_then(|at| self.program.data.get(at));
        table.map_or_else(|| "?data".to_owned(), |table| table.name.clone())
    }
}

fn mark(fold: bool) -> &'static str {
    if fold { "~" } else { "" }
}

fn symbol(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => "==",
        CmpOp::Lt => "<",
        CmpOp::Le => "<=",
        CmpOp::Gt => ">",
        CmpOp::Ge => ">=",
    }
}

fn name_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}
