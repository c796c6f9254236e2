//! Values: types of operands and places of elements.

use tagout_spec::schema::{FieldIdx, FieldType};

use super::Checker;
use crate::diagnostic::Span;
use crate::ir::types::{takes, type_of_field, type_of_item, type_of_result};
use crate::ir::{
    ArithOp, Expr, ExprKind, FieldRef, PathView, RegisterFormat, RegisterView, Type,
    Value, limits,
};

impl Checker<'_> {
    /// Checks an expression and gives its type.
    pub(super) fn expr(&mut self, expr: &Expr, depth: usize) -> Type {
        if !self.enter(depth, expr.span) {
            return expr.ty;
        }
        let depth = depth.saturating_add(1);
        let span = expr.span;
        let (is_right, what) = match &expr.kind {
            ExprKind::Const(value) => {
                self.constant(value, span);
                (expr.ty.admits(value), "a constant")
            }
            ExprKind::Field(field) => {
                let found = self.field(*field, span);
                let ty = found.map(|field| type_of_field(field.ty));
                (ty.is_none_or(|ty| ty == Some(expr.ty)), "a field")
            }
            ExprKind::Item(list) => (self.item(*list, span) == Some(expr.ty), "an item"),
            ExprKind::Param(number) => {
                let position = usize::try_from(*number).ok();
                let param = position.and_then(|at| self.program.params.get(at));
                let is_right = param
                    .is_some_and(|param| param.set_max.is_none() && param.ty == expr.ty);
                (is_right, "a parameter")
            }
            ExprKind::Len(inner) => {
                let inner = self.expr(inner, depth);
                let is_right = inner.is_text() || inner == Type::Bytes;
                (is_right && expr.ty == Type::Int, "a length")
            }
            ExprKind::LenOf(field) => {
                let is_repeated =
                    self.field(*field, span).is_none_or(|field| field.items.is_some());
                let is_event = matches!(field, FieldRef::Event(_));
                (is_repeated && is_event && expr.ty == Type::Int, "a length")
            }
            ExprKind::Neg(inner) => {
                let inner = self.expr(inner, depth);
                let is_right = matches!(inner, Type::Int | Type::Float | Type::Duration);
                (is_right && expr.ty == inner, "a negation")
            }
            ExprKind::BitNot(inner) => {
                let inner = self.expr(inner, depth);
                (inner == Type::Int && expr.ty == inner, "a complement")
            }
            ExprKind::Arith(op, left, right) => {
                let left = self.expr(left, depth);
                let right = self.expr(right, depth);
                (arith(*op, left, right) == Some(expr.ty), "arithmetic")
            }
            ExprKind::ToFloat(inner) => {
                let inner = self.expr(inner, depth);
                (inner == Type::Int && expr.ty == Type::Float, "a conversion")
            }
            ExprKind::Coalesce(left, right) => {
                let left = self.expr(left, depth);
                let right = self.expr(right, depth);
                (coalesce(left, right) == Some(expr.ty), "a default")
            }
            ExprKind::PathView(view, inner) => {
                let inner = self.expr(inner, depth);
                let ty = match view {
                    PathView::Directory => Type::Path,
                    PathView::Name | PathView::Extension => Type::Name,
                };
                (inner.is_text() && expr.ty == ty, "a view")
            }
            ExprKind::Lookup(number, key) => {
                let key = self.expr(key, depth);
                let position = usize::try_from(*number).ok();
                let table = position.and_then(|at| self.program.data.get(at));
                let is_right = table.is_some_and(|table| {
                    holds(table.key, key) && table.value == Some(expr.ty)
                });
                (is_right, "a table's value")
            }
            ExprKind::Register(view) => {
                (self.register(view) == Some(expr.ty), "a register")
            }
            ExprKind::Call(number, arguments) => {
                let given: Vec<Type> =
                    arguments.iter().map(|argument| self.expr(argument, depth)).collect();
                let position = usize::try_from(*number).ok();
                let function = position.and_then(|at| self.program.functions.get(at));
                let is_right = function.is_some_and(|function| {
                    let pairs = function.arguments.iter().zip(&given);
                    function.arguments.len() == given.len()
                        && pairs.into_iter().all(|(wanted, ty)| takes(*wanted, *ty))
                        && type_of_result(function.returns) == expr.ty
                });
                (is_right, "a call")
            }
        };
        if !is_right {
            self.fault(Some(span), format!("{what} is not a well-formed {:?}", expr.ty));
        }
        expr.ty
    }

    /// What a folded comparison demands of the constants that reach it.
    pub(super) fn folded(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Const(Value::Bytes(bytes)) => {
                self.is_folded(bytes, expr.span);
            }
            ExprKind::Coalesce(left, right) => {
                self.folded(left);
                self.folded(right);
            }
            ExprKind::PathView(_, inner) => self.folded(inner),
            _ => {}
        }
    }

    /// Reports a text that folding would change.
    pub(super) fn is_folded(&mut self, bytes: &[u8], span: Span) {
        if crate::ir::fold::fold(bytes) != bytes {
            let text = String::from_utf8_lossy(bytes);
            self.fault(Some(span), format!("`{text}` is not folded"));
        }
    }

    fn constant(&mut self, value: &Value, span: Span) {
        if let Value::Bytes(bytes) = value
            && bytes.len() > limits::TEXT
        {
            self.fault(Some(span), "a constant text is too long".to_owned());
        }
    }

    fn item(&mut self, list: FieldIdx, span: Span) -> Option<Type> {
        if self.element != Some(list) {
            self.fault(
                Some(span),
                "an item outside a quantifier over its list".to_owned(),
            );
        }
        match self.field(FieldRef::Event(list), span)?.ty {
            FieldType::List(scalar) => Some(type_of_item(scalar)),
            _ => None,
        }
    }

    fn register(&mut self, view: &RegisterView) -> Option<Type> {
        let first = self.kinds.first()?.registers.as_ref()?;
        let is_same =
            self.kinds.iter().all(|kind| kind.registers.as_ref() == Some(first));
        let is_finite = view.scale.is_none_or(f64::is_finite);
        let is_float = matches!(view.format, RegisterFormat::F32 | RegisterFormat::F64);
        match (is_same && is_finite, is_float || view.scale.is_some()) {
            (false, _) => None,
            (true, true) => Some(Type::Float),
            (true, false) => Some(Type::Int),
        }
    }
}

