//! Shapes: what equal code can serve.
//!
//! A thousand rules compare `dst.ip` with a thousand addresses; an explanation
//! needs one function for that, given the address of the constant. A shape is a
//! condition without its place in the source and, where the emitters can read
//! them from memory, without its constants.

use super::{Ctx, Error, helper, ints, ips, sets};
use crate::diagnostic::Span;
use crate::ir::{Cond, CondKind, Expr, ExprKind, Type, Value};

/// A leaf as a shared function and the constants it is called with.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// The leaf, without what makes it special.
    pub(super) leaf: Cond,
    /// Address of its constants, if it takes them from memory.
    pub(super) arg: Option<u32>,
}

/// The shape of a leaf; its constants are written to the data.
pub(super) fn of(ctx: &mut Ctx<'_>, leaf: &Cond) -> Result<Shape, Error> {
    let mut leaf = without_places(leaf);
    let arg = match &mut leaf.kind {
        CondKind::Cmp { left, right, .. } => match (&left.kind, &mut right.kind) {
            (ExprKind::Const(_), _) => None,
            (_, ExprKind::Const(value)) => constant(ctx, left.ty, value)?,
            _ => None,
        },
        CondKind::Overlaps(left, right) => match (&left.kind, &mut right.kind) {
            (ExprKind::Const(_), _) => None,
            (_, ExprKind::Const(Value::Range(first, last))) => {
                let bytes = [*first, *last].map(u32::to_le_bytes).concat();
                (*first, *last) = (0, 0);
                Some(ctx.module.data.constant(&bytes, 8)?)
            }
            _ => None,
        },
        CondKind::InInts(_, ranges) => {
            let bytes = ints::range_table(ranges);
            let count = u32::try_from(ranges.len()).unwrap_or(u32::MAX);
            ranges.clear();
            Some(table(ctx, &bytes, count)?)
        }
        CondKind::InIps(_, ranges) => {
            let (bytes, count) = ips::table(ctx, ranges);
            ranges.clear();
            Some(table(ctx, &bytes, count)?)
        }
        CondKind::InTexts { texts, .. } => {
            let (at, count) = sets::text_table(ctx, texts)?;
            texts.clear();
            Some(words(ctx, &[at, count])?)
        }
        CondKind::InValues(_, values) => {
            let (bytes, count) = sets::value_table(values);
            values.clear();
            Some(table(ctx, &bytes, count)?)
        }
        CondKind::Text { needles, .. } if needles.len() <= most_needles() => {
            let longest = needles.iter().map(Vec::len).max().unwrap_or(0);
            let (at, count) = sets::text_table(ctx, needles)?;
            needles.clear();
            let longest = u32::try_from(longest).unwrap_or(u32::MAX);
            Some(words(ctx, &[at, count, longest])?)
        }
        _ => None,
    };
    Ok(Shape { leaf, arg })
}

/// A condition without its places in the source.
pub(super) fn without_places(cond: &Cond) -> Cond {
    let all = |conds: &[Cond]| conds.iter().map(without_places).collect();
    let one = |cond: &Cond| Box::new(without_places(cond));
    let kind = match &cond.kind {
        CondKind::All(conds) => CondKind::All(all(conds)),
        CondKind::Any(conds) => CondKind::Any(all(conds)),
        CondKind::Not(inner) => CondKind::Not(one(inner)),
        CondKind::Else(left, right) => CondKind::Else(one(left), one(right)),
        CondKind::Quant { all, group, cond } => {
            CondKind::Quant { all: *all, group: *group, cond: one(cond) }
        }
        CondKind::Count { group, cond, op, than } => {
            CondKind::Count { group: *group, cond: one(cond), op: *op, than: *than }
        }
        CondKind::Truth(value) => CondKind::Truth(plain(value)),
        CondKind::Cmp { op, left, right, fold } => {
            CondKind::Cmp { op: *op, left: plain(left), right: plain(right), fold: *fold }
        }
        CondKind::InInts(value, set) => CondKind::InInts(plain(value), set.clone()),
        CondKind::InIps(value, set) => CondKind::InIps(plain(value), set.clone()),
        CondKind::InTexts { value, texts, fold } => {
            CondKind::InTexts { value: plain(value), texts: texts.clone(), fold: *fold }
        }
        CondKind::InValues(value, set) => CondKind::InValues(plain(value), set.clone()),
        CondKind::InParam(value, param) => CondKind::InParam(plain(value), *param),
        CondKind::InData(value, table) => CondKind::InData(plain(value), *table),
        CondKind::Overlaps(left, right) => CondKind::Overlaps(plain(left), plain(right)),
        CondKind::Text { op, value, needles, all, fold } => CondKind::Text {
            op: *op,
            value: plain(value),
            needles: needles.clone(),
            all: *all,
            fold: *fold,
        },
        CondKind::Matches(value, pattern) => CondKind::Matches(plain(value), *pattern),
        CondKind::State(field, state) => CondKind::State(*field, *state),
        CondKind::Const(value) => CondKind::Const(*value),
    };
    Cond { kind, span: Span::default() }
}

