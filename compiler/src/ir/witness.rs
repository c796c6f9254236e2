//! Events that show a predicate at work: one that matches, and for each leaf of
//! its condition one on which that leaf alone decides, once for a match and once
//! against it (a *near miss*).
//!
//! ```text
//! leaf + path to it --goals--> siblings of `all` true, of `any` false, left of
//!                              `else` unknown, the leaf as wanted
//!        goals --expand--> literals (leaf, verdict), one list an alternative;
//!                          quantifiers become elements with goals of their own
//!     literals --values--> for each field the values at and beside what it is
//!                          compared with; texts put together from their parts
//!       values --solve---> fields that share no literal are independent; within
//!                          a component: try, check, go back
//!        event --interpreter--> the verdict that was wanted, or go on
//! ```
//!
//! Every check is the interpreter's, so an event that is returned is right. The
//! search is bounded by [`STEPS`]. For comparisons of one field with literals the
//! values tried contain one of every part into which the literals cut the field's
//! range, so a search that ends without an event proves that there is none; for
//! all else it says which construct was too much for it.
//!
//! Parameters that are not bound, and sets that are bound to nothing, are bound to
//! a value made up here, so that conditions on them can be shown too.

mod compose;
mod example;
mod expand;
mod invert;
mod solve;
mod values;

#[cfg(test)]
mod tests;

use std::fmt;

use tagout_spec::pack::Verdict;
use tagout_spec::schema::{Kind, Schema};

use self::expand::{Goal, Search, Want};
use super::interpret::{Bindings, Event, Interpreter};
use super::{Cond, CondKind, Constant, Predicate, Program};
use crate::diagnostic::Span;

/// Most conditions that are evaluated for one event.
pub const STEPS: usize = 20_000;

/// What was found for a predicate.
#[derive(Clone, Debug, PartialEq)]
pub struct Witnesses {
    /// What parameters were bound to.
    pub bindings: Bindings,
    /// An event on which the predicate is true.
    pub matching: Result<Event, Why>,
    /// Its leaves in preorder.
    pub leaves: Vec<Leaf>,
}

/// What was found for a leaf of the condition; a quantifier is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Its position among all conditions in preorder.
    pub node: usize,
    /// Where it was written.
    pub span: Span,
    /// An event on which the predicate is true by this leaf.
    pub hit: Result<Event, Why>,
    /// An event on which the predicate is false by this leaf alone.
    pub miss: Result<Event, Why>,
}

/// Why there is no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// There can be none.
    Unsatisfiable,
    /// None was found; the first construct that the search does not see through.
    TooComplex(&'static str),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Unsatisfiable => f.write_str("there is no such event"),
            Why::TooComplex(what) => write!(f, "too complex for the search: {what}"),
        }
    }
}

/// Searches witnesses for a predicate; nothing if there is no such predicate or
/// the program does not verify.
pub fn witnesses(
    program: &Program,
    schema: &Schema,
    predicate: usize,
    bindings: &Bindings,
) -> Option<Witnesses> {
    let predicate = program.predicates.get(predicate)?;
    let kind = program.kinds.get(usize::from(*predicate.kinds.first()?))?;
    let kind = schema.kind(*kind)?;
    let bindings = complete(program, bindings);
    let interpreter = Interpreter::new(schema, program, &bindings).ok()?;
    let finder = Finder {
        program,
        kind,
        predicate,
        bindings: &bindings,
        interpreter: &interpreter,
    };

    let matching =
        finder.find(vec![Goal::new(&predicate.cond, Want::TRUE)], Verdict::True);
    let mut leaves = Vec::new();
    let mut node = 0;
    finder.leaves(&predicate.cond, &mut Vec::new(), false, &mut node, &mut leaves);
    Some(Witnesses { bindings: bindings.clone(), matching, leaves })
}

/// All that a search needs to know.
#[derive(Clone, Copy)]
struct Finder<'a> {
    program: &'a Program,
    kind: &'a Kind,
    predicate: &'a Predicate,
    bindings: &'a Bindings,
    interpreter: &'a Interpreter<'a>,
}

impl<'a> Finder<'a> {
    fn find(&self, goals: Vec<Goal<'a>>, verdict: Verdict) -> Result<Event, Why> {
        Search::new(*self, verdict).run(goals)
    }

    /// Both events for every leaf below a condition. `path` holds what its
    /// surroundings must be for it to decide alone; `negated` whether the
    /// predicate is false when it is true.
    fn leaves(
        &self,
        cond: &'a Cond,
        path: &mut Vec<Goal<'a>>,
        negated: bool,
        node: &mut usize,
        leaves: &mut Vec<Leaf>,
    ) {
        let here = *node;
        *node = node.saturating_add(1);
        match &cond.kind {
            CondKind::All(conds) => {
                self.siblings(conds, Want::TRUE, path, negated, node, leaves);
            }
            CondKind::Any(conds) => {
                self.siblings(conds, Want::FALSE, path, negated, node, leaves);
            }
            CondKind::Not(inner) => self.leaves(inner, path, !negated, node, leaves),
            CondKind::Else(left, right) => {
                self.leaves(left, path, negated, node, leaves);
                path.push(Goal::new(left, Want::UNKNOWN));
                self.leaves(right, path, negated, node, leaves);
                path.pop();
            }
            CondKind::Const(_) => {}
            _ => {
                let (for_match, against) = match negated {
                    false => (Want::TRUE, Want::FALSE),
                    true => (Want::FALSE, Want::TRUE),
                };
                let goals = |want| {
                    let mut goals = vec![Goal::new(cond, want)];
                    goals.extend(path.iter().cloned());
                    goals
                };
                leaves.push(Leaf {
                    node: here,
                    span: cond.span,
                    hit: self.find(goals(for_match), Verdict::True),
                    miss: self.find(goals(against), Verdict::False),
                });
            }
        }
    }

    fn siblings(
        &self,
        conds: &'a [Cond],
        want: Want,
        path: &mut Vec<Goal<'a>>,
        negated: bool,
        node: &mut usize,
        leaves: &mut Vec<Leaf>,
    ) {
        let above = path.len();
        for (position, cond) in conds.iter().enumerate() {
            let others = conds.iter().enumerate().filter(|(other, _)| *other != position);
            path.extend(others.map(|(_, other)| Goal::new(other, want)));
            self.leaves(cond, path, negated, node, leaves);
            path.truncate(above);
        }
    }

    /// What a parameter is bound to.
    fn constant(&self, param: u32) -> Option<&'a Constant> {
        let position = usize::try_from(param).ok()?;
        let bound = self.bindings.get(position).and_then(Option::as_ref);
        bound.or_else(|| self.program.params.get(position)?.default.as_ref())
    }
}

/// Binds what is not bound, or bound to an empty set.
fn complete(program: &Program, bindings: &Bindings) -> Bindings {
    let params = program.params.iter().enumerate();
    let complete = params.map(|(position, param)| {
        let bound = bindings.get(position).and_then(Option::as_ref);
        let is_empty = match bound.or(param.default.as_ref()) {
            None => true,
            Some(Constant::One(_)) => false,
            Some(Constant::Set(values)) => values.is_empty(),
            Some(Constant::Ips(ranges)) => ranges.is_empty(),
        };
        if !is_empty {
            return bound.cloned();
        }
        let value = values::made_up(param.ty).into_iter().next()?;
        Some(match param.set_max {
            None => Constant::One(value),
            Some(_) => Constant::Set(vec![value]),
        })
    });
    complete.collect()
}
