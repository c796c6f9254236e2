//! Random values of a wanted type.

use tagout_spec::schema::FieldIdx;

use super::{Generator, nowhere, palette};
use crate::ir::{
    ArithOp, DataTable, Expr, ExprKind, FieldRef, Param, PathView, RegisterFormat,
    RegisterView, Type, Value, fold,
};

impl Generator<'_> {
    /// A value of a type; mostly a field.
    pub(super) fn expr(&mut self, ty: Type, depth: usize) -> Expr {
        let field = self.field(ty);
        if depth == 0 || self.random.chance(50) {
            return field.unwrap_or_else(|| self.const_expr(ty));
        }
        let depth = depth.saturating_sub(1);
        let kind = match self.random.below(if self.calls { 9 } else { 8 }) {
            8 => self.call(ty, depth).or_else(|| self.computed(ty, depth)),
            0 => self.param(ty),
            1 | 2 => {
                let left = self.expr(ty, depth);
                let right = match self.random.chance(50) {
                    true => self.const_expr(ty),
                    false => self.expr(ty, depth),
                };
                Some(ExprKind::Coalesce(Box::new(left), Box::new(right)))
            }
            3 => Some(self.lookup(ty, depth)),
            _ => self.computed(ty, depth),
        };
        match (kind, field) {
            (Some(kind), _) => expr(kind, ty),
            (None, Some(field)) => field,
            (None, None) => self.const_expr(ty),
        }
    }

    /// A literal; folded where any comparison of the type folds.
    pub(super) fn const_expr(&mut self, ty: Type) -> Expr {
        let mut value = self.value(ty);
        if let Value::Bytes(bytes) = &mut value
            && ty.is_text()
        {
            *bytes = fold::fold(bytes);
        }
        expr(ExprKind::Const(value), ty)
    }

    /// Some field or item of a type that can be named here.
    pub(super) fn field(&mut self, ty: Type) -> Option<Expr> {
        let mut fields = self.scalars();
        fields.retain(|(_, of)| *of == ty);
        if fields.is_empty() {
            let element = self.element.take();
            fields = self.scalars();
            fields.retain(|(_, of)| *of == ty);
            self.element = element;
        }
        let (field, _) = *self.random.pick(&fields)?;
        let kind = match field {
            FieldRef::Event(list) if self.element == Some(list) => ExprKind::Item(list),
            _ => ExprKind::Field(field),
        };
        Some(expr(kind, ty))
    }

    fn param(&mut self, ty: Type) -> Option<ExprKind> {
        if ty == Type::Range {
            return None;
        }
        let number = self.param_of(ty, None);
        number.map(ExprKind::Param)
    }

    /// The number of a parameter of a type: one that exists or a new one.
    pub(super) fn param_of(&mut self, ty: Type, set_max: Option<u32>) -> Option<u32> {
        let params = self.program.params.iter().enumerate();
        let same: Vec<_> = params
            .filter(|(_, param)| {
                param.ty == ty && param.set_max.is_some() == set_max.is_some()
            })
            .map(|(number, _)| number)
            .collect();
        if let Some(number) = self.random.pick(&same)
            && same.len() > 1
        {
            return u32::try_from(*number).ok();
        }
        let number = self.program.params.len();
        let default = self.random.chance(70).then(|| self.constant(ty, set_max));
        let name = format!("param_{number}");
        self.program.params.push(Param { name, ty, set_max, default });
        u32::try_from(number).ok()
    }

    fn lookup(&mut self, ty: Type, depth: usize) -> ExprKind {
        let key_ty = loop {
            let key_ty = self.any_type();
            if key_ty != Type::Range {
                break key_ty;
            }
        };
        let (number, key) = self.table_and_key(key_ty, Some(ty), depth);
        ExprKind::Lookup(number, Box::new(key))
    }

    /// A new table, and a key that is sometimes in it.
    pub(super) fn table_and_key(
        &mut self,
        key: Type,
        value: Option<Type>,
        depth: usize,
    ) -> (u32, Expr) {
        let asked = self.expr(key, depth);
        let number = self.program.data.len();
        let mut keys: Vec<Value> = Vec::new();
        for _ in 0..self.random.between(1, 6) {
            let mut one = self.value(key);
            if let Value::Bytes(bytes) = &mut one
                && key.folds()
            {
                *bytes = fold::fold(bytes);
            }
            if !keys.contains(&one) {
                self.note_all(&asked, &one);
                keys.push(one);
            }
        }
        sort(&mut keys);
        let rows = keys.into_iter().map(|key| (key, value.map(|ty| self.value(ty))));
        let rows = rows.collect();
        let name = format!("data_{number}");
        let replaceable = self.random.chance(20);
        self.program.data.push(DataTable { name, key, value, rows, replaceable });
        (u32::try_from(number).unwrap_or(0), asked)
    }

    fn computed(&mut self, ty: Type, depth: usize) -> Option<ExprKind> {
        match ty {
            Type::Int => Some(self.computed_int(depth)),
            Type::Float => Some(match self.random.below(6) {
                0 => ExprKind::Neg(Box::new(self.expr(ty, depth))),
                1 => ExprKind::ToFloat(Box::new(self.expr(Type::Int, depth))),
                2 | 3 if self.kind.registers.is_some() => {
                    let (is_float, has_scale) = *self.random.pick(&[
                        (true, true),
                        (true, false),
                        (false, true),
                    ])?;
                    self.register(is_float, has_scale)
                }
                _ => {
                    let ops = [ArithOp::Add, ArithOp::Sub, ArithOp::Mul, ArithOp::Div];
                    self.arith(&ops, ty, ty, depth)?
                }
            }),
            Type::Time => {
                let shapes = [
                    (ArithOp::Add, Type::Time, Type::Duration),
                    (ArithOp::Add, Type::Duration, Type::Time),
                    (ArithOp::Sub, Type::Time, Type::Duration),
                ];
                let (op, left, right) = *self.random.pick(&shapes)?;
                self.arith(&[op], left, right, depth)
            }
            Type::Duration => {
                let shapes = [
                    (ArithOp::Sub, Type::Time, Type::Time),
                    (ArithOp::Add, ty, ty),
                    (ArithOp::Sub, ty, ty),
                    (ArithOp::Mul, ty, Type::Int),
                    (ArithOp::Mul, Type::Int, ty),
                    (ArithOp::Div, ty, Type::Int),
                ];
                if self.random.chance(15) {
                    return Some(ExprKind::Neg(Box::new(self.expr(ty, depth))));
                }
                let (op, left, right) = *self.random.pick(&shapes)?;
                self.arith(&[op], left, right, depth)
            }
            Type::Name => {
                let view = *self.random.pick(&[PathView::Name, PathView::Extension])?;
                Some(self.view(view, depth))
            }
            Type::Path => Some(self.view(PathView::Directory, depth)),
            _ => None,
        }
    }

    fn view(&mut self, view: PathView, depth: usize) -> ExprKind {
        let types = [Type::Path, Type::Path, Type::Name, Type::Text];
        let ty = self.random.pick(&types).copied().unwrap_or(Type::Path);
        ExprKind::PathView(view, Box::new(self.expr(ty, depth)))
    }

    fn computed_int(&mut self, depth: usize) -> ExprKind {
        match self.random.below(8) {
            0 => ExprKind::Neg(Box::new(self.expr(Type::Int, depth))),
            1 => ExprKind::BitNot(Box::new(self.expr(Type::Int, depth))),
            2 => {
                let types = [Type::Text, Type::Name, Type::Path, Type::Bytes];
                let ty = self.random.pick(&types).copied().unwrap_or(Type::Text);
                ExprKind::Len(Box::new(self.expr(ty, depth)))
            }
            3 => {
                let lists: Vec<_> = self
                    .repeated()
                    .into_iter()
                    .map(|field| FieldIdx(field.bit))
                    .collect();
                match self.random.pick(&lists) {
                    Some(list) => ExprKind::LenOf(FieldRef::Event(*list)),
                    None => ExprKind::Const(Value::Int(1)),
                }
            }
            4 if self.kind.registers.is_some() => self.register(false, false),
            _ => {
                use ArithOp::{Add, And, Div, Mul, Or, Rem, Shl, Shr, Sub, Xor};
                let ops = [Add, Sub, Mul, Div, Rem, And, Or, Xor, Shl, Shr];
                let int = Type::Int;
                self.arith(&ops, int, int, depth)
                    .unwrap_or(ExprKind::Const(Value::Int(1)))
            }
        }
    }

    fn arith(
        &mut self,
        ops: &[ArithOp],
        left: Type,
        right: Type,
        depth: usize,
    ) -> Option<ExprKind> {
        let op = *self.random.pick(ops)?;
        let left = self.expr(left, depth);
        let right = match self.random.chance(60) {
            true => self.const_expr(right),
            false => self.expr(right, depth),
        };
        Some(ExprKind::Arith(op, Box::new(left), Box::new(right)))
    }

    fn register(&mut self, is_float: bool, has_scale: bool) -> ExprKind {
        use RegisterFormat::{F32, F64, I16, I32, I64, U16, U32, U64};
        let formats: &[_] =
            if is_float { &[F32, F64] } else { &[U16, I16, U32, I32, U64, I64] };
        let scales = [0.1, 1.0, -2.0, 1e300, 0.0];
        let address = u16::try_from(self.random.below(6)).unwrap_or(0);
        if let Some(registers) = &self.kind.registers {
            let field = FieldRef::Event(registers.address);
            self.note(field, Value::Int(i64::from(address)));
        }
        ExprKind::Register(RegisterView {
            address,
            format: self.random.pick(formats).copied().unwrap_or(U16),
            little_words: self.random.chance(50),
            little_bytes: self.random.chance(50),
            scale: has_scale.then(|| self.random.pick(&scales).copied().unwrap_or(1.0)),
        })
    }

    /// Ascending, disjoint ranges of addresses.
    pub(super) fn ip_ranges(&mut self) -> Vec<([u8; 16], [u8; 16])> {
        let mut ends: Vec<_> = (0..4).map(|_| palette::ip(&mut self.random)).collect();
        ends.sort_unstable();
        ends.dedup();
        let pairs = ends.chunks(2).filter_map(|pair| match pair {
            [first, last] => Some((*first, *last)),
            [one] => Some((*one, *one)),
            _ => None,
        });
        pairs.collect()
    }
}

/// An expression that stands nowhere.
pub(super) fn expr(kind: ExprKind, ty: Type) -> Expr {
    Expr { kind, ty, span: nowhere() }
}

/// Sorts values of one type.
pub(super) fn sort(values: &mut [Value]) {
    values.sort_by(|left, right| match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) => left.cmp(right),
        (Value::Float(left), Value::Float(right)) => left.total_cmp(right),
        (Value::Ip(left), Value::Ip(right)) => left.cmp(right),
        (Value::Mac(left), Value::Mac(right)) => left.cmp(right),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        _ => std::cmp::Ordering::Equal,
    });
}
