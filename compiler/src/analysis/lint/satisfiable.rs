//! Whether a rule can hold at all, and which of its conditions always do.
//!
//! The condition is walked once as if it were true. Each comparison narrows what
//! its expression may still be ([`Domain`]); an empty domain means that no event
//! matches:
//!
//! ```text
//! m.function == 5 and m.function == 6        5, then nothing: E0301
//! m.unit < 0                                 nothing by itself: E0302
//! m.unit >= 0                                nothing is taken away: W0501
//! x == 1 and (x == 2 or y)                   one alternative is dead: W0517
//! ```
//!
//! Alternatives are tried one after another on top of what is known, and taken
//! back through a log, so the work is that of one walk. Conditions that came
//! from a predicate are never blamed on their own: a predicate may be wider than
//! the rule that uses it.

use std::collections::BTreeMap;

use tagout_spec::schema::{KindIdx, Schema};

use super::domain::{Domain, Test, Texts, complement, complement_ips, float_key};
use crate::analysis::bounds;
use crate::analysis::canon::{self, Key};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{
    CmpOp, Cond, CondKind, Expr, ExprKind, FieldRef, PathView, State, Type, Value,
};

/// Most conditions of one rule that are looked at.
const MAX_WORK: usize = 20_000;

/// Checks a rule's condition; whether it can hold.
pub(super) fn check(
    schema: &Schema,
    kind: KindIdx,
    cond: &Cond,
    rule: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let mut walk = Walk {
        schema,
        kind,
        rule,
        known: BTreeMap::new(),
        log: Vec::new(),
        work: 0,
        depth: 0,
        found: Vec::new(),
    };
    let outcome = walk.assume(cond, Want::True);
    let mut found = walk.found;
    let holds = match outcome {
        Ok(()) => true,
        Err(conflict) => {
            found.push(conflict.diagnostic());
            false
        }
    };
    diagnostics.append(&mut found);
    holds
}

/// What a condition is assumed to be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Want {
    True,
    False,
    NotTrue,
    NotFalse,
}

impl Want {
    /// The same said of the negation.
    fn negated(self) -> Want {
        match self {
            Want::True => Want::False,
            Want::False => Want::True,
            Want::NotTrue => Want::NotFalse,
            Want::NotFalse => Want::NotTrue,
        }
    }

    /// Whether the condition itself holds, as far as it is decided.
    fn holds(self) -> bool {
        matches!(self, Want::True | Want::NotFalse)
    }

    /// Whether it must be decided.
    fn is_decided(self) -> bool {
        matches!(self, Want::True | Want::False)
    }
}

/// Why nothing is left.
#[derive(Debug)]
struct Conflict {
    span: Span,
    other: Option<Span>,
    help: Option<&'static str>,
    always_there: bool,
}

