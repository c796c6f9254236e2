//! Alternatives on one value become one set.
//!
//! Each of `x == 1`, `x in 3..5` is unknown exactly if `x` has no value, for the
//! same reason, so their maximum is that of the union. (A cut text decides none of
//! the text sets, so it holds for them, too.)

use crate::diagnostic::Span;
use crate::ir::walk::parts;
use crate::ir::{CmpOp, Cond, CondKind, Expr, ExprKind, Value};

/// Merges the alternatives of an `any` whose children are simple.
pub(super) fn cond(cond: &mut Cond) {
    let CondKind::Any(conds) = &mut cond.kind else { return };
    let mut merged: Vec<Alternative> = Vec::with_capacity(conds.len());
    for child in std::mem::take(conds) {
        let alternative = Alternative::new(child);
        let same = merged.iter_mut().find(|one| one.is_same(&alternative));
        match (same, alternative) {
            (Some(same), Alternative::Set { set, span, .. }) => same.add(set, span),
            (_, alternative) => merged.push(alternative),
        }
    }
    let mut merged: Vec<Cond> = merged.into_iter().map(Alternative::into_cond).collect();
    if merged.len() == 1
        && let Some(only) = merged.pop()
    {
        *cond = only;
        return;
    }
    cond.kind = CondKind::Any(merged);
}

/// A child of `any`: a value in a set, or something else.
enum Alternative {
    Set { value: Expr, set: Set, span: Span, n: usize },
    Other(Cond),
}

/// The values of a set.
enum Set {
    Ints(Vec<(i64, i64)>),
    Ips(Vec<([u8; 16], [u8; 16])>),
    Texts(Vec<Vec<u8>>, bool),
}

impl Alternative {
    fn new(cond: Cond) -> Alternative {
        let span = cond.span;
        let (value, set) = match cond.kind {
            CondKind::Cmp { op: CmpOp::Eq, left, right, fold } => {
                match equality(left, right, fold) {
                    Ok(found) => found,
                    Err(kind) => return Alternative::Other(Cond { kind, span }),
                }
            }
            CondKind::InInts(value, ranges) => (value, Set::Ints(ranges)),
            CondKind::InIps(value, ranges) => (value, Set::Ips(ranges)),
            CondKind::InTexts { value, texts, fold } => (value, Set::Texts(texts, fold)),
            kind => return Alternative::Other(Cond { kind, span }),
        };
        Alternative::Set { value, set, span, n: 1 }
    }

    /// Whether both are sets of one value, compared in one way.
    fn is_same(&self, other: &Alternative) -> bool {
        let (
            Alternative::Set { value: left, set: one, .. },
            Alternative::Set { value: right, set: two, .. },
        ) = (self, other)
        else {
            return false;
        };
        let is_same_kind = match (one, two) {
            (Set::Ints(_), Set::Ints(_)) | (Set::Ips(_), Set::Ips(_)) => true,
            (Set::Texts(_, one), Set::Texts(_, two)) => one == two,
            _ => false,
        };
        is_same_kind && is_same_value(left, right)
    }

    fn add(&mut self, more: Set, other: Span) {
        let Alternative::Set { set, span, n, .. } = self else { return };
        match (set, more) {
            (Set::Ints(ranges), Set::Ints(more)) => ranges.extend(more),
            (Set::Ips(ranges), Set::Ips(more)) => ranges.extend(more),
            (Set::Texts(texts, _), Set::Texts(more, _)) => texts.extend(more),
            _ => {}
        }
        *n = n.saturating_add(1);
        if span.file == other.file {
            span.start = span.start.min(other.start);
            span.end = span.end.max(other.end);
        }
    }

    fn into_cond(self) -> Cond {
        match self {
            Alternative::Other(cond) => cond,
            Alternative::Set { value, set, span, n } => {
                Cond { kind: set.into_kind(value, n), span }
            }
        }
    }
}

