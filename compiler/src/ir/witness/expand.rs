//! From goals to literals: which leaves must have which verdicts, one alternative
//! after the other.

use std::collections::BTreeSet;

use tagout_spec::pack::Verdict;
use tagout_spec::schema::FieldIdx;

use super::{Finder, STEPS, Why};
use crate::ir::interpret::Event;
use crate::ir::{CmpOp, Cond, CondKind, FieldRef};

/// The verdicts that a goal accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Want(u8);

impl Want {
    pub(super) const FALSE: Want = Want(1);
    pub(super) const UNKNOWN: Want = Want(2);
    pub(super) const TRUE: Want = Want(4);

    pub(super) fn accepts(self, verdict: Verdict) -> bool {
        let bit = match verdict {
            Verdict::False => Want::FALSE,
            Verdict::Unknown => Want::UNKNOWN,
            Verdict::True => Want::TRUE,
        };
        self.0 & bit.0 != 0
    }

    fn and(self, other: Want) -> Want {
        Want(self.0 & other.0)
    }

    fn or(self, other: Want) -> Want {
        Want(self.0 | other.0)
    }

    fn is_nothing(self) -> bool {
        self.0 == 0
    }

    fn negated(self) -> Want {
        let side =
            |from: Want, to: Want| if self.and(from).is_nothing() { 0 } else { to.0 };
        let unknown = self.and(Want::UNKNOWN).0;
        Want(side(Want::FALSE, Want::TRUE) | side(Want::TRUE, Want::FALSE) | unknown)
    }
}

/// A condition and the verdict it is to have.
#[derive(Clone, Debug)]
pub(super) struct Goal<'a> {
    pub(super) cond: &'a Cond,
    pub(super) want: Want,
    /// The element it is evaluated on: position in [`Problem::slots`].
    pub(super) slot: Option<usize>,
}

impl<'a> Goal<'a> {
    pub(super) fn new(cond: &'a Cond, want: Want) -> Goal<'a> {
        Goal { cond, want, slot: None }
    }
}

/// Literals, and the elements they speak about.
#[derive(Clone, Default)]
pub(super) struct Problem<'a> {
    /// Leaves that are no quantifiers, with the verdicts they are to have.
    pub(super) literals: Vec<Goal<'a>>,
    /// The group or list of each element.
    pub(super) slots: Vec<FieldIdx>,
    /// Groups that are there, if only empty.
    pub(super) present: BTreeSet<FieldIdx>,
    /// Quantifiers that are still to be turned into elements.
    quantifiers: Vec<(&'a Cond, Want)>,
    /// Goals of single elements that are still to be expanded.
    pending: Vec<Goal<'a>>,
    /// Conditions that hold of every element of a group, but for some slots.
    every: Vec<(FieldIdx, Goal<'a>, BTreeSet<usize>)>,
}

/// One search.
pub(super) struct Search<'a> {
    pub(super) finder: Finder<'a>,
    verdict: Verdict,
    pub(super) steps: usize,
    /// The first construct whose values are not all tried.
    pub(super) doubt: Option<&'static str>,
}

impl<'a> Search<'a> {
    pub(super) fn new(finder: Finder<'a>, verdict: Verdict) -> Search<'a> {
        Search { finder, verdict, steps: STEPS, doubt: None }
    }

    /// An event on which all goals are met and the predicate has its verdict.
    pub(super) fn run(mut self, goals: Vec<Goal<'a>>) -> Result<Event, Why> {
        match self.expand(goals, Problem::default()) {
            Some(event) => Ok(event),
            None if self.steps == 0 => Err(Why::TooComplex("too many combinations")),
            None => Err(self.doubt.map_or(Why::Unsatisfiable, Why::TooComplex)),
        }
    }

    pub(super) fn doubt(&mut self, construct: &'static str) {
        self.doubt.get_or_insert(construct);
    }

    /// Counts a step; false if there are none left.
    pub(super) fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }

