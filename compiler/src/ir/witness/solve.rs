//! From literals to an event: values for each variable, then trying.

use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::schema::FieldIdx;

use super::compose::{Ask, compose};
use super::expand::{Goal, Problem, Search};
use super::invert::{Choice, Domains, Var};
use super::values::{asked, asks, made_up, of_literal};
use crate::diagnostic::Span;
use crate::ir::interpret::{Content, Event, Slot};
use crate::ir::types::{field_of, type_of_field, type_of_item};
use crate::ir::walk::{each_field, operands, parts};
use crate::ir::{Cond, CondKind, Expr, ExprKind, FieldRef, PathView, Type, Value};
use tagout_spec::schema::FieldType;

/// What the variables are, so far.
type Assignment = BTreeMap<Var, Choice>;

impl<'a> Search<'a> {
    /// An event on which every literal has a verdict that is wanted.
    pub(super) fn assign(&mut self, problem: &Problem<'a>) -> Option<Event> {
        let mut domains = Domains {
            finder: self.finder,
            choices: BTreeMap::new(),
            views: Vec::new(),
            doubt: None,
        };
        domains.texts(problem);
        for literal in &problem.literals {
            domains.literal(literal);
        }
        domains.equal_fields(problem);
        let vars: Vec<Vec<Var>> =
            problem.literals.iter().map(|literal| domains.vars(literal)).collect();
        for var in vars.iter().flatten() {
            domains.fill_up(*var, problem);
        }
        if let Some(construct) = domains.doubt {
            self.doubt(construct);
        }

        let mut assignment = Assignment::new();
        for component in components(&vars) {
            let literals = problem.literals.iter().zip(&vars);
            let about = literals
                .filter(|(_, vars)| vars.iter().any(|var| component.contains(var)));
            let about: Vec<_> = about.collect();
            let order: Vec<Var> = in_order(&about);
            let table =
                Table { problem, domains: &domains, about: &about, order: &order };
            if !self.try_values(&table, 0, &mut assignment) {
                return None;
            }
        }
        // A literal without variables is decided by bindings alone.
        for (literal, vars) in problem.literals.iter().zip(&vars) {
            if vars.is_empty() && !self.holds(literal, problem, &domains, &assignment) {
                return None;
            }
        }
        Some(assemble(problem, &domains, &assignment, None))
    }

    /// Gives the variables from a position on values; false if there are none.
    fn try_values(
        &mut self,
        table: &Table<'_, 'a>,
        position: usize,
        assignment: &mut Assignment,
    ) -> bool {
        let Some(var) = table.order.get(position) else { return true };
        let next = position.saturating_add(1);
        let (known, _) = table.order.split_at(next);
        for choice in table.domains.choices.get(var).into_iter().flatten() {
            if !self.step() {
                return false;
            }
            assignment.insert(*var, choice.clone());
            // Only what this variable completes has to be checked.
            let complete = table.about.iter().filter(|(_, vars)| {
                vars.contains(var) && vars.iter().all(|one| known.contains(one))
            });
            let mut holds = true;
            for (literal, _) in complete {
                holds &= self.holds(literal, table.problem, table.domains, assignment);
                if !holds {
                    break;
                }
            }
            if holds && self.try_values(table, next, assignment) {
                return true;
            }
        }
        assignment.remove(var);
        false
    }

    fn holds(
        &mut self,
        literal: &Goal<'a>,
        problem: &Problem<'a>,
        domains: &Domains<'a>,
        assignment: &Assignment,
    ) -> bool {
        let finder = self.finder;
        let event = assemble(problem, domains, assignment, literal.slot);
        let group = literal.slot.and_then(|slot| problem.slots.get(slot));
        let verdict = match group {
            None => finder.interpreter.verdict_of(finder.predicate, literal.cond, &event),
            Some(group) => {
                let cond = Cond {
                    kind: CondKind::Quant {
                        all: false,
                        group: FieldRef::Event(*group),
                        cond: Box::new(literal.cond.clone()),
                    },
                    span: Span::default(),
                };
                finder.interpreter.verdict_of(finder.predicate, &cond, &event)
            }
        };
        literal.want.accepts(verdict)
    }
}

/// One component of a problem.
struct Table<'t, 'a> {
    problem: &'t Problem<'a>,
    domains: &'t Domains<'a>,
    /// Its literals and their variables.
    about: &'t [(&'t Goal<'a>, &'t Vec<Var>)],
    order: &'t [Var],
}

