//! What an event must have so that a predicate is not false.
//!
//! ```text
//! Cond --need()--> Need: and / or of tests --alternatives()--> a few conjunctions
//! ```
//!
//! The analysis asks of each node for the events on which it can have one of a
//! set of verdicts, and may answer with too many, never with too few: all that
//! is not understood is [`Need::Anything`]. A test says what a field's value
//! must be, and apart from that whether the field may be missing: unknown is a
//! verdict that must be reached, too.
//!
//! | asked | of a leaf `f in S` | of `all` | of `else(a, b)` |
//! |---|---|---|---|
//! | not false | in S or missing | all not false | a true, or a unknown and b not false |
//! | true | in S | all true | a true, or a unknown and b true |
//! | not true | outside S or missing | some not true | a false, or a unknown and b not true |
//! | false | outside S | some false | a false, or a unknown and b false |
//! | unknown | missing | all not false, all ... | both unknown |
//!
//! Sets are of three sorts: integers (also enumerations, booleans, times), as
//! sorted ranges; addresses, as sorted ranges; and texts, as literals of which
//! one must be there.

use std::collections::BTreeMap;

use tagout_spec::schema::FieldIdx;

use super::alternatives::alternatives;
use super::ranges::{Ranges, complement_ints, complement_ips, union};
use super::{Fault, work};
use crate::codegen::literal::required;
use crate::ir::{
    CmpOp, Cond, CondKind, Expr, ExprKind, FieldRef, PathView, Program, TextOp, Type,
    Value,
};

/// Most members of a set that is kept exactly.
pub(super) const SET_MAX: usize = 4096;

/// Where in a text a literal must stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// Anywhere.
    Anywhere,
    /// At its end.
    End,
    /// It is the whole text.
    Whole,
    /// It is all that follows the last separator of a path.
    Name,
}

/// A literal that a text must have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Literal {
    /// The bytes; folded if the test is.
    pub(super) bytes: Vec<u8>,
    /// Where.
    pub(super) place: Place,
}

/// One of several literals must be in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextTest {
    /// The text, or a group of elements with it.
    pub(super) field: FieldIdx,
    /// Of the elements of a group the field: that of any of them.
    pub(super) element: Option<FieldIdx>,
    /// One of these.
    pub(super) literals: Vec<Literal>,
    /// Whether the folded text is meant.
    pub(super) fold: bool,
    /// Whether the field may be missing (or cut).
    pub(super) missing: bool,
}

/// A text to be searched, or one of all elements of a group.
#[derive(Clone, Copy)]
struct Searched {
    field: FieldIdx,
    element: Option<FieldIdx>,
}

/// The values that a field may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowed<T> {
    /// These.
    pub(super) ranges: Ranges<T>,
    /// Or none at all.
    pub(super) missing: bool,
}

/// Tests that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conjunction {
    /// Integers by field.
    pub(super) ints: BTreeMap<FieldIdx, Allowed<i64>>,
    /// Addresses by field, as numbers.
    pub(super) ips: BTreeMap<FieldIdx, Allowed<u128>>,
    /// Ranges by field: the event's must share a number with one of these.
    pub(super) overlaps: BTreeMap<FieldIdx, Allowed<u32>>,
    /// Texts.
    pub(super) texts: Vec<TextTest>,
    /// What evaluating the predicate in vain costs, in entries looked at.
    pub(super) work: u32,
}

/// What must be so.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Need {
    /// Nothing is known.
    Anything,
    /// It cannot be.
    Nothing,
    /// A test.
    Test(Conjunction),
    /// All of these.
    All(Vec<Need>),
    /// One of these.
    Any(Vec<Need>),
}

/// Verdicts asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// Unknown or true.
    NotFalse,
    /// True.
    True,
    /// False or unknown.
    NotTrue,
    /// False.
    False,
}

