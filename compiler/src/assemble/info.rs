//! What an alert, a listing or a report needs of a rule: one JSON document each.

use tagout_spec::pack::manifest::{
    ColumnInfo, ConditionInfo, Cost, EvidenceFrom, EvidenceInfo, RuleInfo, TitlePart,
};
use tagout_spec::schema::{Kind, Schema};

use crate::PackInfo;
use crate::diagnostic::{Sources, Span};
use crate::ir::{
    self, Cond, CondKind, Evidence, FieldRef, Plan, Predicate, Program, Type, children,
};

/// Longest source text of a condition or column that is kept.
const SOURCE_CHARS: usize = 160;

/// Describes one rule.
pub(super) fn rule(
    program: &Program,
    schema: &Schema,
    sources: &Sources,
    about: &PackInfo,
    plan: &Plan,
    predicate: &Predicate,
) -> RuleInfo {
    let kind = predicate
        .kinds
        .first()
        .and_then(|number| program.kinds.get(usize::from(*number)))
        .and_then(|idx| schema.kind(*idx));
    let registers = kind.and_then(|kind| kind.registers.as_ref());
    let meta: serde_json::Map<_, _> = plan.meta.iter().cloned().collect();
    let id = meta.get("id").and_then(|id| id.as_str()).map(str::to_owned);
    let mut conditions = Vec::new();
    describe(&predicate.cond, 0, sources, &mut conditions);
    let cost = ir::cost::cost(program, schema, predicate);
    RuleInfo {
        name: plan.rule.clone(),
        id: id.unwrap_or_else(|| format!("{}/{}", about.name, plan.rule)),
        meta,
        columns: predicate.columns.iter().map(|c| column(schema, sources, c)).collect(),
        title: plan.title.iter().map(title).collect(),
        evidence: plan
            .evidence
            .iter()
            .map(|(l, e)| evidence(program, kind, l, e))
            .collect(),
        fields: ir::field_refs(&predicate.cond, registers)
            .into_iter()
            .map(|field| path(program, kind, field))
            .collect(),
        conditions,
        cost: Cost { base: cost.base, byte: cost.byte, element: cost.element },
    }
}

fn column(schema: &Schema, sources: &Sources, expr: &ir::Expr) -> ColumnInfo {
    let enumeration = match expr.ty {
        Type::Enum(idx) => {
            schema.enums.get(usize::from(idx.0)).map(|e| e.name.to_string())
        }
        _ => None,
    };
    let print = match expr.ty {
        Type::Time => Some("time"),
        Type::Duration => Some("duration"),
        Type::Bytes => Some("bytes"),
        _ => None,
    };
    ColumnInfo {
        source: line(sources, expr.span),
        enumeration,
        print: print.map(str::to_owned),
    }
}

fn title(part: &ir::TitlePart) -> TitlePart {
    match part {
        ir::TitlePart::Literal(text) => TitlePart::Text(text.clone()),
        ir::TitlePart::Column(column) => TitlePart::Column(*column),
        ir::TitlePart::FirstOf(columns) => TitlePart::FirstOf(columns.clone()),
    }
}

fn evidence(
    program: &Program,
    kind: Option<&Kind>,
    label: &str,
    evidence: &Evidence,
) -> EvidenceInfo {
    let from = match evidence {
        Evidence::Column(column) => EvidenceFrom::Column(*column),
        Evidence::Field(field) => {
            EvidenceFrom::Field(path(program, kind, FieldRef::Event(*field)))
        }
    };
    EvidenceInfo { label: label.to_owned(), from }
}

/// `function`, `objects[].index` for a field of an element, or `entropy()` for a call.
fn path(program: &Program, kind: Option<&Kind>, field: FieldRef) -> String {
    let of_event = |idx| kind.and_then(|kind| kind.field(idx));
    match field {
        FieldRef::Event(idx) => {
            of_event(idx).map(|f| f.path.to_string()).unwrap_or_default()
        }
        FieldRef::Elem(group, inner) => {
            let group = of_event(group);
            let inner =
                group.and_then(|g| g.items.as_ref()).and_then(|items| items.field(inner));
            let group = group.map(|g| g.path.to_string()).unwrap_or_default();
            let inner = inner.map(|f| f.path.to_string()).unwrap_or_default();
            format!("{group}[].{inner}")
        }
        FieldRef::Call(function) => {
            let position = usize::try_from(function).ok();
            let function = position.and_then(|at| program.functions.get(at));
            function.map(|function| format!("{}()", function.name)).unwrap_or_default()
        }
    }
}

/// Conditions in the order of `explain`: preorder, a quantifier is a leaf.
fn describe(cond: &Cond, depth: u16, sources: &Sources, found: &mut Vec<ConditionInfo>) {
    let leaf = matches!(cond.kind, CondKind::Quant { .. } | CondKind::Count { .. })
        || children(cond).is_empty();
    let place = sources.get(cond.span.file).map_or((String::new(), 0), |source| {
        (source.name().to_owned(), source.position(cond.span.start).line)
    });
    found.push(ConditionInfo { depth, source: line(sources, cond.span), place, leaf });
    if !leaf {
        for child in children(cond) {
            describe(child, depth.saturating_add(1), sources, found);
        }
    }
}

/// The source of a span on one line, shortened.
fn line(sources: &Sources, span: Span) -> String {
    let text = sources.text(span).unwrap_or_default();
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > SOURCE_CHARS {
        line = line.chars().take(SOURCE_CHARS.saturating_sub(1)).collect();
        line.push('…');
    }
    line
}
