//! Imports: functions of plugins that the pack declares, and nothing else.
//!
//! What a call of one costs is its declaration's word; the host sees to it that a plugin
//! takes no more. A text of an argument has at most [`TEXT_MAX`] bytes: the host makes no
//! call with a longer one.

use std::collections::BTreeSet;

use tagout_spec::function::ArgumentType;
use tagout_spec::function::Function;
use tagout_spec::function::Word;
use tagout_spec::plugin::FUNCTION_IMPORTS;
use tagout_spec::record::TEXT_MAX;
use wasmparser::FuncType;
use wasmparser::ValType;

use super::refused::Refused;
use super::structure::Module;

/// Instructions that the way to a plugin and back counts as; a guess on the safe side.
const CROSSING: u64 = 200;

/// Checks all imports against what is declared; the cost of a call of each, in order.
pub(super) fn check(
    module: &Module<'_>,
    declared: &[Function],
) -> Result<Vec<u64>, Refused> {
    let mut seen = BTreeSet::new();
    let mut costs = Vec::new();
    for &(from, name, ty) in &module.imports {
        let function = declared.iter().find(|function| function.import() == name);
        let function = function.filter(|_| from == FUNCTION_IMPORTS && seen.insert(name));
        let Some(function) = function else {
            let (module, name) = (from.to_owned(), name.to_owned());
            return Err(Refused::Import { module, name });
        };
        let ty = usize::try_from(ty).ok().and_then(|ty| module.types.get(ty));
        if !ty.is_some_and(|ty| fits(function, ty)) {
            let (name, declared) = (name.to_owned(), function.to_string());
            return Err(Refused::ImportType { name, declared });
        }
        costs.push(cost(function));
    }
    Ok(costs)
}

fn fits(function: &Function, ty: &FuncType) -> bool {
    let words = function.arguments.iter().flat_map(|argument| argument.words());
    ty.params().iter().copied().eq(words.map(|word| val_type(*word)))
        && ty.results() == [val_type(function.returns.word())]
}

fn val_type(word: Word) -> ValType {
    match word {
        Word::I32 => ValType::I32,
        Word::I64 => ValType::I64,
        Word::F64 => ValType::F64,
    }
}

fn cost(function: &Function) -> u64 {
    let is_text = |argument: &&ArgumentType| {
        matches!(argument, ArgumentType::Text | ArgumentType::Bytes)
    };
    let texts = function.arguments.iter().filter(is_text).count();
    let bytes = u64::try_from(texts.saturating_mul(TEXT_MAX)).unwrap_or(u64::MAX);
    let of_texts = function.cost.byte.saturating_mul(bytes);
    CROSSING.saturating_add(function.cost.call).saturating_add(of_texts)
}
