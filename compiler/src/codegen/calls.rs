//! Calls of functions of plugins: the only imports of a module.
//!
//! ```text
//! entropy(e.query.name)
//!   (require the field, leave if it is cut)
//!   local.get $ptr  local.get $len
//!   call $analyst/entropy                 (i32, i32) -> f64
//!   (leave if it is NaN)
//! ```
//!
//! Arguments stand on the stack as `spec/plugin.md` has them; a call is made only if
//! all of them are there. Texts are passed as they came.

use tagout_spec::function::{Function, ResultType, Word};
use tagout_spec::plugin::{FUNCTION_IMPORTS, none};
use wasm_encoder::ValType;

use super::frame::Frame;
use super::func::{FnBuilder, Label};
use super::module::Import;
use super::value::{Val, not_nan, value, whole_text};
use super::{Ctx, Error, Fault};
use crate::ir::walk::functions;
use crate::ir::{Expr, Program};

/// What a program imports: the functions that it calls, in its order.
pub(super) fn imports(program: &Program) -> Vec<(u32, Import)> {
    let called = functions(program);
    let all = (0..).zip(&program.functions);
    all.filter(|(number, _)| called.contains(number))
        .map(|(number, function)| (number, import(function)))
        .collect()
}

fn import(function: &Function) -> Import {
    let words = function.arguments.iter().flat_map(|argument| argument.words());
    Import {
        module: FUNCTION_IMPORTS,
        name: function.import(),
        params: words.map(|word| val_type(*word)).collect(),
        results: vec![val_type(function.returns.word())],
    }
}

fn val_type(word: Word) -> ValType {
    match word {
        Word::I32 => ValType::I32,
        Word::I64 => ValType::I64,
        Word::F64 => ValType::F64,
    }
}

/// Makes a call; leaves if an argument is lacking or cut, or if there is no result.
pub(super) fn call(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    number: u32,
    arguments: &[Expr],
    lacking: Label,
) -> Result<Val, Error> {
    let position = usize::try_from(number).unwrap_or(usize::MAX);
    let function = ctx.program.functions.get(position);
    let function = function.ok_or(Error::Invalid("a function that does not exist"))?;
    for argument in arguments {
        match value(ctx, f, frame, argument, false, lacking)? {
            Val::Int | Val::Bool | Val::Float => {}
            Val::Place(place) => place.push(f),
            text @ Val::Text(_) => {
                let text = whole_text(ctx, f, text, lacking)?;
                f.get(text.ptr).get(text.len);
            }
        }
    }
    let import = ctx.imports.get(&number);
    f.call(*import.ok_or(Error::Internal("a function that is not imported"))?);
    Ok(match function.returns {
        ResultType::Float => {
            not_nan(f, lacking);
            Val::Float
        }
        ResultType::Int => {
            let result = f.temp(ValType::I64);
            f.tee(result).i64(none::INT).i().i64_eq();
            f.br_if(lacking);
            f.get(result);
            Val::Int
        }
        ResultType::Bool => {
            let result = f.temp(ValType::I32);
            let first = none::BOOL.saturating_add(i32::from(ctx.has(Fault::CallNone)));
            f.tee(result).u32(first.cast_unsigned()).i().i32_ge_u();
            f.br_if(lacking);
            f.get(result);
            Val::Bool
        }
    })
}