impl Conflict {
    fn diagnostic(self) -> Diagnostic {
        let Conflict { span, other, help, always_there } = self;
        let diagnostic = match other.filter(|other| *other != span) {
            Some(other) => {
                Diagnostic::new(Code::E0301, span, "these conditions never hold together")
                    .label("contradicts the other one")
                    .secondary(other, "the other one")
            }
            None if always_there => {
                Diagnostic::new(Code::E0303, span, "every event has this field")
                    .label("never missing and never null")
            }
            None => Diagnostic::new(Code::E0302, span, "this condition never holds")
                .label("no event satisfies it"),
        };
        match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// What is left of an expression, and what narrowed it last.
type Known = (Domain, Option<Span>);

struct Walk<'a> {
    schema: &'a Schema,
    kind: KindIdx,
    rule: Span,
    /// By expression.
    known: BTreeMap<Key, Known>,
    /// What was known before, to take back.
    log: Vec<(Key, Option<Known>)>,
    work: usize,
    depth: usize,
    found: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// Assumes something of a condition.
    fn assume(&mut self, c: &Cond, want: Want) -> Result<(), Conflict> {
        self.work += 1;
        if self.work > MAX_WORK {
            return Ok(());
        }
        match &c.kind {
            CondKind::Const(b) if *b == want.holds() => Ok(()),
            CondKind::Const(_) => Err(impossible(c.span)),
            CondKind::Not(inner) => self.assume(inner, want.negated()),
            CondKind::All(parts) => {
                self.twice(parts);
                self.parts(parts, want, want.holds())
            }
            CondKind::Any(parts) => {
                self.twice(parts);
                self.parts(parts, want, !want.holds())
            }
            CondKind::Else(inner, default) => {
                let CondKind::Const(default) = default.kind else { return Ok(()) };
                let want = match (default, want.holds()) {
                    (false, true) => Want::True,
                    (false, false) => Want::NotTrue,
                    (true, true) => Want::NotFalse,
                    (true, false) => Want::False,
                };
                self.assume(inner, want)
            }
            _ => self.leaf(c, want),
        }
    }

    /// Parts that all are as wanted (`each`), or of which one is.
    fn parts(&mut self, parts: &[Cond], want: Want, each: bool) -> Result<(), Conflict> {
        if each {
            // What narrows directly goes first, so that alternatives see it all.
            let (direct, nested): (Vec<&Cond>, Vec<&Cond>) =
                parts.iter().partition(|part| !has_alternatives(part));
            for part in direct.into_iter().chain(nested) {
                self.assume(part, want)?;
            }
            return Ok(());
        }
        if parts.is_empty() {
            return Ok(());
        }
        let mut first = None;
        let mut n_dead = 0;
        let mut dead: Vec<Diagnostic> = Vec::new();
        for part in parts {
            let mark = self.log.len();
            self.depth += 1;
            let outcome = self.assume(part, want);
            self.depth -= 1;
            self.take_back(mark);
            if let Err(conflict) = outcome {
                n_dead += 1;
                if within(part.span, self.rule) {
                    dead.push(dead_alternative(part.span, &conflict));
                }
                first.get_or_insert(conflict);
            }
        }
        match first {
            Some(conflict) if n_dead == parts.len() => Err(conflict),
            _ => {
                self.found.append(&mut dead);
                self.unite(parts, want)
            }
        }
    }

    /// Alternatives about one expression narrow it together.
    fn unite(&mut self, parts: &[Cond], want: Want) -> Result<(), Conflict> {
        let mut united: Option<(Key, Domain)> = None;
        for part in parts {
            let Some((key, domain)) = self.domain_of(part, want) else { return Ok(()) };
            united = match united {
                None => Some((key, domain)),
                Some((known, sum)) if known == key => match sum.unite(&domain) {
                    Some(sum) => Some((key, sum)),
                    None => return Ok(()),
                },
                Some(_) => return Ok(()),
            };
        }
        let Some(span) = parts.first().map(|part| part.span) else { return Ok(()) };
        match united {
            Some((key, domain)) => self.narrow(key, domain, span),
            None => Ok(()),
        }
    }

    /// The expression and the domain of a comparison, through negations.
    fn domain_of(&self, c: &Cond, want: Want) -> Option<(Key, Domain)> {
        match &c.kind {
            CondKind::Not(inner) => self.domain_of(inner, want.negated()),
            CondKind::All(_) | CondKind::Any(_) | CondKind::Else(..) => None,
            _ => self.facts(c, want).into_iter().next(),
        }
    }

    /// Reports a part that is written twice.
    fn twice(&mut self, parts: &[Cond]) {
        let mut seen: BTreeMap<Key, Span> = BTreeMap::new();
        for part in parts {
            self.work += 1;
            let key = canon::cond_key(part);
            if let Some(first) = seen.get(&key) {
                if within(part.span, self.rule) && *first != part.span {
                    self.found.push(
                        Diagnostic::new(
                            Code::W0502,
                            part.span,
                            "the condition is given twice",
                        )
                        .label("again here")
                        .secondary(*first, "first here"),
                    );
                }
            } else {
                seen.insert(key, part.span);
            }
        }
    }

    fn leaf(&mut self, c: &Cond, want: Want) -> Result<(), Conflict> {
        if want.holds() {
            view_is_possible(c)?;
        }
        if let CondKind::Quant { cond, all, .. } = &c.kind
            && *all != want.holds()
        {
            // Elements are other things than the event: nothing known applies.
            let known = std::mem::take(&mut self.known);
            let log = std::mem::take(&mut self.log);
            let outcome = self.assume(cond, want);
            self.known = known;
            self.log = log;
            outcome?;
        }
        if want.is_decided() {
            for field in present(c) {
                self.narrow(state_key(field), Domain::Cases(PRESENT), c.span)?;
            }
        }
        if let CondKind::State(field, state) = &c.kind {
            return self.state(c, *field, *state, want);
        }
        let facts = self.facts(c, want);
        if facts.is_empty() {
            // Nothing is known of it but that it cannot be both.
            let cases = if want.holds() { 1 } else { 2 };
            let key = with_prefix(b'c', canon::cond_key(c));
            return self.narrow(key, Domain::Cases(cases), c.span);
        }
        if want.holds() && within(c.span, self.rule) {
            self.always(c, &facts);
        }
        for (key, domain) in facts {
            self.narrow(key, domain, c.span)?;
        }
        Ok(())
    }

    fn state(
        &mut self,
        c: &Cond,
        field: FieldRef,
        state: State,
        want: Want,
    ) -> Result<(), Conflict> {
        let case = match state {
            State::Missing => MISSING,
            State::Null => NULL,
            State::Present => PRESENT,
        };
        if let FieldRef::Event(idx) = field
            && case != PRESENT
            && want.holds()
            && bounds::field(self.schema, self.kind, idx).is_some_and(|f| f.path == "ts")
        {
            return Err(Conflict { always_there: true, ..impossible(c.span) });
        }
        let cases = if want.holds() { case } else { ANY_STATE & !case };
        self.narrow(state_key(field), Domain::Cases(cases), c.span)
    }

    /// Reports a comparison that takes nothing away.
    fn always(&mut self, c: &Cond, facts: &[(Key, Domain)]) {
        let all = facts.iter().all(|(_, domain)| match domain {
            Domain::Ints(ranges) => {
                let whole = value_of(c).map(|e| self.bounds(e));
                whole.is_some_and(|whole| *ranges == [whole])
            }
            Domain::Ips(ranges) => *ranges == [(0, u128::MAX)],
            _ => false,
        });
        if all {
            self.found.push(
                Diagnostic::new(
                    Code::W0501,
                    c.span,
                    "this holds for every event that has the field",
                )
                .label("always true")
                .help("to ask whether the field is there, write `is present`"),
            );
        }
    }

    /// Takes away what a comparison excludes.
    fn narrow(&mut self, key: Key, domain: Domain, span: Span) -> Result<(), Conflict> {
        let before = self.known.get(&key).cloned();
        let (left, other) = match &before {
            Some((known, by)) => match known.intersect(&domain) {
                Some(both) => (both, *by),
                None => return Ok(()),
            },
            None => (domain, None),
        };
        if left.is_empty() {
            return Err(Conflict { other, ..impossible(span) });
        }
        let by = match &before {
            // What took nothing away is not to blame later.
            Some((known, by)) if *known == left => *by,
            _ => Some(span),
        };
        self.known.insert(key.clone(), (left, by));
        if self.depth > 0 {
            self.log.push((key, before));
        }
        Ok(())
    }

    fn take_back(&mut self, mark: usize) {
        while self.log.len() > mark {
            match self.log.pop() {
                Some((key, Some(before))) => self.known.insert(key, before),
                Some((key, None)) => self.known.remove(&key),
                None => break,
            };
        }
    }

    fn bounds(&self, e: &Expr) -> (i64, i64) {
        if e.ty == Type::Float {
            return (float_key(f64::NEG_INFINITY), float_key(f64::INFINITY));
        }
        bounds::of_expr(self.schema, self.kind, e)
    }

    /// What a comparison says of its expression.
    fn facts(&self, c: &Cond, want: Want) -> Vec<(Key, Domain)> {
        let holds = want.holds();
        match &c.kind {
            CondKind::Truth(e) => {
                let cases = if holds { 1 } else { 2 };
                vec![(value_key(e), Domain::Cases(cases))]
            }
            CondKind::Cmp { op, left, right, fold } => {
                self.comparison(*op, left, right, *fold, holds)
            }
            CondKind::InInts(e, ranges) => self.ints(e, ranges, holds),
            CondKind::InIps(e, ranges) => {
                let number = |bytes: [u8; 16]| u128::from_be_bytes(bytes);
                let ranges =
                    ranges.iter().map(|(a, b)| (number(*a), number(*b))).collect();
                ips(e, ranges, holds)
            }
            CondKind::InTexts { value, texts, fold } => {
                equal_texts(value, texts, *fold, holds)
            }
            CondKind::Text { op, value, needles, all, fold } => {
                let test = Test { op: *op, needles: needles.clone(), all: *all, holds };
                let texts = Texts { tests: vec![test], ..Texts::default() };
                vec![(text_key(value, *fold), Domain::Texts(texts))]
            }
            _ => Vec::new(),
        }
    }

    fn comparison(
        &self,
        op: CmpOp,
        left: &Expr,
        right: &Expr,
        fold: bool,
        holds: bool,
    ) -> Vec<(Key, Domain)> {
        if let ExprKind::Const(_) = left.kind
            && !matches!(right.kind, ExprKind::Const(_))
        {
            let op = match op {
                CmpOp::Eq => CmpOp::Eq,
                CmpOp::Lt => CmpOp::Gt,
                CmpOp::Le => CmpOp::Ge,
                CmpOp::Gt => CmpOp::Lt,
                CmpOp::Ge => CmpOp::Le,
            };
            return self.comparison(op, right, left, fold, holds);
        }
        let ExprKind::Const(constant) = &right.kind else { return Vec::new() };
        match constant {
            Value::Int(n) => self.ints(left, &ranges(op, *n), holds),
            Value::Float(f) => self.ints(left, &ranges(op, float_key(*f)), holds),
            Value::Bool(b) => {
                let cases = if *b == holds { 1 } else { 2 };
                vec![(value_key(left), Domain::Cases(cases))]
            }
            Value::Ip(ip) => {
                let n = u128::from_be_bytes(*ip);
                let range = match op {
                    CmpOp::Eq => Some((n, n)),
                    CmpOp::Lt => n.checked_sub(1).map(|n| (0, n)),
                    CmpOp::Le => Some((0, n)),
                    CmpOp::Gt => n.checked_add(1).map(|n| (n, u128::MAX)),
                    CmpOp::Ge => Some((n, u128::MAX)),
                };
                ips(left, range.into_iter().collect(), holds)
            }
            Value::Bytes(bytes) => {
                equal_texts(left, std::slice::from_ref(bytes), fold, holds)
            }
            _ => Vec::new(),
        }
    }

    fn ints(&self, e: &Expr, ranges: &[(i64, i64)], holds: bool) -> Vec<(Key, Domain)> {
        let whole = self.bounds(e);
        let outside = complement(ranges, whole);
        let domain = if holds { complement(&outside, whole) } else { outside };
        vec![(value_key(e), Domain::Ints(domain))]
    }
}

const MISSING: u8 = 1;
const NULL: u8 = 2;
const PRESENT: u8 = 4;
/// The fourth case is a value of a wrong type.
const ANY_STATE: u8 = 15;

fn impossible(span: Span) -> Conflict {
    Conflict { span, other: None, help: None, always_there: false }
}

fn dead_alternative(span: Span, conflict: &Conflict) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::W0517, span, "this alternative never holds")
        .label("can be left out");
    match conflict.other {
        Some(other) => diagnostic.secondary(other, "contradicts this"),
        None => diagnostic,
    }
}