/// Whether a set or table of one type can be asked for a value of another.
pub(super) fn holds(set: Type, value: Type) -> bool {
    match set {
        Type::Name | Type::Path => value.is_text(),
        Type::Range => false,
        _ => set == value,
    }
}

fn coalesce(left: Type, right: Type) -> Option<Type> {
    match left == right {
        true => Some(left),
        false => (left.is_text() && right.is_text()).then_some(Type::Name),
    }
}

fn arith(op: ArithOp, left: Type, right: Type) -> Option<Type> {
    use ArithOp::{Add, And, Div, Mul, Or, Rem, Shl, Shr, Sub, Xor};
    match (op, left, right) {
        (_, Type::Int, Type::Int) => Some(Type::Int),
        (Add | Sub | Mul | Div, Type::Float, Type::Float) => Some(Type::Float),
        (Add | Sub, Type::Time, Type::Duration) => Some(Type::Time),
        (Add, Type::Duration, Type::Time) => Some(Type::Time),
        (Sub, Type::Time, Type::Time) => Some(Type::Duration),
        (Add | Sub, Type::Duration, Type::Duration) => Some(Type::Duration),
        (Mul | Div, Type::Duration, Type::Int) => Some(Type::Duration),
        (Mul, Type::Int, Type::Duration) => Some(Type::Duration),
        (And | Or | Xor | Shl | Shr | Rem, _, _) | (Add | Sub | Mul | Div, _, _) => None,
    }
}
