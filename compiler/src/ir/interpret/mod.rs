//! The reference interpreter: what a program means, as directly as it can be
//! written.
//!
//! ```text
//! Program + Schema + Bindings --new--> Interpreter
//! Interpreter + one event (Source) --> Outcome      verdict, reason
//!                                      Explanation  verdict of each node
//!                                      Column ...   values for alerts
//! ```
//!
//! It follows the head of the module [`ir`](crate::ir) sentence by sentence: it
//! evaluates every node, keeps no state, takes no short cuts and shares nothing
//! with the index or the code generator, so that a difference between them is a
//! fault in one of the two. It is not made to be fast. Texts are folded here from
//! the bytes as they came, whatever the record holds; literals are compared at
//! every offset; patterns run on the plainest engine there is.

pub mod event;

mod cond;
mod expr;
mod record;
mod register;
mod value;

#[cfg(test)]
mod tests;

use regex_automata::Input;
use regex_automata::nfa::thompson::{self, pikevm::PikeVM};
use regex_automata::util::syntax;
use tagout_spec::function::{Function, ResultType};
use tagout_spec::pack::{Cause, Verdict};
use tagout_spec::schema::{Registers, Schema};

pub use self::event::{Content, Event, Place, Slot, Source};
use self::value::Got;
pub use self::value::Marks;
use super::{
    Cond, CondKind, Constant, Expr, FieldRef, Param, Predicate, Program, Severity, Value,
    children, field_refs,
};

/// Values of parameters by position; a parameter that is `None`, or not in the
/// list, has its default.
pub type Bindings = Vec<Option<Constant>>;

/// The functions of plugins, for whoever has them.
pub trait Functions {
    /// The result of a function; `None` if it has no value. The arguments have its
    /// types, so a text is as it came.
    fn call(&self, function: &Function, arguments: &[Value]) -> Option<Value>;
}

/// Functions of plugins that are not there: none has a value.
pub struct NoFunctions;

impl Functions for NoFunctions {
    fn call(&self, _: &Function, _: &[Value]) -> Option<Value> {
        None
    }
}

/// A program that is ready to be interpreted.
pub struct Interpreter<'a> {
    schema: &'a Schema,
    program: &'a Program,
    bindings: &'a Bindings,
    patterns: Vec<Pattern>,
    functions: &'a dyn Functions,
}

/// The verdict of a predicate on an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// If it is unknown: the fields that were not usable, in the order of
    /// [`field_refs`], and why.
    pub reason: Vec<(FieldRef, Cause)>,
}

/// Which parts of a condition held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The verdict of every condition in preorder; quantifiers are leaves.
    pub verdicts: Vec<Verdict>,
    /// Every field of the condition and its part in the reason.
    pub causes: Vec<(FieldRef, Cause)>,
}

/// A value of an alert.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// A value.
    Known(Value),
    /// The first bytes of a longer text.
    Cut(Vec<u8>),
    /// No value, and why.
    Lacking(Marks),
}

