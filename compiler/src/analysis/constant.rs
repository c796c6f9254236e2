//! Constants: of parameters and their bindings, and as JSON.

use serde_json::{Value as Json, json};

use super::lower::{Lower, adapt, merge_ips, sort_values};
use super::names::bare;
use super::types;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{Constant, ExprKind as Ir, Type, Value};
use crate::syntax::ast::{self, ExprKind};

/// The value of a parameter as written in its declaration or in a test.
pub(super) fn of_param(
    lower: &mut Lower<'_, '_>,
    n: u32,
    e: &ast::Expr,
) -> Option<(Type, Constant)> {
    let decl = lower.env.param_decl(n)?;
    let (ty, is_set, max) = (decl.ty, decl.is_set, decl.ast.max.as_ref());
    let max = max.map(|max| max.kind);
    let Some(ty) = ty else {
        lower.broken = true;
        return None;
    };
    if !is_set {
        return Some((ty, Constant::One(one(lower, ty, e)?)));
    }
    let (items, fold): (Vec<&ast::Expr>, bool) = match &bare(e).kind {
        ExprKind::Set { items, fold } => (items.iter().collect(), *fold),
        _ => {
            lower.report(
                Diagnostic::new(Code::E0230, e.span, "the parameter is a set")
                    .label("not a set")
                    .help("sets stand in braces: `{ ... }`"),
            );
            return None;
        }
    };
    if fold && !types::folds(ty) {
        lower.report(
            Diagnostic::new(Code::E0230, e.span, "the parameter's type says what folds")
                .label("folded here")
                .help("declare it as `set<name>`"),
        );
        return None;
    }
    let set =
        if ty == Type::Ip { ips(lower, &items)? } else { values(lower, ty, &items)? };
    let n = match &set {
        Constant::Set(values) => values.len(),
        Constant::Ips(ranges) => ranges.len(),
        Constant::One(_) => 1,
    };
    if let Some(max) = max
        && u64::try_from(n).unwrap_or(u64::MAX) > max
    {
        lower.report(
            Diagnostic::new(
                Code::E0230,
                e.span,
                format!("the set has {n} elements, but at most {max} are declared"),
            )
            .label("too many"),
        );
        return None;
    }
    Some((ty, set))
}

fn values(lower: &mut Lower<'_, '_>, ty: Type, items: &[&ast::Expr]) -> Option<Constant> {
    let values: Vec<Option<Value>> = items.iter().map(|e| one(lower, ty, e)).collect();
    let mut values: Vec<Value> = values.into_iter().collect::<Option<_>>()?;
    match ty {
        Type::Float | Type::Mac => values = sort_values(values),
        _ => {
            values.sort_by(|a, b| match (a, b) {
                (Value::Int(a), Value::Int(b)) => a.cmp(b),
                (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
                (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
                _ => std::cmp::Ordering::Equal,
            });
            values.dedup();
        }
    }
    Some(Constant::Set(values))
}

fn ips(lower: &mut Lower<'_, '_>, items: &[&ast::Expr]) -> Option<Constant> {
    let mut ranges = Vec::new();
    let mut sound = true;
    for item in items {
        match lower.ip_range(item) {
            Some(range) => ranges.push(range),
            None => sound = false,
        }
    }
    let bytes = |(a, b): (u128, u128)| (a.to_be_bytes(), b.to_be_bytes());
    let ranges = merge_ips(ranges).into_iter().map(bytes).collect();
    sound.then_some(Constant::Ips(ranges))
}

/// One constant of a type.
fn one(lower: &mut Lower<'_, '_>, ty: Type, e: &ast::Expr) -> Option<Value> {
    let mut value = lower.value(e, Some(ty))?;
    adapt(&mut value, ty);
    let Ir::Const(constant) = &value.kind else {
        return refuse(lower, e.span, "a constant is wanted here");
    };
    if value.ty != ty {
        let wanted = types::describe(lower.env.schema, ty);
        let found = types::describe(lower.env.schema, value.ty);
        let message = format!("{wanted} is wanted here, but this is {found}");
        lower.report(Diagnostic::new(Code::E0206, e.span, message).label(found));
        return None;
    }
    Some(constant.clone())
}

fn refuse(lower: &mut Lower<'_, '_>, span: Span, message: &str) -> Option<Value> {
    lower.report(Diagnostic::new(Code::E0222, span, message).label("not a constant"));
    None
}

/// A binding as `site.toml` and tests write it.
pub(super) fn json(ty: Type, constant: &Constant) -> Json {
    match constant {
        Constant::One(value) => binding_json(ty, value),
        Constant::Set(values) => values.iter().map(|v| binding_json(ty, v)).collect(),
        Constant::Ips(ranges) => ranges
            .iter()
            .map(|(low, high)| {
                if low == high {
                    json!(address(low))
                } else {
                    json!(format!("{}-{}", address(low), address(high)))
                }
            })
            .collect(),
    }
}

fn binding_json(ty: Type, value: &Value) -> Json {
    match (ty, value) {
        (Type::Duration, Value::Int(ns)) => json!(duration(*ns)),
        (Type::Time, Value::Int(ns)) => json!(time(*ns)),
        _ => event_json(ty, value),
    }
}

/// A value as it stands in event JSON.
pub(super) fn event_json(ty: Type, value: &Value) -> Json {
    const EXACT: i64 = 1 << 53;
    match value {
        Value::Bool(b) => json!(b),
        Value::Int(ns) if ty == Type::Time => json!(time(*ns)),
        Value::Int(n) if (-EXACT..=EXACT).contains(n) => json!(n),
        Value::Int(n) => json!(n.to_string()),
        Value::Float(f) => json!(f),
        Value::Ip(ip) => json!(address(ip)),
        Value::Mac(mac) => {
            let parts: Vec<String> = mac.iter().map(|b| format!("{b:02x}")).collect();
            json!(parts.join(":"))
        }
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if ty != Type::Bytes => json!(text),
            _ => {
                let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
                json!({ "hex": hex })
            }
        },
        Value::Range(first, last) => json!([first, last]),
    }
}

/// A time as event JSON writes it.
pub(super) fn time(ns: i64) -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(ns));
    time.map_or_else(|_| ns.to_string(), |time| format!("{time:.9}"))
}

fn duration(ns: i64) -> String {
    const UNITS: [(i64, &str); 5] = [
        (86_400_000_000_000, "d"),
        (3_600_000_000_000, "h"),
        (60_000_000_000, "m"),
        (1_000_000_000, "s"),
        (1_000_000, "ms"),
    ];
    match UNITS.iter().find(|(scale, _)| ns % scale == 0) {
        Some((scale, name)) => format!("{}{name}", ns / scale),
        None => format!("{ns}ns"),
    }
}

fn address(bytes: &[u8; 16]) -> String {
    let ip = std::net::Ipv6Addr::from(*bytes);
    ip.to_ipv4_mapped().map_or_else(|| ip.to_string(), |ip| ip.to_string())
}