impl<'a> Domains<'a> {
    /// Puts together the texts that true literals ask for.
    fn texts(&mut self, problem: &Problem<'a>) {
        let mut asked_of: BTreeMap<Var, Vec<Vec<Ask>>> = BTreeMap::new();
        for literal in &problem.literals {
            if !literal.want.accepts(tagout_spec::pack::Verdict::True) {
                continue;
            }
            if let Some((value, shapes)) = asks(self.finder, literal.cond)
                && let Some((var, view)) = self.text_of(value, literal.slot)
            {
                asked_of.entry(var).or_default().push(asked(view, shapes));
            }
        }
        for (var, conditions) in asked_of {
            for text in compose(&conditions) {
                self.push(var, Choice::Value(Value::Bytes(text)));
            }
        }
    }

    /// The text that an operand is, or is a part of.
    fn text_of(
        &self,
        expr: &Expr,
        slot: Option<usize>,
    ) -> Option<(Var, Option<PathView>)> {
        match &expr.kind {
            ExprKind::Field(field) => Some((self.var(*field, slot)?, None)),
            ExprKind::Item(_) => Some((Var::Item(slot?), None)),
            ExprKind::Coalesce(left, _) => self.text_of(left, slot),
            ExprKind::PathView(view, inner) => match self.text_of(inner, slot)? {
                (var, None) => Some((var, Some(*view))),
                (_, Some(_)) => None,
            },
            _ => None,
        }
    }

    /// Offers the values that matter to a literal.
    fn literal(&mut self, literal: &Goal<'a>) {
        match &literal.cond.kind {
            CondKind::Text { .. } => self.doubt("parts of texts"),
            CondKind::Matches(..) => self.doubt("a pattern"),
            CondKind::Cmp { .. } | CondKind::Overlaps(..) => {
                let both = operands(literal.cond).into_iter().flatten();
                let open =
                    both.filter(|one| super::values::literal(self.finder, one).is_none());
                if open.count() > 1 {
                    self.doubt("two values compared with each other");
                }
            }
            _ => {}
        }
        for (value, values) in of_literal(self.finder, literal.cond) {
            for one in &values {
                self.invert(value, literal.slot, one);
            }
        }
        // What the literal is about besides: made-up values, to differ from all
        // that is named.
        for operand in operands(literal.cond).into_iter().flatten() {
            for one in made_up(operand.ty) {
                self.invert(operand, literal.slot, &one);
            }
        }
    }

    /// Two fields that are compared can have each other's values.
    fn equal_fields(&mut self, problem: &Problem<'a>) {
        for literal in &problem.literals {
            let [Some(left), Some(right)] = operands(literal.cond) else { continue };
            let sides = [left, right].map(|side| match &side.kind {
                ExprKind::Field(field) => self.var(*field, literal.slot),
                ExprKind::Item(_) => literal.slot.map(Var::Item),
                _ => None,
            });
            let [Some(left), Some(right)] = sides else { continue };
            for (from, to) in [(left, right), (right, left)] {
                for choice in self.choices.get(&from).cloned().unwrap_or_default() {
                    self.push(to, choice);
                }
            }
        }
    }

    /// The variables of a literal, in the order in which it names them.
    fn vars(&mut self, literal: &Goal<'a>) -> Vec<Var> {
        let mut vars = Vec::new();
        let mut fields = Vec::new();
        each_field(literal.cond, None, &mut |field| fields.push(field));
        let mut has_item = false;
        let mut views = Vec::new();
        for operand in operands(literal.cond).into_iter().flatten() {
            note(operand, &mut has_item, &mut views);
        }
        let registers = self.finder.kind.registers.as_ref();
        if let Some(registers) = registers.filter(|_| !views.is_empty()) {
            vars.push(Var::Field(registers.address));
            vars.push(Var::Field(registers.table));
            let addresses = views.iter().map(|view| i64::from(view.address));
            let lowest = self.views.iter().map(|view| i64::from(view.address)).min();
            for address in lowest.into_iter().chain(addresses) {
                let choice = Choice::Value(Value::Int(address));
                self.push(Var::Field(registers.address), choice);
            }
            for table in registers.register_tables.iter() {
                if let Ok(table) = i64::try_from(*table) {
                    let choice = Choice::Value(Value::Int(table));
                    self.push(Var::Field(registers.table), choice);
                }
            }
            for view in views {
                vars.push(Var::Words(self.view(view)));
            }
        }
        for field in fields {
            let is_item =
                has_item && matches!(field, FieldRef::Event(list) if self.is_list(list));
            let var = match literal.slot.filter(|_| is_item) {
                Some(slot) => Some(Var::Item(slot)),
                None => self.var(field, literal.slot),
            };
            vars.extend(var.filter(|var| !vars.contains(var)));
        }
        vars
    }

