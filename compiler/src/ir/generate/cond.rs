//! Random conditions.

use tagout_spec::schema::FieldIdx;

use super::expr::sort;
use super::{Generator, nowhere, palette, pattern};
use crate::ir::{
    CmpOp, Cond, CondKind, Expr, ExprKind, FieldRef, Pattern, State, TextOp, Type, Value,
    fold,
};

/// Regular expressions and whether they run over folded text. The first are
/// globs as they are translated.
const PATTERNS: &[(&str, bool)] = &[
    (r"(?s-u)\A[^/\\]*\.exe\z", true),
    (r"(?s-u)\Ac:[/\\].*[/\\]cmd\.exe\z", true),
    (r"(?s-u)\A[^/\\]*[/\\][^/\\]*\z", false),
    (r"(?s-u)\A.b[^/\\]*\z", false),
    (r"\.exe$", false),
    (r"(?i)CMD", false),
    (r"a+b", false),
    (r"[0-9]{1,3}", false),
    (r"\bab\b", false),
    (r"", false),
    (r"^$", false),
    (r"(?m)^ab$", false),
    (r"x|-enc|sh$", true),
    (r"[^a-z]", true),
    (r"(?-u)\xff", false),
    (r"(?u)\p{Lu}", false),
    (r"(?s)a.*b", false),
];

