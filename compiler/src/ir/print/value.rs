//! Values and constants in one line.

use std::fmt::Write;
use std::net::Ipv6Addr;

use super::Printer;
use crate::ir::{
    ArithOp, Constant, Expr, ExprKind, PathView, RegisterFormat, RegisterView, Type,
    Value,
};

impl Printer<'_> {
    /// An expression with all its parentheses.
    pub(super) fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Const(Value::Int(number)) => self.number(*number, expr.ty),
            ExprKind::Const(constant) => value(constant),
            ExprKind::Field(field) => self.field(*field),
            ExprKind::Item(_) => "$".to_owned(),
            ExprKind::Param(param) => self.param_name(*param),
            ExprKind::Len(inner) => format!("len({})", self.expr(inner)),
            ExprKind::LenOf(field) => format!("len({})", self.field(*field)),
            ExprKind::Neg(inner) => format!("-({})", self.expr(inner)),
            ExprKind::BitNot(inner) => format!("~({})", self.expr(inner)),
            ExprKind::Arith(op, left, right) => {
                format!("({} {} {})", self.expr(left), symbol(*op), self.expr(right))
            }
            ExprKind::ToFloat(inner) => format!("float({})", self.expr(inner)),
            ExprKind::Coalesce(left, right) => {
                format!("({} ?? {})", self.expr(left), self.expr(right))
            }
            ExprKind::PathView(view, inner) => {
                let view = match view {
                    PathView::Name => "name",
                    PathView::Directory => "directory",
                    PathView::Extension => "extension",
                };
                format!("{}.{view}", self.expr(inner))
            }
            ExprKind::Lookup(table, key) => {
                format!("{}[{}]", self.table_name(*table), self.expr(key))
            }
            ExprKind::Register(view) => register(view),
            ExprKind::Call(function, arguments) => {
                let arguments: Vec<_> =
                    arguments.iter().map(|argument| self.expr(argument)).collect();
                format!("{}({})", self.function_name(*function), arguments.join(", "))
            }
        }
    }

    /// A type as rules write it.
    pub(super) fn ty(&self, ty: Type) -> String {
        let name = match ty {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Enum(number) => {
                return match self.schema.enums.get(usize::from(number.0)) {
                    Some(found) => format!("enum {}", found.name),
                    None => "?enum".to_owned(),
                };
            }
            Type::Float => "float",
            Type::Time => "time",
            Type::Duration => "duration",
            Type::Ip => "ip",
            Type::Mac => "mac",
            Type::Text => "text",
            Type::Name => "name",
            Type::Path => "path",
            Type::Bytes => "bytes",
            Type::Range => "range",
        };
        name.to_owned()
    }

    /// A number, with its label if it is one of an enumeration.
    fn number(&self, number: i64, ty: Type) -> String {
        let Type::Enum(of) = ty else { return number.to_string() };
        let labels = self.schema.enums.get(usize::from(of.0)).map(|of| of.labels.iter());
        let mut labels = labels.into_iter().flatten();
        match labels.find(|label| i64::try_from(label.value) == Ok(number)) {
            Some(label) => format!("{number} ({})", label.name),
            None => number.to_string(),
        }
    }
}

/// A constant value.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Bool(holds) => holds.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(float) => format!("{float:?}"),
        Value::Ip(ip) => address(*ip),
        Value::Mac(mac) => {
            let digits: Vec<_> = mac.iter().map(|byte| format!("{byte:02x}")).collect();
            digits.join(":")
        }
        Value::Bytes(bytes) => {
            let mut text = String::new();
            quote(bytes, &mut text);
            text
        }
        Value::Range(first, last) => format!("{first}..{last}"),
    }
}

/// The default of a parameter.
pub(super) fn constant(constant: &Constant) -> String {
    match constant {
        Constant::One(one) => value(one),
        Constant::Set(values) => set(values.iter().map(value)),
        Constant::Ips(ranges) => ips(ranges),
    }
}

/// Ranges of addresses.
pub(super) fn ips(ranges: &[([u8; 16], [u8; 16])]) -> String {
    set(ranges.iter().map(|(first, last)| match first == last {
        true => address(*first),
        false => format!("{}..{}", address(*first), address(*last)),
    }))
}

/// Texts in quotes.
pub(super) fn texts(texts: &[Vec<u8>]) -> String {
    set(texts.iter().map(|text| {
        let mut quoted = String::new();
        quote(text, &mut quoted);
        quoted
    }))
}

/// A list in braces.
pub(super) fn set(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    format!("{{{}}}", items.join(", "))
}

/// A text in quotes; control characters and bytes that are not UTF-8 as `\xNN`.
pub(super) fn quote(bytes: &[u8], out: &mut String) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(char);
                }
                '\0'..='\x1f' | '\x7f' => {
                    let _ = write!(out, "\\x{:02x}", u32::from(char));
                }
                _ => out.push(char),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out.push('"');
}

fn address(ip: [u8; 16]) -> String {
    let ip = Ipv6Addr::from(ip);
    ip.to_ipv4_mapped().map_or_else(|| ip.to_string(), |v4| v4.to_string())
}

fn register(view: &RegisterView) -> String {
    let format = match view.format {
        RegisterFormat::U16 => "u16",
        RegisterFormat::I16 => "i16",
        RegisterFormat::U32 => "u32",
        RegisterFormat::I32 => "i32",
        RegisterFormat::F32 => "f32",
        RegisterFormat::U64 => "u64",
        RegisterFormat::I64 => "i64",
        RegisterFormat::F64 => "f64",
    };
    let words = if view.little_words { ", word_order: little" } else { "" };
    let bytes = if view.little_bytes { ", byte_order: little" } else { "" };
    let scale =
        view.scale.map_or_else(String::new, |scale| format!(", scale: {scale:?}"));
    format!("register({}, {format}{words}{bytes}{scale})", view.address)
}

fn symbol(op: ArithOp) -> &'static str {
    match op {
        ArithOp::Add => "+",
        ArithOp::Sub => "-",
        ArithOp::Mul => "*",
        ArithOp::Div => "/",
        ArithOp::Rem => "%",
        ArithOp::And => "&",
        ArithOp::Or => "|",
        ArithOp::Xor => "^",
        ArithOp::Shl => "<<",
        ArithOp::Shr => ">>",
    }
}