    fn is_list(&self, field: FieldIdx) -> bool {
        let found = self.finder.kind.field(field);
        found.is_some_and(|field| matches!(field.ty, FieldType::List(_)))
    }

    /// Adds what every variable can be: made up, missing, null.
    fn fill_up(&mut self, var: Var, problem: &Problem<'a>) {
        let kind = self.finder.kind;
        let ty = match var {
            Var::Field(field) => {
                kind.field(field).and_then(|field| type_of_field(field.ty))
            }
            Var::Element(slot, field) => problem.slots.get(slot).and_then(|group| {
                let field = field_of(kind, FieldRef::Elem(*group, field))?;
                type_of_field(field.ty)
            }),
            Var::Item(slot) => {
                problem.slots.get(slot).and_then(|list| match kind.field(*list)?.ty {
                    FieldType::List(scalar) => Some(type_of_item(scalar)),
                    _ => None,
                })
            }
            Var::Size(_) => {
                for size in [1, 0, 2] {
                    self.push(var, Choice::Size(size));
                }
                None
            }
            Var::Words(_) => {
                self.push(var, Choice::Words(vec![0; 4]));
                None
            }
        };
        if ty == Some(Type::Range) {
            self.ranges(var);
        }
        for value in ty.into_iter().flat_map(made_up) {
            self.push(var, Choice::Value(value));
        }
        if !matches!(var, Var::Item(_) | Var::Words(_)) {
            self.push(var, Choice::Absent);
            self.push(var, Choice::Null);
        }
    }

    /// All ranges between the ends that were offered.
    fn ranges(&mut self, var: Var) {
        let mut ends = BTreeSet::new();
        for choice in self.choices.get(&var).into_iter().flatten() {
            if let Choice::Value(Value::Range(first, last)) = choice {
                ends.extend([*first, *last]);
            }
        }
        if ends.len() > 24 {
            self.doubt("many ranges");
        }
        let ends: Vec<u32> = ends.into_iter().take(24).collect();
        for first in &ends {
            for last in ends.iter().filter(|last| *last >= first) {
                self.push(var, Choice::Value(Value::Range(*first, *last)));
            }
        }
    }
}

/// Notes whether an expression names an item, and its register views.
fn note<'a>(
    expr: &'a Expr,
    has_item: &mut bool,
    views: &mut Vec<&'a crate::ir::RegisterView>,
) {
    match &expr.kind {
        ExprKind::Item(_) => *has_item = true,
        ExprKind::Register(view) => views.push(view),
        _ => {}
    }
    for part in parts(expr) {
        note(part, has_item, views);
    }
}

/// Variables that no literal links, directly or through others.
fn components(vars: &[Vec<Var>]) -> Vec<BTreeSet<Var>> {
    let mut components: Vec<BTreeSet<Var>> = Vec::new();
    for vars in vars.iter().filter(|vars| !vars.is_empty()) {
        let mut merged: BTreeSet<Var> = vars.iter().copied().collect();
        let mut rest = Vec::new();
        for component in components {
            match component.is_disjoint(&merged) {
                true => rest.push(component),
                false => merged.extend(component),
            }
        }
        rest.push(merged);
        components = rest;
    }
    components
}