impl Generator<'_> {
    /// A condition with at most `depth` conditions nested in each other.
    pub(super) fn cond(&mut self, depth: usize) -> Cond {
        let inner = depth.saturating_sub(1);
        let kind = match (depth, self.random.below(12)) {
            (0, _) | (_, 9..) => return self.leaf(),
            (_, 0..3) => CondKind::All(self.conds(inner)),
            (_, 3..6) => CondKind::Any(self.conds(inner)),
            (_, 6) => CondKind::Not(Box::new(self.cond(inner))),
            (_, 7) => {
                let left = self.cond(inner);
                let right = match self.random.chance(60) {
                    true => cond(CondKind::Const(self.random.chance(50))),
                    false => self.cond(inner),
                };
                CondKind::Else(Box::new(left), Box::new(right))
            }
            _ => match self.random.chance(20) {
                true => CondKind::Const(self.random.chance(50)),
                false => CondKind::Not(Box::new(self.cond(inner))),
            },
        };
        cond(kind)
    }

    fn conds(&mut self, depth: usize) -> Vec<Cond> {
        let len = if self.random.chance(5) { 0 } else { self.random.between(2, 3) };
        (0..len).map(|_| self.cond(depth)).collect()
    }

    fn leaf(&mut self) -> Cond {
        if self.element.is_none() && self.random.chance(20) {
            return self.quantifier();
        }
        if self.random.chance(6) {
            return self.state();
        }
        let ty = self.any_type();
        let value = self.expr(ty, 2);
        let kind = match ty {
            Type::Bool => match self.random.chance(70) {
                true => CondKind::Truth(value),
                false => self.comparison(CmpOp::Eq, value),
            },
            Type::Range => {
                let other = self.other(&value);
                match self.random.chance(50) {
                    true => CondKind::Overlaps(value, other),
                    false => CondKind::Overlaps(other, value),
                }
            }
            _ => match self.random.below(10) {
                0..3 => self.comparison(CmpOp::Eq, value),
                3 | 4 if ty.is_ordered() => {
                    let ops = [CmpOp::Lt, CmpOp::Le, CmpOp::Gt, CmpOp::Ge];
                    let op = self.random.pick(&ops).copied().unwrap_or(CmpOp::Lt);
                    self.comparison(op, value)
                }
                5 => self.in_param(value),
                6 => {
                    let (table, key) = self.table_and_key(self.key_type(ty), None, 1);
                    CondKind::InData(key, table)
                }
                3..9 if ty.is_text() || ty == Type::Bytes => self.text_test(value),
                _ => self.member(value),
            },
        };
        cond(kind)
    }

    /// What a table may have as keys so that values of a type can be asked for.
    fn key_type(&self, ty: Type) -> Type {
        if ty == Type::Range { Type::Int } else { ty }
    }

    /// The right side of a comparison.
    fn other(&mut self, value: &Expr) -> Expr {
        let other = match self.random.below(10) {
            0..7 => self.const_expr(value.ty),
            _ => self.expr(value.ty, 1),
        };
        if let ExprKind::Const(constant) = &other.kind {
            self.near(value, &constant.clone());
        }
        other
    }

    /// Notes a constant and its neighbours for the fields of an expression.
    fn near(&mut self, value: &Expr, constant: &Value) {
        self.note_all(value, constant);
        match constant {
            Value::Int(number) => {
                for step in [-1, 1] {
                    if let Some(next) = number.checked_add(step) {
                        self.note_all(value, &Value::Int(next));
                    }
                }
            }
            Value::Bytes(bytes) => {
                let upper = bytes.to_ascii_uppercase();
                self.note_all(value, &Value::Bytes(upper));
            }
            _ => {}
        }
    }

    fn comparison(&mut self, op: CmpOp, left: Expr) -> CondKind {
        let right = self.other(&left);
        let ty = left.ty;
        let fold = ty.folds() || (ty == Type::Text && self.random.chance(40));
        match self.random.chance(85) {
            true => CondKind::Cmp { op, left, right, fold },
            false => CondKind::Cmp { op, left: right, right: left, fold },
        }
    }

    fn in_param(&mut self, value: Expr) -> CondKind {
        let set_max = u32::try_from(self.random.between(1, 40)).unwrap_or(1);
        let ty = match value.ty {
            Type::Text if self.random.chance(30) => Type::Name,
            ty => ty,
        };
        let Some(param) = self.param_of(ty, Some(set_max)) else {
            return CondKind::Const(false);
        };
        let position = usize::try_from(param).ok();
        let default =
            position.and_then(|at| self.program.params.get(at)?.default.clone());
        match default {
            Some(crate::ir::Constant::Set(values)) => {
                for one in values {
                    self.note_all(&value, &one);
                }
            }
            Some(crate::ir::Constant::Ips(ranges)) => {
                for (first, last) in ranges {
                    self.note_all(&value, &Value::Ip(first));
                    self.note_all(&value, &Value::Ip(last));
                }
            }
            _ => {}
        }
        CondKind::InParam(value, param)
    }

    /// A test against a literal set of the value's type.
    fn member(&mut self, value: Expr) -> CondKind {
        match value.ty {
            Type::Int | Type::Enum(_) | Type::Time | Type::Duration => {
                let ranges = self.int_ranges();
                for (first, last) in &ranges {
                    self.near(&value, &Value::Int(*first));
                    self.near(&value, &Value::Int(*last));
                }
                CondKind::InInts(value, ranges)
            }
            Type::Ip => {
                let ranges = self.ip_ranges();
                for (first, last) in &ranges {
                    self.note_all(&value, &Value::Ip(*first));
                    self.note_all(&value, &Value::Ip(*last));
                }
                CondKind::InIps(value, ranges)
            }
            Type::Float | Type::Mac => {
                let mut values = Vec::new();
                for _ in 0..self.random.between(1, 5) {
                    let one = self.value(value.ty);
                    if !values.contains(&one) {
                        self.note_all(&value, &one);
                        values.push(one);
                    }
                }
                sort(&mut values);
                CondKind::InValues(value, values)
            }
            Type::Text | Type::Name | Type::Path | Type::Bytes => {
                let fold = self.fold_of(value.ty);
                let mut texts = self.texts(&value, fold, 0);
                texts.sort_unstable();
                texts.dedup();
                CondKind::InTexts { value, texts, fold }
            }
            Type::Bool => CondKind::Truth(value),
            Type::Range => {
                let other = self.other(&value);
                CondKind::Overlaps(value, other)
            }
        }
    }

    fn int_ranges(&mut self) -> Vec<(i64, i64)> {
        let len = match self.random.chance(10) {
            true => self.random.between(5, 40),
            false => self.random.below(5),
        };
        let mut ends: Vec<_> = (0..len.saturating_mul(2))
            .map(|_| match len > 5 {
                true => palette::spread(&mut self.random),
                false => palette::int(&mut self.random, None),
            })
            .collect();
        ends.sort_unstable();
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for pair in ends.chunks(2) {
            let &[first, last] = pair else { continue };
            match ranges.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => ranges.push((first, last)),
            }
        }
        ranges
    }

    fn fold_of(&mut self, ty: Type) -> bool {
        ty.folds() || (ty == Type::Text && self.random.chance(40))
    }

    /// Texts that a value is compared with, none shorter than `least`.
    fn texts(&mut self, value: &Expr, fold: bool, least: usize) -> Vec<Vec<u8>> {
        let mut texts = Vec::new();
        let most = if self.random.chance(8) { 30 } else { 4 };
        for _ in 0..self.random.between(1, most) {
            let mut text = palette::text(&mut self.random);
            if least > 0 {
                let half = text.len().div_ceil(2);
                let tail = self.random.chance(50);
                text = match tail {
                    true => text.split_off(half.min(text.len())),
                    false => text.get(..half).unwrap_or_default().to_vec(),
                };
            }
            if fold {
                text = fold::fold(&text);
            }
            if text.len() < least {
                text = b"a".to_vec();
            }
            self.near(value, &Value::Bytes(text.clone()));
            let around = palette::around(&mut self.random, &text);
            self.note_all(value, &Value::Bytes(around));
            texts.push(text);
        }
        texts
    }

    fn text_test(&mut self, value: Expr) -> CondKind {
        if self.random.chance(30) {
            let (regex, fold) = match self.random.chance(60) {
                true => {
                    let picked = self.random.pick(PATTERNS).copied();
                    let (regex, fold) = picked.unwrap_or(("a", false));
                    (regex.to_owned(), fold)
                }
                false => (pattern::regex(&mut self.random), self.random.chance(30)),
            };
            let fold = fold && value.ty != Type::Bytes;
            let pattern = Pattern { source: regex.clone(), regex, fold };
            let patterns = &mut self.program.patterns;
            let number = patterns.iter().position(|one| *one == pattern);
            let number = number.unwrap_or_else(|| {
                patterns.push(pattern);
                patterns.len().saturating_sub(1)
            });
            return CondKind::Matches(value, u32::try_from(number).unwrap_or(0));
        }
        let fold = self.fold_of(value.ty);
        let needles = self.texts(&value, fold, 1);
        let ops = [TextOp::Contains, TextOp::StartsWith, TextOp::EndsWith];
        let op = self.random.pick(&ops).copied().unwrap_or(TextOp::Contains);
        let all = self.random.chance(30);
        CondKind::Text { op, value, needles, all, fold }
    }

    fn state(&mut self) -> Cond {
        let mut fields: Vec<_> = match self.element {
            Some(group) => {
                let fields = self.element_fields(group);
                fields.into_iter().map(|(field, _)| field).collect()
            }
            None => Vec::new(),
        };
        fields.retain(|field| matches!(field, FieldRef::Elem(..)));
        if fields.is_empty() || self.random.chance(30) {
            let all = self.kind.fields.iter();
            fields = all.map(|field| FieldRef::Event(FieldIdx(field.bit))).collect();
        }
        let states = [State::Missing, State::Null, State::Present];
        let state = self.random.pick(&states).copied().unwrap_or(State::Missing);
        match self.random.pick(&fields) {
            Some(field) => cond(CondKind::State(*field, state)),
            None => cond(CondKind::Const(true)),
        }
    }

    fn quantifier(&mut self) -> Cond {
        let groups: Vec<_> =
            self.repeated().into_iter().map(|field| FieldIdx(field.bit)).collect();
        let Some(group) = self.random.pick(&groups).copied() else {
            return self.state();
        };
        self.element = Some(group);
        let depth = self.random.below(2);
        let inner = Box::new(self.cond(depth));
        self.element = None;
        let group = FieldRef::Event(group);
        cond(match self.random.chance(60) {
            true => CondKind::Quant { all: self.random.chance(50), group, cond: inner },
            false => {
                let ops = [CmpOp::Eq, CmpOp::Lt, CmpOp::Le, CmpOp::Gt, CmpOp::Ge];
                let op = self.random.pick(&ops).copied().unwrap_or(CmpOp::Ge);
                let than = i64::try_from(self.random.below(5)).unwrap_or(0);
                let than = if self.random.chance(5) { -1 } else { than };
                CondKind::Count { group, cond: inner, op, than }
            }
        })
    }
}

/// A condition that stands nowhere.
fn cond(kind: CondKind) -> Cond {
    Cond { kind, span: nowhere() }
}
