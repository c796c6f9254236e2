//! Conditions: verdict and reason of each kind, by the head of the module `ir`.

use regex_automata::Input;
use tagout_spec::pack::{Cause, Verdict};

use super::Scope;
use super::event::Slot;
use super::value::{Got, Marks, both};
use crate::ir::fold;
use crate::ir::{CmpOp, Cond, CondKind, Constant, Expr, FieldRef, State, TextOp, Value};

/// The verdict of a condition and, if it is unknown, its reason.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ruling {
    pub(super) verdict: Verdict,
    pub(super) marks: Marks,
}

impl Ruling {
    fn decided(holds: bool) -> Ruling {
        let verdict = if holds { Verdict::True } else { Verdict::False };
        Ruling { verdict, marks: Marks::default() }
    }

    fn unknown(marks: Marks) -> Ruling {
        Ruling { verdict: Verdict::Unknown, marks }
    }

    /// A verdict, with marks that count only if it is unknown.
    fn new(verdict: Verdict, marks: Marks) -> Ruling {
        match verdict {
            Verdict::Unknown => Ruling::unknown(marks),
            Verdict::True => Ruling::decided(true),
            Verdict::False => Ruling::decided(false),
        }
    }
}

impl Scope<'_> {
    /// Evaluates a condition.
    pub(super) fn cond(&self, cond: &Cond) -> Ruling {
        match &cond.kind {
            CondKind::Const(holds) => Ruling::decided(*holds),
            CondKind::All(conds) => self.join(Verdict::min, Verdict::True, conds),
            CondKind::Any(conds) => self.join(Verdict::max, Verdict::False, conds),
            CondKind::Not(inner) => {
                let ruling = self.cond(inner);
                Ruling::new(not(ruling.verdict), ruling.marks)
            }
            CondKind::Else(left, right) => match self.cond(left) {
                Ruling { verdict: Verdict::Unknown, .. } => self.cond(right),
                decided => decided,
            },
            CondKind::State(field, state) => {
                let found = match self.slot(*field) {
                    Slot::Absent => Some(State::Missing),
                    Slot::Null => Some(State::Null),
                    Slot::Invalid => None,
                    Slot::Value(_) | Slot::Cut(_) | Slot::Repeated { .. } => {
                        Some(State::Present)
                    }
                };
                Ruling::decided(found == Some(*state))
            }
            CondKind::Cmp { op, left, right, fold } => {
                self.compare(left, right, |left, right| compare(*op, left, right, *fold))
            }
            CondKind::Overlaps(left, right) => {
                self.compare(left, right, |left, right| match (left, right) {
                    (Value::Range(a, b), Value::Range(c, d)) => Some(a <= d && c <= b),
                    _ => None,
                })
            }
            CondKind::Text { op, value, needles, all, fold } => {
                self.text(*op, value, needles, *all, *fold)
            }
            CondKind::Matches(value, pattern) => self.matches(value, *pattern),
            CondKind::Quant { all, group, cond } => self.quant(*all, *group, cond),
            CondKind::Count { group, cond, op, than } => {
                self.count(*group, cond, *op, *than)
            }
            CondKind::Truth(value) => self.member(value, |value| match value {
                Value::Bool(holds) => Some(*holds),
                _ => None,
            }),
            CondKind::InInts(value, ranges) => self.member(value, |value| match value {
                Value::Int(int) => {
                    Some(ranges.iter().any(|(first, last)| (first..=last).contains(&int)))
                }
                _ => None,
            }),
            CondKind::InIps(value, ranges) => self.member(value, |value| match value {
                Value::Ip(ip) => {
                    Some(ranges.iter().any(|(first, last)| (first..=last).contains(&ip)))
                }
                _ => None,
            }),
            CondKind::InTexts { value, texts, fold } => self.member(value, |value| {
                let texts = texts.iter().map(|text| Value::Bytes(text.clone()));
                Some(texts.into_iter().any(|text| equal(value, &text, *fold)))
            }),
            CondKind::InValues(value, values) => self.member(value, |value| {
                Some(values.iter().any(|one| equal(value, one, false)))
            }),
            CondKind::InParam(value, param) => {
                self.member(value, |value| self.in_param(value, *param))
            }
            CondKind::InData(value, table) => self.member(value, |value| {
                Some(self.interpreter.row(*table, value).is_some())
            }),
        }
    }

    /// Maximum or minimum of the verdicts, beginning from that of no conditions.
    fn join(
        &self,
        choose: fn(Verdict, Verdict) -> Verdict,
        start: Verdict,
        conds: &[Cond],
    ) -> Ruling {
        let mut verdict = start;
        let mut marks = Marks::default();
        for cond in conds {
            let ruling = self.cond(cond);
            verdict = choose(verdict, ruling.verdict);
            marks = marks.and(ruling.marks);
        }
        Ruling::new(verdict, marks)
    }

    /// A test of one value; `None` leaves it unknown without a mark.
    fn member(&self, value: &Expr, test: impl Fn(&Value) -> Option<bool>) -> Ruling {
        match self.expr(value).whole() {
            Err(marks) => Ruling::unknown(marks),
            Ok((value, _)) => match test(&value) {
                Some(holds) => Ruling::decided(holds),
                None => Ruling::unknown(Marks::default()),
            },
        }
    }

    fn compare(
        &self,
        left: &Expr,
        right: &Expr,
        test: impl Fn(&Value, &Value) -> Option<bool>,
    ) -> Ruling {
        match both(self.expr(left), self.expr(right)) {
            Err(marks) => Ruling::unknown(marks),
            Ok(((left, _), (right, _))) => match test(&left, &right) {
                Some(holds) => Ruling::decided(holds),
                None => Ruling::unknown(Marks::default()),
            },
        }
    }

    fn in_param(&self, value: &Value, param: u32) -> Option<bool> {
        let folds = self.interpreter.param_folds(param);
        match (self.interpreter.constant(param)?, value) {
            (Constant::Set(values), _) => {
                Some(values.iter().any(|one| equal(value, one, folds)))
            }
            (Constant::Ips(ranges), Value::Ip(ip)) => {
                Some(ranges.iter().any(|(first, last)| (first..=last).contains(&ip)))
            }
            _ => None,
        }
    }

    fn text(
        &self,
        op: TextOp,
        value: &Expr,
        needles: &[Vec<u8>],
        all: bool,
        folds: bool,
    ) -> Ruling {
        let (text, cut, origin) = match self.expr(value) {
            Got::Lacking(marks) => return Ruling::unknown(marks),
            Got::Known(Value::Bytes(text), origin) => (text, false, origin),
            Got::Cut(text, origin) => (text, true, origin),
            Got::Known(..) => return Ruling::unknown(Marks::default()),
        };
        let text = fold::by(folds, &text);
        let verdicts = needles.iter().map(|needle| test(op, &text, cut, needle));
        let verdict = match all {
            true => verdicts.fold(Verdict::True, Verdict::min),
            false => verdicts.fold(Verdict::False, Verdict::max),
        };
        Ruling::new(verdict, origin.mark(Cause::Truncated))
    }

    fn matches(&self, value: &Expr, pattern: u32) -> Ruling {
        let Some(pattern) = self.interpreter.pattern(pattern) else {
            return Ruling::unknown(Marks::default());
        };
        match self.expr(value) {
            Got::Lacking(marks) => Ruling::unknown(marks),
            Got::Known(Value::Bytes(text), _) => {
                let text = fold::by(pattern.fold, &text);
                Ruling::decided(pattern.is_match(Input::new(&text)))
            }
            Got::Known(..) => Ruling::unknown(Marks::default()),
            Got::Cut(text, origin) => {
                let text = fold::by(pattern.fold, &text);
                // Looking around still sees the last byte; only a match may not
                // reach behind it.
                let found = text.len().checked_sub(1).is_some_and(|last| {
                    pattern.is_match(Input::new(&text).span(0..last))
                });
                match found {
                    true => Ruling::decided(true),
                    false => Ruling::unknown(origin.mark(Cause::Truncated)),
                }
            }
        }
    }

    fn quant(&self, all: bool, group: FieldRef, cond: &Cond) -> Ruling {
        let (elements, truncated) = match self.elements(group, cond) {
            Ok(elements) => elements,
            Err(marks) => return Ruling::unknown(marks),
        };
        let verdicts = elements.iter().map(|element| element.verdict);
        let rest = truncated.then_some(Verdict::Unknown);
        let verdicts = verdicts.chain(rest);
        let verdict = match all {
            true => verdicts.fold(Verdict::True, Verdict::min),
            false => verdicts.fold(Verdict::False, Verdict::max),
        };
        Ruling::new(verdict, gather(elements, group, truncated))
    }

    fn count(&self, group: FieldRef, cond: &Cond, op: CmpOp, than: i64) -> Ruling {
        let (elements, truncated) = match self.elements(group, cond) {
            Ok(elements) => elements,
            Err(marks) => return Ruling::unknown(marks),
        };
        let of = |verdict| {
            let same = elements.iter().filter(|element| element.verdict == verdict);
            i64::try_from(same.count()).unwrap_or(i64::MAX)
        };
        let least = of(Verdict::True);
        let greatest = least.saturating_add(of(Verdict::Unknown));
        let greatest = (!truncated).then_some(greatest);
        let verdict = compare_count(least, greatest, op, than);
        Ruling::new(verdict, gather(elements, group, truncated))
    }

    /// The condition on each kept element, and whether there were more.
    fn elements(
        &self,
        group: FieldRef,
        cond: &Cond,
    ) -> Result<(Vec<Ruling>, bool), Marks> {
        if let Some(cause) = self.state(group) {
            return Err(Marks::one(group, cause));
        }
        let Slot::Repeated { len, truncated } = self.slot(group) else {
            return Err(Marks::default());
        };
        let on = |position| Scope { element: Some(position), ..*self }.cond(cond);
        Ok(((0..len).map(on).collect(), truncated))
    }
}

