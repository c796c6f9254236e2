//! A rule: its condition put together from its searches and split into what must
//! hold and what must not.
//!
//! ```text
//! selection and not 1 of filter_main_*  ->  where  selection
//!                                           unless filter_main_a
//!                                           unless filter_main_b
//! ```
//!
//! With `missing = false` nothing is unknown, so that `unless E` means what
//! `and not E` means.

use std::cell::Cell;
use std::collections::BTreeSet;

use tagout_spec::schema::Schema;

use super::audit;
use super::cond::{self, Cond};
use super::condition::{self, Condition};
use super::document::{Detection, Filter, Rule};
use super::source::Source;
use super::target::Target;
use super::test::{self, Tree};

/// Most tests of a rule with its searches put in place.
const MAX_TESTS: usize = 8_192;
/// Most fields that an alert shows.
const MAX_SHOWN: usize = 32;

/// A rule in terms of the language.
#[derive(Clone, Debug)]
pub(super) struct Lowered {
    /// All of these must hold.
    pub(super) wanted: Vec<Cond>,
    /// None of these may hold; each with the name that the rule gave it.
    pub(super) excluded: Vec<(String, Cond)>,
    /// Fields that the rule wants to be shown.
    pub(super) shown: Vec<String>,
    /// Parameters that it reads.
    pub(super) params: BTreeSet<String>,
}

/// Lowers a rule with the filters that apply to it.
pub(super) fn lower(
    rule: &Rule,
    filters: &[&Filter],
    source: &Source,
    schema: &Schema,
) -> Result<Lowered, String> {
    let mut target = Target { schema, source, params: BTreeSet::new() };
    let searches = Searches::of(&rule.detection, source)?;
    let mut wanted = Vec::new();
    let mut excluded = Vec::new();
    wanted.extend(target.guard());
    match rule.detection.conditions.as_slice() {
        [one] => searches.split(one, &mut target, &mut wanted, &mut excluded)?,
        many => {
            let parts: Result<Vec<Tree>, String> =
                many.iter().map(|one| searches.tree(one)).collect();
            wanted.push(target.cond(&test::any(parts?))?);
        }
    }
    for filter in filters {
        let searches = Searches::of(&filter.detection, source)?;
        for one in &filter.detection.conditions {
            // Whoever writes `not selection` means that the selection is left out.
            let one = match one {
                Condition::Not(inner) => inner,
                other => other,
            };
            let excludes = target.cond(&searches.tree(one)?)?;
            excluded.push((filter.head.title.clone(), excludes));
        }
    }
    let wanted = match cond::all(wanted) {
        Cond::All(parts) => parts,
        other => vec![other],
    };
    let mut shown: Vec<String> = Vec::new();
    for field in rule.about.fields.iter().take(MAX_SHOWN).map(|name| target.shown(name)) {
        if !shown.contains(&field) {
            shown.push(field);
        }
    }
    Ok(Lowered { wanted, excluded, shown, params: target.params })
}

/// The searches of a rule by their names.
struct Searches<'r> {
    trees: Vec<(&'r str, Tree)>,
    /// Tests that the condition may still put in place.
    left: Cell<usize>,
}

impl<'r> Searches<'r> {
    fn of(detection: &'r Detection, source: &Source) -> Result<Searches<'r>, String> {
        let mut trees = Vec::new();
        for (name, search) in &detection.searches {
            let tree =
                test::tree(search).map_err(|why| format!("search `{name}`: {why}"))?;
            let tree = if source.records { audit::named(tree) } else { tree };
            trees.push((name.as_str(), tree));
        }
        Ok(Searches { trees, left: Cell::new(MAX_TESTS) })
    }

    fn get(&self, name: &str) -> Result<&Tree, String> {
        let found = self.trees.iter().find(|(known, _)| *known == name);
        let tree = found.map(|(_, tree)| tree);
        self.spent(tree.ok_or_else(|| format!("there is no search `{name}`"))?)
    }

    /// A search that is put in place; a condition may name one as often as it likes.
    fn spent<'t>(&self, tree: &'t Tree) -> Result<&'t Tree, String> {
        let left = self.left.get().checked_sub(tree.size());
        self.left
            .set(left.ok_or_else(|| format!("there are more than {MAX_TESTS} tests"))?);
        Ok(tree)
    }

    /// Searches whose names match; names that start with `_` are for other searches.
    fn matching(&self, pattern: Option<&str>) -> Result<Vec<(&'r str, &Tree)>, String> {
        let fits = |name: &str| match pattern {
            Some(pattern) => condition::matches(pattern, name),
            None => !name.starts_with('_'),
        };
        let found: Vec<_> = self
            .trees
            .iter()
            .filter(|(name, _)| fits(name))
            .map(|(name, tree)| (*name, tree))
            .collect();
        if found.is_empty() {
            let pattern = pattern.unwrap_or("them");
            return Err(format!("no search is called `{pattern}`"));
        }
        for (_, tree) in &found {
            self.spent(tree)?;
        }
        Ok(found)
    }

    fn tree(&self, condition: &Condition) -> Result<Tree, String> {
        Ok(match condition {
            Condition::Search(name) => self.get(name)?.clone(),
            Condition::Of { all, pattern } => {
                let found = self.matching(pattern.as_deref())?;
                let trees = found.into_iter().map(|(_, tree)| tree.clone()).collect();
                if *all { test::all(trees) } else { test::any(trees) }
            }
            Condition::Not(inner) => test::not(self.tree(inner)?),
            Condition::And(parts) => test::all(self.trees(parts)?),
            Condition::Or(parts) => test::any(self.trees(parts)?),
        })
    }

    fn trees(&self, conditions: &[Condition]) -> Result<Vec<Tree>, String> {
        conditions.iter().map(|one| self.tree(one)).collect()
    }

    /// Puts the parts of a condition where they belong.
    fn split(
        &self,
        condition: &Condition,
        target: &mut Target<'_>,
        wanted: &mut Vec<Cond>,
        excluded: &mut Vec<(String, Cond)>,
    ) -> Result<(), String> {
        match condition {
            Condition::And(parts) => {
                for part in parts {
                    self.split(part, target, wanted, excluded)?;
                }
            }
            Condition::Not(inner) => {
                for (name, tree) in self.alternatives(inner)? {
                    excluded.push((name, target.cond(&tree)?));
                }
            }
            other => wanted.push(target.cond(&self.tree(other)?)?),
        }
        Ok(())
    }

    /// What a negation leaves out, one by one.
    fn alternatives(&self, condition: &Condition) -> Result<Vec<(String, Tree)>, String> {
        Ok(match condition {
            Condition::Or(parts) => {
                let parts: Result<Vec<_>, String> =
                    parts.iter().map(|part| self.alternatives(part)).collect();
                parts?.into_iter().flatten().collect()
            }
            Condition::Of { all: false, pattern } => {
                let found = self.matching(pattern.as_deref())?;
                found
                    .into_iter()
                    .map(|(name, tree)| (name.to_owned(), tree.clone()))
                    .collect()
            }
            Condition::Search(name) => vec![(name.clone(), self.get(name)?.clone())],
            other => vec![(String::new(), self.tree(other)?)],
        })
    }
}
