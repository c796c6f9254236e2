//! A rule of the second engine's reader as a tree of single tests.
//!
//! This is the generator's own reading of a rule: from the tree that the second
//! engine parsed, never from our importer or its output.

use rsigma_parser::{
    ConditionExpr, Detection, DetectionItem, Modifier, Quantifier, SelectorPattern,
    SigmaRule, SigmaValue,
};

/// A condition.
#[derive(Clone, Debug)]
pub enum Tree {
    /// All of these.
    All(Vec<Tree>),
    /// One of these.
    Any(Vec<Tree>),
    /// Not this.
    Not(Box<Tree>),
    /// A test of one value.
    Leaf(Leaf),
}

/// A test of one value.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// Its number in the rule.
    pub number: usize,
    /// The field; nothing for a keyword.
    pub field: Option<String>,
    /// Modifiers as they are written.
    pub modifiers: Vec<Modifier>,
    /// The value.
    pub value: SigmaValue,
}

/// Reads a rule; nothing if it holds what Sigma 2.1 does not.
#[must_use]
pub fn tree(rule: &SigmaRule) -> Option<Tree> {
    let mut reader = Reader { rule, next: 0 };
    let conditions: Option<Vec<Tree>> =
        rule.detection.conditions.iter().map(|one| reader.condition(one)).collect();
    Some(Tree::Any(conditions?))
}

struct Reader<'r> {
    rule: &'r SigmaRule,
    next: usize,
}

impl Reader<'_> {
    fn condition(&mut self, condition: &ConditionExpr) -> Option<Tree> {
        Some(match condition {
            ConditionExpr::And(parts) => Tree::All(self.conditions(parts)?),
            ConditionExpr::Or(parts) => Tree::Any(self.conditions(parts)?),
            ConditionExpr::Not(inner) => Tree::Not(Box::new(self.condition(inner)?)),
            ConditionExpr::Identifier(name) => self.search(name)?,
            ConditionExpr::Selector { quantifier, pattern } => {
                let mut names: Vec<&String> = self.rule.detection.named.keys().collect();
                names.sort();
                names.retain(|name| fits(pattern, name));
                let parts: Option<Vec<Tree>> =
                    names.into_iter().map(|name| self.search(name)).collect();
                match quantifier {
                    Quantifier::All => Tree::All(parts?),
                    Quantifier::Any | Quantifier::Count(1) => Tree::Any(parts?),
                    Quantifier::Count(_) => return None,
                }
            }
        })
    }

    fn conditions(&mut self, conditions: &[ConditionExpr]) -> Option<Vec<Tree>> {
        conditions.iter().map(|one| self.condition(one)).collect()
    }

    fn search(&mut self, name: &str) -> Option<Tree> {
        let detection = self.rule.detection.named.get(name)?.clone();
        self.detection(&detection)
    }

    fn detection(&mut self, detection: &Detection) -> Option<Tree> {
        Some(match detection {
            Detection::AllOf(items) => {
                Tree::All(items.iter().map(|item| self.item(item)).collect())
            }
            Detection::AnyOf(parts) => {
                let parts: Option<Vec<Tree>> =
                    parts.iter().map(|part| self.detection(part)).collect();
                Tree::Any(parts?)
            }
            Detection::And(parts) => {
                let parts: Option<Vec<Tree>> =
                    parts.iter().map(|part| self.detection(part)).collect();
                Tree::All(parts?)
            }
            Detection::Keywords(values) => Tree::Any(
                values.iter().map(|value| self.leaf(None, &[], value)).collect(),
            ),
            _ => return None,
        })
    }

    fn item(&mut self, item: &DetectionItem) -> Tree {
        let field = item.field.name.clone();
        let modifiers = &item.field.modifiers;
        let leaves: Vec<Tree> = item
            .values
            .iter()
            .map(|value| self.leaf(field.clone(), modifiers, value))
            .collect();
        let all = [Modifier::All, Modifier::Neq].iter().any(|m| modifiers.contains(m));
        if all { Tree::All(leaves) } else { Tree::Any(leaves) }
    }

    fn leaf(
        &mut self,
        field: Option<String>,
        modifiers: &[Modifier],
        value: &SigmaValue,
    ) -> Tree {
        let number = self.next;
        self.next += 1;
        Tree::Leaf(Leaf {
            number,
            field,
            modifiers: modifiers.to_vec(),
            value: value.clone(),
        })
    }
}

fn fits(pattern: &SelectorPattern, name: &str) -> bool {
    match pattern {
        SelectorPattern::Them => !name.starts_with('_'),
        SelectorPattern::Pattern(pattern) => {
            let (start, end) = match pattern.split_once('*') {
                Some((start, end)) => (start, end),
                None => return pattern == name,
            };
            name.len() >= start.len() + end.len()
                && name.starts_with(start)
                && name.ends_with(end)
        }
    }
}

impl Tree {
    /// Leaves below, with whether they stand under an odd number of negations.
    pub fn leaves<'t>(&'t self, negated: bool, into: &mut Vec<(&'t Leaf, bool)>) {
        match self {
            Tree::All(parts) | Tree::Any(parts) => {
                parts.iter().for_each(|part| part.leaves(negated, into));
            }
            Tree::Not(inner) => inner.leaves(!negated, into),
            Tree::Leaf(leaf) => into.push((leaf, negated)),
        }
    }

    fn holds(&self, number: usize) -> bool {
        match self {
            Tree::All(parts) | Tree::Any(parts) => {
                parts.iter().any(|part| part.holds(number))
            }
            Tree::Not(inner) => inner.holds(number),
            Tree::Leaf(leaf) => leaf.number == number,
        }
    }

    /// Tests with the verdicts that together decide the tree as wanted. Where there
    /// is a choice, the one that holds the leaf is taken, else the first.
    pub fn plan<'t>(&'t self, wanted: bool, by: usize, into: &mut Vec<(&'t Leaf, bool)>) {
        match (self, wanted) {
            (Tree::Leaf(leaf), wanted) => into.push((leaf, wanted)),
            (Tree::Not(inner), wanted) => inner.plan(!wanted, by, into),
            (Tree::All(parts), true) | (Tree::Any(parts), false) => {
                parts.iter().for_each(|part| part.plan(wanted, by, into));
            }
            (Tree::Any(parts), true) | (Tree::All(parts), false) => {
                let chosen = parts.iter().find(|part| part.holds(by)).or(parts.first());
                if let Some(part) = chosen {
                    part.plan(wanted, by, into);
                }
            }
        }
    }

    /// The negated parts that decide against the tree where they hold.
    pub fn negations<'t>(&'t self, into: &mut Vec<&'t Tree>) {
        match self {
            Tree::All(parts) | Tree::Any(parts) => {
                parts.iter().for_each(|part| part.negations(into));
            }
            Tree::Not(inner) => into.push(inner),
            Tree::Leaf(_) => {}
        }
    }
}