/// What the analysis looks things up in.
pub(super) struct Asked<'a> {
    /// Patterns and tables.
    pub(super) program: &'a Program,
    /// A seeded fault.
    pub(super) fault: Option<Fault>,
    /// The group or map about one element of which is asked.
    pub(super) group: Option<FieldIdx>,
}

/// The conjunctions of which one holds whenever the condition is not false.
/// None: it is always false.
pub(super) fn conjunctions(cond: &Cond, asked: &Asked<'_>) -> Vec<Conjunction> {
    let mut alternatives = alternatives(&need(cond, Goal::NotFalse, asked));
    alternatives.dedup();
    let work = work::of(cond);
    alternatives.iter_mut().for_each(|conjunction| conjunction.work = work);
    alternatives
}

impl Goal {
    fn missing(self) -> bool {
        matches!(self, Self::NotFalse | Self::NotTrue)
    }

    fn positive(self) -> bool {
        matches!(self, Self::NotFalse | Self::True)
    }

    fn negated(self) -> Self {
        match self {
            Self::NotFalse => Self::NotTrue,
            Self::True => Self::False,
            Self::NotTrue => Self::NotFalse,
            Self::False => Self::True,
        }
    }
}

fn need(cond: &Cond, goal: Goal, asked: &Asked<'_>) -> Need {
    match &cond.kind {
        CondKind::Const(value) => decided(*value == goal.positive()),
        CondKind::All(parts) => {
            let parts = parts.iter().map(|part| need(part, goal, asked));
            if goal.positive() { all(parts) } else { any(parts) }
        }
        CondKind::Any(parts) => {
            let parts = parts.iter().map(|part| need(part, goal, asked));
            if goal.positive() { any(parts) } else { all(parts) }
        }
        CondKind::Not(inner) => need(inner, goal.negated(), asked),
        CondKind::Else(left, right) => needs_of_else(left, right, goal, asked),
        _ => leaf(cond, goal, asked),
    }
}

/// `else`: the left side decides, or it is unknown and the right side decides.
fn needs_of_else(left: &Cond, right: &Cond, goal: Goal, asked: &Asked<'_>) -> Need {
    let decided = if goal.positive() { Goal::True } else { Goal::False };
    let undecided = if goal.positive() { Goal::NotFalse } else { Goal::NotTrue };
    match need(right, goal, asked) {
        _ if asked.fault == Some(Fault::Else) => need(left, decided, asked),
        Need::Nothing => need(left, decided, asked),
        Need::Anything => need(left, undecided, asked),
        right => any([
            need(left, decided, asked),
            all([need(left, undecided, asked), right].into_iter()),
        ]
        .into_iter()),
    }
}

fn leaf(cond: &Cond, goal: Goal, asked: &Asked<'_>) -> Need {
    match &cond.kind {
        CondKind::Truth(_)
        | CondKind::InInts(..)
        | CondKind::InIps(..)
        | CondKind::Overlaps(..)
        | CondKind::InData(..)
            if asked.group.is_some() =>
        {
            Need::Anything
        }
        CondKind::Truth(value) => {
            let wanted = i64::from(goal.positive());
            ints(value, vec![(wanted, wanted)], true, goal)
        }
        CondKind::InInts(value, ranges) => ints(value, ranges.clone(), false, goal),
        CondKind::InIps(value, ranges) => {
            let ranges = ranges
                .iter()
                .map(|(low, high)| {
                    (u128::from_be_bytes(*low), u128::from_be_bytes(*high))
                })
                .collect();
            ips(value, ranges, goal)
        }
        CondKind::Cmp { op, left, right, fold } => {
            compared(*op, left, right, *fold, goal, asked)
        }
        CondKind::Overlaps(left, right) => overlap(left, right, goal),
        CondKind::InTexts { value, texts, fold } if goal.positive() => {
            equal_texts(value, texts.iter(), *fold, goal, asked)
        }
        CondKind::Text { op, value, needles, all: every, fold } if goal.positive() => {
            let tests =
                needles.iter().map(|needle| text(value, *op, needle, *fold, goal, asked));
            if *every { all(tests) } else { any(tests) }
        }
        CondKind::Matches(value, pattern) if goal.positive() => {
            matched(value, *pattern, goal, asked)
        }
        CondKind::InData(value, table) => in_data(value, *table, goal, asked),
        CondKind::Quant { all: false, group: FieldRef::Event(group), cond }
            if goal.positive() =>
        {
            some_element(*group, cond, goal, asked)
        }
        _ => Need::Anything,
    }
}

