//! The static bound: how many instructions a call can take at most.
//!
//! ```text
//! import nodes:    cost as declared
//! function nodes:  own cost, edges (callee, how often)
//! type nodes:      cost of a call through the table: the dearest function of
//!                  that type that can be in the table
//! ```
//!
//! Costs are summed over a depth-first walk without recursion. A cycle is
//! recursion: not proven. Sums saturate, so a bound is always a number; whether
//! it is small enough is the host's budget.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::exports::Interface;
use super::function;
use super::function::Callee;
use super::function::Cost;
use super::refused::Refused;
use super::structure::Module;

/// Whether calls of a module end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bound {
    /// Every call ends after at most so many instructions.
    Proven(Ops),
    /// Nothing is known: the module runs with a deadline.
    NotProven(Unproven),
}

impl Bound {
    /// Whether the bound is proven.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        matches!(self, Self::Proven(_))
    }
}

/// Most instructions of one call of each export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of the exports")]
pub struct Ops {
    pub bind: u64,
    pub evaluate: u64,
    pub columns: u64,
    pub explain: u64,
}

/// Where the proof failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unproven {
    /// Index of the function.
    pub function: u32,
    /// Why.
    pub reason: Reason,
}

/// Why a function's length is not proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// A loop that does not have the canonical counted form.
    Loop,
    /// A counter that its own loop's body assigns.
    CounterAssigned,
    /// A branch back to a loop other than the counting one.
    Branch,
    /// A bulk memory operation whose length is not a constant.
    BulkLength,
    /// A call that can reach itself.
    Recursion,
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            Reason::Loop => "a loop that is not in the counted form",
            Reason::CounterAssigned => "a loop whose counter is assigned in its body",
            Reason::Branch => "a branch back to a loop that is not the counting one",
            Reason::BulkLength => "a bulk memory operation of variable length",
            Reason::Recursion => "a call that can reach itself",
        };
        write!(f, "function {}: {reason}", self.function)
    }
}

/// Bounds every exported function, given the cost of a call of each import.
pub(super) fn of(
    module: &Module<'_>,
    interface: &Interface,
    imports: &[u64],
) -> Result<Bound, Refused> {
    let mut graph = Graph::default();
    let import = |own: &u64| Node { own: *own, ..Node::default() };
    graph.nodes.extend(imports.iter().map(import));
    let mut unproven = None;
    let first = u32::try_from(imports.len()).unwrap_or(u32::MAX);
    for (index, body) in (first..).zip(&module.bodies) {
        match function::cost(index, body)? {
            Cost::Bounded { own, calls } => {
                let calls = calls
                    .into_iter()
                    .map(|(callee, times)| (node_of(module, callee), times))
                    .collect();
                graph.nodes.push(Node { own, calls, dearest: false, total: None });
            }
            Cost::Unbounded(reason) => {
                graph.nodes.push(Node::default());
                unproven.get_or_insert(Unproven { function: index, reason });
            }
        }
    }
    if let Some(unproven) = unproven {
        return Ok(Bound::NotProven(unproven));
    }
    graph.nodes.extend(type_nodes(module));
    Ok(match graph.exports(interface) {
        Ok(ops) => Bound::Proven(ops),
        Err(unproven) => Bound::NotProven(unproven),
    })
}

/// Nodes of imports and functions come first, then one node for each different type.
fn node_of(module: &Module<'_>, callee: Callee) -> usize {
    let index = |i| usize::try_from(i).unwrap_or(usize::MAX);
    match callee {
        Callee::Function(function) => index(function),
        Callee::Type(ty) => module
            .type_numbers
            .get(index(ty))
            .map_or(usize::MAX, |&n| module.functions.len().saturating_add(index(n))),
    }
}

fn type_nodes(module: &Module<'_>) -> Vec<Node> {
    let n_types = module.type_numbers.iter().max().map_or(0, |&n| n.saturating_add(1));
    let mut nodes = vec![
        Node { dearest: true, ..Node::default() };
        usize::try_from(n_types).unwrap_or(0)
    ];
    for &function in &module.table_functions {
        let function = usize::try_from(function).unwrap_or(usize::MAX);
        let number = module
            .functions
            .get(function)
            .and_then(|&ty| module.type_numbers.get(usize::try_from(ty).ok()?))
            .and_then(|&n| usize::try_from(n).ok());
        if let Some(node) = number.and_then(|n| nodes.get_mut(n)) {
            node.calls.push((function, 1));
        }
    }
    nodes
}

#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
}

#[derive(Clone, Default)]
struct Node {
    /// Instructions of its own.
    own: u64,
    /// Node called, and how often at most.
    calls: Vec<(usize, u64)>,
    /// Whether one of the calls is made, and not all.
    dearest: bool,
    /// Own and called, once known.
    total: Option<u64>,
}

impl Graph {
    fn exports(&mut self, interface: &Interface) -> Result<Ops, Unproven> {
        Ok(Ops {
            bind: self.total(interface.bind)?,
            evaluate: self.total(interface.evaluate)?,
            columns: self.total(interface.columns)?,
            explain: self.total(interface.explain)?,
        })
    }

    /// The cost of a call, callees included.
    fn total(&mut self, function: u32) -> Result<u64, Unproven> {
        let root = usize::try_from(function).unwrap_or(usize::MAX);
        let mut path = vec![(root, 0_usize)];
        let mut on_path = vec![false; self.nodes.len()];
        mark(&mut on_path, root, true);
        while let Some(&(node, next)) = path.last() {
            let callee =
                self.nodes.get(node).and_then(|n| n.calls.get(next)).map(|c| c.0);
            match callee {
                Some(callee) if self.known(callee) => step(&mut path),
                Some(callee) if on_path.get(callee).copied().unwrap_or(false) => {
                    let function = u32::try_from(node).unwrap_or(u32::MAX);
                    return Err(Unproven { function, reason: Reason::Recursion });
                }
                Some(callee) => {
                    step(&mut path);
                    path.push((callee, 0));
                    mark(&mut on_path, callee, true);
                }
                None => {
                    self.finish(node);
                    mark(&mut on_path, node, false);
                    path.pop();
                }
            }
        }
        Ok(self.nodes.get(root).and_then(|n| n.total).unwrap_or(u64::MAX))
    }

    fn known(&self, node: usize) -> bool {
        self.nodes.get(node).is_none_or(|n| n.total.is_some())
    }

    /// Sums a node all of whose callees are known.
    fn finish(&mut self, node: usize) {
        let Some(n) = self.nodes.get(node) else { return };
        let costs = n.calls.iter().map(|&(callee, times)| {
            let total = self.nodes.get(callee).and_then(|n| n.total);
            total.unwrap_or(u64::MAX).saturating_mul(times)
        });
        let called = if n.dearest {
            costs.max().unwrap_or(0)
        } else {
            costs.fold(0, u64::saturating_add)
        };
        let total = n.own.saturating_add(called);
        if let Some(n) = self.nodes.get_mut(node) {
            n.total = Some(total);
        }
    }
}

fn step(path: &mut [(usize, usize)]) {
    if let Some((_, next)) = path.last_mut() {
        *next = next.saturating_add(1);
    }
}

fn mark(on_path: &mut [bool], node: usize, to: bool) {
    if let Some(mark) = on_path.get_mut(node) {
        *mark = to;
    }
}