/// The variables of literals by first occurrence.
fn in_order(literals: &[(&Goal<'_>, &Vec<Var>)]) -> Vec<Var> {
    let mut order: Vec<Var> = Vec::new();
    for (_, vars) in literals {
        for var in vars.iter() {
            if !order.contains(var) {
                order.push(*var);
            }
        }
    }
    order
}

/// The event of an assignment; of the elements only one, if `only` names it.
fn assemble(
    problem: &Problem<'_>,
    domains: &Domains<'_>,
    assignment: &Assignment,
    only: Option<usize>,
) -> Event {
    let kind = domains.finder.kind;
    let mut event = Event::default();
    let chosen = |slot: usize| only.is_none_or(|only| only == slot);
    let groups = problem.present.iter().chain(&problem.slots);
    for group in groups.copied().collect::<BTreeSet<_>>() {
        let slots = problem.slots.iter().enumerate();
        let slots = slots.filter(|(slot, of)| **of == group && chosen(*slot));
        let content = match kind.field(group).map(|field| field.ty) {
            Some(FieldType::List(scalar)) => {
                let fallback = made_up(type_of_item(scalar)).into_iter().next();
                let items =
                    slots.map(|(slot, _)| match assignment.get(&Var::Item(slot)) {
                        Some(Choice::Value(value)) => Slot::Value(value.clone()),
                        _ => fallback.clone().map_or(Slot::Invalid, Slot::Value),
                    });
                Content::List(items.collect(), false)
            }
            _ => Content::Group(
                slots.map(|(slot, _)| element(assignment, slot)).collect(),
                false,
            ),
        };
        event.fields.insert(group, content);
    }
    for (var, choice) in assignment {
        match (var, choice) {
            (Var::Field(field), Choice::Value(value)) => {
                event.fields.insert(*field, Content::One(Slot::Value(value.clone())));
            }
            (Var::Field(field) | Var::Size(field), Choice::Null) => {
                event.fields.insert(*field, Content::One(Slot::Null));
            }
            (Var::Size(field), Choice::Absent) => {
                event.fields.remove(field);
            }
            (Var::Size(field), Choice::Size(size))
                if only.is_none() || problem.slots.is_empty() =>
            {
                resize(&mut event, domains, *field, *size);
            }
            _ => {}
        }
    }
    words(domains, assignment, &mut event);
    event.complete(kind);
    event
}

fn element(assignment: &Assignment, slot: usize) -> BTreeMap<FieldIdx, Slot> {
    let mut element = BTreeMap::new();
    for (var, choice) in assignment {
        if let Var::Element(of, field) = var
            && *of == slot
        {
            match choice {
                Choice::Value(value) => {
                    element.insert(*field, Slot::Value(value.clone()));
                }
                Choice::Null => {
                    element.insert(*field, Slot::Null);
                }
                _ => {}
            }
        }
    }
    element
}

/// Gives a repeated field more elements, if it has fewer than it should.
fn resize(event: &mut Event, domains: &Domains<'_>, field: FieldIdx, size: usize) {
    let Some(found) = domains.finder.kind.field(field) else { return };
    let most = found.items.as_ref().map_or(0, |items| usize::from(items.max));
    let size = size.min(most);
    match found.ty {
        FieldType::List(scalar) => {
            let value = made_up(type_of_item(scalar)).into_iter().next();
            let empty = Content::List(Vec::new(), false);
            let content = event.fields.entry(field).or_insert(empty);
            if let (Content::List(items, _), Some(value)) = (content, value) {
                items.resize(size.max(items.len()), Slot::Value(value));
            }
        }
        _ => {
            let empty = Content::Group(Vec::new(), false);
            let content = event.fields.entry(field).or_insert(empty);
            if let Content::Group(elements, _) = content {
                elements.resize(size.max(elements.len()), BTreeMap::new());
            }
        }
    }
}

/// Lays the registers of all views into one list.
fn words(domains: &Domains<'_>, assignment: &Assignment, event: &mut Event) {
    let Some(registers) = &domains.finder.kind.registers else { return };
    let Some(Choice::Value(Value::Int(first))) =
        assignment.get(&Var::Field(registers.address))
    else {
        return;
    };
    let mut list: Vec<Slot> = Vec::new();
    for (number, view) in domains.views.iter().enumerate() {
        let Some(Choice::Words(words)) = assignment.get(&Var::Words(number)) else {
            continue;
        };
        let start = usize::try_from(i64::from(view.address).saturating_sub(*first));
        let Ok(start) = start else { continue };
        let end = start.saturating_add(words.len());
        let found = domains.finder.kind.field(registers.values);
        let most =
            found.and_then(|field| field.items.as_ref()).map_or(0, |items| items.max);
        if end > usize::from(most) {
            continue;
        }
        if list.len() < end {
            list.resize(end, Slot::Value(Value::Int(0)));
        }
        for (slot, word) in list.iter_mut().skip(start).zip(words) {
            *slot = Slot::Value(Value::Int(*word));
        }
    }
    if !list.is_empty() {
        event.fields.insert(registers.values, Content::List(list, false));
    }
}