/// What an element must have, one of them must have. Only their texts are asked for
/// ([`text_source`]), whose missing lane is that of the whole group, since a group that
/// was cut leaves undecided whatever the elements say that are there.
fn some_element(group: FieldIdx, cond: &Cond, goal: Goal, asked: &Asked<'_>) -> Need {
    match need(cond, goal, &Asked { group: Some(group), ..*asked }) {
        Need::Nothing if goal.missing() => Need::Anything,
        found => found,
    }
}

fn decided(possible: bool) -> Need {
    if possible { Need::Anything } else { Need::Nothing }
}

fn all(parts: impl Iterator<Item = Need>) -> Need {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Need::Anything => {}
            Need::Nothing => return Need::Nothing,
            part => kept.push(part),
        }
    }
    match kept.len() {
        0 => Need::Anything,
        1 => kept.pop().unwrap_or(Need::Anything),
        _ => Need::All(kept),
    }
}

fn any(parts: impl Iterator<Item = Need>) -> Need {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Need::Anything => return Need::Anything,
            Need::Nothing => {}
            part => kept.push(part),
        }
    }
    match kept.len() {
        0 => Need::Nothing,
        1 => kept.pop().unwrap_or(Need::Nothing),
        _ => Need::Any(kept),
    }
}

/// The field of the event that an expression is.
fn field_of(expr: &Expr) -> Option<FieldIdx> {
    match expr.kind {
        ExprKind::Field(FieldRef::Event(field)) => Some(field),
        _ => None,
    }
}

fn constant(expr: &Expr) -> Option<&Value> {
    match &expr.kind {
        ExprKind::Const(value) => Some(value),
        _ => None,
    }
}

fn ints(value: &Expr, ranges: Ranges<i64>, chosen: bool, goal: Goal) -> Need {
    let Some(field) = field_of(value) else { return Need::Anything };
    let ranges =
        if goal.positive() || chosen { ranges } else { complement_ints(&ranges) };
    if ranges.len() > SET_MAX {
        return Need::Anything;
    }
    if ranges.is_empty() && !goal.missing() {
        return Need::Nothing;
    }
    let mut test = Conjunction::default();
    test.ints.insert(field, Allowed { ranges, missing: goal.missing() });
    Need::Test(test)
}

fn ips(value: &Expr, ranges: Ranges<u128>, goal: Goal) -> Need {
    let Some(field) = field_of(value) else { return Need::Anything };
    let ranges = if goal.positive() { ranges } else { complement_ips(&ranges) };
    if ranges.len() > SET_MAX {
        return Need::Anything;
    }
    if ranges.is_empty() && !goal.missing() {
        return Need::Nothing;
    }
    let mut test = Conjunction::default();
    test.ips.insert(field, Allowed { ranges, missing: goal.missing() });
    Need::Test(test)
}