fn within(span: Span, outer: Span) -> bool {
    span.file == outer.file && outer.start <= span.start && span.end <= outer.end
}

/// Whether assuming a condition means trying alternatives.
fn has_alternatives(c: &Cond) -> bool {
    match &c.kind {
        CondKind::Any(_) => true,
        CondKind::Not(inner) | CondKind::Else(inner, _) => {
            matches!(inner.kind, CondKind::All(_) | CondKind::Any(_))
                || has_alternatives(inner)
        }
        _ => false,
    }
}

fn state_key(field: FieldRef) -> Key {
    let mut key = vec![b's'];
    canon::field(field, &mut key);
    key
}

/// A key of a sort of its own.
fn with_prefix(sort: u8, mut key: Key) -> Key {
    key.insert(0, sort);
    key
}

fn value_key(e: &Expr) -> Key {
    with_prefix(b'v', canon::expr_key(e))
}

fn text_key(e: &Expr, fold: bool) -> Key {
    with_prefix(if fold { b'f' } else { b'e' }, canon::expr_key(e))
}

/// Integers that a comparison with `n` admits.
fn ranges(op: CmpOp, n: i64) -> Vec<(i64, i64)> {
    let range = match op {
        CmpOp::Eq => Some((n, n)),
        CmpOp::Lt => n.checked_sub(1).map(|n| (i64::MIN, n)),
        CmpOp::Le => Some((i64::MIN, n)),
        CmpOp::Gt => n.checked_add(1).map(|n| (n, i64::MAX)),
        CmpOp::Ge => Some((n, i64::MAX)),
    };
    range.into_iter().collect()
}