/// A value without its places in the source.
pub(super) fn plain(expr: &Expr) -> Expr {
    let one = |expr: &Expr| Box::new(plain(expr));
    let kind = match &expr.kind {
        ExprKind::Len(inner) => ExprKind::Len(one(inner)),
        ExprKind::Neg(inner) => ExprKind::Neg(one(inner)),
        ExprKind::BitNot(inner) => ExprKind::BitNot(one(inner)),
        ExprKind::ToFloat(inner) => ExprKind::ToFloat(one(inner)),
        ExprKind::Arith(op, a, b) => ExprKind::Arith(*op, one(a), one(b)),
        ExprKind::Coalesce(a, b) => ExprKind::Coalesce(one(a), one(b)),
        ExprKind::PathView(view, inner) => ExprKind::PathView(*view, one(inner)),
        ExprKind::Lookup(table, key) => ExprKind::Lookup(*table, one(key)),
        ExprKind::Call(function, arguments) => {
            ExprKind::Call(*function, arguments.iter().map(plain).collect())
        }
        other => other.clone(),
    };
    Expr { kind, ty: expr.ty, span: Span::default() }
}

/// Takes the constant on the right of a comparison out of the code.
fn constant(
    ctx: &mut Ctx<'_>,
    ty: Type,
    value: &mut Value,
) -> Result<Option<u32>, Error> {
    let data = &mut ctx.module.data;
    let at = match value {
        Value::Int(number) => data.constant(&number.to_le_bytes(), 8)?,
        Value::Float(number) => data.constant(&number.to_le_bytes(), 8)?,
        Value::Ip(ip) => data.constant(ip, 8)?,
        Value::Mac(mac) => {
            let number = tagout_spec::pack::bindings::mac_number(*mac);
            data.constant(&number.to_le_bytes(), 8)?
        }
        Value::Bytes(bytes) => {
            let at = data.constant(bytes, 1)?;
            let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            words(ctx, &[at, len])?
        }
        Value::Bool(_) | Value::Range(..) => return Ok(None),
    };
    *value = match ty {
        Type::Float => Value::Float(0.0),
        Type::Ip => Value::Ip([0; 16]),
        Type::Mac => Value::Mac([0; 6]),
        Type::Text | Type::Name | Type::Path | Type::Bytes => Value::Bytes(Vec::new()),
        _ => Value::Int(0),
    };
    Ok(Some(at))
}

fn table(ctx: &mut Ctx<'_>, bytes: &[u8], count: u32) -> Result<u32, Error> {
    let at = ctx.module.data.constant(bytes, 8)?;
    words(ctx, &[at, count])
}

fn words(ctx: &mut Ctx<'_>, words: &[u32]) -> Result<u32, Error> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    ctx.module.data.constant(&bytes, 4)
}

fn most_needles() -> usize {
    usize::try_from(helper::NEEDLES).unwrap_or(64)
}