fn compared(
    op: CmpOp,
    left: &Expr,
    right: &Expr,
    fold: bool,
    goal: Goal,
    asked: &Asked<'_>,
) -> Need {
    let (value, constant, op) = match (constant(left), constant(right)) {
        (None, Some(constant)) => (left, constant, op),
        (Some(constant), None) => (right, constant, mirrored(op)),
        _ => return Need::Anything,
    };
    match (value.ty, constant) {
        (Type::Text | Type::Name | Type::Path, Value::Bytes(bytes))
            if op == CmpOp::Eq && goal.positive() =>
        {
            equal_texts(value, std::iter::once(bytes), fold, goal, asked)
        }
        _ if asked.group.is_some() => Need::Anything,
        (Type::Bool, Value::Bool(wanted)) if op == CmpOp::Eq => {
            let wanted = i64::from(*wanted == goal.positive());
            ints(value, vec![(wanted, wanted)], true, goal)
        }
        (Type::Int | Type::Enum(_) | Type::Time | Type::Duration, Value::Int(number)) => {
            ints(value, int_ranges(op, *number), false, goal)
        }
        (Type::Ip, Value::Ip(address)) => {
            ips(value, ip_ranges(op, u128::from_be_bytes(*address)), goal)
        }
        _ => Need::Anything,
    }
}

fn mirrored(op: CmpOp) -> CmpOp {
    match op {
        CmpOp::Eq => CmpOp::Eq,
        CmpOp::Lt => CmpOp::Gt,
        CmpOp::Le => CmpOp::Ge,
        CmpOp::Gt => CmpOp::Lt,
        CmpOp::Ge => CmpOp::Le,
    }
}

fn int_ranges(op: CmpOp, number: i64) -> Ranges<i64> {
    match op {
        CmpOp::Eq => vec![(number, number)],
        CmpOp::Lt => number.checked_sub(1).map(|n| (i64::MIN, n)).into_iter().collect(),
        CmpOp::Le => vec![(i64::MIN, number)],
        CmpOp::Gt => number.checked_add(1).map(|n| (n, i64::MAX)).into_iter().collect(),
        CmpOp::Ge => vec![(number, i64::MAX)],
    }
}

fn ip_ranges(op: CmpOp, number: u128) -> Ranges<u128> {
    match op {
        CmpOp::Eq => vec![(number, number)],
        CmpOp::Lt => number.checked_sub(1).map(|n| (0, n)).into_iter().collect(),
        CmpOp::Le => vec![(0, number)],
        CmpOp::Gt => number.checked_add(1).map(|n| (n, u128::MAX)).into_iter().collect(),
        CmpOp::Ge => vec![(number, u128::MAX)],
    }
}

fn overlap(left: &Expr, right: &Expr, goal: Goal) -> Need {
    let (field, bounds) =
        match (field_of(left), constant(left), field_of(right), constant(right)) {
            (Some(field), _, _, Some(Value::Range(low, high)))
            | (_, Some(Value::Range(low, high)), Some(field), _) => {
                (field, (*low, *high))
            }
            _ => return Need::Anything,
        };
    if !goal.positive() {
        return Need::Anything;
    }
    let mut test = Conjunction::default();
    test.overlaps
        .insert(field, Allowed { ranges: vec![bounds], missing: goal.missing() });
    Need::Test(test)
}

fn text_test(
    searched: Searched,
    mut literals: Vec<Literal>,
    fold: bool,
    goal: Goal,
) -> Need {
    let Searched { field, element } = searched;
    if element.is_some() {
        // There is no end of all texts.
        literals.iter_mut().for_each(|literal| literal.place = Place::Anywhere);
    }
    if literals.iter().any(|literal| {
        literal.bytes.is_empty() && matches!(literal.place, Place::Anywhere | Place::End)
    }) {
        return Need::Anything;
    }
    let mut test = Conjunction::default();
    let missing = goal.missing();
    test.texts.push(TextTest { field, element, literals, fold, missing });
    Need::Test(test)
}

/// The text below views, and the outermost view.
fn text_source(value: &Expr, asked: &Asked<'_>) -> Option<(Searched, Option<PathView>)> {
    let searched = |expr: &Expr| match (asked.group, &expr.kind) {
        (None, _) => field_of(expr).map(|field| Searched { field, element: None }),
        (Some(group), ExprKind::Field(FieldRef::Elem(of, element))) if *of == group => {
            Some(Searched { field: group, element: Some(*element) })
        }
        _ => None,
    };
    match &value.kind {
        ExprKind::PathView(view, inner) => {
            searched(inner).map(|searched| (searched, Some(*view)))
        }
        _ => searched(value).map(|searched| (searched, None)),
    }
}