fn ips(e: &Expr, ranges: Vec<(u128, u128)>, holds: bool) -> Vec<(Key, Domain)> {
    let ranges = if holds { ranges } else { complement_ips(&ranges) };
    vec![(value_key(e), Domain::Ips(ranges))]
}

/// A text is one of these, or none of them. What is known exactly is known
/// folded as well.
fn equal_texts(
    e: &Expr,
    texts: &[Vec<u8>],
    fold: bool,
    holds: bool,
) -> Vec<(Key, Domain)> {
    let of = |texts: Vec<Vec<u8>>| {
        if holds {
            Texts::only(texts)
        } else {
            Texts { denied: texts.into_iter().collect(), ..Texts::default() }
        }
    };
    let mut facts = vec![(text_key(e, fold), Domain::Texts(of(texts.to_vec())))];
    if !fold && holds {
        let folded = texts.iter().map(|text| tagout_spec::fold::fold(text)).collect();
        facts.push((text_key(e, true), Domain::Texts(of(folded))));
    }
    facts
}

/// The expression that a comparison with constants is about.
fn value_of(c: &Cond) -> Option<&Expr> {
    match &c.kind {
        CondKind::InInts(e, _) | CondKind::InIps(e, _) => Some(e),
        CondKind::Cmp { left, right, .. } => {
            let is_const = matches!(left.kind, ExprKind::Const(_));
            Some(if is_const { right } else { left })
        }
        _ => None,
    }
}