    fn expand(
        &mut self,
        mut goals: Vec<Goal<'a>>,
        mut problem: Problem<'a>,
    ) -> Option<Event> {
        while let Some(goal) = goals.pop() {
            if !self.step() {
                return None;
            }
            let Goal { cond, want, slot } = goal;
            let with = |cond, want| Goal { cond, want, slot };
            match &cond.kind {
                CondKind::Const(holds) => {
                    let verdict = if *holds { Verdict::True } else { Verdict::False };
                    if !want.accepts(verdict) {
                        return None;
                    }
                }
                CondKind::Not(inner) => goals.push(with(inner, want.negated())),
                CondKind::All(conds) => {
                    return self.join(conds, want, Want::TRUE, slot, &goals, &problem);
                }
                CondKind::Any(conds) => {
                    return self.join(conds, want, Want::FALSE, slot, &goals, &problem);
                }
                CondKind::Else(left, right) => {
                    let decided = want.and(Want::TRUE.or(Want::FALSE));
                    let mut first = goals.clone();
                    first.push(with(left, decided));
                    if !decided.is_nothing()
                        && let Some(event) = self.expand(first, problem.clone())
                    {
                        return Some(event);
                    }
                    goals.push(with(right, want));
                    goals.push(with(left, Want::UNKNOWN));
                }
                CondKind::Quant { .. } | CondKind::Count { .. } => {
                    problem.quantifiers.push((cond, want));
                }
                _ => problem.literals.push(goal),
            }
        }
        match problem.quantifiers.pop() {
            Some((cond, want)) => self.quantifier(cond, want, problem),
            None => self.elements(problem),
        }
    }