/// The reason that a quantifier has if it is not decided.
fn gather(elements: Vec<Ruling>, group: FieldRef, truncated: bool) -> Marks {
    let marks = elements.into_iter().map(|element| element.marks);
    let rest = truncated.then(|| Marks::one(group, Cause::Truncated));
    marks.chain(rest).fold(Marks::default(), Marks::and)
}

fn not(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::False => Verdict::True,
        Verdict::Unknown => Verdict::Unknown,
        Verdict::True => Verdict::False,
    }
}

/// Compares a number between `least` and `greatest` (or without a limit).
fn compare_count(least: i64, greatest: Option<i64>, op: CmpOp, than: i64) -> Verdict {
    let reaches = |number: i64| greatest.is_none_or(|greatest| greatest >= number);
    let (always, never) = match op {
        CmpOp::Eq => {
            (least == than && greatest == Some(than), least > than || !reaches(than))
        }
        CmpOp::Lt => (!reaches(than), least >= than),
        CmpOp::Le => (greatest.is_some_and(|greatest| greatest <= than), least > than),
        CmpOp::Gt => (least > than, greatest.is_some_and(|greatest| greatest <= than)),
        CmpOp::Ge => (least >= than, !reaches(than)),
    };
    match (always, never) {
        (true, _) => Verdict::True,
        (_, true) => Verdict::False,
        _ => Verdict::Unknown,
    }
}