/// Texts that a view can never be.
fn view_is_possible(c: &Cond) -> Result<(), Conflict> {
    let (value, texts): (&Expr, Vec<&[u8]>) = match &c.kind {
        CondKind::InTexts { value, texts, .. } => {
            (value, texts.iter().map(Vec::as_slice).collect())
        }
        CondKind::Cmp { op: CmpOp::Eq, left, right, .. } => {
            match crate::analysis::types::const_bytes(right) {
                Some(bytes) => (left, vec![bytes]),
                None => return Ok(()),
            }
        }
        _ => return Ok(()),
    };
    let ExprKind::PathView(view, _) = &value.kind else { return Ok(()) };
    let has = |set: &[u8]| texts.iter().any(|t| t.iter().any(|b| set.contains(b)));
    let help = match view {
        PathView::Extension if has(b".") => "an extension stands without its dot: `exe`",
        PathView::Extension | PathView::Name if has(b"\\/") => {
            "a file name holds no separator; compare the whole path or `.directory`"
        }
        PathView::Directory
            if texts
                .iter()
                .any(|t| t.len() > 1 && matches!(t.last(), Some(b'\\' | b'/'))) =>
        {
            "a directory stands without the separator behind it"
        }
        _ => return Ok(()),
    };
    Err(Conflict { help: Some(help), ..impossible(c.span) })
}

/// Fields that must be there for a comparison to be decided.
fn present(c: &Cond) -> Vec<FieldRef> {
    let mut fields = Vec::new();
    match &c.kind {
        CondKind::Truth(e)
        | CondKind::InInts(e, _)
        | CondKind::InIps(e, _)
        | CondKind::InTexts { value: e, .. }
        | CondKind::InValues(e, _)
        | CondKind::InParam(e, _)
        | CondKind::InData(e, _)
        | CondKind::Text { value: e, .. }
        | CondKind::Matches(e, _) => needed(e, &mut fields),
        CondKind::Cmp { left, right, .. } | CondKind::Overlaps(left, right) => {
            needed(left, &mut fields);
            needed(right, &mut fields);
        }
        CondKind::Quant { group, .. } | CondKind::Count { group, .. } => {
            fields.push(*group);
        }
        _ => {}
    }
    fields
}

fn needed(e: &Expr, fields: &mut Vec<FieldRef>) {
    match &e.kind {
        ExprKind::Field(field) | ExprKind::LenOf(field) => fields.push(*field),
        ExprKind::Len(inner)
        | ExprKind::Neg(inner)
        | ExprKind::BitNot(inner)
        | ExprKind::ToFloat(inner)
        | ExprKind::PathView(_, inner)
        | ExprKind::Lookup(_, inner) => needed(inner, fields),
        ExprKind::Arith(_, a, b) => {
            needed(a, fields);
            needed(b, fields);
        }
        ExprKind::Call(_, arguments) => {
            arguments.iter().for_each(|argument| needed(argument, fields));
        }
        _ => {}
    }
}