    /// `all`, of which `neutral` is the verdict that does not decide, or `any`.
    fn join(
        &mut self,
        conds: &'a [Cond],
        want: Want,
        neutral: Want,
        slot: Option<usize>,
        goals: &[Goal<'a>],
        problem: &Problem<'a>,
    ) -> Option<Event> {
        let deciding = neutral.negated();
        // Every child is to be neutral.
        if !want.and(neutral).is_nothing() {
            let mut goals = goals.to_vec();
            let every = conds.iter().rev();
            goals.extend(every.map(|cond| Goal { cond, want: neutral, slot }));
            if let Some(event) = self.expand(goals, problem.clone()) {
                return Some(event);
            }
        }
        // One child decides; or one is unknown and none decides.
        for (one, others) in [(deciding, None), (Want::UNKNOWN, Some(neutral))] {
            if want.and(one).is_nothing() {
                continue;
            }
            for chosen in conds {
                let mut goals = goals.to_vec();
                goals.push(Goal { cond: chosen, want: one, slot });
                if let Some(others) = others {
                    let rest = conds.iter().filter(|cond| !std::ptr::eq(*cond, chosen));
                    let want = others.or(Want::UNKNOWN);
                    goals.extend(rest.map(|cond| Goal { cond, want, slot }));
                }
                if let Some(event) = self.expand(goals, problem.clone()) {
                    return Some(event);
                }
            }
        }
        None
    }

    /// Turns a quantifier into elements: some that it needs, and a condition on all.
    fn quantifier(
        &mut self,
        cond: &'a Cond,
        want: Want,
        problem: Problem<'a>,
    ) -> Option<Event> {
        let decided = want.and(Want::TRUE.or(Want::FALSE));
        if decided.is_nothing() {
            // Unknown because the group is not there; others may need it.
            return self.elements_or_more(problem);
        }
        match &cond.kind {
            CondKind::Quant { all, group: FieldRef::Event(group), cond: inner } => {
                // `any` true and `all` false need an element; their opposites
                // speak about every element.
                for verdict in [Want::TRUE, Want::FALSE] {
                    if want.and(verdict).is_nothing() {
                        continue;
                    }
                    let needs_one = (verdict == Want::TRUE) != *all;
                    let goal = Goal::new(inner, verdict);
                    let mut next = problem.clone();
                    next.present.insert(*group);
                    match needs_one {
                        true => next.need(*group, &goal, 1),
                        false => {
                            next.every.push((*group, goal.clone(), BTreeSet::new()));
                        }
                    }
                    if let Some(event) = self.elements_or_more(next) {
                        return Some(event);
                    }
                }
                None
            }
            CondKind::Count { group: FieldRef::Event(group), cond: inner, op, than } => {
                self.doubt("a count of elements");
                let items = self.finder.kind.field(*group)?.items.as_ref()?;
                let numbers =
                    [*than, than.saturating_add(1), than.saturating_sub(1), 0, 1];
                for number in numbers {
                    let verdict = match holds(*op, number, *than) {
                        true => Want::TRUE,
                        false => Want::FALSE,
                    };
                    let Ok(number) = u16::try_from(number) else { continue };
                    if number > items.max || want.and(verdict).is_nothing() {
                        continue;
                    }
                    let mut next = problem.clone();
                    next.present.insert(*group);
                    let before = next.slots.len();
                    next.need(*group, &Goal::new(inner, Want::TRUE), usize::from(number));
                    let own = (before..next.slots.len()).collect();
                    next.every.push((*group, Goal::new(inner, Want::FALSE), own));
                    if let Some(event) = self.elements_or_more(next) {
                        return Some(event);
                    }
                }
                None
            }
            _ => None,
        }
    }

    fn elements_or_more(&mut self, mut problem: Problem<'a>) -> Option<Event> {
        match problem.quantifiers.pop() {
            Some((cond, want)) => self.quantifier(cond, want, problem),
            None => self.elements(problem),
        }
    }

    /// Puts the conditions on every element to each of them, then solves.
    fn elements(&mut self, mut problem: Problem<'a>) -> Option<Event> {
        if problem.every.is_empty() && problem.pending.is_empty() {
            return self.solve(&problem);
        }
        let every = std::mem::take(&mut problem.every);
        let pending = std::mem::take(&mut problem.pending);
        // A group of which only this is asked shows it better with an element.
        let lone: BTreeSet<FieldIdx> = every
            .iter()
            .map(|(group, ..)| *group)
            .filter(|group| !problem.slots.contains(group))
            .collect();
        for with_element in [true, false] {
            let mut next = problem.clone();
            if with_element {
                next.slots.extend(lone.iter().copied());
            }
            let mut goals = pending.clone();
            for (slot, of) in next.slots.iter().enumerate() {
                let about = every
                    .iter()
                    .filter(|(group, _, but)| group == of && !but.contains(&slot));
                goals.extend(
                    about.map(|(_, goal, _)| Goal { slot: Some(slot), ..goal.clone() }),
                );
            }
            if let Some(event) = self.expand(goals, next) {
                return Some(event);
            }
            if lone.is_empty() {
                break;
            }
        }
        None
    }

    /// Solves the literals and checks the whole predicate.
    fn solve(&mut self, problem: &Problem<'a>) -> Option<Event> {
        let event = self.assign(problem)?;
        let finder = self.finder;
        let verdict = finder.interpreter.verdict_of(
            finder.predicate,
            &finder.predicate.cond,
            &event,
        );
        if verdict == self.verdict {
            return Some(event);
        }
        self.doubt("elements of one group that depend on each other");
        None
    }
}

impl<'a> Problem<'a> {
    /// Adds elements of a group with a goal each.
    fn need(&mut self, group: FieldIdx, goal: &Goal<'a>, n: usize) {
        for _ in 0..n {
            let slot = Some(self.slots.len());
            self.slots.push(group);
            self.pending.push(Goal { slot, ..goal.clone() });
        }
    }
}

fn holds(op: CmpOp, number: i64, than: i64) -> bool {
    match op {
        CmpOp::Eq => number == than,
        CmpOp::Lt => number < than,
        CmpOp::Le => number <= than,
        CmpOp::Gt => number > than,
        CmpOp::Ge => number >= than,
    }
}