fn equal_texts<'a>(
    value: &Expr,
    texts: impl Iterator<Item = &'a Vec<u8>>,
    fold: bool,
    goal: Goal,
    asked: &Asked<'_>,
) -> Need {
    let Some((searched, view)) = text_source(value, asked) else { return Need::Anything };
    let place = match view {
        None => Place::Whole,
        Some(PathView::Name) => Place::Name,
        Some(PathView::Extension) => Place::End,
        Some(PathView::Directory) => Place::Anywhere,
    };
    let literals: Vec<Literal> =
        texts.map(|bytes| Literal { bytes: bytes.clone(), place }).collect();
    match literals.len() {
        0 => Need::Nothing.or_missing(goal),
        1..=SET_MAX => text_test(searched, literals, fold, goal),
        _ => Need::Anything,
    }
}

impl Need {
    /// An empty set is false on every value, but unknown without one.
    fn or_missing(self, goal: Goal) -> Self {
        if goal.missing() { Self::Anything } else { self }
    }
}

fn text(
    value: &Expr,
    op: TextOp,
    needle: &[u8],
    fold: bool,
    goal: Goal,
    asked: &Asked<'_>,
) -> Need {
    let Some((searched, view)) = text_source(value, asked) else { return Need::Anything };
    let ends = matches!(view, None | Some(PathView::Name | PathView::Extension));
    let place = if op == TextOp::EndsWith && ends { Place::End } else { Place::Anywhere };
    text_test(searched, vec![Literal { bytes: needle.to_vec(), place }], fold, goal)
}

fn matched(value: &Expr, pattern: u32, goal: Goal, asked: &Asked<'_>) -> Need {
    let Some((searched, _)) = text_source(value, asked) else { return Need::Anything };
    let Some(pattern) =
        usize::try_from(pattern).ok().and_then(|i| asked.program.patterns.get(i))
    else {
        return Need::Anything;
    };
    let Some(required) = required(&pattern.regex) else {
        return Need::Anything;
    };
    // The folded copy is written only where a rule folds.
    if required.fold && !pattern.fold {
        return Need::Anything;
    }
    let literals = required
        .literals
        .into_iter()
        .map(|bytes| Literal { bytes, place: Place::Anywhere })
        .collect();
    text_test(searched, literals, pattern.fold, goal)
}

fn in_data(value: &Expr, table: u32, goal: Goal, asked: &Asked<'_>) -> Need {
    let Some(table) = usize::try_from(table).ok().and_then(|i| asked.program.data.get(i))
    else {
        return Need::Anything;
    };
    if table.replaceable || table.rows.len() > SET_MAX || !goal.positive() {
        return Need::Anything;
    }
    let keys = || table.rows.iter().map(|(key, _)| key);
    match table.key {
        Type::Int | Type::Enum(_) | Type::Time | Type::Duration => {
            let ranges = keys().filter_map(|key| match key {
                Value::Int(number) => Some((*number, *number)),
                _ => None,
            });
            ints(value, union(ranges.collect()), false, goal)
        }
        Type::Ip => {
            let ranges = keys().filter_map(|key| match key {
                Value::Ip(address) => {
                    let number = u128::from_be_bytes(*address);
                    Some((number, number))
                }
                _ => None,
            });
            ips(value, union(ranges.collect()), goal)
        }
        Type::Text | Type::Name | Type::Path => {
            let texts: Vec<Vec<u8>> = keys()
                .filter_map(|key| match key {
                    Value::Bytes(bytes) => Some(bytes.clone()),
                    _ => None,
                })
                .collect();
            let fold = table.key != Type::Text;
            equal_texts(value, texts.iter(), fold, goal, asked)
        }
        _ => Need::Anything,
    }
}
