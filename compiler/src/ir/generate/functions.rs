//! Functions of a plugin that does not exist, so that calls can be tried: every type
//! of argument and of result, and results that are not there.

use tagout_spec::function::{ArgumentType, CallCost, Function, ResultType};
use tagout_spec::plugin::none;
use tagout_spec::version::Version;

use super::Generator;
use crate::ir::interpret::Functions;
use crate::ir::types::type_of_result;
use crate::ir::{Expr, ExprKind, Type, Value};

/// What is declared of them.
pub fn functions() -> Vec<Function> {
    use ArgumentType::{Bool, Bytes, Float, Int, Ip, Text};
    let declared: [(&str, &[ArgumentType], ResultType); 6] = [
        ("entropy", &[Text], ResultType::Float),
        ("checksum", &[Bytes], ResultType::Int),
        ("near", &[Int, Float], ResultType::Bool),
        ("is_low", &[Ip, Bool], ResultType::Bool),
        ("mixed", &[Int, Text, Ip], ResultType::Int),
        ("three", &[], ResultType::Int),
    ];
    let function =
        |(name, arguments, returns): (&str, &[ArgumentType], ResultType)| Function {
            plugin: "sample".to_owned(),
            version: Version { major: 1, minor: 2, patch: 3 },
            name: name.to_owned(),
            arguments: arguments.to_vec(),
            returns,
            cost: CallCost { call: 100, byte: 4 },
            doc: String::new(),
            example: String::new(),
        };
    declared.map(function).into()
}

/// What they compute.
pub struct Sample;

impl Functions for Sample {
    fn call(&self, function: &Function, arguments: &[Value]) -> Option<Value> {
        match (function.name.as_str(), arguments) {
            ("entropy", [Value::Bytes(text)]) => {
                let total = count(text.len());
                let of = |byte: u8| count(text.iter().filter(|b| **b == byte).count());
                let bits = (0..=255_u8).map(of).filter(|n| *n > 0.0);
                let bits = bits.map(|n| n / total * (total / n).log2()).sum();
                (total > 0.0).then_some(Value::Float(bits))
            }
            ("checksum", [Value::Bytes(bytes)]) => {
                let sum: i64 = bytes.iter().map(|byte| i64::from(*byte)).sum();
                (sum % 5 != 0).then_some(Value::Int(sum % 128))
            }
            ("near", [Value::Int(number), Value::Float(float)]) => (*number != 7)
                .then(|| Value::Bool((to_float(*number) - float).abs() < 4.0)),
            ("is_low", [Value::Ip([.., host]), Value::Bool(invert)]) => {
                (*host != 3).then_some(Value::Bool((*host < 3) != *invert))
            }
            (
                "mixed",
                [Value::Int(number), Value::Bytes(text), Value::Ip([.., host])],
            ) => {
                let len = i64::try_from(text.len()).unwrap_or(i64::MAX);
                let sum = number.checked_add(len)?.checked_add(i64::from(*host))?;
                Some(Value::Int(sum))
            }
            ("three", []) => Some(Value::Int(3)),
            _ => None,
        }
    }
}

/// A call as a module makes it: words and the module's memory, for engines that are
/// given these functions.
pub fn call_raw(function: &Function, words: &[u64], memory: &[u8]) -> u64 {
    let values = arguments(function, words, memory);
    let value = values.and_then(|values| Sample.call(function, &values));
    match (value, function.returns) {
        (Some(Value::Int(number)), ResultType::Int) => number.cast_unsigned(),
        (Some(Value::Float(number)), ResultType::Float) => number.to_bits(),
        (Some(Value::Bool(holds)), ResultType::Bool) => holds.into(),
        (_, ResultType::Int) => none::INT.cast_unsigned(),
        (_, ResultType::Float) => f64::NAN.to_bits(),
        (_, ResultType::Bool) => u64::from(none::BOOL.cast_unsigned()),
    }
}

fn arguments(function: &Function, words: &[u64], memory: &[u8]) -> Option<Vec<Value>> {
    let mut words = words.iter().copied();
    let mut next = || words.next();
    let part = |at: u64, len: u64| {
        let at = usize::try_from(at).ok()?;
        memory.get(at..at.checked_add(usize::try_from(len).ok()?)?)
    };
    let values = function.arguments.iter().map(|argument| {
        Some(match argument {
            ArgumentType::Text | ArgumentType::Bytes => {
                Value::Bytes(part(next()?, next()?)?.to_vec())
            }
            ArgumentType::Int => Value::Int(next()?.cast_signed()),
            ArgumentType::Float => Value::Float(f64::from_bits(next()?)),
            ArgumentType::Bool => Value::Bool(next()? != 0),
            ArgumentType::Ip => Value::Ip(part(next()?, 16)?.try_into().ok()?),
        })
    });
    values.collect()
}

impl Generator<'_> {
    /// A call with a result of a type.
    pub(super) fn call(&mut self, ty: Type, depth: usize) -> Option<ExprKind> {
        let all = functions();
        let fitting: Vec<&Function> =
            all.iter().filter(|one| type_of_result(one.returns) == ty).collect();
        let function = (*self.random.pick(&fitting)?).clone();
        let arguments = function.arguments.iter().map(|of| self.argument(*of, depth));
        let arguments = arguments.collect();
        let known = self.program.functions.iter().position(|one| *one == function);
        let number = known.unwrap_or(self.program.functions.len());
        if known.is_none() {
            self.program.functions.push(function);
        }
        Some(ExprKind::Call(u32::try_from(number).unwrap_or(u32::MAX), arguments))
    }

    fn argument(&mut self, of: ArgumentType, depth: usize) -> Expr {
        let types: &[Type] = match of {
            ArgumentType::Text => &[Type::Text, Type::Name, Type::Path],
            ArgumentType::Bytes => &[Type::Text, Type::Bytes, Type::Bytes],
            ArgumentType::Int => &[Type::Int],
            ArgumentType::Float => &[Type::Float],
            ArgumentType::Bool => &[Type::Bool],
            ArgumentType::Ip => &[Type::Ip],
        };
        let mut ty = self.random.pick(types).copied().unwrap_or(Type::Int);
        if of == ArgumentType::Int && self.random.chance(30) {
            let fields = self.scalars();
            let is_enum = |ty: &Type| matches!(ty, Type::Enum(_));
            ty = fields.into_iter().map(|(_, ty)| ty).find(is_enum).unwrap_or(ty);
        }
        self.expr(ty, depth)
    }
}

#[expect(clippy::cast_precision_loss, reason = "texts are short")]
fn count(n: usize) -> f64 {
    n as f64
}

#[expect(clippy::cast_precision_loss, reason = "near is near")]
fn to_float(n: i64) -> f64 {
    n as f64
}