impl Set {
    /// The condition that `n` alternatives were merged to.
    fn into_kind(self, value: Expr, n: usize) -> CondKind {
        match self {
            Set::Ints(ranges) => match ranges.as_slice() {
                // What was an equality stays one.
                [(first, last)] if first == last && n == 1 => {
                    let right = ExprKind::Const(Value::Int(*first));
                    equal(value, right, false)
                }
                _ => CondKind::InInts(value, union_of_ints(ranges)),
            },
            Set::Ips(ranges) => match ranges.as_slice() {
                [(first, last)] if first == last && n == 1 => {
                    let right = ExprKind::Const(Value::Ip(*first));
                    equal(value, right, false)
                }
                _ => CondKind::InIps(value, union_of_ips(ranges)),
            },
            Set::Texts(mut texts, fold) => {
                texts.sort_unstable();
                texts.dedup();
                match texts.as_slice() {
                    [text] => {
                        let right = ExprKind::Const(Value::Bytes(text.clone()));
                        equal(value, right, fold)
                    }
                    _ => CondKind::InTexts { value, texts, fold },
                }
            }
        }
    }
}

/// A comparison of a value with a literal as a set, else what it was.
fn equality(left: Expr, right: Expr, fold: bool) -> Result<(Expr, Set), CondKind> {
    let (value, literal) = match (&left.kind, &right.kind) {
        (_, ExprKind::Const(literal)) => (&left, literal.clone()),
        (ExprKind::Const(literal), _) => (&right, literal.clone()),
        _ => return Err(CondKind::Cmp { op: CmpOp::Eq, left, right, fold }),
    };
    let set = match literal {
        Value::Int(number) => Set::Ints(vec![(number, number)]),
        Value::Ip(ip) => Set::Ips(vec![(ip, ip)]),
        Value::Bytes(text) => Set::Texts(vec![text], fold),
        _ => return Err(CondKind::Cmp { op: CmpOp::Eq, left, right, fold }),
    };
    Ok((value.clone(), set))
}

fn equal(left: Expr, right: ExprKind, fold: bool) -> CondKind {
    let right = Expr { kind: right, ty: left.ty, span: left.span };
    CondKind::Cmp { op: CmpOp::Eq, left, right, fold }
}

/// Whether two expressions are the same, wherever they stand.
fn is_same_value(left: &Expr, right: &Expr) -> bool {
    let is_same_node = match (&left.kind, &right.kind) {
        (ExprKind::Arith(one, ..), ExprKind::Arith(two, ..)) => one == two,
        (ExprKind::PathView(one, _), ExprKind::PathView(two, _)) => one == two,
        (ExprKind::Lookup(one, _), ExprKind::Lookup(two, _)) => one == two,
        (ExprKind::Call(one, _), ExprKind::Call(two, _)) => one == two,
        (ExprKind::Coalesce(..), ExprKind::Coalesce(..))
        | (ExprKind::Len(_), ExprKind::Len(_))
        | (ExprKind::Neg(_), ExprKind::Neg(_))
        | (ExprKind::BitNot(_), ExprKind::BitNot(_))
        | (ExprKind::ToFloat(_), ExprKind::ToFloat(_)) => true,
        (one, two) => return left.ty == right.ty && one == two,
    };
    is_same_node
        && left.ty == right.ty
        && parts(left).count() == parts(right).count()
        && parts(left).zip(parts(right)).all(|(one, two)| is_same_value(one, two))
}

/// Sorted, disjoint, not adjacent.
fn union_of_ints(mut ranges: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    ranges.sort_unstable();
    let mut union: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match union.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => union.push((first, last)),
        }
    }
    union
}

/// Sorted and disjoint.
fn union_of_ips(mut ranges: Vec<([u8; 16], [u8; 16])>) -> Vec<([u8; 16], [u8; 16])> {
    ranges.sort_unstable();
    let mut union: Vec<([u8; 16], [u8; 16])> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match union.last_mut() {
            Some((_, end)) if first <= *end => *end = last.max(*end),
            _ => union.push((first, last)),
        }
    }
    union
}