impl<'a> Interpreter<'a> {
    /// Prepares a program that `verify` accepts; the error is a pattern's.
    pub fn new(
        schema: &'a Schema,
        program: &'a Program,
        bindings: &'a Bindings,
    ) -> Result<Interpreter<'a>, String> {
        let patterns = program.patterns.iter().map(Pattern::new);
        let patterns = patterns.collect::<Result<_, _>>()?;
        let functions = &NoFunctions;
        Ok(Interpreter { schema, program, bindings, patterns, functions })
    }

    /// Calls these functions.
    #[must_use]
    pub fn with_functions(self, functions: &'a dyn Functions) -> Interpreter<'a> {
        Interpreter { functions, ..self }
    }

    /// The verdict of a predicate and its reason; nothing if there is no such
    /// predicate.
    pub fn evaluate(&self, predicate: usize, event: &dyn Source) -> Option<Outcome> {
        let predicate = self.program.predicates.get(predicate)?;
        let scope = self.scope(predicate, event);
        let ruling = scope.cond(&predicate.cond);
        let reason = field_refs(&predicate.cond, scope.registers)
            .into_iter()
            .map(|field| (field, ruling.marks.cause(field)))
            .filter(|(_, cause)| *cause != Cause::None)
            .collect();
        Some(Outcome { verdict: ruling.verdict, reason })
    }

    /// The verdicts of all conditions of a predicate.
    pub fn explain(&self, predicate: usize, event: &dyn Source) -> Option<Explanation> {
        let predicate = self.program.predicates.get(predicate)?;
        let scope = self.scope(predicate, event);
        let mut verdicts = Vec::new();
        scope.explain(&predicate.cond, &mut verdicts);
        let marks = scope.cond(&predicate.cond).marks;
        let causes = field_refs(&predicate.cond, scope.registers)
            .into_iter()
            .map(|field| (field, marks.cause(field)))
            .collect();
        Some(Explanation { verdicts, causes })
    }

    /// The severity that the conditions of a predicate choose, if one is true.
    pub fn severity(&self, predicate: usize, event: &dyn Source) -> Option<Severity> {
        let predicate = self.program.predicates.get(predicate)?;
        let scope = self.scope(predicate, event);
        let mut chosen = predicate.severity.iter();
        chosen
            .find(|(cond, _)| scope.cond(cond).verdict == Verdict::True)
            .map(|(_, severity)| *severity)
    }

    /// The columns of a predicate.
    pub fn columns(&self, predicate: usize, event: &dyn Source) -> Option<Vec<Column>> {
        let predicate = self.program.predicates.get(predicate)?;
        let scope = self.scope(predicate, event);
        let columns = predicate.columns.iter().map(|expr| match scope.expr(expr) {
            Got::Known(value, _) => Column::Known(value),
            Got::Cut(bytes, _) => Column::Cut(bytes),
            Got::Lacking(marks) => Column::Lacking(marks),
        });
        Some(columns.collect())
    }

    /// The verdict of a condition that is not part of the program, on an event
    /// of the predicate's kind.
    pub fn verdict_of(
        &self,
        predicate: &Predicate,
        cond: &Cond,
        event: &dyn Source,
    ) -> Verdict {
        self.scope(predicate, event).cond(cond).verdict
    }

    fn scope<'s>(&'s self, predicate: &Predicate, source: &'s dyn Source) -> Scope<'s> {
        let kind = predicate.kinds.first();
        let kind = kind.and_then(|kind| self.program.kinds.get(usize::from(*kind)));
        let kind = kind.and_then(|kind| self.schema.kinds.get(usize::from(kind.0)));
        let registers = kind.and_then(|kind| kind.registers.as_ref());
        Scope { interpreter: self, source, registers, element: None }
    }

    /// What a parameter is bound to, else its default.
    fn constant(&self, param: u32) -> Option<&Constant> {
        let position = usize::try_from(param).ok()?;
        let bound = self.bindings.get(position).and_then(Option::as_ref);
        bound.or_else(|| self.param(param)?.default.as_ref())
    }

    fn param_folds(&self, param: u32) -> bool {
        self.param(param).is_some_and(|param| param.ty.folds())
    }

    fn param(&self, param: u32) -> Option<&Param> {
        self.program.params.get(usize::try_from(param).ok()?)
    }

    /// The row of a table with a key.
    fn row(&self, table: u32, key: &Value) -> Option<&(Value, Option<Value>)> {
        let table = self.program.data.get(usize::try_from(table).ok()?)?;
        table.rows.iter().find(|(row, _)| cond::equal(row, key, table.key.folds()))
    }

    /// What a function gives; what is of another type than its result is no value, nor
    /// are NaN and the least integer.
    fn call(&self, function: u32, arguments: &[Value]) -> Option<Value> {
        let function = usize::try_from(function).ok();
        let function = function.and_then(|at| self.program.functions.get(at))?;
        let value = self.functions.call(function, arguments)?;
        let fits = match (&value, function.returns) {
            (Value::Int(number), ResultType::Int) => *number != i64::MIN,
            (Value::Float(number), ResultType::Float) => !number.is_nan(),
            (Value::Bool(_), ResultType::Bool) => true,
            _ => false,
        };
        fits.then_some(value)
    }

    fn pattern(&self, pattern: u32) -> Option<&Pattern> {
        self.patterns.get(usize::try_from(pattern).ok()?)
    }
}

/// The value of an expression of literals; none if it cannot be computed.
pub(super) fn constant_value(expr: &Expr) -> Option<Value> {
    with_nothing(|scope| match scope.expr(expr) {
        Got::Known(value, _) => Some(value),
        Got::Cut(..) | Got::Lacking(_) => None,
    })
}

/// The verdict of a condition on literals, if it is decided.
pub(super) fn constant_verdict(cond: &Cond) -> Option<bool> {
    with_nothing(|scope| match scope.cond(cond).verdict {
        Verdict::False => Some(false),
        Verdict::Unknown => None,
        Verdict::True => Some(true),
    })
}

/// Evaluates on an event without fields, for a program without tables.
fn with_nothing<T>(evaluate: impl FnOnce(&Scope<'_>) -> T) -> T {
    let (program, bindings) = (Program::default(), Bindings::new());
    let interpreter = Interpreter {
        schema: &Schema::default(),
        program: &program,
        bindings: &bindings,
        patterns: Vec::new(),
        functions: &NoFunctions,
    };
    let source = &Event::default();
    evaluate(&Scope { interpreter: &interpreter, source, registers: None, element: None })
}

/// One event, and an element of it inside a quantifier.
#[derive(Clone, Copy)]
struct Scope<'a> {
    interpreter: &'a Interpreter<'a>,
    source: &'a dyn Source,
    registers: Option<&'a Registers>,
    element: Option<usize>,
}

impl Scope<'_> {
    fn explain(&self, cond: &Cond, verdicts: &mut Vec<Verdict>) {
        verdicts.push(self.cond(cond).verdict);
        if !matches!(cond.kind, CondKind::Quant { .. } | CondKind::Count { .. }) {
            for child in children(cond) {
                self.explain(child, verdicts);
            }
        }
    }
}

/// A regular expression on the engine that simulates it step by step.
struct Pattern {
    engine: PikeVM,
    fold: bool,
}

impl Pattern {
    fn new(pattern: &super::Pattern) -> Result<Pattern, String> {
        let engine = PikeVM::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(thompson::Config::new().utf8(false))
            .build(&pattern.regex)
            .map_err(|error| error.to_string())?;
        Ok(Pattern { engine, fold: pattern.fold })
    }

    fn is_match(&self, input: Input<'_>) -> bool {
        let mut cache = self.engine.create_cache();
        self.engine.is_match(&mut cache, input)
    }
}