/// One comparison; `None` if the types do not allow it.
fn compare(op: CmpOp, left: &Value, right: &Value, folds: bool) -> Option<bool> {
    if op == CmpOp::Eq {
        return Some(equal(left, right, folds));
    }
    let order = match (left, right) {
        (Value::Int(left), Value::Int(right)) => left.partial_cmp(right),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Ip(left), Value::Ip(right)) => left.partial_cmp(right),
        _ => None,
    }?;
    Some(match op {
        CmpOp::Eq => order.is_eq(),
        CmpOp::Lt => order.is_lt(),
        CmpOp::Le => order.is_le(),
        CmpOp::Gt => order.is_gt(),
        CmpOp::Ge => order.is_ge(),
    })
}

/// Whether two values are equal; texts after folding, if asked.
pub(super) fn equal(left: &Value, right: &Value, folds: bool) -> bool {
    match (left, right) {
        (Value::Bytes(left), Value::Bytes(right)) => {
            fold::by(folds, left) == fold::by(folds, right)
        }
        _ => left == right,
    }
}

/// One needle in a text, of which there may be more than what is here.
fn test(op: TextOp, text: &[u8], cut: bool, needle: &[u8]) -> Verdict {
    let found = match op {
        TextOp::StartsWith => text.starts_with(needle),
        TextOp::EndsWith => text.ends_with(needle),
        TextOp::Contains => {
            needle.is_empty() || text.windows(needle.len()).any(|part| part == needle)
        }
    };
    let decided = match op {
        _ if !cut => true,
        TextOp::StartsWith => needle.len() <= text.len(),
        TextOp::Contains => found,
        TextOp::EndsWith => false,
    };
    match (decided, found) {
        (false, _) => Verdict::Unknown,
        (true, false) => Verdict::False,
        (true, true) => Verdict::True,
    }
}
